//! Commits that are taken back: somebody wrote to an entry right before its version took its place.

use std::io;

use ponder_proto::KeptReason;

use super::Writer;
use super::anew::NAME;
use super::publish::{Publication, Step, Version};
use crate::journal::disk::Disk;
use crate::journal::log::{Number, Record};
use crate::journal::{Digest, Fault};

impl<D: Disk> Writer<D> {
    /// Takes back what has been published of a commit. If its record stays, all of its entries are judged by
    /// that at the next checkpoint, also those whose turn had not come: all or none.
    pub(super) fn undo_first(
        &mut self,
        number: Number,
        steps: &mut [Step<D>],
        last: usize,
    ) -> Result<bool, Fault> {
        let undone = self.undo(number, &mut steps[..=last]);
        if undone.is_err() {
            for step in steps.iter() {
                self.flush_failed(step.publication.entry, NAME);
            }
        }
        undone
    }

    /// Takes publications back, the last of which may not have come to pass, and the record with
    /// them. What somebody wrote into our version in between is kept.
    ///
    /// Replay knows nothing of a record that was withdrawn: what it is about has to be flushed by then.
    /// Where that fails the record stays, and it is judged as replay would, at the latest by that: then the
    /// version may become the entry's after all.
    ///
    /// Says whether everything is as it was.
    fn undo(&mut self, number: Number, steps: &mut [Step<D>]) -> Result<bool, Fault> {
        let mut is_as_before = true;
        for step in steps.iter_mut().rev() {
            is_as_before &= self.undo_one(step);
        }
        for step in steps.iter() {
            let entry = step.publication.entry;
            self.touched.insert(entry);
            let (Some(file), true, Some(before)) = (&step.writable, step.is_written, step.before) else {
                continue;
            };
            if let Err(source) = self.entries.disk.sync(file) {
                self.flush_failed(entry, before.inode);
                return Err(Fault::Unknown { path: step.place.path.clone(), source });
            }
        }
        if let Err(fault) = self.sync_names(steps) {
            if fault.is_of_the_disk() {
                self.names_failed();
            }
            return Err(fault);
        }
        self.log.add(&Record::Withdrawn(number));
        let flushed = self.log.flush().map_err(|not| {
            let path = steps.first().map(|step| step.place.path.clone()).unwrap_or_default();
            Fault::Unknown { path, source: io::Error::other(Fault::from(not).to_string()) }
        });
        flushed.map(|()| is_as_before)
    }

    /// Says whether its entry is as it was, but for what somebody else did.
    fn undo_one(&mut self, step: &mut Step<D>) -> bool {
        let Publication { version, text, entry, .. } = &step.publication;
        let taken = self.take_back(step);
        let is_as_before = taken.is_ok();
        match taken {
            Ok(true) => {}
            // Never exchanged; or somebody replaced our version by his, and what ours had replaced may
            // hold what nobody has looked at.
            Ok(false) => self.retire_old(step),
            Err(fault) => {
                tracing::error!(%entry, %fault, "a commit could not be taken back; its draft is kept");
                self.retire_old(step);
            }
        }
        if let Version::Staged(staged) = version {
            step.holds_more = !self.keep_if_changed(*entry, &staged.file, Digest::of(text));
        }
        is_as_before
    }

    /// Says whether what it had replaced is in its place again.
    fn take_back(&self, step: &Step<D>) -> Result<bool, Fault> {
        let Publication { version, seen, .. } = &step.publication;
        let place = &step.place;
        match (version, seen) {
            (Version::InPlace { .. }, _) if !step.is_written => Ok(true),
            (Version::InPlace { old }, _) => {
                let written = step.writable.as_ref().map_or(Ok(()), |file| self.write_over(file, old, place));
                // The record that has it is withdrawn: it has to be somewhere.
                written.map(|()| true).inspect_err(|_| {
                    self.keep(step.publication.entry, old, KeptReason::WrittenLate);
                })
            }
            (Version::Staged(staged), _) if !self.entries.is_there(place, staged.stat.inode)? => Ok(false),
            (Version::Staged(staged), None) => {
                let entry = (&*place.dir, place.name.as_str());
                let renamed = self.entries.disk.rename_new(entry, (&staged.side, &staged.name));
                renamed.map(|()| true).map_err(Fault::at("take back", &place.path))
            }
            (Version::Staged(staged), Some(seen)) => {
                self.entries.exchange(&staged.side, &staged.name, &seen.place).map(|()| true)
            }
        }
    }

    pub(super) fn discard_version(&self, step: &Step<D>) {
        if let Version::Staged(staged) = &step.publication.version
            && !step.holds_more
            && self.entries.disk.look(&staged.side, &staged.name).ok().flatten().map(|(_, inode)| inode)
                == Some(staged.stat.inode)
        {
            self.entries.discard(&staged.side, &staged.name);
        }
    }

    pub(super) fn retire_old(&mut self, step: &Step<D>) {
        let Publication { entry, base, version, seen, .. } = &step.publication;
        let (Version::Staged(staged), Some(_), Some(base)) = (version, seen, base) else { return };
        let length = step.before.map_or(0, |before| before.length);
        self.retire(*entry, &staged.name, staged.stat.inode, Digest::finish(base), length);
    }
}
