//! Every short history, ended at every call in every way.

use super::driver::{Outcomes, Ring};
use super::ops::{Add, Begin, Crash, Deed, Edit, How, Kind, Mark, Op};
use super::{number, say};
use crate::journal::disk::simulated::Every;

/// How many survivors of a power cut are looked at, of one history's one call.
fn survivors() -> u64 {
    if number("PONDER_HISTORIES").is_some() { 500 } else { 40 }
}

/// What a history is made of: some ops that only make sense one after the other.
fn alphabet(at: usize) -> Vec<Vec<Op>> {
    let mark = |number| Mark(u32::try_from(at * 10 + number).unwrap());
    let add = |number| Add { day: 0, mark: mark(number), id: mark(number).0, ended: number != 3 };
    let begin = |kind| Op::Begin(Begin { kind, day: 0, opens: true });
    let edit = |number| Op::Edit { session: 0, edit: Edit::AddLast(mark(number)), rename: false };
    let over = |number| Op::Edit { session: 0, edit: Edit::Insert(0, mark(number)), rename: true };
    let save = Op::Save { session: 0, editor_lives: true };
    let finish = Op::Finish { session: 0, how: How::Succeeded };
    let lock = |deed| Op::Outsider(0, deed);
    vec![
        vec![Op::Append(vec![add(1), add(2)])],
        vec![Op::Append(vec![add(3)])],
        vec![Op::Append(vec![add(1), Add { day: 1, ..add(4) }])],
        vec![begin(Kind::OnSave), edit(5), save],
        vec![over(6), finish.clone()],
        vec![begin(Kind::OnExit), edit(7), finish],
        vec![Op::Checkpoint],
        vec![lock(Deed::Append(mark(8)))],
        vec![lock(Deed::Replace(Edit::Insert(1, mark(9))))],
        vec![lock(Deed::Lock), Op::Append(vec![add(2)]), lock(Deed::Close), Op::Idle],
    ]
}

/// The history of these letters.
fn word(letters: &[usize]) -> Vec<Op> {
    letters.iter().enumerate().flat_map(|(at, letter)| alphabet(at + 1).swap_remove(*letter)).collect()
}

fn words(length: u32) -> impl Iterator<Item = Vec<usize>> {
    let letters = alphabet(0).len();
    (0..letters.pow(length))
        .map(move |number| (0..length).map(|place| number / letters.pow(place) % letters).collect())
}

/// Runs a history up to a call of its last letter; nothing if it has not that many.
fn stopped(ops: &[Op], before: usize, call: u64) -> Result<Option<Ring>, String> {
    crate::chance::seed(1);
    let mut ring = Ring::new(0)?;
    for op in &ops[..before] {
        ring.step(op)?;
    }
    ring.stop_at(call);
    for op in &ops[before..] {
        ring.perform_and_settle(op)?;
        if ring.disk.is_dead() {
            return Ok(Some(ring));
        }
    }
    Ok(None)
}

/// How the end of the daemon goes on: the ways in which it is looked at.
fn ways() -> [Crash; 5] {
    let cut = |seed| Crash { power: Some(seed), ..Crash::KILL };
    [Crash::KILL, Crash { reboot: true, ..Crash::KILL }, cut(0), cut(1), cut(7)]
}

fn end(ring: &Ring, crash: &Crash) -> Outcomes {
    let mut ring = ring.fork();
    ring.restart(crash)?;
    ring.conclude(crash.power.unwrap_or(3))
}

/// Every call of a history's last letter. Says how many ends there were.
fn every_call(letters: &[usize]) -> u64 {
    let ops = word(letters);
    let before = word(&letters[..letters.len() - 1]).len();
    let mut ends = 0;
    for call in 1.. {
        let fail = |why: String| -> ! { panic!("letters {letters:?}, call {call}: {why}\n{}", say(&ops)) };
        let ring = stopped(&ops, before, call).unwrap_or_else(|why| fail(why));
        let Some(ring) = ring else { break };
        for crash in ways() {
            end(&ring, &crash).unwrap_or_else(|why| fail(format!("{crash:?}: {why}")));
            ends += 1;
        }
        if letters.len() == 1 {
            ends += every_survivor(&ring).unwrap_or_else(|why| fail(why));
            ends += every_recovery(&ring).unwrap_or_else(|why| fail(why));
        }
    }
    ends
}

/// Everything that a power cut can leave, or a part of it.
fn every_survivor(ring: &Ring) -> Result<u64, String> {
    let mut every = Every::default();
    let most = survivors();
    for runs in 1..=most {
        let mut ring = ring.fork();
        ring.power_cut(&mut every)?;
        ring.conclude(runs).map_err(|why| format!("survivors {:?}: {why}", every.taken()))?;
        if !every.advance() {
            return Ok(runs);
        }
    }
    Ok(most)
}

/// Recovery ended at every call, and then once more.
fn every_recovery(ring: &Ring) -> Result<u64, String> {
    let mut ends = 0;
    let [kill, reboot, nothing, all, some] = ways();
    let long = number("PONDER_HISTORIES").is_some();
    let ways = if long { vec![kill, reboot, nothing, all, some] } else { vec![kill, nothing] };
    for crash in ways {
        for call in 1.. {
            let mut ring = ring.fork();
            let again = Crash { again: vec![call], ..crash.clone() };
            ring.restart(&again).map_err(|why| format!("{again:?}: {why}"))?;
            ring.conclude(3).map_err(|why| format!("{again:?}: {why}"))?;
            ends += 1;
            if !ring.was_ended_again {
                break;
            }
        }
    }
    Ok(ends)
}

#[test]
fn every_short_history_ends_well_at_every_call() {
    // The long run goes one letter further.
    let longest = if number("PONDER_HISTORIES").is_some() { 3 } else { 2 };
    let all: Vec<Vec<usize>> = (1..=longest).flat_map(words).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = || {
        let mut ends = 0;
        while let Some(letters) = all.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
            ends += every_call(letters);
        }
        ends
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(4);
    let ends: u64 = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().expect("it said why")).sum()
    });
    println!("{} histories, {ends} ends", all.len());
    assert!(ends > 1000);
}
