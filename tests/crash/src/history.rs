//! What was submitted and what was acknowledged, and when: before which operation of the disk.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use ponder_tests::DEADLINE;
use serde::{Deserialize, Serialize};

use crate::control::Server;
use crate::parse::{Names, Part};
use crate::text::{Block, Day, Kind, Number};
use crate::work::OLD_DAYS;

/// The blocks that are appended after a power cut.
const PROBES: [Number; 2] = [Number::MAX - 1, Number::MAX];
/// The days that they are for.
const PROBED: [Day; 2] = [OLD_DAYS[0], 20_280_229];

/// Something that is true from a position of the disk's operations on.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) enum Fact {
    /// It was acknowledged, or fsynced by the outsider who wrote it: it has to be in its entry, or,
    /// a version, to be followed by a later one.
    There(Number),
    /// It was acknowledged as a kept draft.
    Kept(Number),
    /// These versions are submitted together: all or none.
    Together(Vec<Number>),
    /// An outsider replaces the entry by a file that he does not flush. What was in it is his to lose.
    Reckless(Day),
}

/// A fact, and how many operations there were when it became true.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Dated {
    /// It holds for prefixes that are at least as long.
    pub(crate) position: usize,
    /// What holds.
    pub(crate) fact: Fact,
}

/// Everything that happened in a recording.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct History {
    /// The first position at which a power cut is interesting.
    pub(crate) start: usize,
    /// The last one.
    pub(crate) end: usize,
    /// All blocks that were submitted.
    pub(crate) blocks: HashMap<Number, Block>,
    /// What was acknowledged, in the order in which it was.
    pub(crate) facts: Vec<Dated>,
}

impl History {
    /// What holds after that many operations.
    pub(crate) fn until(&self, prefix: usize) -> impl Iterator<Item = &Dated> {
        self.facts.iter().filter(move |dated| dated.position <= prefix)
    }

    /// What is appended after the power cut: to an old entry, or to a new one.
    pub(crate) fn probe(&self, prefix: usize) -> Option<&Block> {
        self.blocks.get(&PROBES[prefix % PROBES.len()])
    }

    pub(crate) fn save(&self, path: &Path) -> Result<()> {
        fs::write(path, serde_json::to_vec(self)?).with_context(|| path.display().to_string())
    }

    pub(crate) fn load(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| path.display().to_string())?;
        serde_json::from_slice(&bytes).with_context(|| path.display().to_string())
    }
}

/// A history that is being made, by many threads.
#[derive(Debug)]
pub(crate) struct Recorder<'a> {
    server: &'a Server,
    history: Mutex<History>,
    changed: Condvar,
}

impl<'a> Recorder<'a> {
    pub(crate) fn new(server: &'a Server) -> Self {
        Self { server, history: Mutex::default(), changed: Condvar::new() }
    }

    /// A panic while it is locked ends the whole run, whoever sees it.
    fn lock(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new block, about to be submitted. `session` is the number of its session's first version,
    /// 0 for this one.
    pub(crate) fn block(&self, kind: Kind, day: Day, size: usize, session: Number) -> Block {
        let mut history = self.lock();
        let number = Number::try_from(history.blocks.len() + 1).unwrap_or(Number::MAX);
        let session = if session == 0 { number } else { session };
        let block = Block::new(kind, number, day, size, session);
        history.blocks.insert(number, block.clone());
        block
    }

    /// Notes that something is true now: the position is asked for after it became so.
    pub(crate) fn note(&self, fact: Fact) -> Result<()> {
        let mut history = self.lock();
        let position = self.server.position()?;
        history.facts.push(Dated { position, fact });
        self.changed.notify_all();
        Ok(())
    }

    /// How many facts there are.
    pub(crate) fn count(&self) -> usize {
        self.lock().facts.len()
    }

    /// Waits until there are so many facts, or `over` says that there will be no more.
    pub(crate) fn wait_for(&self, count: usize, over: impl Fn() -> bool) {
        let waits = |history: &mut History| history.facts.len() < count && !over();
        drop(self.changed.wait_timeout_while(self.lock(), DEADLINE, waits));
    }

    /// Wakes those who wait.
    pub(crate) fn wake(&self) {
        drop(self.lock());
        self.changed.notify_all();
    }

    /// From here on a power cut is interesting.
    pub(crate) fn begin(&self) -> Result<()> {
        self.lock().start = self.server.position()?;
        Ok(())
    }

    /// A draft with another version in the place of its own.
    pub(crate) fn with_version(&self, draft: &[u8], version: &Block) -> Vec<u8> {
        Names::new(self.lock().blocks.values()).with_version(draft, version)
    }

    /// How long a draft's version is.
    pub(crate) fn version_size(&self, draft: &[u8]) -> usize {
        let history = self.lock();
        let parts = Names::new(history.blocks.values()).parts(draft);
        let versions = parts.into_iter().filter(|(_, part)| {
            let Part::Whole(number) = part else { return false };
            history.blocks.get(number).is_some_and(|block| block.kind == Kind::Version)
        });
        versions.map(|(range, _)| range.len()).max().unwrap_or(0)
    }

    /// Nothing comes after this.
    pub(crate) fn finish(self) -> Result<History> {
        let mut history = self.history.into_inner().unwrap_or_else(PoisonError::into_inner);
        history.end = self.server.position()?;
        for (number, day) in PROBES.into_iter().zip(PROBED) {
            history.blocks.insert(number, Block::new(Kind::Append, number, day, 100, number));
        }
        Ok(history)
    }
}
