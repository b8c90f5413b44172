//! Under a real `systemd --user`: the units as `ponder service install` puts them there, sandbox and all. What
//! happens when one daemon comes after another is in `systemd_restarts.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;

use ponder_tests::{Journald, Service, wait_until};
use serde_json::json;

const DAY: &str = "20261123";

#[test]
fn the_first_client_activates_it() {
    let service = Service::waiting();
    let world = service.world();
    assert_eq!(service.is("ActiveState"), "inactive");
    let socket = service.socket();
    world.ponder(&["append", "-d", DAY, "text"]).run().ok().silent();
    assert!(world.text(DAY).ends_with("\n\ntext\n"));
    service.daemon();
    assert_eq!(service.is("ActiveState"), "active");
    world.ponder(&["daemon", "stop"]).run().ok();
    service.manager.wait_for(&service.name, "ActiveState", "inactive");
    assert_eq!(service.socket(), socket, "a socket that was passed in stays");
    world.ponder(&["append", "-d", DAY, "again"]).run().ok().silent();
    service.daemon();
    assert_eq!(service.socket(), socket);
}

#[test]
fn five_clients_at_once_are_one_activation() {
    let service = Service::waiting();
    let world = service.world();
    let clients: Vec<_> = (0..5)
        .map(|number| world.ponder(&["append", "-d", DAY, &format!("line {number};")]).start())
        .collect();
    for client in clients {
        client.wait().ok().silent();
    }
    let text = world.text(DAY);
    assert!((0..5).all(|number| text.contains(&format!("line {number};"))), "{text}");
    service.daemon();
    assert_eq!(service.is("NRestarts"), "0");
}

#[test]
fn what_systemctl_shows_is_of_use() {
    let service = Service::installed();
    let world = service.world();
    let gate = world.gate("holder");
    let holder = world.lease(DAY, &gate.pass("here")).start();
    gate.arrival();
    let waiter = world.lease(DAY, "true").start();
    waiter.says("waiting for");
    service.manager.wait_for(&service.name, "StatusText", "1 session has a lease, 1 waits");
    let shown = service.manager.systemctl(&["status", "--no-pager", &service.name]).run().ok().stdout;
    assert!(shown.contains("Status: \"1 session has a lease, 1 waits\""), "{shown}");
    let told = world.ponder(&["service", "status"]).run().ok().stdout;
    assert!(told.contains("active, 1 session has a lease, 1 waits"), "{told}");
    let doctor = world.ponder(&["doctor"]).run().stdout;
    assert!(doctor.contains("service  ponderd@") && doctor.contains("1 waits"), "{doctor}");
    gate.open();
    holder.wait().ok();
    waiter.wait().ok();
    service.manager.wait_for(&service.name, "StatusText", "nobody has a lease");
}

#[test]
fn a_socket_of_another_journal_is_not_served() {
    let service = Service::installed();
    let world = service.world();
    let other = world.path("home/other");
    world.ponder(&["append", "-d", DAY, "its own"]).env("PONDER_DIR", &other).run().ok();
    world.ponder(&["daemon", "stop"]).env("PONDER_DIR", &other).run().ok();
    service.manager.set(&service.name, &format!("[Service]\nEnvironment=PONDER_DIR={}\n", other.display()));
    service.manager.systemctl(&["stop", &service.name]).run().ok();
    world.ponder(&["append", "-d", DAY, "for another"]).run().code(78).says("is not that of the journal");
    let text = fs::read_to_string(other.join(format!("{DAY}.md"))).unwrap();
    assert!(text.ends_with("its own\n"), "{text}");
}

#[test]
fn who_comes_to_a_daemon_that_cannot_start_is_told_why_and_the_socket_stays() {
    let service = Service::waiting();
    let world = service.world();
    let epoch = world.state_dir().join("epoch");
    fs::remove_file(&epoch).unwrap();
    fs::create_dir(&epoch).unwrap();
    for _ in 0..8 {
        world
            .ponder(&["append", "-d", DAY, "text"])
            .run()
            .code(74)
            .says("the daemon could not start: ")
            .says("epoch");
    }
    assert_eq!(service.manager.property(&service.socket_unit(), "ActiveState"), "active");
    fs::remove_dir(&epoch).unwrap();
    world.ponder(&["append", "-d", DAY, "at last"]).run().ok();
    service.daemon();
    assert_eq!(world.text(DAY).matches("text").count(), 0, "what was refused was not done");
}

#[test]
fn a_journal_that_is_gone_is_told_and_nothing_spins() {
    let service = Service::installed();
    let world = service.world();
    world.ponder(&["append", "-d", DAY, "text"]).run().ok();
    let (journal, away) = (world.path("journal"), world.path("away"));
    let id = world.journal().id().to_owned();
    world.ponder(&["daemon", "stop"]).run().ok();
    fs::rename(&journal, &away).unwrap();
    service.manager.systemctl(&["start", &service.name]).run().code(1);
    assert_eq!((service.is("ExecMainStatus"), service.is("NRestarts")), ("78".to_owned(), "0".to_owned()));
    fs::rename(&away, &journal).unwrap();
    assert_eq!(world.journal().id(), id);
    world.ponder(&["append", "-d", DAY, "again"]).run().ok();
    assert!(world.text(DAY).ends_with("text\nagain\n"));
}

