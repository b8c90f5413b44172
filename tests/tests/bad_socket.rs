//! There can be no socket, or it cannot be trusted.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use ponder_endpoint::Record;
use ponder_tests::{Process, World, give_away, mkdir, tree};

const DAY: &str = "20261123";

/// Every command that needs the socket.
const COMMANDS: [&[&str]; 5] = [
    &["append", "-d", DAY, "text"],
    &["-d", DAY],
    &["lease", "-d", DAY, "--", "true"],
    &["status"],
    &["daemon", "start"],
];

/// Every command refuses this runtime directory in these words, touches nothing in it, makes no
/// entry and starts no daemon; and so does the daemon itself.
fn refused(world: &World, runtime_dir: &Path, code: i32, parts: &[&str]) {
    world.editor("ed", "echo edited >> \"$1\"");
    world.write("20261122", "mine\n");
    let before = (tree(runtime_dir), tree(&world.path("journal")));
    for arguments in COMMANDS {
        let ponder = world.ponder(arguments).env("PONDER_EDITOR", "ed").env("XDG_RUNTIME_DIR", runtime_dir);
        ponder.run().code(code).explains(parts);
    }
    let journal = world.path("journal").display().to_string();
    let daemon = world.ponderd(&["--journal", &journal]).env("XDG_RUNTIME_DIR", runtime_dir);
    let said = daemon.run().code(code);
    let last = said.stderr.lines().last().unwrap_or_default();
    assert!(parts.iter().all(|part| last.contains(part)), "not all is named: {}", said.stderr);
    assert_eq!((tree(runtime_dir), tree(&world.path("journal"))), before);
    assert_eq!(world.processes(), []);
}

#[test]
fn a_path_that_is_too_long_is_refused() {
    let world = World::new();
    let long = world.path(&"x".repeat(80));
    mkdir(&long, 0o700);
    mkdir(&long.join("ponder"), 0o700);
    refused(&world, &long, 78, &[&long.display().to_string(), "bytes", "107 is the most", "XDG_RUNTIME_DIR"]);
}

#[test]
fn a_socket_directory_that_is_a_link_is_refused() {
    let world = World::new();
    let target = world.path("target");
    mkdir(&target, 0o700);
    symlink(&target, world.path("run/ponder")).unwrap();
    let link = world.path("run/ponder").display().to_string();
    refused(&world, &world.path("run"), 77, &[&link, "is a symbolic link and not a directory of yours"]);
    assert_eq!(fs::read_dir(&target).unwrap().count(), 0, "the link was followed");
}

#[test]
fn a_runtime_directory_that_is_a_link_is_refused() {
    let world = World::new();
    let link = world.path("link");
    symlink(world.path("run"), &link).unwrap();
    let named = link.display().to_string();
    refused(&world, &link, 77, &[&named, "is a symbolic link and not a directory of yours"]);
    assert_eq!(fs::read_dir(world.path("run")).unwrap().count(), 0, "the link was followed");
}

#[test]
fn a_socket_directory_that_is_a_file_is_refused() {
    let world = World::new();
    fs::write(world.path("run/ponder"), "mine\n").unwrap();
    refused(&world, &world.path("run"), 77, &[&world.path("run/ponder").display().to_string(), "is a file"]);
}

#[test]
fn a_socket_directory_that_others_reach_into_is_refused() {
    for mode in [0o777, 0o755, 0o701] {
        let world = World::new();
        mkdir(&world.path("run/ponder"), mode);
        let dir = world.path("run/ponder").display().to_string();
        refused(&world, &world.path("run"), 77, &[&dir, &format!("mode {mode:o}"), "chmod 700"]);
    }
}

#[test]
fn somebody_elses_socket_directory_is_refused() {
    let world = World::new();
    let dir = world.path("run/ponder");
    mkdir(&dir, 0o700);
    give_away(&dir);
    let dir = dir.display().to_string();
    refused(
        &world,
        &world.path("run"),
        77,
        &[&dir, "belongs to user 54321, not to you", "use another directory"],
    );
}

#[test]
fn somebody_elses_runtime_directory_is_refused() {
    let world = World::new();
    let dir = world.path("theirs");
    mkdir(&dir, 0o777);
    give_away(&dir);
    let named = dir.display().to_string();
    refused(&world, &dir, 77, &[&named, "belongs to user 54321, not to you", "unset XDG_RUNTIME_DIR"]);
}

#[test]
fn a_runtime_directory_that_is_not_there_is_refused() {
    let world = World::new();
    let missing = world.path("nowhere");
    refused(&world, &missing, 69, &[&missing.display().to_string(), "No such file or directory"]);
    assert!(!missing.exists());
}

/// The daemon, killed: its socket and its endpoint file stay behind.
fn killed(world: &World) -> Process {
    world.ponder(&["append", "-d", DAY, "one"]).run().ok();
    let daemon = world.daemons()[0];
    daemon.kill();
    daemon
}

#[test]
fn a_stale_socket_is_replaced() {
    let world = World::new();
    for _ in 0..3 {
        killed(&world);
        assert!(world.socket().exists(), "no stale socket");
        world.ponder(&["status"]).run().code(69).explains(&["no daemon runs for"]);
        world.ponder(&["append", "-d", DAY, "two"]).run().ok().silent();
    }
    assert_eq!(world.text(DAY).matches("one\ntwo\n").count(), 3);
    assert_eq!(world.daemons().len(), 1);
}

#[test]
fn what_lies_in_the_sockets_place_is_replaced_or_named() {
    let world = World::new();
    killed(&world);
    let socket = world.socket();
    fs::remove_file(&socket).unwrap();
    fs::write(&socket, "no socket\n").unwrap();
    world.ponder(&["append", "-d", DAY, "two"]).run().ok().silent();
    world.daemons()[0].kill();

    fs::remove_file(&socket).unwrap();
    mkdir(&socket, 0o700);
    let said = world.ponder(&["append", "-d", DAY, "three"]).run().code(69);
    said.explains(&["cannot remove the socket", &socket.display().to_string()]);
    assert_eq!(world.daemons(), []);
    assert!(!world.text(DAY).contains("three"));
    fs::remove_dir(&socket).unwrap();
    world.ponder(&["append", "-d", DAY, "three"]).run().ok().silent();
}

#[test]
fn an_endpoint_file_is_a_hint_and_never_trusted() {
    let world = World::new();
    killed(&world);
    let record = Record::read(&world.journal()).unwrap();
    let append = || world.ponder(&["append", "-d", DAY, "text"]).run().ok().silent();

    // It names a socket at which nobody listens, a file, or nothing at all.
    let elsewhere = world.path("elsewhere");
    drop(UnixListener::bind(&elsewhere).unwrap());
    for socket in [elsewhere.as_path(), Path::new("/etc/passwd"), Path::new("/"), Path::new("")] {
        let record = Record { socket: socket.into(), ..record.clone() };
        record.write(&world.journal()).unwrap();
        append();
        world.daemons()[0].kill();
    }
    // It is no record.
    let file = fs::read_dir(world.path("journal/.ponder")).unwrap().flatten();
    let file = file.map(|item| item.path()).find(|path| path.extension().is_some_and(|end| end == "json"));
    fs::write(file.expect("an endpoint file"), "{\"socket\":").unwrap();
    append();
    assert_eq!(world.text(DAY).matches("text\n").count(), 5);
}
