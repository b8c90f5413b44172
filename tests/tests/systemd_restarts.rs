//! Under a real `systemd --user`: one daemon comes after another, and everybody keeps his place.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::PathBuf;

use ponder_tests::{
    Gate, Process, Running, Service, World, all_back, kill, standing, ten_and_ten, wait_until,
};
use rustix::process::Signal;

const DAY: &str = "20261123";

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
    service.manager.set(&service.name, "[Service]\nWatchdogSec=5s\n");
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

/// Puts another file in the place of the daemon's program, as a package does it.
fn another_program(world: &World) -> PathBuf {
    let (program, fresh) = (world.path("bin/ponderd"), world.path("bin/ponderd.new"));
    fs::copy(&program, &fresh).unwrap();
    fs::rename(&fresh, &program).unwrap();
    program
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
    another_program(world);
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
    let program = another_program(world);
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
