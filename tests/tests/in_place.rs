//! `ponder --in-place`: the editor has the entry's own file.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use ponder_tests::World;

const DAY: &str = "20261123";
const BEFORE: &str = "one\ntwo\n";

fn world() -> World {
    let world = World::new();
    world.write(DAY, BEFORE);
    world
}

#[test]
fn the_editor_gets_the_entrys_own_path_and_is_told_the_price_once() {
    let world = world();
    world.editor("writes", "echo \"$1\"; echo three >> \"$1\"");
    let inode = fs::metadata(world.entry(DAY)).unwrap().ino();
    let edited = world.ponder(&["--in-place", "-d", DAY]).env("EDITOR", "writes").run().ok();
    assert_eq!(edited.stdout, format!("{}\n", world.entry(DAY).display()));
    assert_eq!(edited.stderr.matches("nothing can be kept aside").count(), 1, "{}", edited.stderr);
    assert_eq!(edited.stderr.lines().count(), 1, "{}", edited.stderr);
    assert_eq!(world.text(DAY), "one\ntwo\nthree\n");
    assert_eq!(fs::metadata(world.entry(DAY)).unwrap().ino(), inode, "nothing was put in its place");
    let quiet = world.ponder(&["-q", "edit", "--in-place", "-d", DAY]).env("EDITOR", "true").run().ok();
    assert_eq!(quiet.stderr, "");
}

#[test]
fn other_sessions_wait_for_it() {
    let world = world();
    let gate = world.gate("editing");
    world.editor("stops", &format!("{}; echo three >> \"$1\"", gate.pass("here")));
    let editor = world.ponder(&["--in-place", "-d", DAY]).env("EDITOR", "stops").start();
    gate.arrival();
    world.ponder(&["--no-wait", "-d", DAY]).env("EDITOR", "true").run().code(75);
    world.ponder(&["--in-place", "--no-wait", "-d", DAY]).env("EDITOR", "true").run().code(75);
    gate.open();
    editor.wait().ok();
    world.ponder(&["--no-wait", "-d", DAY]).env("EDITOR", "true").run().ok();
    assert_eq!(world.text(DAY), "one\ntwo\nthree\n");
}

#[test]
fn an_append_that_the_editor_wrote_over_is_put_back() {
    let world = world();
    let gate = world.gate("editing");
    // It reads the file before the append and writes all of it afterwards, as editors do.
    let script =
        format!("text=$(cat \"$1\"); {}; printf '%s\\nmine\\n' \"$text\" > \"$1\"", gate.pass("here"));
    world.editor("overwrites", &script);
    let editor = world.ponder(&["--in-place", "-d", DAY]).env("EDITOR", "overwrites").start();
    gate.arrival();
    world.ponder(&["append", "-d", DAY, "meanwhile"]).run().ok();
    assert_eq!(world.text(DAY), "one\ntwo\nmeanwhile\n");
    gate.open();
    editor.wait().ok();
    assert_eq!(world.text(DAY), "one\ntwo\nmine\nmeanwhile\n");
}

#[test]
fn a_new_entry_in_which_nothing_is_written_leaves_no_file() {
    let world = World::new();
    let edit = |editor: &str| world.ponder(&["--in-place", "-d", DAY]).env("EDITOR", editor).run();
    world.editor("looks", "cat \"$1\"");
    let seen = edit("looks").ok().stdout;
    assert!(seen.starts_with("# November 23, 2026: Monday\n\n## "), "{seen}");
    assert!(!world.entry(DAY).exists());
    edit("no-such-editor").code(1);
    assert!(!world.entry(DAY).exists());
    world.editor("writes", "echo text >> \"$1\"");
    edit("writes").ok();
    assert!(world.text(DAY).ends_with("\ntext\n"));
}

#[test]
fn an_editor_that_fails_is_told_as_always() {
    let world = world();
    world.editor("fails", "echo three >> \"$1\"; exit 3");
    world.ponder(&["--in-place", "-d", DAY]).env("EDITOR", "fails").run().code(1).says("failed");
    assert_eq!(world.text(DAY), "one\ntwo\nthree\n", "what it wrote stays");
    let events = world.ponder(&["--json", "--in-place", "-d", DAY]).env("EDITOR", "true").run().ok().events();
    assert_eq!(events.last().unwrap()["event"], "result", "{events:?}");
}
