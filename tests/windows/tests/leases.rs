//! The queue, leases for scripts, breaking.

#![cfg(windows)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader, Read as _};

use ponder_windows::{World, wait_until};
use serde_json::json;

const DAY: &str = "20261123";

fn waiters(world: &World) -> usize {
    let status = world.status();
    let sessions = status["sessions"].as_array().unwrap();
    sessions.iter().filter(|session| session["state"] == "queued").count()
}

#[test]
fn first_come_first_served() {
    let world = World::new();
    let mut first = world.edit(DAY);
    first.draft();
    let busy = world.ponder(&["--no-wait", "-d", DAY]);
    assert_eq!(busy.code, 75, "{}", busy.err);
    let mut second = world.edit(DAY);
    wait_until("one waits", || (waiters(&world) == 1).then_some(()));
    let third = world.edit(DAY);
    wait_until("two wait", || (waiters(&world) == 2).then_some(()));
    assert!(!second.runs() && !third.runs());
    first.adds("from the first");
    assert_eq!(first.closes(0).code, 0);
    second.adds("from the second");
    assert!(!third.runs());
    assert_eq!(second.closes(0).code, 0);
    third.draft();
    assert!(world.text(DAY).ends_with("from the first\nfrom the second\n"), "{}", world.text(DAY));
    assert_eq!(third.closes(0).code, 0);
}

#[test]
fn a_wait_can_run_out() {
    let world = World::new();
    let hand = world.edit(DAY);
    hand.draft();
    let ended = world.ponder(&["lease", "--wait", "1s", "-d", DAY, "--", "cmd", "/c", "exit 0"]);
    assert_eq!(ended.code, 75, "{}", ended.err);
    assert_eq!(hand.closes(0).code, 0);
}

#[test]
fn a_command_under_a_lease_commits_if_it_succeeds_and_passes_its_status_on() {
    let world = World::new();
    world.write(DAY, "begun\n");
    let under = |script: &str| world.ponder(&["lease", "-d", DAY, "--", "cmd", "/c", script]);
    let done = under("echo more>> %PONDER_ENTRY%");
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(world.text(DAY), "begun\nmore\r\n");
    let failed = under("echo lost>> %PONDER_ENTRY%& exit 7");
    assert_eq!(failed.code, 7, "{}", failed.err);
    assert_eq!(world.text(DAY), "begun\nmore\r\n");
    assert_eq!(world.status()["kept"][0]["why"], "command_failed");
    let missing = world.ponder(&["lease", "-d", DAY, "--", "no-such-program"]);
    assert_eq!(missing.code, 127, "{}", missing.err);
}

#[test]
fn who_is_asked_is_told_and_a_broken_lease_keeps_what_was_saved() {
    let world = World::new();
    world.write(DAY, "begun\n");
    let mut hand = world.edit(DAY);
    hand.adds("saved before");
    wait_until("the save", || world.text(DAY).ends_with("saved before\n").then_some(()));
    let token = world.status()["sessions"][0]["token"].as_str().unwrap().to_owned();
    assert_eq!(world.ponder(&["break", "1.1", "--now"]).code, 1, "nobody's token");
    let broken = world.ponder(&["break", &token, "--now"]);
    assert_eq!(broken.code, 0, "{}", broken.err);
    world.done(&["append", "-d", DAY, "afterwards"]);
    let ended = hand.closes(0);
    assert_eq!(ended.code, 0, "all that was saved is in the entry: {}", ended.err);
    assert!(ended.err.contains("has ended your lease"), "{}", ended.err);
    assert_eq!(world.text(DAY), "begun\nsaved before\nafterwards\n");
    let past = world.done(&["status", "--history"]);
    assert!(past.contains(&token) || past.contains("hand"), "{past}");
}

#[test]
fn a_holder_that_does_not_answer_loses_its_lease_to_who_waits() {
    let world = World::with_windows(1.0);
    let mut silent = world.script();
    silent.acquire(DAY, &json!({ "drafts": false }));
    silent.expect("granted");
    // From here on it reads nothing, and answers no ping.
    let ended = world.ponder(&["lease", "--no-draft", "-d", DAY, "--", "cmd", "/c", "exit 0"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert_eq!(silent.expect("revoked")["why"], "expired");
}

#[test]
fn status_follows_what_happens() {
    let world = World::new();
    world.done(&["daemon", "start"]);
    let mut follower = world.command(&["status", "--follow", "--json"]).spawn().unwrap();
    let mut told = BufReader::new(follower.stdout.take().unwrap());
    let mut out = String::new();
    told.read_line(&mut out).unwrap();
    assert!(out.contains(r#""event":"status""#), "it has begun: {out}");
    let hand = world.edit(DAY);
    hand.draft();
    assert_eq!(hand.closes(0).code, 0);
    world.done(&["daemon", "stop"]);
    told.read_to_string(&mut out).unwrap();
    assert_eq!(follower.wait().unwrap().code(), Some(69));
    assert!(out.contains(r#""change":"granted""#) && out.contains(r#""change":"ended""#), "{out}");
}

#[test]
fn a_shared_lease_has_read_only_snapshots_and_leaves_nothing_behind() {
    let world = World::new();
    world.write(DAY, "begun\n");
    world.write("20261124", "next\n");
    let script = "type %PONDER_ENTRY% & attrib %PONDER_ENTRY%";
    let words = ["lease", "--shared", "-d", DAY, "-d", "20261124", "--", "cmd", "/c", script];
    let out = world.done(&words);
    assert!(out.contains("begun"), "{out}");
    for _ in 0..2 {
        world.done(&words); // the slot is free again, and takes the next one
    }
    assert_eq!(world.status()["kept"], json!([]));
    assert!(world.drafts().is_empty(), "{:?}", world.drafts());
}

#[test]
fn entries_of_one_command_are_committed_together() {
    let world = World::new();
    world.write(DAY, "begun\n");
    let script = "echo both>> %PONDER_ENTRY%";
    let ended = world.ponder(&["lease", "-d", DAY, "-d", "20261124", "--", "cmd", "/c", script]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert_eq!(world.text(DAY), "begun\nboth\r\n");
    assert!(!world.entry("20261124").exists(), "nothing was written into its draft");
}

#[test]
fn a_lease_can_have_a_limit() {
    let world = World::new();
    world.write(DAY, "begun\n");
    let ended = world.ponder(&["lease", "--hold", "1s", "-d", DAY, "--", "ping", "-n", "4", "127.0.0.1"]);
    assert_eq!(ended.code, 65, "{}", ended.err);
}

#[test]
fn a_session_inside_of_a_session_is_not_waited_for() {
    let world = World::new();
    world.write(DAY, "begun\n");
    let own = world.command(&[]).get_program().to_string_lossy().into_owned();
    let inner = ["lease", "-d", DAY, "--", &own, "lease", "-d", DAY, "--", "cmd", "/c", "exit 0"];
    let ended = world.ponder(&inner);
    assert_ne!(ended.code, 0);
    assert!(ended.err.contains("deadlock") || ended.err.contains("inside"), "{}", ended.err);
}
