//! What becomes of bytes.

use super::*;
use crate::journal::disk::simulated::{Act, Lost, Rules, Seeded};

/// All that a power cut leaves of a file with blocks of four bytes.
fn torn(before: &str, history: impl Fn(&SimulatedDisk, &File)) -> Vec<String> {
    let mut states = std::collections::BTreeSet::new();
    Every::each(|choices| {
        let disk = SimulatedDisk::with(Rules { block: 4, ..Rules::default() }, &["/j"]);
        let file = keep(&disk, &root(&disk), "a", before);
        history(&disk, &file);
        disk.power_cut(choices);
        states.insert(text(&disk, "/j/a").unwrap().replace('\0', "."));
    });
    states.into_iter().collect()
}

#[test]
fn blocks_written_over_are_old_or_new() {
    let states = torn("aaaaaaaa", |disk, file| disk.write(file, 2, b"bbb").unwrap());
    assert_eq!(states, ["aaaaaaaa", "aaaabaaa", "aabbaaaa", "aabbbaaa"]);
}

#[test]
fn what_grew_is_short_or_zeros() {
    let states = torn("aa", |disk, file| disk.write(file, 2, b"bbb").unwrap());
    assert_eq!(states, ["aa", "aa..", "aa...", "aa..b", "aabb", "aabb.", "aabbb"]);
}

#[test]
fn what_was_cut_off_comes_back_whole_or_not() {
    let states = torn("aaaaaa", |disk, file| disk.truncate(file, 1).unwrap());
    assert_eq!(states, ["a", "aaaa", "aaaaaa"]);
    let states = torn("aaaaaa", |disk, file| {
        disk.truncate(file, 0).unwrap();
        disk.write(file, 0, b"bb").unwrap();
    });
    // What is written anew is not there before the old text is gone.
    assert_eq!(states, ["", "..", "aaaa", "aaaaaa", "bb"]);
    let states = torn("aaaaaa", |disk, file| {
        disk.truncate(file, 1).unwrap();
        disk.write(file, 0, b"bbb").unwrap();
    });
    assert_eq!(states, ["a", "a..", "aaaa", "aaaaaa", "b", "baaa", "baaaaa", "bbb"]);
}

#[test]
fn what_was_flushed_is_kept_whatever_comes_after() {
    let states = torn("", |disk, file| {
        disk.write(file, 0, b"aaaa").unwrap();
        disk.sync(file).unwrap();
        disk.write(file, 4, b"bb").unwrap();
    });
    assert_eq!(states, ["aaaa", "aaaa..", "aaaabb"]);
    let states = torn("aaaaaaaa", |disk, file| {
        disk.truncate(file, 2).unwrap();
        disk.write(file, 6, b"bb").unwrap();
        disk.sync(file).unwrap();
    });
    assert_eq!(states, ["aa....bb"]);
}

#[test]
fn a_version_in_between_may_be_what_survives() {
    let states = torn("aaaa", |disk, file| {
        disk.write(file, 0, b"bbbb").unwrap();
        disk.write_back(&mut Best);
        disk.write(file, 0, b"cccc").unwrap();
    });
    assert_eq!(states, ["bbbb", "cccc"]);
}

#[test]
fn a_repeated_flush_loses_what_the_failed_one_dropped() {
    for (lost, shown) in [(Lost::ShowsNew, "bbbb"), (Lost::ShowsOld, "aaaa")] {
        let states = torn("aaaa", |disk, file| {
            disk.write(file, 0, b"bbbb").unwrap();
            disk.plan(When::Change(0), Fault::LoseSync(lost));
            assert!(disk.sync(file).is_err());
            assert_eq!(text(disk, "/j/a").unwrap(), shown);
            disk.sync(file).unwrap();
            assert_eq!(text(disk, "/j/a").unwrap(), shown);
        });
        assert_eq!(states, ["aaaa"], "{lost:?}");
        // What is written after it is flushed as ever; what was dropped is a hole.
        let states = torn("", |disk, file| {
            disk.write(file, 0, b"bbbb").unwrap();
            disk.plan(When::Change(0), Fault::LoseSync(lost));
            assert!(disk.sync(file).is_err());
            disk.write(file, 4, b"cc").unwrap();
            disk.sync(file).unwrap();
        });
        assert_eq!(states, ["....cc"], "{lost:?}");
    }
}

