//! What ponder makes is its user's alone, whatever the umask.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use ponder_tests::{Process, Program, World, chmod, mode, tree};

const DAY: &str = "20261123";

/// `ponder` where everybody may read and write what programs make.
fn ponder(world: &World, arguments: &[&str]) -> Program {
    let shell = world.program("sh").arg("-c").arg("umask 0; exec ponder \"$@\"").arg("sh");
    arguments.iter().fold(shell, Program::arg)
}

/// Everything in there is closed to others. Returns how much there is.
#[track_caller]
fn is_closed(dir: &Path) -> usize {
    let found = tree(dir);
    for path in found.keys().filter(|path| !path.is_symlink()) {
        assert_eq!(mode(path) & 0o077, 0, "{} is {:o}", path.display(), mode(path));
    }
    found.len()
}

#[test]
fn everything_is_closed_to_others() {
    let world = World::new();
    let gate = world.gate("editor");
    let editor = world.editor("slow", &format!("echo saved >> \"$1\"; {}", gate.pass("$1")));
    let client = ponder(&world, &["-d", DAY]).env("EDITOR", editor).start();
    let draft = gate.arrival();
    assert_eq!(mode(Path::new(&draft)), 0o600);
    ponder(&world, &["append", "-d", "20261124", "text"]).run().ok();
    ponder(&world, &["lease", "-d", "20261125", "--", "sh", "-c", "echo x > \"$PONDER_ENTRY\"; exit 1"])
        .run()
        .code(1);
    // A lease that is ended by force is written down, too.
    let token = world.sessions()[0]["token"].as_str().unwrap().to_owned();
    ponder(&world, &["break", "--now", &token]).run().ok();
    gate.open();
    client.wait();

    let closed = |least: usize| {
        for name in ["epoch", "log", "leases", "history", "ponderd.log", "alive", "slots/20261125.0.base"] {
            assert!(world.state_dir().join(name).exists(), "there is no {name} to be looked at");
        }
        assert!(is_closed(&world.path("state/ponder")) >= least);
        assert_eq!(is_closed(&world.path("run/ponder")), 2, "the directory and its socket");
        assert!(
            is_closed(&world.path("journal/.ponder")) >= 3,
            "the directory, .gitignore, the endpoint file"
        );
    };
    closed(12);
    assert_eq!(mode(&world.path("journal")), 0o700);
    // The next daemon makes some of it anew.
    world.daemons().into_iter().for_each(Process::kill);
    ponder(&world, &["append", "-d", "20261124", "more"]).run().ok();
    closed(12);
}

/// A new entry is its owner's: a diary is. Whoever opens one to others finds it so after every commit.
#[test]
fn a_new_entry_is_its_owners_and_an_old_one_keeps_its_mode() {
    let world = World::new();
    let add = |day: &str| {
        ponder(&world, &["append", "-d", day, "text"]).run().ok();
        ponder(&world, &["lease", "-d", day, "--", "sh", "-c", "sed -i s/text/changed/ \"$PONDER_ENTRY\""])
            .run()
            .ok();
        let entry = world.entry(day);
        (mode(&entry), entry.metadata().unwrap().ino())
    };
    let (fresh, before) = add(DAY);
    assert_eq!(fresh, 0o600);
    for opened in [0o644, 0o664, 0o600, 0o640] {
        chmod(&world.entry(DAY), opened);
        let (kept, after) = add(DAY);
        assert_eq!(kept, opened);
        assert_ne!(after, before, "it was written in its place: nothing was shown");
    }
    let gate = world.gate("editor");
    let editor = world.editor("slow", &format!("echo saved >> \"$1\"; {}", gate.pass("here")));
    let client = ponder(&world, &["-d", "20261201"]).env("EDITOR", editor).start();
    gate.arrival();
    gate.open();
    client.wait().ok();
    assert_eq!(mode(&world.entry("20261201")), 0o600);
}
