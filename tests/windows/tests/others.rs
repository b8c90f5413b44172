//! Files that other programs keep from us, as virus scanners and careless programs do here, and what goes
//! with a file besides its text.

#![cfg(windows)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::windows::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::process::Command;

use ponder_windows::{World, wait_until};

const DAY: &str = "20261123";

/// `FILE_SHARE_READ`, `FILE_SHARE_WRITE`, `FILE_SHARE_DELETE`.
const NOTHING: u32 = 0;
const READ: u32 = 1;
const WRITE: u32 = 2;
const DELETE: u32 = 4;

/// `FILE_ATTRIBUTE_READONLY`, `FILE_ATTRIBUTE_HIDDEN`.
const READ_ONLY: u32 = 1;
const HIDDEN: u32 = 2;

/// Reads a file, and allows others only that much.
fn keep(path: &Path, sharing: u32) -> File {
    wait_until("nobody has it", || File::options().read(true).share_mode(sharing).open(path).ok())
}

fn attrib(change: &str, path: &Path) {
    let done = Command::new("attrib").arg(change).arg(path).status().unwrap();
    assert!(done.success());
}

#[test]
fn an_entry_that_nobody_may_write_to_gets_its_appends_later() {
    let world = World::new();
    world.write(DAY, "begun\n");
    let reader = keep(&world.entry(DAY), READ | DELETE);
    for text in ["later", "and later"] {
        let told = world.done(&["append", "--json", "-d", DAY, text]);
        assert!(told.contains(r#""published":false"#), "{told}");
    }
    assert_eq!(world.done(&["show", "-d", DAY]), "begun\nlater\nand later\n", "it is shown all the same");
    drop(reader);
    wait_until("the appends", || (world.text(DAY) == "begun\nlater\nand later\n").then_some(()));
}

#[test]
fn what_waits_for_a_reader_outlives_the_daemon() {
    let world = World::new();
    world.write(DAY, "begun\n");
    let reader = keep(&world.entry(DAY), READ | DELETE);
    world.done(&["append", "-d", DAY, "later"]);
    world.kill(world.daemon());
    world.done(&["daemon", "start"]);
    assert_eq!(world.done(&["show", "-d", DAY]), "begun\nlater\n");
    drop(reader);
    wait_until("the append", || (world.text(DAY) == "begun\nlater\n").then_some(()));
}

#[test]
fn an_entry_that_nobody_may_even_read_keeps_nothing_else_waiting() {
    let world = World::new();
    world.done(&["append", "-d", DAY, "one"]);
    let text = world.text(DAY);
    world.kill(world.daemon());
    let greedy = keep(&world.entry(DAY), NOTHING);
    world.done(&["append", "-d", "20261124", "elsewhere"]);
    assert!(world.text("20261124").ends_with("elsewhere\n"));
    for line in ["two", "three"] {
        let told = world.done(&["append", "--json", "-d", DAY, line]);
        assert!(told.contains(r#""published":false"#), "{told}");
    }
    let refused = world.edit(DAY);
    let ended = refused.ends();
    assert!(ended.code == 75 && ended.err.contains("another program"), "{}: {}", ended.code, ended.err);
    drop(greedy);
    wait_until("the appends", || (world.text(DAY) == format!("{text}two\nthree\n")).then_some(()));
}

#[test]
fn a_version_is_tried_again_until_its_entry_may_be_replaced() {
    let world = World::new();
    world.write(DAY, "begun\n");
    let reader = keep(&world.entry(DAY), READ | WRITE);
    let mut hand = world.edit(DAY);
    hand.replaces("ours");
    wait_until("a version", || (!world.versions().is_empty()).then_some(()));
    wait_until("it is given up", || world.versions().is_empty().then_some(()));
    assert_eq!(world.text(DAY), "begun\n");
    drop(reader);
    wait_until("the save is committed", || (world.text(DAY) == "ours\n").then_some(()));
    assert_eq!(hand.closes(0).code, 0);
    wait_until("nothing is left beside it", || world.versions().is_empty().then_some(()));
}

#[test]
fn an_entry_that_nobody_may_delete_for_long_keeps_its_text_and_ours_is_kept_aside() {
    let world = World::new();
    world.write(DAY, "begun\n");
    let greedy = keep(&world.entry(DAY), READ | WRITE);
    let mut hand = world.edit(DAY);
    hand.replaces("ours");
    let ended = hand.closes(0);
    assert!(ended.code != 0 && ended.err.contains("another program"), "{}: {}", ended.code, ended.err);
    assert_eq!(world.text(DAY), "begun\n");
    assert!(world.versions().is_empty(), "{:?}", world.versions());
    drop(greedy);
    let id = world.status()["kept"][0]["id"].as_str().unwrap().to_owned();
    world.done(&["recover", "apply", &id]);
    assert_eq!(world.text(DAY), "ours\n");
}

#[test]
fn an_entry_that_nobody_may_write_to_is_flushed_later_and_not_written_anew() {
    let world = World::new();
    world.done(&["append", "-d", DAY, "one"]);
    world.kill(world.daemon());
    let mut same = File::open(world.entry(DAY)).unwrap();
    let greedy = keep(&world.entry(DAY), READ | DELETE);
    world.done(&["daemon", "start"]);
    drop(greedy);
    writeln!(File::options().append(true).open(world.entry(DAY)).unwrap(), "by hand").unwrap();
    let mut text = String::new();
    same.read_to_string(&mut text).unwrap();
    assert!(text.ends_with("one\nby hand\n"), "another file has its name: {text}");
    world.done(&["append", "-d", DAY, "two"]);
    assert!(world.text(DAY).ends_with("one\nby hand\ntwo\n"), "{}", world.text(DAY));
}

#[test]
fn an_entry_that_was_made_read_only_is_flushed_as_it_is() {
    let world = World::new();
    world.done(&["append", "-d", DAY, "one"]);
    let mut same = File::open(world.entry(DAY)).unwrap();
    attrib("+r", &world.entry(DAY));
    world.done(&["daemon", "stop"]);
    let log = fs::read_to_string(world.state().unwrap().join("ponderd.log")).unwrap();
    assert!(!log.contains("WARN") && !log.contains("ERROR"), "{log}");
    assert_ne!(fs::metadata(world.entry(DAY)).unwrap().file_attributes() & READ_ONLY, 0);
    attrib("-r", &world.entry(DAY));
    writeln!(File::options().append(true).open(world.entry(DAY)).unwrap(), "by hand").unwrap();
    let mut text = String::new();
    same.read_to_string(&mut text).unwrap();
    assert!(text.ends_with("one\nby hand\n"), "another file has its name: {text}");
}

#[test]
fn what_is_hidden_stays_so_and_what_is_read_only_is_not_replaced() {
    let world = World::new();
    world.write(DAY, "begun\n");
    attrib("+h", &world.entry(DAY));
    let mut hand = world.edit(DAY);
    hand.replaces("ours");
    assert_eq!(hand.closes(0).code, 0);
    assert_eq!(world.text(DAY), "ours\n");
    assert_ne!(fs::metadata(world.entry(DAY)).unwrap().file_attributes() & HIDDEN, 0);
    attrib("+r", &world.entry(DAY));
    let mut hand = world.edit(DAY);
    hand.replaces("not this");
    assert_ne!(hand.closes(0).code, 0);
    assert_eq!(world.text(DAY), "ours\n");
    attrib("-r", &world.entry(DAY));
}

#[test]
fn a_large_log_that_somebody_reads_grows_on() {
    let world = World::new();
    world.done(&["append", "-d", DAY, "x"]);
    world.done(&["daemon", "stop"]);
    let log = world.state().unwrap().join("ponderd.log");
    File::options().append(true).open(&log).unwrap().set_len(2 << 20).unwrap();
    let viewer = keep(&log, READ | WRITE);
    world.done(&["append", "-d", DAY, "y"]);
    drop(viewer);
    assert!(!log.with_extension("log.old").exists());
    assert!(world.text(DAY).ends_with("x\ny\n"));
}

#[test]
fn a_journal_is_one_users_at_a_time() {
    let world = World::new();
    world.done(&["append", "-d", DAY, "x"]);
    let lock = |world: &World| {
        let side = fs::read_dir(world.side()).unwrap().flatten().map(|item| item.path());
        let mut locks = side.filter(|path| path.extension().is_some_and(|end| end == "lock"));
        locks.next()
    };
    let path = lock(&world).expect("a file that other users' daemons find");
    let as_theirs = || File::options().write(true).create(true).truncate(false).share_mode(READ).open(&path);
    assert!(as_theirs().is_err(), "somebody else's daemon can have it");
    world.done(&["daemon", "stop"]);
    wait_until("it is gone", || lock(&world).is_none().then_some(()));
    let theirs = as_theirs().unwrap();
    let refused = world.ponder(&["append", "-d", DAY, "y"]);
    assert_eq!(refused.code, 69, "{}", refused.err);
    assert!(refused.err.contains("another ponderd has the journal"), "{}", refused.err);
    drop(theirs);
    world.done(&["append", "-d", DAY, "z"]);
    assert!(world.text(DAY).ends_with("x\nz\n"));
}
