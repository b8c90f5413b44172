//! Which power cuts are looked at.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use ponder_tests::Rng;

use crate::disk::{ALL, Kind, NONE};
use crate::history::History;

/// A power cut: when, and what became of the writes after the last flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cut {
    /// How many operations had been done.
    pub(crate) prefix: usize,
    /// What survived of them.
    pub(crate) seed: u64,
}

impl Cut {
    /// Another power cut while this one is recovered from, by the first so many operations; for a
    /// third of the cuts, since it costs as much as half an image.
    pub(crate) fn during(self, recovered: usize) -> Option<Self> {
        let mut rng = Rng::new(&[self.seed, self.prefix as u64, 3]);
        let wanted = rng.chance(1, 3);
        wanted.then(|| Self { prefix: rng.below(recovered + 1), seed: rng.below(5) as u64 })
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.prefix, self.seed)
    }
}

impl FromStr for Cut {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let cut = text
            .split_once(':')
            .and_then(|(prefix, seed)| Some(Self { prefix: prefix.parse().ok()?, seed: seed.parse().ok()? }));
        cut.ok_or_else(|| format!("{text:?} is not PREFIX:SEED"))
    }
}

/// Chooses up to `count` cuts of a recording, the earliest first: it makes images fast.
pub(crate) fn cuts(history: &History, kinds: &[Kind], count: usize, seed: u64) -> Vec<Cut> {
    let mut rng = Rng::new(&[seed]);
    let mut wanted = BTreeSet::new();
    // The sharpest first: right after somebody was told something, and around each flush.
    for round in 0..8 {
        let mut cuts = [told(history, round), flushed(history, kinds, round), between(history, &mut rng)];
        for cuts in &mut cuts {
            rng.shuffle(cuts);
        }
        let [told, flushed, between] = cuts;
        let mut sources = [told.into_iter(), flushed.into_iter(), between.into_iter()];
        let mut dry = 0;
        while dry < sources.len() && wanted.len() < count {
            dry = 0;
            // Two of the first two kinds for one of the third.
            for source in [0, 1, 0, 1, 2] {
                match sources[source].next() {
                    Some(cut) if wanted.len() < count => drop(wanted.insert(simple(kinds, cut))),
                    Some(_) => {}
                    None => dry += 1,
                }
            }
        }
    }
    wanted.into_iter().collect()
}

/// Right after an acknowledgement: nothing else, or some of it.
fn told(history: &History, round: u64) -> Vec<Cut> {
    let seed = if round == 0 { NONE } else { round + 1 };
    history.facts.iter().map(|dated| Cut { prefix: dated.position.max(history.start), seed }).collect()
}

/// Before a flush with all, nothing, or some of what it would have flushed.
fn flushed(history: &History, kinds: &[Kind], round: u64) -> Vec<Cut> {
    let flushes = kinds.iter().enumerate().filter(|(_, kind)| **kind == Kind::Flush);
    let seeds = [ALL, NONE, round + 2, round + 20];
    let seeds = if round == 0 { &seeds[..3] } else { &seeds[2..] };
    let at = flushes.map(|(at, _)| at).filter(|at| (history.start..history.end).contains(at));
    at.flat_map(|prefix| seeds.iter().map(move |seed| Cut { prefix, seed: *seed })).collect()
}

/// Anywhere.
fn between(history: &History, rng: &mut Rng) -> Vec<Cut> {
    let length = history.end - history.start + 1;
    let mut cut = || Cut { prefix: history.start + rng.below(length), seed: rng.below(1_000) as u64 };
    (0..length).map(|_| cut()).collect()
}

/// The same image has one name.
fn simple(kinds: &[Kind], cut: Cut) -> Cut {
    let last = kinds[..cut.prefix.min(kinds.len())].iter().rposition(|kind| *kind == Kind::Flush);
    let safe = last.map_or(0, |last| last + 1);
    if safe == cut.prefix { Cut { prefix: cut.prefix, seed: ALL } } else { cut }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Dated, Fact};

    fn recording() -> (History, Vec<Kind>) {
        let kinds = (0..200).map(|at| if at % 5 == 4 { Kind::Flush } else { Kind::Write(at, 512) });
        let facts = [57, 58, 100].map(|position| Dated { position, fact: Fact::There(1) });
        (History { start: 50, end: 200, facts: facts.into(), ..History::default() }, kinds.collect())
    }

    #[test]
    fn cuts_are_different_and_the_sharpest_come_first() {
        let (history, kinds) = recording();
        let few = cuts(&history, &kinds, 20, 1);
        assert_eq!(few.len(), 20);
        assert!(few.is_sorted() && few.iter().all(|cut| (50..=200).contains(&cut.prefix)), "{few:?}");
        assert!(
            few.contains(&Cut { prefix: 57, seed: NONE }) && few.contains(&Cut { prefix: 58, seed: NONE })
        );
        assert!(few.contains(&Cut { prefix: 100, seed: ALL }), "nothing to lose: an image has one name");
        let many = cuts(&history, &kinds, 500, 1);
        assert!(many.len() > 300, "{}", many.len());
    }
}
