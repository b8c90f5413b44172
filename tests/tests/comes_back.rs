//! Clients whose daemon ends under them come back to the next one, and editors never notice.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::symlink;

use ponder_tests::{Process, World, all_back, kill, standing, ten_and_ten, wait_until};
use rustix::process::Signal;

const DAY: &str = "20261123";

#[test]
fn an_editor_saves_under_two_daemons() {
    let world = World::new();
    let gate = world.gate("editor");
    let script = format!("echo one >> \"$1\"; {0}; echo two >> \"$1\"; {0}", gate.pass("here"));
    let client = world.ponder(&["-d", DAY]).env("EDITOR", world.editor("saves", &script)).start();
    gate.arrival();
    wait_until("the first save", || world.text(DAY).ends_with("one\n").then_some(()));
    let token = world.sessions()[0]["token"].clone();
    Process::kill(world.daemon());
    gate.open();
    gate.arrival();
    wait_until("the second save", || world.text(DAY).ends_with("one\ntwo\n").then_some(()));
    assert_eq!(world.sessions()[0]["token"], token, "the same lease");
    gate.open();
    client.wait().ok().silent();
    assert!(world.kept().is_empty());
}

#[test]
fn ten_editors_and_ten_who_wait_over_a_restart() {
    ten_and_ten(&World::new(), |world| {
        let old = world.daemon();
        world.ponder(&["daemon", "restart"]).run().ok();
        assert_ne!(world.daemon(), old);
    });
}

#[test]
fn ten_editors_and_ten_who_wait_over_a_kill() {
    ten_and_ten(&World::new(), |world| world.daemon().kill());
}

/// As `systemctl restart` does it: a signal, and another one is started.
#[test]
fn ten_editors_and_ten_who_wait_over_a_restart_by_a_service_manager() {
    ten_and_ten(&World::new(), |world| {
        daemon_ends(world.daemon(), Signal::TERM);
        world.ponder(&["daemon", "start"]).run().ok();
    });
}

#[test]
fn after_a_signal_they_wait_for_whoever_starts_another_one() {
    let world = World::new();
    let gate = world.gate("holder");
    let holder = world.lease(DAY, &format!("echo held >> \"$PONDER_ENTRY\"; {}", gate.pass("here"))).start();
    gate.arrival();
    let waiter = world.lease(DAY, "echo waited >> \"$PONDER_ENTRY\"").start();
    waiter.says("waiting for");
    let before = standing(&world);
    let daemon = world.daemon();
    daemon_ends(daemon, Signal::TERM);
    assert!(world.daemons().is_empty(), "whoever sent the signal decides");
    world.ponder(&["daemon", "start"]).run().ok();
    all_back(&world, &before);
    gate.open();
    holder.wait().ok();
    waiter.wait().ok();
    assert!(world.text(DAY).ends_with("held\nwaited\n"));
}

fn daemon_ends(daemon: Process, signal: Signal) {
    kill(daemon.0, signal);
    assert!(ponder_tests::pidfd_wait(daemon.0), "the daemon does not end");
}

#[test]
fn a_signal_to_who_waits_is_heard_while_there_is_no_daemon() {
    let world = World::new();
    let gate = world.gate("holder");
    let holder = world.lease(DAY, &gate.pass("here")).start();
    gate.arrival();
    let waiter = world.lease(DAY, "true").start();
    waiter.says("waiting for");
    daemon_ends(world.daemon(), Signal::TERM);
    waiter.signal(Signal::INT);
    waiter.wait().code(130);
    gate.open();
    holder.wait().ok();
}

#[test]
fn the_editor_has_the_fifo_and_the_next_daemon_has_not() {
    let world = World::new();
    let gate = world.gate("editor");
    let client = world.ponder(&["-d", DAY]).env("EDITOR", world.editor("waits", &gate.pass("$$"))).start();
    let editor = Process(gate.arrival().parse().unwrap());
    let fifo = fs::read_dir(world.state_dir().join("alive")).unwrap().next().unwrap().unwrap().path();
    assert!(editor.open_files().contains(&fifo), "{:?}", editor.open_files());
    world.daemon().kill();
    wait_until("the client has started another daemon", || world.daemons().pop());
    let back = || world.sessions().first().is_some_and(|who| who["life"] == "answers");
    wait_until("it is back", || back().then_some(()));
    assert!(!world.daemon().open_files().contains(&fifo));
    // It sees the editor's end though its client is gone.
    let pid = client.pid();
    kill(pid, Signal::KILL);
    wait_until("it is orphaned", || (world.sessions()[0]["life"] == "orphaned").then_some(()));
    kill(editor.0, Signal::KILL);
    wait_until("it is over", || world.sessions().is_empty().then_some(()));
    assert!(!fifo.exists());
    drop(client);
}

/// The program is away for a moment, as while a package is replaced.
#[test]
fn who_could_not_start_a_daemon_comes_back_to_that_of_somebody_else() {
    let world = World::new();
    let gate = world.gate("holder");
    let script = format!("echo held >> \"$PONDER_ENTRY\"; {}", gate.pass("here"));
    drop(world.script());
    let link = world.path("bin/the-daemon");
    symlink(fs::read_link(world.daemon().proc("exe")).unwrap(), &link).unwrap();
    let holder = world.ponder(&["-v", "lease", "-d", DAY, "--", "sh", "-c", &script]).env("PONDERD", &link);
    let holder = holder.start();
    gate.arrival();
    let before = standing(&world);
    fs::remove_file(&link).unwrap();
    world.daemon().kill();
    holder.says("the daemon has ended; there is no ponderd");
    world.ponder(&["daemon", "start"]).run().ok();
    all_back(&world, &before);
    gate.open();
    holder.wait().ok();
    assert!(world.text(DAY).ends_with("held\n"));
}

#[test]
fn a_daemon_that_cannot_be_started_is_told_after_the_editor() {
    let world = World::new();
    let gate = world.gate("editor");
    let script = format!("echo one >> \"$1\"; {0}; echo two >> \"$1\"", gate.pass("$1"));
    drop(world.script());
    let program = fs::read_link(world.daemon().proc("exe")).unwrap();
    let link = world.path("bin/the-daemon");
    symlink(program, &link).unwrap();
    let editor = world.editor("saves", &script);
    let client = world.ponder(&["-d", DAY]).env("EDITOR", editor).env("PONDERD", &link).start();
    let draft = gate.arrival();
    wait_until("the first save", || world.text(DAY).ends_with("one\n").then_some(()));
    fs::remove_file(&link).unwrap();
    world.daemon().kill();
    gate.open();
    client.wait().code(69).says(&draft);
    assert!(fs::read_to_string(&draft).unwrap().ends_with("one\ntwo\n"), "the text is where it was saved");
    world.ponder(&["daemon", "start"]).run().ok();
}
