//! What one process has and another one must not get: descriptors, and the environment.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::path::Path;

use ponder_tests::{Process, Program, World, wait_until};

const DAY: &str = "20261123";

/// All that a daemon may have in its environment, but for its settings.
const NEEDED: [&str; 8] =
    ["HOME", "PATH", "RUST_BACKTRACE", "TMPDIR", "TZ", "TZDIR", "XDG_RUNTIME_DIR", "XDG_STATE_HOME"];

/// What somebody has in his environment who starts the first `ponder` by chance.
const BY_CHANCE: [(&str, &str); 9] = [
    ("AWS_SECRET_ACCESS_KEY", "secret"),
    ("RESTIC_PASSWORD", "secret"),
    ("SSH_AUTH_SOCK", "/tmp/agent"),
    ("NOTIFY_SOCKET", "/run/another/service"),
    ("LISTEN_FDS", "1"),
    ("LD_LIBRARY_PATH", "/tmp/secret"),
    ("PONDER_SESSION", "00000000000000000000000000000001"),
    ("PONDER_ENTRY", "/tmp/secret"),
    ("PONDER_TOKEN", "1.1"),
];

/// Who may read, and who may write: `O_ACCMODE` of open(2).
const ACCESS: u32 = 3;

#[track_caller]
fn has_nothing_by_chance(daemon: Process) {
    let environment = daemon.environment();
    for (name, value) in &environment {
        let is_setting = name.starts_with("PONDER_") && !BY_CHANCE.iter().any(|(chance, _)| chance == name);
        assert!(NEEDED.contains(&name.as_str()) || is_setting, "{name}={value}");
    }
    assert!(
        environment.contains_key("HOME") && environment.contains_key("XDG_STATE_HOME"),
        "{environment:?}"
    );
}

#[test]
fn a_daemon_has_nothing_of_the_environment_that_it_does_not_need() {
    let world = World::with_windows(std::time::Duration::from_secs(3), std::time::Duration::from_secs(4));
    let append = world.ponder(&["append", "-d", DAY, "text"]);
    BY_CHANCE.iter().fold(append, |append, (name, value)| append.env(name, value)).run().ok();
    has_nothing_by_chance(world.daemon());
    let environment = world.daemon().environment();
    assert_eq!(environment["PONDER_WINDOW"], "3", "a setting of its own");
}

/// The daemon that is started inside of a lease: an editor's `:!ponder append`, or a script that restarts it.
#[test]
fn a_daemon_that_is_started_inside_of_a_lease_has_nothing_of_it() {
    let world = World::new();
    let gate = world.gate("inside");
    let script = format!(
        "ponder daemon stop; ponder append -d 20261124 text || exit; {}; echo leased >> \"$PONDER_ENTRY\"",
        gate.pass("here")
    );
    let holder = world.lease(DAY, &script).start();
    gate.arrival();
    let daemon = world.daemon();
    has_nothing_by_chance(daemon);
    let alive = world.state_dir().join("alive");
    for (number, path, flags) in daemon.descriptors() {
        let is_alive = path.starts_with(&alive) && flags & ACCESS != 0;
        assert!(!is_alive, "{number} keeps the lease's FIFO open for writing: nobody would seem to leave");
    }
    gate.open();
    holder.wait().ok();
    assert!(world.text(DAY).ends_with("leased\n"), "{}", world.text(DAY));
}

/// What runs under a lease has the three descriptors that everybody has, and one of ours.
fn under_a_lease(world: &World, run: impl FnOnce(&str) -> Program) {
    let gate = world.gate("child");
    // A shell that reads or writes has copies of its own.
    let child = run(&format!("{}; exec sleep infinity", gate.tell("$$"))).start();
    let pid: u32 = gate.arrival().parse().unwrap();
    wait_until("it is no shell any more", || (Process(pid).name() == "sleep").then_some(()));
    let alive = world.state_dir().join("alive");
    let is_the_fifo = |path: &Path| path.parent() == Some(&alive);
    // What the shell that runs the tests has open is for them all, as it is without us.
    let other = world.program("sleep").arg("infinity").start();
    let usual: Vec<u32> = Process(other.pid()).descriptors().iter().map(|(number, ..)| *number).collect();
    let found = Process(pid).descriptors();
    for (number, path, _) in &found {
        let is_usual = usual.contains(number);
        assert!(is_usual || is_the_fifo(path), "it has {number}, which is open on {}", path.display());
    }
    assert!(found.iter().any(|(_, path, _)| is_the_fifo(path)), "nothing tells when it ends");
    Process(pid).kill();
    child.wait();
}

#[test]
fn an_editor_has_no_descriptor_of_ours_but_the_fifo_that_tells_of_its_end() {
    let world = World::new();
    under_a_lease(&world, |script| {
        let editor = world.editor("slow", script);
        world.ponder(&["-d", DAY]).env("EDITOR", editor)
    });
}

#[test]
fn a_command_has_no_descriptor_of_ours_either() {
    let world = World::new();
    under_a_lease(&world, |script| world.lease(DAY, script));
}

/// The editor is the person's own: what he has in his environment is for it.
#[test]
fn an_editor_has_its_users_environment() {
    let world = World::new();
    let editor = world.editor("tells", "echo \"$RESTIC_PASSWORD $1\"");
    let told = world.ponder(&["-d", DAY]).env("EDITOR", editor).env("RESTIC_PASSWORD", "secret").run().ok();
    let draft = told.stdout.trim_end().strip_prefix("secret ").expect("his variable");
    assert!(Path::new(draft).starts_with(world.state_dir()));
}
