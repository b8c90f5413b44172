//! Somebody who writes entries without asking.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use anyhow::Result;
use ponder_tests::Rng;

use super::{RECKLESS_DAY, Stage};
use crate::history::Fact;
use crate::text::{Block, Day, Kind};

/// He writes once after so many things that others did.
const PACE: usize = 8;

/// How he writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// `>>`
    Append,
    /// `>>` and a flush.
    AppendFlushed,
    /// A new file, flushed, renamed over the entry; and the directory flushed.
    RenameFlushed,
    /// The same without the directory, as most editors do.
    Rename,
    /// A new file that is not flushed, renamed over the entry.
    RenameReckless,
}

pub(super) fn work(stage: &Stage<'_>, mut rng: Rng) -> Result<()> {
    loop {
        stage.recorder.wait_for(stage.recorder.count() + PACE, || stage.is_over());
        if stage.is_over() {
            return Ok(());
        }
        let (day, way) = if rng.chance(1, 6) {
            (RECKLESS_DAY, Way::RenameReckless)
        } else {
            let ways = [Way::Append, Way::AppendFlushed, Way::RenameFlushed, Way::Rename];
            (stage.pick_day(&mut rng), *rng.pick(&ways))
        };
        let size = if rng.chance(1, 10) { 50_000 } else { 20 + rng.below(300) };
        write(stage, day, way, size)?;
    }
}

fn write(stage: &Stage<'_>, day: Day, way: Way, size: usize) -> Result<()> {
    let entry = stage.entry(day);
    let _alone = stage.alone(day);
    if !entry.exists() {
        return Ok(()); // an outsider who creates an entry is another story
    }
    if way == Way::RenameReckless {
        stage.recorder.note(Fact::Reckless(day))?;
    }
    let block = stage.recorder.block(Kind::Outside, day, size, 0);
    match way {
        Way::Append | Way::AppendFlushed => append(&entry, &block, way == Way::AppendFlushed)?,
        Way::RenameFlushed | Way::Rename | Way::RenameReckless => {
            replace(&entry, &block, way != Way::RenameReckless, way == Way::RenameFlushed)?;
        }
    }
    if matches!(way, Way::AppendFlushed | Way::RenameFlushed) {
        stage.recorder.note(Fact::There(block.number))?;
    }
    Ok(())
}

fn append(entry: &Path, block: &Block, flushed: bool) -> Result<()> {
    let mut file = OpenOptions::new().read(true).append(true).open(entry)?;
    // What a killed daemon left may not be a whole line.
    let mut last = [b'\n'];
    if file.metadata()?.len() > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    let newline = if last == [b'\n'] { "" } else { "\n" };
    file.write_all(format!("{newline}{}", block.text()).as_bytes())?;
    if flushed {
        file.sync_all()?;
    }
    Ok(())
}

fn replace(entry: &Path, block: &Block, flush_file: bool, flush_directory: bool) -> Result<()> {
    let mut text = fs::read(entry)?;
    if text.last().is_some_and(|last| *last != b'\n') {
        text.push(b'\n');
    }
    text.extend_from_slice(block.text().as_bytes());
    let temporary = entry.with_extension("outsider");
    let mut file = File::create(&temporary)?;
    file.write_all(&text)?;
    if flush_file {
        file.sync_all()?;
    }
    fs::rename(&temporary, entry)?;
    if flush_directory && let Some(directory) = entry.parent() {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}
