//! Time that sleeps: windows are of awake time, and nobody loses a lease only because something slept.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::time::Duration;

use ponder_tests::{Script, World, kill};
use rustix::process::Signal;
use serde_json::json;

const DAY: &str = "20261123";

/// One who holds a lease and was asked whether it lives, and one who waits for it.
fn asked(world: &World) -> (Script, String, Script) {
    let mut holder = world.script();
    let held = holder.acquire(&[DAY], &json!({ "drafts": false }));
    holder.expect("granted");
    let mut waiter = Script::hello(&world.socket());
    waiter.acquire(&[DAY], &json!({ "drafts": false }));
    waiter.expect("queued");
    holder.expect("ping");
    (holder, held, waiter)
}

/// Stops the daemon for that long.
fn daemon_sleeps(world: &World, time: Duration, meanwhile: impl FnOnce()) {
    let daemon = world.daemon();
    kill(daemon.0, Signal::STOP);
    meanwhile();
    std::thread::sleep(time); // it is the time itself that is tested
    kill(daemon.0, Signal::CONT);
}

fn still_holds(mut holder: Script, held: &str, mut waiter: Script) {
    holder.release(held);
    waiter.expect_alive("granted");
}

#[test]
fn what_was_said_while_the_daemon_slept_was_said_in_time() {
    let world = World::with_windows(Duration::from_secs(1), Duration::from_secs(1));
    let (mut holder, held, waiter) = asked(&world);
    daemon_sleeps(&world, Duration::from_secs(3), || holder.send(json!({ "op": "pong" })));
    still_holds(holder, &held, waiter);
}

#[test]
fn when_daemon_and_holder_slept_there_is_time_to_answer() {
    let world = World::with_windows(Duration::from_secs(4), Duration::from_secs(1));
    let (mut holder, held, waiter) = asked(&world);
    // Both wake up together, and the holder needs a moment.
    daemon_sleeps(&world, Duration::from_secs(6), || {});
    std::thread::sleep(Duration::from_millis(200)); // the moment
    holder.send(json!({ "op": "pong" }));
    still_holds(holder, &held, waiter);
}

#[test]
fn a_holder_that_sleeps_while_others_are_awake_loses_its_lease() {
    let world = World::with_windows(Duration::from_secs(1), Duration::from_secs(1));
    let (mut holder, held, mut waiter) = asked(&world);
    waiter.expect_alive("granted");
    assert_eq!(holder.expect("revoked")["session"], json!(held));
}

#[test]
fn a_wait_is_of_awake_time() {
    let world = World::new();
    let mut holder = world.script();
    let held = holder.acquire(&[DAY], &json!({ "drafts": false }));
    holder.expect("granted");
    let mut waiter = Script::hello(&world.socket());
    waiter.acquire(&[DAY], &json!({ "drafts": false, "wait": { "millis": 4500 } }));
    waiter.expect("queued");
    // Of these six seconds one, and what was planned, counts: not the whole wait.
    daemon_sleeps(&world, Duration::from_secs(6), || {});
    holder.release(&held);
    waiter.expect_alive("granted");
}
