//! Random histories of the simulation itself.

use std::collections::BTreeSet;

use super::*;
use crate::journal::disk::Rename;
use crate::journal::disk::simulated::{Act, Replay, Rules, Seeded};

const NAMES: [&str; 3] = ["a", "b", "c"];

/// One call at random; what is refused is refused.
fn step(disk: &SimulatedDisk, dirs: &[Dir], choices: &mut impl Choices) {
    let (dir, other) = (choices.pick(dirs).clone(), choices.pick(dirs).clone());
    let (name, to) = (*choices.pick(&NAMES), *choices.pick(&NAMES));
    let file = |access| disk.open(&dir, name, access).ok().flatten();
    match choices.choose(12) {
        0 | 1 => _ = disk.create(&dir, name, 0o600),
        2 => _ = disk.rename((&dir, name), (&other, to), Rename::Replace),
        3 => _ = disk.rename((&dir, name), (&other, to), Rename::Exchange),
        4 => _ = disk.link((&dir, name), (&other, to)),
        5 => _ = disk.unlink(&dir, name),
        6 => _ = file(Access::Append).map(|file| disk.append(&file, b"0123456789")),
        7 => _ = file(Access::Write).map(|file| disk.write(&file, choices.choose(40) as u64, b"abcdefg")),
        8 => _ = file(Access::Write).map(|file| disk.truncate(&file, choices.choose(40) as u64)),
        9 => _ = file(Access::Read).map(|file| disk.sync(&file)),
        10 => _ = disk.sync_dir(&dir),
        _ => disk.write_back(choices),
    }
}

fn dirs(disk: &SimulatedDisk) -> Vec<Dir> {
    let dir = root(disk);
    _ = disk.make_dir(&dir, "d");
    vec![disk.open_dir(&dir, "d").unwrap(), dir]
}

fn flush_all(disk: &SimulatedDisk, dirs: &[Dir]) {
    for dir in dirs {
        for name in NAMES {
            if let Some(file) = disk.open(dir, name, Access::Read).unwrap() {
                disk.sync(&file).unwrap();
            }
        }
        disk.sync_dir(dir).unwrap();
    }
}

#[test]
fn what_was_flushed_survives_any_power_cut() {
    for seed in 0..2000 {
        let choices = &mut Seeded(seed);
        let disk = SimulatedDisk::new(&["/j"]);
        // Twice, so that the second time numbers and names of the first are used again.
        for _ in 0..2 {
            let dirs = dirs(&disk);
            for _ in 0..choices.choose(30) {
                step(&disk, &dirs, choices);
            }
            flush_all(&disk, &dirs);
            assert!(disk.world().is_settled(), "seed {seed}");
            let before = disk.all_files();
            disk.evict();
            assert_eq!(disk.all_files(), before, "seed {seed}");
            disk.power_cut(choices);
            assert_eq!(disk.all_files(), before, "seed {seed}");
        }
    }
}

#[test]
fn no_two_files_have_one_number() {
    for seed in 0..1000 {
        let choices = &mut Seeded(seed);
        let disk = SimulatedDisk::new(&["/j"]);
        for _ in 0..3 {
            let dirs = dirs(&disk);
            for _ in 0..choices.choose(20) {
                step(&disk, &dirs, choices);
                no_number_twice(&disk, seed);
            }
            disk.power_cut(choices);
            no_number_twice(&disk, seed);
        }
    }
}

fn no_number_twice(disk: &SimulatedDisk, seed: u64) {
    let world = disk.world();
    let mut numbers = BTreeSet::new();
    for (id, node) in world.nodes.iter().enumerate() {
        if world.cached.names(id) > 0 {
            assert!(numbers.insert(node.number), "seed {seed}");
        }
    }
}

#[test]
fn the_same_choices_give_the_same_history() {
    let run = |choices: &mut dyn Choices| {
        let rules = Rules { trace: 100, ..Rules::default() };
        let disk = SimulatedDisk::with(rules, &["/j"]);
        let dirs = dirs(&disk);
        disk.plan_outsider(When::Change(3), "/j/a", Act::Append(b"x".to_vec()));
        for _ in 0..30 {
            step(&disk, &dirs, &mut |alternatives| choices.choose(alternatives));
        }
        disk.power_cut(choices);
        (disk.trace(), disk.all_files())
    };
    assert_eq!(run(&mut Seeded(7)), run(&mut Seeded(7)));
    assert_ne!(run(&mut Seeded(7)), run(&mut Seeded(8)));
}

#[test]
fn every_sequence_of_choices_comes_once_and_can_be_had_again() {
    let mut seen = BTreeSet::new();
    let run = |choices: &mut dyn Choices| {
        let first = choices.choose(3);
        // What is asked depends on what was answered.
        (first, (0..first).map(|_| choices.choose(2)).collect::<Vec<_>>(), choices.choose(1))
    };
    let runs = Every::each(|every| {
        let outcome = run(every);
        assert_eq!(run(&mut Replay::new(every.taken())), outcome);
        seen.insert(outcome);
    });
    assert_eq!((runs, seen.len()), (1 + 2 + 4, 7));
}

#[test]
fn chances_are_even() {
    let mut seeded = Seeded(1);
    let mut counts = [0_u32; 5];
    for _ in 0..5000 {
        counts[seeded.choose(5)] += 1;
    }
    assert!(counts.iter().all(|count| (900..1100).contains(count)), "{counts:?}");
}
