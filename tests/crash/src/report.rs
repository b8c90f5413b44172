//! What is told to people.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::block::FileSystem;
use crate::control::Server;
use crate::disk::Kind;
use crate::history::{Fact, History};
use crate::judge::Verdict;
use crate::plan::Cut;

/// How many violations of a file system are told in full.
const TOLD: usize = 3;
/// How many operations before a power cut are shown.
const SHOWN: usize = 12;

/// What became of a file system's images.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) recordings: usize,
    pub(crate) images: usize,
    pub(crate) operations: usize,
    pub(crate) kept_instead: usize,
    pub(crate) cut: usize,
    pub(crate) kept_lost: usize,
    pub(crate) lost: usize,
    /// Images with a violation.
    pub(crate) failed: usize,
    /// Which image was the first.
    pub(crate) first: Option<usize>,
    pub(crate) time: Duration,
}

impl Tally {
    pub(crate) fn add(&mut self, verdict: &Verdict) {
        self.images += 1;
        self.operations += verdict.operations;
        self.kept_instead += verdict.kept_instead;
        self.cut += verdict.cut;
        self.kept_lost += verdict.kept_lost;
        self.lost += verdict.lost;
        if !verdict.violations.is_empty() {
            self.failed += 1;
            self.first.get_or_insert(self.images);
        }
    }
}

/// The table, and the line that counts.
pub(crate) fn summary(tallies: &[(FileSystem, Tally)]) {
    println!();
    println!(
        "file system  recordings  images  operations  kept instead  cut appends  kept lost  violations  bytes lost     time"
    );
    for (kind, tally) in tallies {
        println!(
            "{:11}  {:10}  {:6}  {:10}  {:12}  {:11}  {:9}  {:10}  {:10}  {:5} s{}",
            kind.name(),
            tally.recordings,
            tally.images,
            tally.operations,
            tally.kept_instead,
            tally.cut,
            tally.kept_lost,
            tally.failed,
            tally.lost,
            tally.time.as_secs(),
            tally.first.map(|first| format!("  (the first in image {first})")).unwrap_or_default(),
        );
    }
    let failed: usize = tallies.iter().map(|(_, tally)| tally.failed).sum();
    let passed: usize = tallies.iter().map(|(_, tally)| tally.images - tally.failed).sum();
    println!("\n{passed} passed, {failed} failed");
}

/// A recording.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) kind: FileSystem,
    pub(crate) seed: u64,
    pub(crate) history: History,
    /// The disk's operations.
    pub(crate) kinds: Vec<Kind>,
}

impl Recording {
    /// Tells of an image with violations, the first few in full, and saves the recording.
    pub(crate) fn tell(
        &self,
        cut: Cut,
        verdict: &Verdict,
        before: usize,
        server: &Server,
        save: &Path,
    ) -> Result<()> {
        if before >= TOLD {
            return Ok(());
        }
        let dir = self.save(server, save)?;
        let mut lines = vec![format!("VIOLATION on {}, power cut {cut}", self.kind)];
        lines.extend(verdict.violations.iter().take(8).map(|sentence| format!("  {sentence}")));
        if verdict.violations.len() > 8 {
            lines.push(format!("  and {} more", verdict.violations.len() - 8));
        }
        lines.push("  before the cut:".to_owned());
        lines.extend(self.around(cut.prefix).into_iter().map(|line| format!("    {line}")));
        let again = format!("--recording {} --only {}:{cut}", dir.display(), self.kind);
        lines.push(format!("  again: cargo run -p ponder-crash -- {again}"));
        println!("\n{}", lines.join("\n"));
        Ok(())
    }

    /// The operations before a power cut, with what was acknowledged.
    fn around(&self, prefix: usize) -> Vec<String> {
        let from = prefix.saturating_sub(SHOWN);
        let mut lines = Vec::new();
        for at in from..=prefix {
            let facts = self.history.facts.iter().filter(|dated| dated.position == at && at > from);
            lines.extend(facts.map(|dated| format!("{at:6}  {}", self.told(&dated.fact))));
            match self.kinds.get(at) {
                Some(_) if at == prefix => {}
                Some(Kind::Write(offset, length)) => lines.push(format!("{at:6} write {length} at {offset}")),
                Some(Kind::Flush) => lines.push(format!("{at:6} flush")),
                None => {}
            }
        }
        lines
    }

    fn told(&self, fact: &Fact) -> String {
        let block = |number| {
            self.history.blocks.get(number).map_or_else(String::new, |block| {
                format!("{} of {} ({} bytes)", block.name(), block.day, block.size)
            })
        };
        match fact {
            Fact::There(number) => format!("acknowledged: {}", block(number)),
            Fact::Kept(number) => format!("acknowledged as kept: {}", block(number)),
            Fact::Together(numbers) => {
                format!("released together: {}", numbers.iter().map(block).collect::<Vec<_>>().join(", "))
            }
            Fact::Reckless(day) => format!("an outsider replaces {day} without flushing"),
        }
    }

    fn save(&self, server: &Server, save: &Path) -> Result<PathBuf> {
        let dir = save.join(format!("{}-{}", self.kind, self.seed));
        fs::create_dir_all(&dir).with_context(|| dir.display().to_string())?;
        let dir = dir.canonicalize()?;
        server.save(&dir.join("stream"))?;
        self.history.save(&dir.join("history.json"))?;
        Ok(dir)
    }
}