#[test]
fn dropped_bytes_are_shown_until_memory_is_short() {
    let (disk, dir) = disk();
    let file = keep(&disk, &dir, "a", "old");
    disk.write(&file, 0, b"new").unwrap();
    disk.plan(When::Change(0), Fault::LoseSync(Lost::ShowsNew));
    assert!(disk.sync(&file).is_err());
    assert_eq!(disk.read(&file, 0, 9).unwrap(), b"new");
    disk.evict();
    assert_eq!(disk.read(&file, 0, 9).unwrap(), b"old");
    // What is dirty stays.
    disk.write(&file, 0, b"new").unwrap();
    disk.evict();
    assert_eq!(disk.read(&file, 0, 9).unwrap(), b"new");
}

#[test]
fn attributes_are_flushed_with_bytes_only() {
    let mode_after = |history: fn(&SimulatedDisk, &File)| {
        let (disk, dir) = disk();
        let file = keep(&disk, &dir, "a", "text");
        history(&disk, &file);
        disk.power_cut(&mut Worst);
        disk.attributes("/j/a").unwrap().1
    };
    let unflushed = mode_after(|disk, file| {
        disk.set_mode(file, 0o644).unwrap();
        disk.sync(file).unwrap();
    });
    let flushed = mode_after(|disk, file| {
        disk.set_mode(file, 0o644).unwrap();
        disk.write(file, 0, b"more").unwrap();
        disk.sync(file).unwrap();
    });
    assert_eq!((unflushed, flushed), (0o600, 0o644));
    let (disk, dir) = disk();
    let (from, to) = (keep(&disk, &dir, "a", ""), keep(&disk, &dir, "b", ""));
    disk.outsider("/j/a", Act::SetTag(7)).unwrap();
    disk.copy_attributes(&from, &to).unwrap();
    assert_eq!(disk.attributes("/j/b").unwrap(), (7, 0o600));
}

#[test]
fn within_a_tick_the_modified_time_tells_nothing() {
    let rules = Rules { step: (1000, 0), granularity: 100, ..Rules::default() };
    let disk = SimulatedDisk::with(rules, &["/j"]);
    let file = keep(&disk, &root(&disk), "a", "text");
    let before = disk.stat(&file).unwrap();
    disk.outsider("/j/a", Act::Overwrite(0, b"TEXT".to_vec())).unwrap();
    assert!(disk.stat(&file).unwrap().is_unchanged(&before));
    disk.advance(100);
    disk.outsider("/j/a", Act::Overwrite(0, b"text".to_vec())).unwrap();
    assert!(!disk.stat(&file).unwrap().is_unchanged(&before));
    let now = disk.now();
    disk.power_cut(&mut Seeded(1));
    assert!(disk.now() > now);
}

#[test]
fn a_new_text_may_show_an_old_time() {
    let mut states = std::collections::BTreeSet::new();
    Every::each(|choices| {
        let (disk, dir) = disk();
        let file = keep(&disk, &dir, "a", "old");
        let before = disk.stat(&file).unwrap().modified;
        disk.advance(1_000_000_000);
        disk.write(&file, 0, b"new").unwrap();
        disk.power_cut(choices);
        let file = open(&disk, &root(&disk), "a", Access::Read);
        let is_old = disk.stat(&file).unwrap().modified == before;
        states.insert((text(&disk, "/j/a").unwrap(), is_old));
    });
    let states: Vec<_> = states.into_iter().collect();
    assert_eq!(states, [("new".into(), false), ("new".into(), true), ("old".into(), true)]);
}
