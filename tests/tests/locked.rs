//! Text that waits for another program's lock, as each command tells of it. That it gets where it
//! belongs is tested elsewhere.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;

use ponder_tests::{Gate, Running, World};
use serde_json::{Value, json};

const DAY: &str = "20261123";

/// A world whose entry is locked by `flock` until its gate is opened.
fn locked() -> (World, Gate, Running) {
    let world = World::new();
    world.write(DAY, "one\n");
    let gate = world.gate("lock");
    let flock = world.program("flock").arg(world.entry(DAY)).arg("sh").arg("-c").arg(gate.pass("locked"));
    let holder = flock.start();
    gate.arrival();
    (world, gate, holder)
}

fn event(world: &World, arguments: &[&str], name: &str) -> Option<Value> {
    let events = world.ponder(&[&["--json"], arguments].concat()).run().ok().events();
    assert_eq!(events.last().unwrap()["event"], "result");
    events.into_iter().find(|event| event["event"] == name)
}

#[test]
fn it_is_told_as_durable_and_not_published() {
    let (world, gate, holder) = locked();
    world.ponder(&["append", "-d", DAY, "silently"]).run().ok().silent();
    world.ponder(&["-v", "append", "-d", DAY, "loudly"]).run().ok().says("durable").says("lock");
    let logged = event(&world, &["append", "-d", DAY, "for programs"], "logged").unwrap();
    assert_eq!(logged["published"], json!(false));
    assert_eq!(world.text(DAY), "one\n");

    let shown = event(&world, &["show", "-d", DAY], "entry").unwrap();
    assert_eq!(
        (&shown["text"], &shown["published"]),
        (&json!("one\nsilently\nloudly\nfor programs\n"), &json!(false))
    );

    let waits = event(&world, &["status"], "waits_for_lock").unwrap();
    assert_eq!((&waits["entry"], &waits["appends"]), (&json!("20261123.md"), &json!(3)));
    assert_eq!(waits["holders"], json!([{ "pid": holder.pid(), "program": "flock" }]));
    assert!(!waits.to_string().contains("loudly"), "nobody's text is in a status: {waits}");
    let doctor = world.ponder(&["doctor"]).run().ok().stdout;
    assert!(doctor.contains("3 appends wait") && doctor.contains("flock (pid "), "{doctor}");

    gate.open();
    holder.wait().ok();
    ponder_tests::wait_until("it is published", || (world.text(DAY).lines().count() == 4).then_some(()));
    assert!(event(&world, &["status"], "waits_for_lock").is_none());
    assert_eq!(event(&world, &["show", "-d", DAY], "entry").unwrap()["published"], json!(true));
    let appended = event(&world, &["append", "-d", DAY, "more"], "appended").unwrap();
    assert_eq!(appended["published"], json!(true));
}

#[test]
fn what_only_looks_like_an_entry_is_a_line_of_its_own() {
    let world = World::new();
    world.write(DAY, "one\n");
    world.ponder(&["daemon", "start"]).run().ok();
    assert!(event(&world, &["status"], "left_alone").is_none());
    let copy = world.path("journal").join("20261123.sync-conflict-20261124-101112-ABCDEFG.md");
    fs::write(&copy, "theirs\n").unwrap();
    fs::write(world.path("journal").join("20261123.md~"), "backup\n").unwrap();
    let left = event(&world, &["status"], "left_alone").unwrap();
    assert_eq!(left["path"], copy.to_str().unwrap());
    let told = world.ponder(&["status"]).run().ok().stdout;
    assert_eq!(told.matches("left alone: ").count(), 1, "{told}");
}

#[test]
fn a_kept_draft_stays_until_the_entry_has_its_text() {
    let world = World::new();
    world.write(DAY, "one\n");
    world.lease(DAY, "echo two >> \"$PONDER_ENTRY\"; exit 1").run().code(1);
    let gate = world.gate("lock");
    let flock = world.program("flock").arg(world.entry(DAY)).arg("sh").arg("-c").arg(gate.pass("locked"));
    let holder = flock.start();
    gate.arrival();
    let refused = world.ponder(&["recover", "apply", "20261123.0"]).run();
    assert!(!refused.is_ok(), "{refused:?}");
    refused.says("still kept").says("ponder recover apply 20261123.1"); // the merged text is kept, too
    let texts: Vec<Value> = world.kept();
    assert!(texts.iter().any(|kept| kept["id"] == "20261123.0"), "{texts:?}");
    assert_eq!(world.text(DAY), "one\n");
    gate.open();
    holder.wait().ok();
    world.ponder(&["recover", "apply", "20261123.0"]).run().ok();
    assert_eq!(world.text(DAY), "one\ntwo\n");
}
