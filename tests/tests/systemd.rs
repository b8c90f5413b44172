//! Under a real `systemd --user`: the units as `ponder service install` puts them there, sandbox and all.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;

use ponder_tests::{
    Gate, Journald, Process, Running, Service, World, all_back, kill, standing, ten_and_ten, wait_until,
};
use rustix::process::Signal;
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
fn ten_editors_and_ten_who_wait_over_systemctl_restart() {
    let service = Service::installed();
    let before = service.socket();
    ten_and_ten(service.world(), |_| {
        let old = service.daemon();
        service.manager.systemctl(&["restart", &service.name]).run().ok();
        assert_ne!(service.daemon(), old);
    });
    assert_eq!(service.socket(), before);
}

#[test]
fn ten_editors_and_ten_who_wait_over_a_kill() {
    let service = Service::installed();
    ten_and_ten(service.world(), |_| {
        let old = service.daemon();
        old.kill();
        service.manager.wait_for(&service.name, "NRestarts", "1");
        wait_until("it runs again", || (service.world().daemons().len() == 1).then_some(()));
        assert_ne!(service.daemon(), old);
    });
}

#[test]
fn a_daemon_that_hangs_is_replaced_and_nobody_loses_his_place() {
    let service = Service::installed();
    let world = service.world();
    service.manager.set(&service.name, "[Service]\nWatchdogSec=1s\n");
    service.manager.systemctl(&["restart", &service.name]).run().ok();
    let gate = world.gate("holder");
    let holder = world.lease(DAY, &format!("echo held >> \"$PONDER_ENTRY\"; {}", gate.pass("here"))).start();
    gate.arrival();
    let waiter = world.lease(DAY, "echo waited >> \"$PONDER_ENTRY\"").start();
    waiter.says("waiting for");
    let before = standing(world);
    let hung = service.daemon();
    kill(hung.0, Signal::STOP);
    service.manager.wait_for(&service.name, "NRestarts", "1");
    wait_until("it runs again", || (world.daemons().len() == 1).then_some(()));
    assert_ne!(service.daemon(), hung);
    all_back(world, &before);
    gate.open();
    holder.wait().ok();
    waiter.wait().ok();
    assert!(world.text(DAY).ends_with("held\nwaited\n"));
    // One that works feeds the watchdog, though nobody asks it for anything.
    let fed = service.is("WatchdogTimestampMonotonic");
    wait_until("the watchdog is fed", || (service.is("WatchdogTimestampMonotonic") != fed).then_some(()));
    assert_eq!(service.is("NRestarts"), "1");
}

/// A timer would go on beside it.
#[test]
fn a_writer_that_hangs_is_noticed() {
    let service = Service::installed();
    let world = service.world();
    service.manager.set(&service.name, "[Service]\nWatchdogSec=1s\n");
    service.manager.systemctl(&["restart", &service.name]).run().ok();
    let daemon = service.daemon();
    let hang = "inject=fdatasync,fsync,sync_file_range:delay_enter=10000000";
    let seen = world.path("home/seen");
    let strace = world
        .program("strace")
        .args(&["-f", "-e", "trace=fdatasync,fsync", "-e", hang, "-p", &daemon.0.to_string(), "-o"])
        .arg(&seen);
    let tracer = strace.start();
    tracer.says("attached");
    let append = world.ponder(&["append", "-d", DAY, "text"]).start();
    service.manager.wait_for(&service.name, "NRestarts", "1");
    drop(tracer);
    drop(append);
    wait_until("another one runs", || (world.daemons().len() == 1).then_some(()));
    assert_ne!(service.daemon(), daemon);
}

#[test]
fn who_has_an_entry_open_over_a_stop_hands_it_back_to_the_next_daemon() {
    let service = Service::installed();
    let world = service.world();
    let gate = world.gate("editor");
    let script = format!("echo one >> \"$1\"; {}; echo two >> \"$1\"", gate.pass("here"));
    let client = world.ponder(&["-d", DAY]).env("EDITOR", world.editor("saves", &script)).start();
    gate.arrival();
    world.ponder(&["daemon", "stop"]).run().ok();
    service.manager.wait_for(&service.name, "ActiveState", "inactive");
    assert_eq!(service.is("Result"), "success", "it has drained in time");
    assert!(world.text(DAY).ends_with("one\n"), "what was saved is in the entry");
    gate.open();
    client.wait().ok();
    assert!(world.text(DAY).ends_with("one\ntwo\n"));
    service.daemon();
}

/// What the daemon says to its own user who has a newer version.
fn make_way(world: &World) -> String {
    let says = "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); \
                s.sendall(sys.argv[2].encode()); lines = s.makefile(); lines.readline(); print(lines.readline())";
    let hello = r#"{"op":"hello","protocol":{"oldest":1,"newest":1},"client":"newer"}"#;
    let restart = r#"{"op":"restart","for_version":"99.0"}"#;
    let socket = world.socket().display().to_string();
    let asked = format!("{hello}\n{restart}\n");
    world.program("python3").args(&["-c", says, &socket, &asked]).run().ok().stdout
}

