//! Appends, edits, commits, and other programs on an entry.

#![cfg(windows)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs::File;

use ponder_windows::{Ended, World, wait_until};

const DAY: &str = "20261123";

#[test]
fn a_thought_is_in_the_entry_when_the_command_returns() {
    let world = World::new();
    world.done(&["append", "-d", DAY, "one", "two"]);
    assert_eq!(world.pipe_into(&["append", "-d", DAY], "three\nfour").code, 0);
    assert!(world.text(DAY).ends_with("\n\none two\nthree\nfour\n"), "{}", world.text(DAY));
    assert_eq!(world.done(&["show", "-d", DAY]), world.text(DAY));
    assert_eq!(world.ponder(&["show", "-d", "20261124"]).code, 1);
}

#[test]
fn what_is_saved_is_in_the_entry_before_the_editor_closes() {
    let world = World::new();
    world.write(DAY, "begun\n");
    let mut hand = world.edit(DAY);
    let draft = hand.draft();
    assert_ne!(draft, world.entry(DAY));
    assert_eq!(draft.file_name(), world.entry(DAY).file_name());
    hand.adds("written in its place");
    wait_until("the first save", || world.text(DAY).ends_with("written in its place\n").then_some(()));
    hand.replaces("renamed in");
    wait_until("the second save", || (world.text(DAY) == "renamed in\n").then_some(()));
    world.done(&["append", "-d", DAY, "meanwhile"]);
    assert_eq!(world.text(DAY), "renamed in\nmeanwhile\n");
    hand.adds("and the last");
    let ended = hand.closes(0);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert_eq!(world.text(DAY), "renamed in\nand the last\nmeanwhile\n");
    assert!(!draft.exists(), "the draft is gone");
    assert_eq!(world.status()["kept"], serde_json::json!([]));
}

#[test]
fn another_program_that_changed_the_same_lines_keeps_its_text_and_ours_is_kept_aside() {
    let world = World::new();
    world.write(DAY, "line\n");
    let mut hand = world.edit(DAY);
    hand.draft();
    world.write(DAY, "theirs\n");
    hand.replaces("ours");
    let ended = hand.closes(0);
    assert_eq!(ended.code, 65, "{}", ended.err);
    assert_eq!(world.text(DAY), "theirs\n");
    let status = world.status();
    let kept = status["kept"][0]["path"]["path"].as_str().or(status["kept"][0]["path"].as_str()).unwrap();
    assert_eq!(std::fs::read_to_string(kept).unwrap(), "ours\n");
    let id = status["kept"][0]["id"].as_str().unwrap();
    world.done(&["recover", "drop", "--yes", id]);
    assert!(!std::path::Path::new(kept).exists());
}

#[test]
fn an_entry_that_somebody_reads_meanwhile_can_be_replaced() {
    let world = World::new();
    world.write(DAY, "begun\n");
    let reader = File::open(world.entry(DAY)).unwrap();
    let mut hand = world.edit(DAY);
    hand.replaces("done");
    assert_eq!(hand.closes(0).code, 0);
    assert_eq!(world.text(DAY), "done\n");
    drop(reader);
    wait_until("the old version is gone", || world.versions().is_empty().then_some(()));
}

#[test]
fn an_entry_that_is_locked_gets_its_appends_later() {
    let world = World::new();
    world.write(DAY, "begun\n");
    let lock = File::options().read(true).write(true).open(world.entry(DAY)).unwrap();
    lock.lock().unwrap();
    let told = world.done(&["append", "--json", "-d", DAY, "later"]);
    assert!(told.contains(r#""published":false"#), "{told}");
    drop(lock);
    wait_until("the append", || (world.text(DAY) == "begun\nlater\n").then_some(()));
}

#[test]
fn the_daemon_leaves_an_entry_unlocked_when_it_is_done() {
    let world = World::new();
    world.done(&["append", "-d", DAY, "x"]);
    let mut hand = world.edit(DAY);
    hand.adds("y");
    assert_eq!(hand.closes(0).code, 0);
    let file = File::options().read(true).write(true).open(world.entry(DAY)).unwrap();
    wait_until("the lock is free", || file.try_lock().is_ok().then_some(()));
}

#[test]
fn an_editor_that_fails_after_a_save_does_not_undo_it() {
    let world = World::new();
    world.write(DAY, "begun\n");
    let mut hand = world.edit(DAY);
    hand.adds("saved");
    let Ended { code, .. } = hand.closes(3);
    assert_eq!(code, 1);
    assert_eq!(world.text(DAY), "begun\nsaved\n");
}

#[test]
fn a_kept_draft_comes_back_into_its_entry() {
    let world = World::new();
    world.write(DAY, "begun\n");
    let failed = world.ponder(&["lease", "-d", DAY, "--", "cmd", "/c", "echo kept>> %PONDER_ENTRY%& exit 7"]);
    assert_eq!(failed.code, 7, "{}", failed.err);
    world.write(DAY, "before\nbegun\n");
    let id = world.status()["kept"][0]["id"].as_str().unwrap().to_owned();
    assert!(world.done(&["recover"]).contains(&id));
    assert!(world.done(&["recover", "show", &id]).contains("kept"));
    world.done(&["recover", "apply", &id]);
    assert_eq!(world.text(DAY), "before\nbegun\nkept\r\n");
    assert_eq!(world.status()["kept"], serde_json::json!([]));
}

#[test]
fn in_place_the_editor_has_the_entry_itself() {
    let world = World::new();
    world.write(DAY, "begun\n");
    let mut hand = world.edit_with(&["--in-place", "-d", DAY]);
    assert_eq!(hand.draft().canonicalize().unwrap(), world.entry(DAY).canonicalize().unwrap());
    hand.replaces("written by the editor");
    world.done(&["append", "-d", DAY, "meanwhile"]);
    assert_eq!(hand.closes(0).code, 0);
    assert_eq!(world.text(DAY), "written by the editor\nmeanwhile\n");
}

#[test]
fn a_large_entry_is_replaced_whole() {
    let world = World::new();
    let line = "a line of a long day\n";
    world.write(DAY, &line.repeat(40_000));
    let mut hand = world.edit(DAY);
    hand.adds("the end");
    assert_eq!(hand.closes(0).code, 0);
    assert_eq!(world.text(DAY), line.repeat(40_000) + "the end\n");
    world.done(&["append", "-d", DAY, "after it"]);
    assert!(world.text(DAY).ends_with("the end\nafter it\n"));
}
