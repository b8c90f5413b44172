//! The promises, put to an image: what has to be there is there, once, and nothing is torn.

use std::collections::{BTreeMap, BTreeSet};

use crate::found::Found;
use crate::history::{Fact, History};
use crate::parse::{Names, Part};
use crate::text::{Block, Day, Kind, Number};

/// What became of an image.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdict {
    /// Acknowledged operations that were looked for.
    pub(crate) operations: usize,
    /// Those of them that are not in their entry but in a kept draft.
    pub(crate) kept_instead: usize,
    /// Unacknowledged appends of which a clean beginning is there.
    pub(crate) cut: usize,
    /// Drafts that were acknowledged as kept and are not.
    pub(crate) kept_lost: usize,
    /// Acknowledged bytes that are nowhere.
    pub(crate) lost: usize,
    /// A sentence for everything that must not be.
    pub(crate) violations: Vec<String>,
}

/// What is in one entry.
#[derive(Debug, Default)]
struct Entry {
    whole: Vec<Number>,
    cut: Vec<(Number, usize)>,
    zeros: usize,
    unknown: Vec<String>,
}

/// What is where.
#[derive(Debug, Default)]
struct Places {
    entries: BTreeMap<Day, Entry>,
    /// The whole blocks of each kept draft.
    kept: Vec<(Day, Vec<Number>)>,
}

/// The promises over a history, up to a power cut.
#[derive(Debug)]
pub(crate) struct Judge<'a> {
    history: &'a History,
    names: Names<'a>,
    there: BTreeSet<Number>,
    kept: BTreeSet<Number>,
    together: Vec<&'a [Number]>,
    /// Days of which an outsider may have lost everything before, and which fact says so.
    reckless: BTreeMap<Day, usize>,
    /// Which fact says that a block is there.
    since: BTreeMap<Number, usize>,
    /// Days to which an outsider wrote: only there can something be impossible to explain.
    outside: BTreeSet<Day>,
    /// A kept draft that is lost is counted, and no violation.
    lax: bool,
}

impl<'a> Judge<'a> {
    /// What holds after so many operations of the disk.
    pub(crate) fn new(history: &'a History, prefix: usize, lax: bool) -> Self {
        let names = Names::new(history.blocks.values());
        let outside = history.blocks.values().filter(|block| block.kind == Kind::Outside);
        let mut judge = Self {
            history,
            names,
            there: BTreeSet::new(),
            kept: BTreeSet::new(),
            together: Vec::new(),
            reckless: BTreeMap::new(),
            since: BTreeMap::new(),
            outside: outside.map(|block| block.day).collect(),
            lax,
        };
        for (order, dated) in history.until(prefix).enumerate() {
            match &dated.fact {
                Fact::There(number) => {
                    judge.there.insert(*number);
                    judge.since.insert(*number, order);
                }
                Fact::Kept(number) => {
                    judge.kept.insert(*number);
                }
                Fact::Together(numbers) => judge.together.push(numbers),
                Fact::Reckless(day) => {
                    judge.reckless.insert(*day, order);
                }
            }
        }
        judge
    }

    /// An append that was acknowledged after the cut.
    pub(crate) fn also(&mut self, number: Number) {
        self.there.insert(number);
        self.since.insert(number, usize::MAX);
    }

