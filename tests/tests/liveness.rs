//! Whether holders live: asked only when somebody waits or looks, and what becomes of those who do not.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ponder_tests::{Script, World, wait_until};
use serde_json::{Value, json};

const DAY: &str = "20261123";

/// A window that is over soon.
const SHORT: Duration = Duration::from_secs(1);

fn hurried() -> World {
    World::with_windows(SHORT, SHORT)
}

/// What `status` says of the first session's client.
fn life(world: &World) -> String {
    let mut script = Script::hello(&world.socket());
    let status = script.ask(json!({ "op": "status" }), "status");
    status["sessions"][0]["life"].as_str().unwrap_or_default().to_owned()
}

/// A process that has a session's FIFO open, as an editor has.
fn editor(granted: &Value) -> Editor {
    let path = granted["alive"]["path"].as_str().expect("a FIFO");
    let fifo = File::options().read(true).write(true).open(path).unwrap();
    let (out, err) = (Stdio::null(), Stdio::null());
    Editor(Command::new("sleep").arg("1000").stdin(fifo).stdout(out).stderr(err).spawn().unwrap())
}

struct Editor(Child);

impl Drop for Editor {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn nobody_is_asked_while_nobody_waits_and_nobody_looks() {
    let world = hurried();
    let mut holder = world.script();
    holder.acquire(&[DAY], &json!({ "drafts": false }));
    holder.expect("granted");
    let mut other = Script::hello(&world.socket());
    other.ask(json!({ "op": "append", "entry": DAY, "text": "x" }), "appended");
    let elsewhere = other.acquire(&["20261122"], &json!({ "drafts": false }));
    other.expect("granted");
    other.release(&elsewhere);
    std::thread::sleep(2 * SHORT); // longer than every window: nothing happens in it
    holder.send(json!({ "op": "deferred" }));
    assert_eq!(holder.hear().unwrap()["event"], "deferred", "{}", holder.transcript());
}

#[test]
fn a_holder_that_does_not_answer_is_suspect_and_loses_its_lease_to_who_waits() {
    let world = hurried();
    let mut holder = world.script();
    let held = holder.acquire(&[DAY], &json!({ "drafts": false, "holder": { "program": "sleeper" } }));
    let token = holder.expect("granted")["token"].clone();
    let mut waiter = Script::hello(&world.socket());
    let next = waiter.acquire(&[DAY], &json!({ "drafts": false }));
    assert_eq!(waiter.expect("queued")["ahead"], 1);
    holder.expect("ping");
    wait_until("the holder is suspect", || (life(&world) == "suspect").then_some(()));
    let granted = waiter.expect_alive("granted");
    assert_ne!(granted["token"], token);
    let revoked = holder.expect("revoked");
    assert_eq!((&revoked["session"], &revoked["why"]), (&json!(held), &json!("expired")));
    waiter.release(&next);
    let past = waiter.ask(json!({ "op": "history" }), "history")["past"].clone();
    assert_eq!((&past[0]["why"], &past[0]["who"]["program"]), (&json!("expired"), &json!("sleeper")));
}

#[test]
fn a_holder_that_answers_keeps_its_lease_for_as_long_as_it_likes() {
    let world = hurried();
    let mut holder = world.script();
    let held = holder.acquire(&[DAY], &json!({ "drafts": false }));
    holder.expect("granted");
    let mut waiter = Script::hello(&world.socket());
    waiter.acquire(&[DAY], &json!({ "drafts": false }));
    waiter.expect("queued");
    for _ in 0..3 {
        holder.expect("ping");
        holder.send(json!({ "op": "pong" }));
    }
    assert_eq!(life(&world), "answers");
    holder.release(&held);
    waiter.expect("granted");
}

#[test]
fn one_that_answers_before_the_window_is_over_carries_on_and_is_told() {
    let world = World::with_windows(Duration::from_secs(60), SHORT);
    let mut holder = world.script();
    let held = holder.acquire(&[DAY], &json!({ "drafts": false }));
    holder.expect("granted");
    let mut watcher = Script::hello(&world.socket());
    watcher.ask(json!({ "op": "subscribe" }), "status");
    let mut waiter = Script::hello(&world.socket());
    waiter.acquire(&[DAY], &json!({ "drafts": false }));
    waiter.expect("queued");
    holder.expect("ping");
    let change = |watcher: &mut Script, wanted: &str| {
        while watcher.expect("changed")["change"] != wanted {}
    };
    change(&mut watcher, "suspect");
    holder.send(json!({ "op": "pong" }));
    assert_eq!(holder.expect("carry_on")["waiting"], 1);
    change(&mut watcher, "carried_on");
    holder.release(&held);
    waiter.expect("granted");
}

#[test]
fn a_request_that_does_not_wait_asks_and_ends_nothing() {
    let world = hurried();
    let mut holder = world.script();
    let held = holder.acquire(&[DAY], &json!({ "drafts": false }));
    holder.expect("granted");
    let mut other = Script::hello(&world.socket());
    let busy = |other: &mut Script| {
        let session = ponder_tests::new_id();
        let refused = other.refused(
            json!({ "op": "acquire", "session": session, "entries": [DAY], "wait": "none", "drafts": false }),
        );
        assert_eq!(refused["code"], "busy");
        refused["blockers"][0]["life"].as_str().unwrap().to_owned()
    };
    wait_until("the holder is suspect", || (busy(&mut other) == "suspect").then_some(()));
    holder.expect("ping");
    std::thread::sleep(2 * SHORT); // longer than the window, which does not run
    assert_eq!(busy(&mut other), "suspect");
    holder.release(&held);
}

#[test]
fn an_orphan_goes_on_until_its_editor_ends() {
    let world = World::new();
    let mut holder = world.script();
    holder.acquire(&[DAY], &json!({ "commit": "on_save" }));
    let granted = holder.expect("granted");
    let editor = editor(&granted);
    drop(holder);
    wait_until("it is orphaned", || (life(&world) == "orphaned").then_some(()));
    // Its editor saves, and that is committed as ever.
    let draft = granted["drafts"][0]["path"].as_str().unwrap();
    let text = std::fs::read_to_string(draft).unwrap() + "by an orphan\n";
    std::fs::write(draft, text).unwrap();
    wait_until("it is committed", || world.text(DAY).contains("by an orphan").then_some(()));
    drop(editor);
    wait_until("it is over", || world.sessions().is_empty().then_some(()));
    assert!(world.kept().is_empty());
    // The slot is free: the next session gets the same path.
    let mut next = world.script();
    next.acquire(&[DAY], &json!({}));
    assert_eq!(next.expect("granted")["drafts"][0]["path"], granted["drafts"][0]["path"]);
}

#[test]
fn an_orphan_loses_its_lease_to_who_waits_and_its_late_saves_are_merged() {
    let world = hurried();
    world.write(DAY, "first\n");
    let mut holder = world.script();
    holder.acquire(&[DAY], &json!({ "commit": "on_save" }));
    let granted = holder.expect("granted");
    let editor = editor(&granted);
    drop(holder);
    let mut waiter = world.script();
    let next = waiter.acquire(&[DAY], &json!({ "commit": "on_save" }));
    let second = waiter.expect_alive("granted");
    assert_ne!(second["drafts"][0]["path"], granted["drafts"][0]["path"], "a path of its own");
    let zombie = granted["drafts"][0]["path"].as_str().unwrap();
    std::fs::write(zombie, "zombie\nfirst\n").unwrap();
    std::fs::write(second["drafts"][0]["path"].as_str().unwrap(), "first\nsecond\n").unwrap();
    waiter.expect_alive("committed");
    assert_eq!(world.text(DAY), "first\nsecond\n", "nobody writes under somebody else's lease");
    waiter.release(&next);
    wait_until("the late save is merged", || (world.text(DAY) == "zombie\nfirst\nsecond\n").then_some(()));
    drop(editor);
    let slot = std::path::Path::new(zombie).parent().unwrap();
    wait_until("the slot is free", || (!slot.exists()).then_some(()));
    assert!(world.kept().is_empty());
}

#[test]
fn a_late_save_that_conflicts_is_kept() {
    let world = hurried();
    world.write(DAY, "first\n");
    let mut holder = world.script();
    holder.acquire(&[DAY], &json!({ "commit": "on_save" }));
    let granted = holder.expect("granted");
    let editor = editor(&granted);
    drop(holder);
    let mut waiter = world.script();
    let next = waiter.acquire(&[DAY], &json!({ "commit": "on_save" }));
    let second = waiter.expect_alive("granted");
    std::fs::write(second["drafts"][0]["path"].as_str().unwrap(), "first, and more\n").unwrap();
    waiter.expect_alive("committed");
    waiter.release(&next);
    std::fs::write(granted["drafts"][0]["path"].as_str().unwrap(), "first, or not\n").unwrap();
    let kept = wait_until("it is kept", || world.kept().pop());
    assert_eq!(world.text(DAY), "first, and more\n");
    drop(editor);
    assert_eq!(std::fs::read_to_string(kept["path"].as_str().unwrap()).unwrap(), "first, or not\n");
}

#[test]
fn without_an_editor_the_end_of_the_connection_is_the_end() {
    let world = World::new();
    let mut holder = world.script();
    holder.acquire(&[DAY], &json!({ "commit": "on_save" }));
    let granted = holder.expect("granted");
    drop(holder);
    wait_until("it is over", || world.sessions().is_empty().then_some(()));
    let slot = granted["drafts"][0]["path"].as_str().unwrap();
    assert!(!std::path::Path::new(slot).exists());
}

#[test]
fn the_client_is_told_by_what_the_kernel_says_of_it() {
    let world = World::new();
    let mut holder = world.script();
    let about =
        json!({ "program": "sh", "command": "sh -c 'true'", "purpose": "a test", "terminal": "/dev/pts/9" });
    holder.acquire(&[DAY], &json!({ "drafts": false, "holder": about }));
    holder.expect("granted");
    let status = world.status();
    let who = &status["sessions"][0];
    assert_eq!(who["pid"], std::process::id());
    assert_eq!(who["uid"], rustix::process::getuid().as_raw());
    let started = who["started"].as_i64().unwrap();
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
    assert!(started <= now + 1 && started > now - 3600, "{started} of {now}");
    for field in ["program", "command", "purpose", "terminal"] {
        assert_eq!(who[field], about[field]);
    }
    assert!(!status["daemon"]["boot"].as_str().unwrap().is_empty());
}

#[test]
fn late_saves_in_quick_succession_that_take_text_away_are_merged_and_wedge_nobody() {
    let world = hurried();
    world.write(DAY, "first\nsecond\nthird\n");
    let mut holder = world.script();
    holder.acquire(&[DAY], &json!({ "commit": "on_save" }));
    let granted = holder.expect("granted");
    let editor = editor(&granted);
    drop(holder);
    let mut waiter = world.script();
    let next = waiter.acquire(&[DAY], &json!({ "drafts": false }));
    waiter.expect_alive("granted");
    waiter.release(&next);
    let zombie = granted["drafts"][0]["path"].as_str().unwrap();
    // The first one is looked at again after a second; the next ones come meanwhile.
    for text in ["first\nsecond\n", "first\n", "first\nfourth\n"] {
        std::fs::write(zombie, text).unwrap();
        std::thread::sleep(Duration::from_millis(300)); // less than the daemon waits
    }
    wait_until("the last one is merged", || (world.text(DAY) == "first\nfourth\n").then_some(()));
    let again = waiter.acquire(&[DAY], &json!({ "drafts": false }));
    waiter.expect_alive("granted");
    waiter.release(&again);
    drop(editor);
    wait_until("nothing is left", || world.sessions().is_empty().then_some(()));
    assert!(world.kept().is_empty());
}

#[test]
fn a_script_that_says_anything_lives() {
    let world = hurried();
    let mut holder = world.script();
    let held = holder.acquire(&[DAY], &json!({ "drafts": false }));
    holder.expect("granted");
    let mut waiter = Script::hello(&world.socket());
    waiter.acquire(&[DAY], &json!({ "drafts": false }));
    waiter.expect("queued");
    for _ in 0..3 {
        holder.expect("ping");
        holder.ask(json!({ "op": "deferred" }), "deferred");
    }
    assert_eq!(life(&world), "answers");
    holder.release(&held);
    waiter.expect_alive("granted");
}
