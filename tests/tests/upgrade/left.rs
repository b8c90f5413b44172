//! What a daemon leaves that is killed in the middle of everything.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;

use ponder_tests::{Script, World, wait_until};
use rustix::fs::{FlockOperation, flock};
use serde_json::{Value, json};

use crate::fixture::{Boot, Fixture, socket, start_daemon};

/// An entry that somebody has and another one waits for. What was saved is committed; the editor saves once
/// more when the daemon is dead.
pub(crate) const HELD: &str = "20261123";
/// One whose draft is kept: its command had failed.
pub(crate) const KEPT: &str = "20261124";
/// One whose lease was ended by force while its editor ran.
const BROKEN: &str = "20261125";
/// One that was appended to.
pub(crate) const CAPTURED: &str = "20261126";
/// One that was committed to.
pub(crate) const COMMITTED: &str = "20261127";
/// One to which an append has to come yet: another program has its lock.
pub(crate) const LATE: &str = "20260101";

pub(crate) const HOLDER: &str = "000000000000000000000000000000a1";
pub(crate) const WAITER: &str = "000000000000000000000000000000b2";

/// What both ask for.
pub(crate) fn asked() -> Value {
    json!({
        "mode": "exclusive", "wait": "forever", "commit": "on_save", "drafts": true, "create": true,
        "holder": { "program": "a script", "purpose": "to be recorded" }
    })
}

/// The draft of the one that is held.
pub(crate) fn draft(world: &World) -> PathBuf {
    world.state_dir().join(format!("slots/{HELD}.0/{HELD}.md"))
}

/// A daemon of this version does all that, is killed, and leaves it to the fixture.
pub(crate) fn leave(world: &World, fixture: &Fixture) {
    world.write(LATE, "before\n");
    start_daemon(world, Boot::Same);

    world.lease(KEPT, "echo kept > \"$PONDER_ENTRY\"; exit 1").run().code(1);
    let gate = world.gate("editor");
    let editor = world.editor("slow", &format!("echo saved >> \"$1\"; {}", gate.pass("here")));
    let broken = world.ponder(&["-d", BROKEN]).env("EDITOR", editor).start();
    gate.arrival();
    let token = world.sessions()[0]["token"].as_str().unwrap().to_owned();
    world.ponder(&["break", "--now", &token]).run().ok();
    broken.kill(); // it would start the next daemon; its editor lives on

    // The log begins anew a second after the last work, and takes over what is still needed.
    wait_until("a checkpoint", || world.state_dir().join("log.other").exists().then_some(()));
    let (mut holder, mut waiter) = (Script::hello(&socket(world)), Script::hello(&socket(world)));
    holder.acquire_as(HOLDER, &[HELD], &asked());
    holder.expect("granted");
    holder.ask(json!({ "op": "opened", "session": HOLDER }), "opened");
    append_to_the_draft(world, "saved\n");
    holder.expect_alive("committed");
    waiter.acquire_as(WAITER, &[HELD], &asked());
    waiter.expect("queued");
    // This is in the log, and no checkpoint comes in between.
    world.ponder(&["append", "-d", HELD, "captured meanwhile"]).run().ok();
    let lock = File::open(world.entry(LATE)).unwrap();
    flock(&lock, FlockOperation::LockExclusive).unwrap();
    world.ponder(&["append", "-d", LATE, "waited for a lock"]).run().ok();
    world.ponder(&["append", "-d", CAPTURED, "captured"]).run().ok();
    world.lease(COMMITTED, "echo committed >> \"$PONDER_ENTRY\"").run().ok();
    world.daemon().kill();

    append_to_the_draft(world, "not yet saved\n");
    fixture.take(world);
    is_all_there(world, fixture);
}

fn append_to_the_draft(world: &World, text: &str) {
    let draft = wait_until("the draft", || OpenOptions::new().append(true).open(draft(world)).ok());
    (&draft).write_all(text.as_bytes()).unwrap();
}

/// What the fixture is for is in it.
fn is_all_there(world: &World, fixture: &Fixture) {
    let slots = world.state_dir().join("slots");
    for name in [".json", ".base", ".next", "/20261123.md"] {
        assert!(slots.join(format!("{HELD}.0{name}")).exists(), "there is no {name}");
    }
    let record = |id: &str| fs::read_to_string(slots.join(format!("{id}.0.json"))).unwrap();
    let (open, kept, ended) = (record(HELD), record(KEPT), record(BROKEN));
    assert!(open.contains("\"ended\":null") && open.contains("\"kept\":null"), "{open}");
    assert!(kept.contains("\"kept\":[\"command_failed\""), "{kept}");
    assert!(!ended.contains("\"ended\":null"), "{ended}");
    let (leases, history) = (fixture.state("leases"), fixture.state("history"));
    assert!(leases.contains("\"granted\"") && leases.contains(WAITER), "{leases}");
    assert!(history.contains("\"broken\""), "{history}");
    let records = world.ponder(&["doctor", "--log"]).run().ok().stdout;
    for day in ["2026-01-01", "2026-11-26", "2026-11-27"] {
        assert!(records.contains(day), "a checkpoint came in between; once more: {records}");
    }
}

#[track_caller]
pub(crate) fn is_told_in_the_history(world: &World) {
    let told = world.ponder(&["status", "--history"]).run().ok().stdout;
    assert!(told.contains("2026-11-25") && told.contains("slow (pid "), "{told}");
    assert!(world.text(BROKEN).ends_with("\n\nsaved\n"), "{}", world.text(BROKEN));
}
