//! Leases that are ended by force: broken, or held for too long. Nothing saved is lost by it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::time::Duration;

use ponder_tests::{Finished, Process, Running, Script, World, wait_until};
use rustix::process::Signal;
use serde_json::{Value, json};

const DAY: &str = "20261123";

fn break_it(script: &mut Script, token: &Value, now: bool) {
    let by = json!({ "program": "breaker", "purpose": "a test" });
    script.send(json!({ "op": "break", "token": token, "now": now, "by": by }));
}

fn draft(granted: &Value) -> &str {
    granted["drafts"][0]["path"].as_str().expect("a draft")
}

#[test]
fn a_holder_that_is_asked_may_hand_it_back() {
    let world = World::new();
    let mut holder = world.script();
    let held = holder.acquire(&[DAY], &json!({ "drafts": false }));
    let token = holder.expect("granted")["token"].clone();
    let mut breaker = Script::hello(&world.socket());
    break_it(&mut breaker, &token, false);
    assert_eq!(breaker.expect("breaking")["grace"], 30_000);
    let asked = holder.expect("please_release");
    assert_eq!(
        (&asked["by"]["program"], &asked["by"]["pid"]),
        (&json!("breaker"), &json!(std::process::id()))
    );
    holder.release(&held);
    assert_eq!(breaker.expect("broken")["released"], true);
    let past = breaker.ask(json!({ "op": "history" }), "history");
    assert_eq!(past["past"], json!([]), "nothing was done by force");
}

#[test]
fn one_that_does_not_loses_it_when_the_time_is_over() {
    let world = World::with_windows(Duration::from_secs(60), Duration::from_millis(300));
    let mut holder = world.script();
    let held = holder.acquire(&[DAY], &json!({ "drafts": false }));
    let token = holder.expect("granted")["token"].clone();
    let mut breaker = Script::hello(&world.socket());
    break_it(&mut breaker, &token, false);
    breaker.expect("breaking");
    let revoked = holder.expect("revoked");
    assert_eq!((&revoked["session"], &revoked["why"]), (&json!(held), &json!("broken")));
    assert_eq!(revoked["by"]["purpose"], "a test");
    assert_eq!(breaker.expect("broken")["released"], false);
}

#[test]
fn who_had_not_begun_by_then_finds_that_it_is_too_late() {
    let world = World::new();
    let mut holder = world.script();
    holder.acquire(&[DAY], &json!({ "commit": "on_save" }));
    let granted = holder.expect("granted");
    let alive = granted["alive"]["path"].as_str().expect("a FIFO").to_owned();
    assert!(fs::exists(&alive).unwrap());
    let mut breaker = Script::hello(&world.socket());
    break_it(&mut breaker, &granted["token"], true);
    breaker.expect("breaking");
    breaker.expect("broken");
    holder.expect("revoked");
    assert!(!fs::exists(&alive).unwrap(), "a client that slept would start its editor");
    Process::kill(world.daemon());
    let mut next = world.script();
    next.acquire(&[DAY], &json!({ "commit": "on_save" }));
    assert_eq!(draft(&next.expect("granted")), draft(&granted), "nobody can be at work there");
}

#[test]
fn at_once_means_what_was_saved_is_committed_and_the_next_one_is_granted() {
    let world = World::new();
    world.write(DAY, "first\n");
    let mut holder = world.script();
    let held = holder.acquire(&[DAY], &json!({ "commit": "on_save" }));
    let granted = holder.expect("granted");
    let mut waiter = Script::hello(&world.socket());
    waiter.acquire(&[DAY], &json!({ "commit": "on_save" }));
    waiter.expect("queued");
    fs::write(draft(&granted), "first\nsaved\n").unwrap();
    let mut breaker = Script::hello(&world.socket());
    break_it(&mut breaker, &granted["token"], true);
    assert_eq!(breaker.expect("breaking")["grace"], 0);
    assert_eq!(breaker.expect("broken")["released"], false);
    let revoked = holder.expect("revoked");
    assert_eq!((&revoked["why"], &revoked["entries"][0]["outcome"]), (&json!("broken"), &json!("committed")));
    let second = waiter.expect("granted");
    assert_eq!(fs::read_to_string(draft(&second)).unwrap(), "first\nsaved\n", "made after the last commit");
    // The victim goes on, saves, and hands back what it does not have any more: it is told where that is.
    fs::write(draft(&granted), "late\nfirst\nsaved\n").unwrap();
    holder.send(json!({ "op": "release", "session": held, "succeeded": true }));
    fs::write(draft(&second), "first\nsaved\nnext\n").unwrap();
    waiter.expect_alive("committed");
    drop(waiter);
    let released = holder.expect_alive("released");
    assert_eq!(released["entries"][0]["outcome"], "committed", "{}", holder.transcript());
    assert_eq!(world.text(DAY), "late\nfirst\nsaved\nnext\n");
    assert!(world.kept().is_empty());
    let log = world.log();
    assert!(log.contains("is broken") && log.contains("ended by force"), "{log}");
}

#[test]
fn a_scripts_changed_drafts_are_kept_and_never_committed() {
    let world = World::new();
    world.write(DAY, "first\n");
    let mut holder = world.script();
    let held = holder.acquire(&[DAY], &json!({ "commit": "on_exit" }));
    let granted = holder.expect("granted");
    fs::write(draft(&granted), "half of its work\n").unwrap();
    let mut breaker = Script::hello(&world.socket());
    break_it(&mut breaker, &granted["token"], true);
    let revoked = holder.expect("revoked");
    assert_eq!(revoked["entries"][0]["outcome"]["kept"]["why"], "revoked");
    assert_eq!(world.text(DAY), "first\n");
    // What it writes after that is in the same kept draft, and it is told so.
    fs::write(draft(&granted), "all of its work\n").unwrap();
    let released = holder.release(&held);
    assert_eq!(released["entries"][0]["outcome"]["kept"]["path"], draft(&granted));
    let kept = world.kept();
    assert_eq!(kept.len(), 1);
    assert_eq!(fs::read_to_string(kept[0]["path"].as_str().unwrap()).unwrap(), "all of its work\n");
}

