//! A write-ahead log that cannot be used is refused, and nothing is touched.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::PathBuf;

use ponder_tests::{World, tree};

const DAY: &str = "20261123";

/// A world whose daemon was killed right after it had acknowledged three appends: its log holds them.
fn killed() -> (World, PathBuf) {
    let world = World::new();
    world.write(DAY, "before\n");
    for text in ["first", "second", "third"] {
        world.ponder(&["append", "-d", DAY, text]).run().ok();
    }
    let [daemon] = world.daemons()[..] else { panic!("one daemon") };
    daemon.kill();
    let log = world.state_dir().join("log");
    (world, log)
}

/// Where a text stands in the log.
fn find(log: &[u8], text: &str) -> usize {
    log.windows(text.len()).position(|window| window == text.as_bytes()).expect("it is in the log")
}

/// Every command says why, and what to do; the log, the journal and the slots stay as they are.
fn is_refused(world: &World, log: &PathBuf, parts: &[&str]) {
    let before = [tree(&world.path("journal")), tree(&world.state_dir().join("slots"))];
    let bytes = fs::read(log).unwrap();
    for arguments in [&["append", "-d", DAY, "more"][..], &["daemon", "start"]] {
        let said = world.ponder(arguments).run().code(78);
        for part in parts {
            assert!(said.stderr.contains(part), "{part:?} is not in {}", said.stderr);
        }
    }
    assert!(world.daemons().is_empty());
    assert_eq!(fs::read(log).unwrap(), bytes, "the log");
    assert_eq!([tree(&world.path("journal")), tree(&world.state_dir().join("slots"))], before);
}

#[test]
fn a_damaged_log_is_refused_and_moving_it_away_goes_on_without_it() {
    let (world, log) = killed();
    let mut bytes = fs::read(&log).unwrap();
    let at = find(&bytes, "second");
    bytes[at] ^= 1;
    fs::write(&log, &bytes).unwrap();
    let path = log.display().to_string();
    is_refused(&world, &log, &[&path, "is damaged at byte ", "Nothing was changed", "ponder doctor --log"]);
    world.ponder(&["doctor", "--log"]).run().code(78).says("damaged");

    fs::rename(&log, log.with_extension("away")).unwrap();
    world.ponder(&["append", "-d", DAY, "more"]).run().ok();
    assert_eq!(world.text(DAY), "before\nfirst\nsecond\nthird\nmore\n");
}

#[test]
fn a_header_that_is_damaged_is_refused() {
    let (world, log) = killed();
    let mut bytes = fs::read(&log).unwrap();
    bytes[20] ^= 1;
    fs::write(&log, &bytes).unwrap();
    is_refused(&world, &log, &["is damaged at byte 0"]);
}

#[test]
fn a_log_of_a_newer_version_is_refused() {
    let (world, log) = killed();
    let mut bytes = fs::read(&log).unwrap();
    bytes[8] = 2;
    fs::write(&log, &bytes).unwrap();
    is_refused(&world, &log, &["is of a newer version of ponder", "format 2", "run that version"]);
}

/// What was never flushed was never acknowledged.
#[test]
fn an_end_that_is_torn_is_dropped() {
    let (world, log) = killed();
    let bytes = fs::read(&log).unwrap();
    let last = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    let file = fs::OpenOptions::new().write(true).open(&log).unwrap();
    file.set_len(last as u64 - 2).unwrap();
    world.ponder(&["append", "-d", DAY, "more"]).run().ok();
    assert_eq!(world.text(DAY), "before\nfirst\nsecond\nthird\nmore\n");
}
