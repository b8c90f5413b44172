//! Versions that were replaced. A program that had one open may write to it still: what comes late
//! is not lost.

use ponder_proto::{EntryName, KeptReason, OperationId};

use super::Writer;
use crate::journal::Digest;
use crate::journal::disk::{Access, Disk, OpenError, Stat};
use crate::journal::log::Displaced;

/// How often a version is looked at where the system cannot tell whether somebody writes to it: for
/// some seconds, further and further apart.
const GRACE: u32 = 10;

/// A version that somebody may still write to.
#[derive(Debug)]
pub(super) struct Watched<D: Disk> {
    pub(super) displaced: Displaced,
    looks: u32,
    /// What it was when it was last read.
    read: Option<Stat>,
    /// Open as long as it is watched: its inode's number is not given to another file.
    file: Option<D::File>,
}

/// Whether a version has to be watched on.
#[derive(PartialEq, Eq)]
enum Writers {
    Gone,
    Perhaps,
}

impl<D: Disk> Writer<D> {
    /// Lets a replaced version go, at the next look: whoever waits for the new one need not wait for
    /// that.
    pub(super) fn retire(&mut self, entry: EntryName, name: &str, by: u64, digest: Digest, length: u64) {
        let displaced = Displaced { entry, name: name.to_owned(), by, digest, length };
        self.displaced.push(Watched { displaced, looks: 0, read: None, file: None });
    }

    /// Lets a replaced version go, at once if nobody can write to it any more.
    pub(super) fn watch(&mut self, displaced: Displaced) {
        let mut watched = Watched { displaced, looks: 0, read: None, file: None };
        if self.look_at_displaced(&mut watched) == Writers::Perhaps {
            self.displaced.push(watched);
        }
    }

    /// Looks at all of them again. Says whether some are left.
    pub(super) fn look_at_all_displaced(&mut self) -> bool {
        for mut watched in std::mem::take(&mut self.displaced) {
            if self.look_at_displaced(&mut watched) == Writers::Perhaps {
                self.displaced.push(watched);
            }
        }
        !self.displaced.is_empty()
    }

    fn look_at_displaced(&mut self, watched: &mut Watched<D>) -> Writers {
        watched.looks += 1;
        let Ok((side, _)) = self.entries.side() else { return Writers::Perhaps };
        if watched.file.is_none() {
            match self.entries.disk.open(&side, &watched.displaced.name, Access::Read) {
                Ok(Some(file)) => watched.file = Some(file),
                // Removed by whoever tidies up, or no file of ours.
                Ok(None) | Err(OpenError::NotPlain(_)) => return Writers::Gone,
                Err(OpenError::Io(_)) => return Writers::Perhaps,
            }
        }
        let Some(file) = &watched.file else { return Writers::Perhaps };
        let now = match self.entries.disk.stat(file) {
            // The version that was to replace it: the two never changed places.
            Ok(stat) if stat.inode == watched.displaced.by => {
                self.entries.discard(&side, &watched.displaced.name);
                return Writers::Gone;
            }
            Ok(stat) => stat,
            Err(_) => return Writers::Perhaps,
        };
        let gone = match self.entries.disk.nobody_writes(file) {
            Ok(Some(gone)) => gone,
            Ok(None) => watched.looks > GRACE,
            Err(_) => false,
        };
        // Whoever keeps it open for days does not have it read every second.
        if !gone && watched.read.is_some_and(|read| read.is_unchanged(&now)) {
            return Writers::Perhaps;
        }
        watched.read = Some(now);
        // After that question: what was written before the last writer was gone is read now.
        if !self.take_late_bytes(watched) || !gone {
            return Writers::Perhaps;
        }
        self.entries.discard(&side, &watched.displaced.name);
        Writers::Gone
    }

    /// Takes up what was written into the version since it was replaced. Says whether all is well.
    fn take_late_bytes(&mut self, watched: &mut Watched<D>) -> bool {
        let Watched { displaced, file: Some(file), .. } = watched else { return true };
        let disk = &self.entries.disk;
        let Ok(length) = disk.stat(file).map(|stat| usize::try_from(stat.length).unwrap_or(usize::MAX))
        else {
            return false;
        };
        let Ok(text) = disk.read(file, 0, length) else { return false };
        let known = usize::try_from(displaced.length).unwrap_or(usize::MAX);
        let now = Digest::of(&text);
        if now == displaced.digest {
            return true;
        }
        let entry = displaced.entry;
        // One that was cut to nothing and written again is a version of its own.
        let grown =
            known > 0 && text.get(..known).is_some_and(|before| Digest::of(before) == displaced.digest);
        let taken = if grown {
            tracing::info!(%entry, bytes = text.len() - known, "late bytes of another program");
            // The same bytes have the same id: a daemon that dies here does not add them twice.
            let told = [displaced.name.as_bytes(), &displaced.length.to_le_bytes(), &now.bytes()].concat();
            let id = Digest::of(&told).bytes().first_chunk().map_or_else(crate::random_bytes, |id| *id);
            self.append_late(entry, &text[known..], OperationId(id))
        } else {
            self.keep(entry, &text, KeptReason::WrittenLate)
        };
        if taken {
            (displaced.digest, displaced.length) = (now, text.len() as u64);
        }
        taken
    }

    /// Adds another program's late text to the entry as it is now.
    pub(super) fn append_late(&mut self, entry: EntryName, text: &[u8], id: OperationId) -> bool {
        let (sender, receiver) = std::sync::mpsc::channel();
        let append = ponder_proto::Append {
            entry,
            text: ponder_proto::Text(text.to_vec()),
            operation: None,
            time: None,
        };
        let answer = Box::new(move |result: Result<_, _>| {
            let _ = sender.send(result.is_ok()); // it is heard below, or not at all
        });
        self.append(append, id, answer);
        self.finish();
        receiver.try_recv().unwrap_or(false)
    }

    /// Puts a text aside as a kept draft. Says whether it is safe there.
    pub(super) fn keep(&self, entry: EntryName, text: &[u8], why: KeptReason) -> bool {
        match self.slots.keep_text(entry, text, why) {
            Ok(kept) => {
                tracing::warn!(%entry, draft = kept.id(), "kept: {}", why.sentence());
                true
            }
            Err(fault) => {
                tracing::error!(%entry, %fault, "a text could not be kept; it stays where it is");
                false
            }
        }
    }

    /// Keeps what a file holds if it is not what it should be. Says whether it may go.
    pub(super) fn keep_if_changed(&self, entry: EntryName, file: &D::File, expected: Digest) -> bool {
        let disk = &self.entries.disk;
        let text = disk
            .stat(file)
            .and_then(|stat| disk.read(file, 0, usize::try_from(stat.length).unwrap_or(usize::MAX)));
        text.is_ok_and(|text| {
            Digest::of(&text) == expected || self.keep(entry, &text, KeptReason::WrittenLate)
        })
    }
}