#[test]
fn a_newer_client_is_told_to_update_the_service_and_everybody_works_on() {
    let service = Service::installed();
    let world = service.world();
    let old = service.daemon();
    let told = make_way(world);
    assert!(told.contains("busy") && told.contains("would start this very version again"), "{told}");
    assert_eq!(service.daemon(), old);
    // Once the program is another one, it does make way.
    let (program, fresh) = (world.path("bin/ponderd"), world.path("bin/ponderd.new"));
    fs::copy(&program, &fresh).unwrap();
    fs::rename(&fresh, &program).unwrap();
    assert!(make_way(world).contains("stopping"));
    world.ponder(&["append", "-d", DAY, "text"]).run().ok();
    assert_ne!(service.daemon(), old);
}

#[test]
fn the_next_version_takes_over_from_this_one() {
    let service = Service::installed();
    let world = service.world();
    let gate = world.gate("editor");
    let editor = world.editor("saves", &format!("{}; echo text >> \"$1\"", gate.pass("here")));
    let client = world.ponder(&["-d", DAY]).env("EDITOR", editor).start();
    gate.arrival();
    let old = service.daemon();
    // As a package does it: another file under the same name.
    let (program, fresh) = (world.path("bin/ponderd"), world.path("bin/ponderd.new"));
    fs::copy(&program, &fresh).unwrap();
    fs::rename(&fresh, &program).unwrap();
    assert!(fs::read_link(old.proc("exe")).unwrap().to_string_lossy().ends_with(" (deleted)"));
    world.ponder(&["daemon", "restart"]).run().ok();
    let new = service.daemon();
    assert_eq!(fs::read_link(new.proc("exe")).unwrap(), program);
    gate.open();
    client.wait().ok();
    assert!(world.text(DAY).ends_with("text\n"));
}

#[test]
fn a_daemon_that_a_client_had_started_makes_way() {
    let service = Service::installed();
    let world = service.world();
    world.ponder(&["service", "uninstall"]).run().ok();
    let gate = world.gate("holder");
    let holder = world.lease(DAY, &gate.pass("here")).start();
    gate.arrival();
    let old = world.daemon();
    let before = standing(world);
    world.ponder(&["service", "install"]).run().ok();
    assert_ne!(service.daemon(), old);
    all_back(world, &before);
    gate.open();
    holder.wait().ok();
}

/// A daemon that a client has started while the unit was not there, and its holder.
fn beside_the_unit(service: &Service) -> (Process, Running, Gate) {
    let (world, socket) = (service.world(), service.socket_unit());
    service.manager.systemctl(&["stop", &socket, &service.name]).run().ok();
    let gate = world.gate("holder");
    let holder = world.lease(DAY, &gate.pass("here")).start();
    gate.arrival();
    assert_eq!(service.is("ActiveState"), "inactive", "a client has started it");
    (world.daemon(), holder, gate)
}

#[test]
fn a_socket_unit_that_is_started_beside_a_daemon_takes_over() {
    let service = Service::installed();
    let world = service.world();
    let (old, holder, gate) = beside_the_unit(&service);
    // Anybody may delete that at any time.
    fs::remove_dir_all(world.path("journal/.ponder")).unwrap();
    service.manager.systemctl(&["start", &service.socket_unit()]).run().ok();
    world.ponder(&["append", "-d", DAY, "text"]).run().ok();
    assert_ne!(service.daemon(), old);
    gate.open();
    holder.wait().ok();
}

/// What is in a journal may have come with a sync tool, or in a repository.
#[test]
fn nothing_in_a_journal_decides_which_process_has_to_end() {
    let service = Service::installed();
    let world = service.world();
    let other = world.path("home/other");
    world.ponder(&["append", "-d", DAY, "text"]).env("PONDER_DIR", &other).run().ok();
    let bystander = world.daemons().into_iter().find(|daemon| *daemon != service.main()).unwrap();
    service.manager.systemctl(&["stop", &service.socket_unit(), &service.name]).run().ok();
    world.ponder(&["daemon", "start"]).run().ok();
    let side = world.path("journal/.ponder");
    let record = fs::read_dir(&side)
        .unwrap()
        .flatten()
        .find(|item| item.path().extension().is_some_and(|it| it == "json"));
    let record = record.unwrap().path();
    let told = fs::read_to_string(&record).unwrap();
    let pid =
        world.ponder(&["--json", "daemon", "status"]).run().ok().events()[0]["daemon"]["pid"].to_string();
    fs::write(&record, told.replace(&pid, &bystander.0.to_string())).unwrap();
    service.manager.systemctl(&["start", &service.socket_unit()]).run().ok();
    world.ponder(&["append", "-d", DAY, "text"]).run().ok();
    assert!(bystander.runs(), "it is another journal's");
    assert_eq!(service.is("ActiveState"), "active");
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