/// What ponder can do, and nothing of it is forbidden in the sandbox.
#[test]
fn everything_works_in_the_sandbox() {
    let service = Service::installed();
    let world = service.world();
    let log = world.path("home/log");
    service.manager.set(&service.name, &format!("[Service]\nStandardError=append:{}\n", log.display()));
    service.manager.systemctl(&["restart", &service.name]).run().ok();
    // Edit, with a save that shows before the editor ends, and a file beside it through a link.
    fs::write(world.path("journal/photo.txt"), "seen\n").unwrap();
    world.write(DAY, "first\n");
    let gate = world.gate("editor");
    let shown =
        "until [ -e \"${1%/*}/photo.txt\" ]; do sleep 0.01; done; cat \"${1%/*}/photo.txt\" >> \"$1\"";
    let script = format!("{shown}; {}", gate.pass("here"));
    let client = world.ponder(&["-d", DAY]).env("EDITOR", world.editor("saves", &script)).start();
    gate.arrival();
    wait_until("the save", || (world.text(DAY) == "first\nseen\n").then_some(()));
    world.ponder(&["append", "-d", DAY, "appended"]).run().ok().silent();
    // Whoever dies is seen by his FIFO and by his process: start times are in /proc.
    let who = &world.sessions()[0];
    assert!(who["pid"] == client.pid() && who["started"].is_i64(), "{who}");
    gate.open();
    client.wait().ok();
    assert_eq!(world.text(DAY), "first\nseen\nappended\n");
    // A group of its own, attributes, a link and a lock.
    let entry = world.entry(DAY);
    let attribute = world.program("setfattr").args(&["-n", "user.mood", "-v", "good"]).arg(&entry);
    attribute.run().ok();
    world.lease(DAY, "echo leased >> \"$PONDER_ENTRY\"").run().ok();
    let kept = world.program("getfattr").args(&["--only-values", "-n", "user.mood"]).arg(&entry).run().ok();
    assert_eq!(kept.stdout, "good");
    world.lease(DAY, "echo kept >> \"$PONDER_ENTRY\"; exit 3").run().code(3);
    let id = world.kept()[0]["id"].as_str().unwrap().to_owned();
    world.ponder(&["recover", "apply", &id]).run().ok();
    assert_eq!(world.text(DAY), "first\nseen\nappended\nleased\nkept\n");
    let editor = world.editor("in-place", "echo in place >> \"$1\"");
    world.ponder(&["-d", DAY, "--in-place"]).env("EDITOR", editor).run().ok();
    assert!(world.text(DAY).ends_with("kept\nin place\n"));
    assert_eq!(world.ponder(&["show", "-d", DAY]).run().ok().stdout, world.text(DAY));
    // Many connections at once.
    let waiters: Vec<_> = (0..40).map(|_| world.lease(DAY, "true").start()).collect();
    for waiter in waiters {
        waiter.wait().ok();
    }
    world.ponder(&["doctor"]).run().ok();
    let log = fs::read_to_string(&log).unwrap();
    assert!(log.contains("INFO ready"), "{log}");
    let mut troubles = log.lines().filter(|line| line.contains("WARN") || line.contains("ERROR"));
    assert!(troubles.all(|line| line.contains("kept: the command failed")), "{log}");
    service.daemon();
    assert_eq!(service.is("NRestarts"), "0");
}

#[test]
fn its_journal_entries_have_fields() {
    let journald = Journald::start();
    let service = Service::installed();
    let world = service.world();
    world.lease(DAY, "echo secret >> \"$PONDER_ENTRY\"").run().ok();
    let session = world.ponder(&["--json", "lease", "-d", DAY, "--", "true"]).run().ok().events();
    let id = session.iter().find(|event| event["event"] == "granted").unwrap()["session"].clone();
    let entries = journald.entries(&format!("PONDER_SESSION={}", id.as_str().unwrap()));
    let granted = entries.iter().find(|entry| entry["MESSAGE"] == "granted").expect("a grant is logged");
    assert!(granted["PONDER_TOKEN"].as_str().unwrap().contains('.'), "{granted}");
    assert_eq!((&granted["SYSLOG_IDENTIFIER"], &granted["PRIORITY"]), (&json!("ponderd"), &json!("5")));
    assert_eq!(granted["_PID"], service.is("MainPID"));
    let all = journald.entries(&format!("_PID={}", service.is("MainPID")));
    assert!(!all.is_empty() && !all.iter().any(|entry| entry.to_string().contains("secret")));
}