#[test]
fn a_token_that_is_not_current_hits_nobody() {
    let world = World::new();
    let mut holder = world.script();
    let held = holder.acquire(&[DAY], &json!({ "drafts": false }));
    let old = holder.expect("granted")["token"].clone();
    holder.release(&held);
    holder.acquire(&[DAY], &json!({ "drafts": false }));
    let current = holder.expect("granted")["token"].clone();
    let mut breaker = Script::hello(&world.socket());
    for token in [old, json!("1.1")] {
        let by = json!({ "program": "breaker" });
        let refused = breaker.refused(json!({ "op": "break", "token": token, "now": true, "by": by }));
        assert_eq!((&refused["code"], &refused["field"]), (&json!("no_such_lease"), &json!("token")));
    }
    assert_eq!(world.sessions()[0]["token"], current);
}

#[test]
fn who_asks_again_gives_no_more_time() {
    let world = World::new();
    let mut holder = world.script();
    holder.acquire(&[DAY], &json!({ "drafts": false }));
    let token = holder.expect("granted")["token"].clone();
    let mut breaker = Script::hello(&world.socket());
    break_it(&mut breaker, &token, false);
    breaker.expect("breaking");
    let mut other = Script::hello(&world.socket());
    std::thread::sleep(Duration::from_millis(20)); // so that there is less of it
    break_it(&mut other, &token, false);
    let grace = other.expect("breaking")["grace"].as_u64().unwrap();
    assert!(grace < 30_000, "{grace}");
    break_it(&mut other, &token, true);
    for script in [&mut breaker, &mut other] {
        assert_eq!(script.expect("broken")["released"], false);
    }
}

#[test]
fn a_lease_with_a_limit_is_warned_and_revoked() {
    let world = World::new();
    world.write(DAY, "first\n");
    let mut holder = world.script();
    let held = holder.acquire(&[DAY], &json!({ "hold": 400, "commit": "on_save" }));
    let granted = holder.expect("granted");
    fs::write(draft(&granted), "first\nsaved\n").unwrap();
    let warning = holder.expect("warning");
    let left = warning["left"].as_u64().unwrap();
    assert!(left > 0 && left <= 100, "{left}");
    assert_eq!(holder.expect("revoked")["why"], "held_too_long");
    assert_eq!(world.text(DAY), "first\nsaved\n");
    // Nobody waited: it is a limit.
    assert_eq!(holder.release(&held)["entries"], json!([]), "nothing was saved late");
    wait_until("it is over", || world.sessions().is_empty().then_some(()));
}

/// A client that sleeps before it has read that it has the lease, until that is broken.
fn broken_before_its_editor_runs(world: &World) -> Running {
    let mut other = world.script();
    let held = other.acquire(&[DAY], &json!({ "drafts": false }));
    other.expect("granted");
    let editor = world.editor("editor", r#"touch "$HOME/it-ran""#);
    let client = world.ponder(&["-d", DAY]).env("EDITOR", editor).start();
    client.says("waiting");
    client.signal(Signal::STOP);
    other.release(&held);
    let token = world.sessions()[0]["token"].clone();
    break_it(&mut other, &token, true);
    other.expect("broken");
    client
}

/// It wakes up, and is told in one sentence, which says no word of a text.
fn finds_that_it_is_too_late(client: Running) -> Finished {
    client.signal(Signal::CONT);
    let told = client.wait().code(65).says("nothing was changed");
    assert_eq!(told.stderr.matches("ponder: ").count(), 2, "that it waits, and this: {}", told.stderr);
    assert!(!told.stderr.contains("text"), "{}", told.stderr);
    told
}

#[test]
fn an_editor_whose_lease_is_broken_before_it_runs_is_not_started() {
    let world = World::new();
    finds_that_it_is_too_late(broken_before_its_editor_runs(&world)).says("has ended your lease");
    assert!(!world.path("home/it-ran").exists(), "its draft could be another session's by now");
    assert!(!world.entry(DAY).exists(), "nothing was saved");
}

#[test]
fn a_draft_that_is_another_sessions_by_now_is_not_called_ones_own() {
    let world = World::new();
    let client = broken_before_its_editor_runs(&world);
    Process::kill(world.daemon());
    let mut other = world.script();
    let held = other.acquire(&[DAY], &json!({}));
    let granted = other.expect("granted");
    assert!(draft(&granted).contains("/20261123.0/"), "in the place of the first one: {granted}");
    fs::write(draft(&granted), "half of its work\n").unwrap();
    finds_that_it_is_too_late(client); // who did it, the killed daemon may not have told any more
    other.release(&held);
}

#[test]
fn a_kept_draft_keeps_no_fifo_over_a_restart() {
    let world = World::new();
    let mut holder = world.script();
    holder.acquire(&[DAY], &json!({}));
    let granted = holder.expect("granted");
    fs::write(draft(&granted), "half of its work\n").unwrap();
    break_it(&mut holder, &granted["token"], true);
    holder.expect("revoked");
    Process::kill(world.daemon());
    drop(world.script());
    assert_eq!(world.kept().len(), 1);
    assert_eq!(fs::read_dir(world.state_dir().join("alive")).unwrap().count(), 0);
}
