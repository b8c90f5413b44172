//! Another program has the entry open while a commit puts a new version in its place.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;

use ponder_tests::{Process, World, wait_until};
use serde_json::{Value, json};

const DAY: &str = "20261123";

fn commit(world: &World, script: &str) {
    world.lease(DAY, script).run().ok();
}

/// The entry, open for appending as a shell's `>>` has it.
fn appender(world: &World) -> File {
    File::options().append(true).open(world.entry(DAY)).unwrap()
}

fn comes(world: &World, text: &str) {
    wait_until("the late bytes are in the entry", || (world.text(DAY) == text).then_some(()));
}

fn kept_text(kept: &Value) -> String {
    fs::read_to_string(kept["path"].as_str().unwrap()).unwrap()
}

/// Nothing of what was replaced is left once nobody can write to it.
fn goes(world: &World) {
    wait_until("the replaced version is gone", || {
        let mut names = fs::read_dir(world.path("journal/.ponder")).unwrap();
        names.all(|item| !item.unwrap().file_name().to_string_lossy().ends_with(".tmp")).then_some(())
    });
}

#[test]
fn what_is_appended_to_a_replaced_version_comes_to_the_entry_once() {
    let world = World::new();
    world.write(DAY, "before\n");
    let mut late = appender(&world);
    commit(&world, "echo committed >> \"$PONDER_ENTRY\"");
    assert_eq!(world.text(DAY), "before\ncommitted\n");
    late.write_all(b"late one\n").unwrap();
    comes(&world, "before\ncommitted\nlate one\n");
    // Again, through the same descriptor, with something of ours in between.
    world.ponder(&["append", "-d", DAY, "appended"]).run().ok();
    late.write_all(b"late two\nlate three\n").unwrap();
    comes(&world, "before\ncommitted\nlate one\nappended\nlate two\nlate three\n");
    drop(late);
    goes(&world);
    assert_eq!(world.text(DAY), "before\ncommitted\nlate one\nappended\nlate two\nlate three\n");
    assert!(world.kept().is_empty());
}

#[test]
fn what_is_appended_to_a_version_that_was_replaced_twice_comes_once() {
    let world = World::new();
    world.write(DAY, "before\n");
    let mut first = appender(&world);
    commit(&world, "echo one >> \"$PONDER_ENTRY\"");
    let mut second = appender(&world);
    commit(&world, "echo two >> \"$PONDER_ENTRY\"");
    first.write_all(b"late first\n").unwrap();
    comes(&world, "before\none\ntwo\nlate first\n");
    second.write_all(b"late second\n").unwrap();
    comes(&world, "before\none\ntwo\nlate first\nlate second\n");
    drop((first, second));
    goes(&world);
}

#[test]
fn what_is_appended_while_a_session_is_open_is_behind_its_next_commit() {
    let world = World::new();
    world.write(DAY, "before\n");
    let mut late = appender(&world);
    let mut script = world.script();
    let session = script.acquire(&[DAY], &json!({}));
    let granted = script.expect("granted");
    let draft = granted["drafts"][0]["path"].as_str().unwrap();
    let commit = json!({ "op": "commit", "session": session, "token": granted["token"] });
    fs::write(draft, "before\none\n").unwrap();
    script.ask(commit.clone(), "committed");
    late.write_all(b"late\n").unwrap();
    comes(&world, "before\none\nlate\n");
    fs::write(draft, "before\none\ntwo\n").unwrap();
    script.ask(commit, "committed");
    comes(&world, "before\none\ntwo\nlate\n");
    script.ask(json!({ "op": "release", "session": session, "succeeded": true }), "released");
    assert_eq!(world.text(DAY), "before\none\ntwo\nlate\n");
}

#[test]
fn what_is_written_over_a_replaced_version_is_kept() {
    let world = World::new();
    world.write(DAY, "before\n");
    let late = File::options().write(true).open(world.entry(DAY)).unwrap();
    commit(&world, "echo committed >> \"$PONDER_ENTRY\"");
    late.write_all_at(b"BEFORE", 0).unwrap();
    let kept = wait_until("the late text is kept", || world.kept().pop());
    assert_eq!((&kept["why"], kept_text(&kept)), (&json!("written_late"), "BEFORE\n".to_owned()));
    assert_eq!(world.text(DAY), "before\ncommitted\n");
    drop(late);
    goes(&world);
    assert_eq!(world.kept().len(), 1);
}

#[test]
fn a_version_that_was_cut_and_written_anew_is_kept() {
    let world = World::new();
    world.write(DAY, "before\n");
    let late = File::options().write(true).open(world.entry(DAY)).unwrap();
    commit(&world, "echo committed >> \"$PONDER_ENTRY\"");
    late.set_len(0).unwrap();
    (&late).write_all(b"all of it anew\n").unwrap();
    drop(late);
    wait_until("the late text is kept", || {
        world.kept().iter().any(|kept| kept_text(kept) == "all of it anew\n").then_some(())
    });
    goes(&world);
    assert_eq!(world.text(DAY), "before\ncommitted\n");
}

/// One daemon replaces the version, and another one starts after somebody wrote to it.
fn late_over_a_restart(end: impl Fn(&World)) -> (World, File) {
    let world = World::new();
    world.write(DAY, "before\n");
    let mut late = appender(&world);
    commit(&world, "echo committed >> \"$PONDER_ENTRY\"");
    end(&world);
    late.write_all(b"meanwhile\n").unwrap();
    world.ponder(&["daemon", "start"]).run().ok();
    (world, late)
}

#[test]
fn what_is_written_late_comes_over_a_restart() {
    let stop = |world: &World| drop(world.ponder(&["daemon", "stop"]).run().ok());
    let (world, mut late) = late_over_a_restart(stop);
    comes(&world, "before\ncommitted\nmeanwhile\n");
    late.write_all(b"afterwards\n").unwrap();
    comes(&world, "before\ncommitted\nmeanwhile\nafterwards\n");
    stop(&world);
    world.ponder(&["daemon", "start"]).run().ok();
    drop(late);
    goes(&world);
    assert_eq!(world.text(DAY), "before\ncommitted\nmeanwhile\nafterwards\n");
    assert!(world.kept().is_empty());
}

/// A daemon that was killed has not noted how long the version was, so that the next one cannot tell
/// what is late: the whole is kept. From then on it can.
#[test]
fn what_is_written_late_is_kept_over_a_death() {
    let kill = |world: &World| world.daemons().into_iter().for_each(Process::kill);
    let (world, mut late) = late_over_a_restart(kill);
    let kept = wait_until("the late text is kept", || world.kept().pop());
    assert_eq!((&kept["why"], kept_text(&kept)), (&json!("written_late"), "before\nmeanwhile\n".to_owned()));
    late.write_all(b"afterwards\n").unwrap();
    comes(&world, "before\ncommitted\nafterwards\n");
    drop(late);
    goes(&world);
    assert_eq!(world.kept().len(), 1);
}
