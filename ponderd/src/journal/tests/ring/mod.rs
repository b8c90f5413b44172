//! Ring (a) of the proof: histories on a simulated disk.
//!
//! `ops` are histories as data, `make` makes them, `driver` lets them happen, `oracle` says what has to be true.
//! A history is known by its seed alone: `PONDER_SEED=7 cargo test -p ponderd ring` has it again, and
//! `PONDER_HISTORIES=1000000 cargo test -p ponderd ring` runs as many, from that seed if both are given.

#![allow(
    clippy::cast_possible_truncation,
    clippy::match_same_arms,
    clippy::needless_for_each,
    clippy::trivially_copy_pass_by_ref,
    reason = "numbers of a simulation are small; a table of cases is read case by case"
)]

mod doings;
mod driver;
mod ends;
mod exhaustive;
mod flushes;
mod keepers;
mod make;
mod ops;
mod oracle;

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use self::driver::Ring;
use self::make::history;
use self::ops::Op;

/// How many histories run if nobody says otherwise.
const HISTORIES: u64 = 2000;

/// How many calls of a failed history are printed.
const CALLS: usize = 200;

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|text| text.parse().expect("a whole number"))
}

/// Lets a history happen. Says why it may not have, and the last calls.
fn run(seed: u64, ops: &[Op], trace: usize) -> Result<(), (String, Vec<String>)> {
    crate::chance::seed(seed);
    let mut ring = Ring::new(trace).expect("an empty disk");
    let done = catch_unwind(AssertUnwindSafe(|| {
        for op in ops {
            ring.step(op)?;
        }
        ring.conclude(seed)
    }));
    let done = done.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        Err(format!("a panic: {}", text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("?")))
    });
    done.map_err(|why| (why, ring.disk.trace()))
}

/// What is wrong, whatever text it is about.
fn kind(why: &str) -> String {
    let why = why.split("; Fate").next().unwrap_or(why);
    let why = why.split_once('>').map_or(why, |(_, why)| why);
    why.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

/// Leaves out what the failure does not need.
fn shorter(seed: u64, mut ops: Vec<Op>) -> Vec<Op> {
    // Another failure is another history.
    let kind = |ops: &[Op]| run(seed, ops, 0).err().map(|(why, _)| kind(&why));
    let failure = kind(&ops);
    let mut at = ops.len();
    while at > 0 {
        at -= 1;
        let mut fewer = ops.clone();
        fewer.remove(at);
        if kind(&fewer) == failure {
            ops = fewer;
        }
    }
    ops
}

fn report(seed: u64, ops: Vec<Op>) -> String {
    let ops = if number("PONDER_WHOLE").is_some() { ops } else { shorter(seed, ops) };
    let (why, calls) = run(seed, &ops, CALLS).expect_err("it failed before");
    format!("history {seed}: {why}\n{}\nthe last calls:\n{}", say(&ops), calls.join("\n"))
}

fn say(ops: &[Op]) -> String {
    ops.iter().map(|op| format!("{op:?}")).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_history_keeps_the_promises() {
    let (first, count) = match (number("PONDER_SEED"), number("PONDER_HISTORIES")) {
        (Some(seed), count) => (seed, count.unwrap_or(1)),
        (None, count) => (0, count.unwrap_or(HISTORIES)),
    };
    let last = first + count;
    let next = AtomicU64::new(first);
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= last {
                return None;
            }
            let ops = history(seed);
            if run(seed, &ops, 0).is_err() {
                next.store(last, Ordering::Relaxed);
                return Some((seed, ops));
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(4);
    let failed = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .filter_map(|thread| thread.join().expect("it says why"))
            .min_by_key(|(seed, _)| *seed)
    });
    if let Some((seed, ops)) = failed {
        panic!("{}", report(seed, ops));
    }
}

/// As long as `make` makes them of their seeds.
#[test]
fn histories_that_failed_once_keep_the_promises() {
    for seed in [
        9_471_107,  // a draft was left under the name that it has while it is looked at a last time
        9_544_625,  // a daemon died right after a flush that failed, and nobody knew of it
        9_881_311,  // an operation was asked for again that another program's version holds already
        9_892_169,  // the power went while an entry was written over in place, with an append behind it
        10_222_131, // the same, by a shorter text
        10_407_703, // what was restored was not flushed where another program kept the other entry
        10_966_811, // somebody replaced an entry by what the disk showed of it after a flush had failed
        11_199_461, // (the oracle) what a user took out came once more, by another operation
        11_380_489, // (the oracle) somebody wrote into a file of two names while it was written over
        11_418_853, // half of what somebody was writing was written anew
        20_082_157, // (the oracle) an editor in place wrote over what it left as it was
        20_447_651, // a commit of two that could not be taken back was done by half for good
    ] {
        assert!(run(seed, &history(seed), 0).is_ok(), "{}", report(seed, history(seed)));
    }
}

#[test]
#[ignore = "how many fail, and of what"]
fn survey() {
    let last = number("PONDER_HISTORIES").unwrap_or(HISTORIES);
    let mut found = std::collections::BTreeMap::<String, Vec<u64>>::new();
    for seed in 0..last {
        if let Err((why, _)) = run(seed, &history(seed), 0) {
            found.entry(kind(&why)).or_default().push(seed);
        }
    }
    for (why, seeds) in found {
        println!("{:5} {why}: {:?}", seeds.len(), &seeds[..seeds.len().min(6)]);
    }
}
