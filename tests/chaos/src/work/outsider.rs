//! Other programs: they add a line to a file, or put another file in its place, as a synchronizer does.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use anyhow::Result;
use ponder_tests::Rng;
use rustix::fs::{FlockOperation, flock};

use super::Stage;
use crate::clock::now;
use crate::days;
use crate::history::Record;

/// Writes a line to a day of outsiders, or to one that is shared with them. A full disk is their own
/// trouble.
pub(super) fn write(stage: &Stage<'_>, rng: &mut Rng) -> Result<()> {
    let day = *rng.pick(&days::of_outsiders(stage.recorder.operations()));
    let (entry, line) = (stage.world.entry(day), format!("o{}", stage.recorder.number()));
    let done = if rng.chance(1, 2) { append(&entry, &line) } else { replace(&entry, &line) };
    match done {
        Ok(true) => stage.recorder.note(Record::Outside { line, day, at: now() }),
        Ok(false) => Ok(()),
        Err(error) if error.kind() == ErrorKind::StorageFull => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// As `>>` does, into the file that is there at this moment.
fn append(entry: &Path, line: &str) -> std::io::Result<bool> {
    let mut file = File::options().create(true).append(true).open(entry)?;
    file.write_all(format!("{line}\n").as_bytes())?;
    Ok(true)
}

/// Another file in the place of the old one, which is locked meanwhile: what was appended between reading
/// and renaming would be his to lose, and nobody could judge that.
fn replace(entry: &Path, line: &str) -> std::io::Result<bool> {
    let Ok(locked) = File::open(entry) else { return Ok(false) };
    flock(&locked, FlockOperation::LockExclusive)?;
    // The daemon may have replaced it before the lock was ours.
    if fs::metadata(entry)?.ino() != locked.metadata()?.ino() {
        return Ok(false);
    }
    let text = fs::read_to_string(entry)?;
    let temporary = entry.with_extension("outsider");
    let written = File::create(&temporary).and_then(|mut file| {
        file.write_all(format!("{line}\n{text}").as_bytes())?;
        file.sync_all()
    });
    match written {
        Ok(()) => fs::rename(&temporary, entry)?,
        Err(error) => {
            let _ = fs::remove_file(&temporary); // it may not even be there
            return Err(error);
        }
    }
    Ok(true)
}
