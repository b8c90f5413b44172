//! Daemons, clients and editors that end, or are killed.

#![cfg(windows)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use ponder_windows::{Hand, World, wait_until};
use serde_json::Value;

const DAY: &str = "20261123";

fn sessions(world: &World) -> Vec<Value> {
    world.status()["sessions"].as_array().unwrap().clone()
}

/// A holder and a waiter, and what becomes of them when the daemon ends in that way.
fn keeps_everybodys_place(end: impl FnOnce(&World)) {
    let world = World::new();
    world.write(DAY, "begun\n");
    let mut holder = world.edit(DAY);
    holder.adds("one");
    let mut waiter = world.edit(DAY);
    wait_until("it waits", || (sessions(&world).len() == 2).then_some(()));
    let (before, token) = (world.daemon(), sessions(&world)[0]["token"].clone());
    end(&world);
    wait_until("another daemon has them", || {
        let status = world.ponder(&["status", "--json"]);
        (status.code == 0 && world.daemon() != before && sessions(&world).len() == 2).then_some(())
    });
    assert_eq!(sessions(&world)[0]["token"], token);
    assert!(!waiter.runs());
    holder.adds("two");
    assert_eq!(holder.closes(0).code, 0);
    waiter.adds("three");
    assert_eq!(waiter.closes(0).code, 0);
    assert_eq!(world.text(DAY), "begun\none\ntwo\nthree\n");
}

#[test]
fn a_restart_costs_nobody_his_place() {
    keeps_everybodys_place(|world| {
        world.done(&["daemon", "restart"]);
    });
}

#[test]
fn a_killed_daemon_costs_nobody_his_place() {
    keeps_everybodys_place(|world| world.kill(world.daemon()));
}

#[test]
fn a_killed_daemon_loses_nothing_that_was_acknowledged() {
    let world = World::new();
    for number in 0..10 {
        world.done(&["append", "-d", DAY, &format!("thought {number}")]);
        world.kill(world.daemon());
    }
    let text = world.text(DAY);
    for number in 0..10 {
        assert_eq!(text.matches(&format!("thought {number}\n")).count(), 1, "{text}");
    }
}

/// An entry whose client was killed, while its editor lives.
fn orphan(world: &World) -> Hand {
    let mut hand = world.edit(DAY);
    hand.adds("one");
    hand.client().kill().unwrap();
    hand.client().wait().unwrap();
    wait_until("it is orphaned", || (sessions(world)[0]["life"] == "orphaned").then_some(()));
    hand
}

#[test]
fn an_editor_whose_client_was_killed_goes_on_until_it_closes() {
    let world = World::new();
    world.write(DAY, "begun\n");
    let mut hand = orphan(&world);
    hand.adds("two");
    wait_until("the save", || (world.text(DAY) == "begun\none\ntwo\n").then_some(()));
    hand.closes_alone();
    wait_until("the session is over", || sessions(&world).is_empty().then_some(()));
    assert_eq!(world.text(DAY), "begun\none\ntwo\n");
}

#[test]
fn an_orphan_is_known_to_the_next_daemon_too() {
    let world = World::with_windows(1.0);
    world.write(DAY, "begun\n");
    let hand = orphan(&world);
    world.kill(world.daemon());
    world.done(&["daemon", "start"]);
    assert_eq!(sessions(&world).len(), 1, "its editor lives");
    let editor = hand.pid();
    world.kill(editor);
    wait_until("the session is over", || sessions(&world).is_empty().then_some(()));
    assert_eq!(world.text(DAY), "begun\none\n");
}

#[test]
fn a_client_that_is_killed_with_its_editor_keeps_nobody_waiting() {
    let world = World::new();
    world.write(DAY, "begun\n");
    let mut hand = world.edit(DAY);
    hand.adds("one");
    wait_until("the save", || (world.text(DAY) == "begun\none\n").then_some(()));
    let editor = hand.pid();
    hand.client().kill().unwrap();
    hand.client().wait().unwrap();
    world.kill(editor);
    assert_eq!(world.edit(DAY).closes(0).code, 0);
}

#[test]
fn a_stop_ends_the_wait_and_not_the_editor() {
    let world = World::new();
    world.write(DAY, "begun\n");
    let mut holder = world.edit(DAY);
    holder.adds("one");
    let mut waiter = world.edit(DAY);
    wait_until("it waits", || (sessions(&world).len() == 2).then_some(()));
    world.done(&["daemon", "stop"]);
    assert_eq!(waiter.client().wait().unwrap().code(), Some(69));
    holder.adds("two");
    assert_eq!(holder.closes(0).code, 0, "its release starts the next daemon");
    assert_eq!(world.text(DAY), "begun\none\ntwo\n");
}