    /// Appends that were perhaps on their way: submitted, and not acknowledged. No more clients than
    /// that append at once.
    pub(crate) fn unanswered(&self) -> Vec<&'a Block> {
        let unanswered = |block: &&Block| block.kind == Kind::Append && !self.there.contains(&block.number);
        let mut blocks: Vec<&Block> = self.history.blocks.values().filter(unanswered).collect();
        blocks.sort_unstable_by_key(|block| block.number);
        blocks.truncate(4);
        blocks
    }

    /// Looks at what was found.
    pub(crate) fn look(&self, found: &Found) -> Verdict {
        let mut verdict = Verdict::default();
        let mut places = Places::default();
        for (day, bytes) in &found.entries {
            places.entries.insert(*day, self.read(*day, bytes, &mut verdict));
        }
        for kept in &found.kept {
            let parts = kept.texts.iter().flat_map(|text| self.names.parts(text));
            let whole = parts
                .filter_map(|(_, part)| if let Part::Whole(number) = part { Some(number) } else { None });
            places.kept.push((kept.day, whole.collect()));
        }
        let block = |number: &Number| self.history.blocks.get(number);
        self.there.iter().filter_map(block).for_each(|block| self.look_for(block, &places, &mut verdict));
        self.kept.iter().filter_map(block).for_each(|block| self.look_for_kept(block, &places, &mut verdict));
        for numbers in &self.together {
            self.look_together(numbers, &places, &mut verdict);
        }
        verdict
    }

    /// What is in an entry; complains of what must not be.
    fn read(&self, day: Day, bytes: &[u8], verdict: &mut Verdict) -> Entry {
        let mut entry = Entry::default();
        for (_, part) in self.names.parts(bytes) {
            match part {
                Part::Header => {}
                Part::Whole(number) => entry.whole.push(number),
                Part::Cut(number, length) => entry.cut.push((number, length)),
                Part::Zeros(count) => entry.zeros += count,
                Part::Unknown(line) => entry.unknown.push(line),
            }
        }
        let mut seen = BTreeSet::new();
        for number in entry.whole.iter().chain(entry.cut.iter().map(|(number, _)| number)) {
            if !seen.insert(number) {
                verdict.violations.push(format!("{day}: {} is there twice", self.name(*number)));
            }
        }
        let versions = entry.whole.iter().filter(|number| self.is(**number, Kind::Version));
        if versions.count() > 1 {
            verdict.violations.push(format!("{day}: there are two versions"));
        }
        if !self.reckless.contains_key(&day) {
            self.complain(day, bytes, &entry, verdict);
        }
        entry
    }

    /// Torn and empty entries.
    fn complain(&self, day: Day, bytes: &[u8], entry: &Entry, verdict: &mut Verdict) {
        if bytes.is_empty() {
            verdict.violations.push(format!("{day}: the entry is empty"));
        }
        for (number, length) in &entry.cut {
            // A reader may see the beginning of an append that was never acknowledged.
            if self.is(*number, Kind::Version) || self.there.contains(number) {
                let name = self.name(*number);
                verdict.violations.push(format!("{day}: {name} is cut after {length} bytes"));
            } else {
                verdict.cut += 1;
            }
        }
        // A hole where an outsider wrote and did not flush is the outsider's.
        let unflushed = |block: &&Block| {
            let is_his = block.kind == Kind::Outside && block.day == day;
            is_his && !self.there.contains(&block.number) && !entry.whole.contains(&block.number)
        };
        let his: usize = self.history.blocks.values().filter(unflushed).map(|block| block.size).sum();
        if entry.zeros > his {
            verdict.violations.push(format!("{day}: {} zero bytes", entry.zeros));
        }
        for line in &entry.unknown {
            verdict.violations.push(format!("{day}: nobody wrote {line}"));
        }
    }

    fn look_for(&self, block: &Block, places: &Places, verdict: &mut Verdict) {
        verdict.operations += 1;
        if places.entries.get(&block.day).is_some_and(|entry| self.holds(entry, block)) {
            return;
        }
        let reckless = self.reckless.get(&block.day);
        if reckless.is_some_and(|reckless| self.since.get(&block.number) < Some(reckless)) {
            return; // an outsider lost it
        }
        let (day, name, size) = (block.day, block.name(), block.size);
        let is_kept = self.is_kept(block, places);
        if is_kept && self.outside.contains(&day) {
            verdict.kept_instead += 1;
            return;
        }
        let but = if is_kept { "only kept, though no outsider wrote" } else { "lost" };
        verdict.lost += if is_kept { 0 } else { size };
        verdict.violations.push(format!("{day}: {name} ({size} bytes) was acknowledged and is {but}"));
    }

    /// Whether an entry holds a block, or for a version this or a later one.
    fn holds(&self, entry: &Entry, block: &Block) -> bool {
        let later = |number: &Number| self.is(*number, Kind::Version) && *number >= block.number;
        match block.kind {
            Kind::Version => entry.whole.iter().any(later),
            Kind::Append | Kind::Outside => entry.whole.contains(&block.number),
        }
    }

    /// Whether a kept draft holds a block instead of the entry; for a version this or a later one of
    /// its session, by which kept drafts are updated. That other sessions' drafts began as copies of
    /// the entry proves nothing.
    fn is_kept(&self, block: &Block, places: &Places) -> bool {
        let block_of = |number: &Number| self.history.blocks.get(number);
        let later = |number: &Number| {
            block_of(number).is_some_and(|other| {
                other.kind == Kind::Version && other.session == block.session && other.number >= block.number
            })
        };
        let copy = |number: &Number| self.is(*number, Kind::Version) && !self.there.contains(number);
        let kept = places.kept.iter().filter(|(day, _)| *day == block.day);
        kept.map(|(_, whole)| whole).any(|whole| match block.kind {
            Kind::Version => whole.iter().any(later),
            Kind::Append | Kind::Outside => whole.contains(&block.number) && !whole.iter().any(copy),
        })
    }

    fn look_for_kept(&self, block: &Block, places: &Places, verdict: &mut Verdict) {
        verdict.operations += 1;
        if !self.is_kept(block, places) {
            verdict.kept_lost += 1;
            if self.lax {
                return;
            }
            verdict.lost += block.size;
            let (day, name) = (block.day, block.name());
            verdict.violations.push(format!("{day}: {name} was acknowledged as kept and is not"));
        }
    }

    /// All or none, as long as nobody went on from there. A day to which an outsider had written may keep
    /// what it has: its bytes were merged into the version, and the power cut took them from the entry,
    /// which then is not what the version was made of. That version is a kept draft.
    fn look_together(&self, numbers: &[Number], places: &Places, verdict: &mut Verdict) {
        let blocks: Vec<&Block> =
            numbers.iter().filter_map(|number| self.history.blocks.get(number)).collect();
        let answered =
            |block: &&Block| self.kept.contains(&block.number) || self.there.contains(&block.number);
        let versions = |block: &Block| {
            let whole =
                places.entries.get(&block.day).map(|entry| entry.whole.as_slice()).unwrap_or_default();
            whole.iter().filter(|number| self.is(**number, Kind::Version)).max().copied().unwrap_or(0)
        };
        if blocks.iter().any(answered) || blocks.iter().any(|block| versions(block) > block.number) {
            return;
        }
        let is_kept = |block: &Block| {
            let mut kept = places.kept.iter().filter(|(day, _)| *day == block.day);
            self.outside.contains(&block.day) && kept.any(|(_, whole)| whole.contains(&block.number))
        };
        let (there, missing): (Vec<&Block>, Vec<&Block>) =
            blocks.iter().partition(|block| versions(block) == block.number);
        if !there.is_empty() && !missing.iter().all(|block| is_kept(block)) {
            let names: Vec<String> = blocks.iter().map(|block| block.name()).collect();
            let (count, all) = (there.len(), blocks.len());
            verdict.violations.push(format!("{} were released together: {count} of {all}", names.join(", ")));
        }
    }

    fn is(&self, number: Number, kind: Kind) -> bool {
        self.history.blocks.get(&number).is_some_and(|block| block.kind == kind)
    }

    fn name(&self, number: Number) -> String {
        self.history.blocks.get(&number).map_or_else(|| number.to_string(), Block::name)
    }
}

#[cfg(test)]
mod tests;
