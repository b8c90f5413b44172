//! Entries that are written over where they are, because a new file cannot take their place: they have
//! several names, or stand in a directory that takes no file. Not in one step, so that what they were
//! and what they have to be is in the log first.

use std::io;

use ponder_proto::EntryName;

use super::Writer;
use super::publish::Step;
use crate::journal::disk::{Access, Disk};
use crate::journal::entries::Place;
use crate::journal::log::{Commit, Part, Record, Way};
use crate::journal::{Digest, Fault};

impl<D: Disk> Writer<D> {
    /// Writes an entry over, if it is what was seen still: the flush of the log took its time.
    pub(super) fn write_if_unchanged(&self, step: &mut Step<D>) -> Result<bool, Fault> {
        let Some(file) = &step.writable else { return Ok(false) };
        let failed = Fault::at::<io::Error>("look at", &step.place.path);
        let now = self.entries.disk.stat(file).map_err(&failed)?;
        let is_unchanged = step.before.is_some_and(|before| before.is_unchanged(&now));
        let base = step.publication.base.as_ref().map(Digest::finish);
        if !is_unchanged || Some(self.digest(file).map_err(failed)?) != base {
            return Ok(false);
        }
        step.is_written = true;
        self.write_over(file, &step.publication.text, &step.place).map(|()| true)
    }

    /// Not in one step, and only where no other way is left: the old text is in the log.
    pub(super) fn write_over(&self, file: &D::File, text: &[u8], place: &Place<D>) -> Result<(), Fault> {
        let disk = &self.entries.disk;
        let written = disk.write(file, 0, text).and_then(|()| disk.truncate(file, text.len() as u64));
        written.map_err(Fault::at("write over", &place.path))
    }

    /// As `replace`, where a file can only be written over. What it is on its way from and to is in the
    /// log first: who is interrupted goes on from there.
    pub(super) fn replace_in_place(
        &mut self,
        entry: EntryName,
        inode: u64,
        found: &[u8],
        text: &[u8],
    ) -> Result<bool, Fault> {
        let writable = self.entries.open(entry, Access::Write)?;
        let Some(writable) = writable.filter(|writable| writable.stat.inode == inode) else {
            return Ok(false);
        };
        let way = Way::InPlace { old: found.to_vec(), new: text.to_vec() };
        let (base, digest) = (Some(Digest::of(found)), Digest::of(text));
        let part = Part { entry, base, digest, length: text.len() as u64, way };
        let number = self.log.add(&Record::Commit(Commit::of_the_log(part)));
        self.log.flush()?;
        if self.digest(&writable.file).map_err(Fault::at("look at", &writable.place.path))?
            != Digest::of(found)
        {
            self.log.add(&Record::Withdrawn(number));
            return Ok(false);
        }
        self.write_over(&writable.file, text, &writable.place)?;
        let _ = self.log.note(&Record::Published(vec![number])); // without it the next start compares
        Ok(true)
    }
}
