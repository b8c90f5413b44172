//! Being told of every change, without asking again.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::time::Duration;

use ponder_tests::{Script, World};
use serde_json::{Value, json};

const DAY: &str = "20261123";

/// The next change: what, and to whose session.
fn next(watcher: &mut Script) -> (String, String) {
    let changed = watcher.expect("changed");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&changed["change"]), text(&changed["who"]["session"]))
}

#[test]
fn a_subscriber_is_told_what_happens_in_the_order_in_which_it_happens() {
    let world = World::with_windows(Duration::from_secs(1), Duration::from_secs(1));
    let mut watcher = world.script();
    assert_eq!(watcher.ask(json!({ "op": "subscribe" }), "status")["sessions"], json!([]));
    let mut told = |expected: &[(&str, &str)]| {
        for (change, session) in expected {
            assert_eq!(next(&mut watcher), ((*change).to_owned(), (*session).to_owned()));
        }
    };
    let mut holder = Script::hello(&world.socket());
    let held = holder.acquire(&[DAY], &json!({ "drafts": false }));
    let token = holder.expect("granted")["token"].clone();
    told(&[("granted", &held)]);
    let mut waiter = Script::hello(&world.socket());
    let next = waiter.acquire(&[DAY], &json!({}));
    waiter.expect("queued");
    told(&[("queued", &next)]);
    holder.send(json!({ "op": "break", "token": token, "now": false, "by": { "program": "me" } }));
    told(&[("asked", &held), ("suspect", &held)]);
    holder.send(json!({ "op": "pong" }));
    told(&[("carried_on", &held)]);
    holder.release(&held);
    waiter.expect_alive("granted");
    told(&[("releasing", &held), ("ended", &held), ("granted", &next)]);
    drop(waiter);
    told(&[("orphaned", &next), ("releasing", &next), ("ended", &next)]);
}

#[test]
fn one_that_does_not_read_is_cut_off_with_a_reason_and_nobody_else_notices() {
    let world = World::new();
    let mut lazy = world.script();
    lazy.send(json!({ "op": "subscribe" }));
    let mut worker = Script::hello(&world.socket());
    // Until the outbox and the socket are full, and long after.
    for _ in 0..6_000 {
        let session = worker.acquire(&[DAY], &json!({ "drafts": false }));
        worker.expect("granted");
        worker.release(&session);
    }
    let mut last = Value::Null;
    while let Some(message) = lazy.hear() {
        last = message;
    }
    assert_eq!(last["code"], "too_slow", "{last}");
    assert!(world.sessions().is_empty());
}
