//! Checkpoints: what is published becomes durable in the entries themselves, and the log begins anew.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use ponder_proto::EntryName;

use super::Writer;
use super::anew::{BYTES, NAME};
use super::deferred::waiting;
use crate::journal::Fault;
use crate::journal::disk::{Access, Disk};
use crate::journal::log::{Operation, Record};
use crate::unix_now;

/// How much a log may grow before a checkpoint is made in the middle of work, in bytes.
pub(super) const LARGE: usize = 4 * 1024 * 1024;

impl<D: Disk> Writer<D> {
    /// Whether a checkpoint would make the log smaller.
    pub(super) fn has_news(&self) -> bool {
        !self.touched.is_empty() || self.log.growth() > LARGE
    }

    /// Makes a checkpoint if the log has grown large.
    pub(in crate::journal) fn keep_log_small(&mut self) {
        if self.log.growth() <= self.large || !self.has_news() {
            return;
        }
        if let Err(fault) = self.checkpoint() {
            tracing::warn!(%fault, "no checkpoint could be made; the log grows on");
            self.large = self.log.growth() + LARGE; // not again at each of the next appends
        }
    }

    /// Makes what was published durable in the entries, and begins the log anew.
    ///
    /// # Errors
    /// Then the log goes on as it was, and nothing is lost.
    pub(in crate::journal) fn checkpoint(&mut self) -> Result<(), Fault> {
        self.finish();
        // It would be for nothing, and what came after it would have to be doubted by the next daemon.
        if let Some(entry) = self.touched.iter().find(|entry| self.is_out_of_reach(**entry)) {
            return Err(Fault::Locked(self.entries.path(*entry)));
        }
        if self.has_news() {
            self.log.note(&Record::Settling)?;
        }
        match self.settle_all() {
            // What could not be flushed is written anew now, while it is known what that was.
            Err(fault) if !self.failed.is_empty() && !matches!(fault, Fault::Locked(_)) => {
                tracing::warn!(%fault, "a checkpoint is tried once more");
                self.settle_all()?;
            }
            settled => settled?,
        }
        let (records, first) = self.snapshot();
        self.log.begin_anew(&records)?;
        let deferred = self.deferred.iter_mut().flat_map(|deferred| &mut deferred.items);
        deferred.zip(first..).for_each(|(item, number)| item.number = number);
        self.touched.clear();
        self.failed.clear();
        self.large = LARGE;
        Ok(())
    }

    /// Whether another program keeps an entry even from being looked at.
    fn is_out_of_reach(&self, entry: EntryName) -> bool {
        self.entries.is_kept(entry) || matches!(self.entries.open(entry, Access::Read), Err(Fault::Locked(_)))
    }

    fn settle_all(&mut self) -> Result<(), Fault> {
        let mut settled = Ok(());
        for entry in self.touched.clone() {
            let Err(fault) = self.settle(entry) else { continue };
            // The others need not wait for one that somebody holds, or for which there is no room.
            if matches!(settled, Ok(()) | Err(Fault::Locked(_))) {
                settled = Err(fault);
            }
            // But for the directory of all: what nobody can flush is not written anew again and again.
            if self.named.as_ref().is_some_and(HashSet::is_empty) {
                break;
            }
        }
        let journal = self.entries.path_of_journal().to_owned();
        let root = Arc::clone(self.entries.root());
        self.sync_dir_of_entries(&root, &journal)?;
        if let Ok((side, path)) = self.entries.side() {
            self.entries.disk.sync_dir(&side).map_err(Fault::at("flush", &path))?;
        }
        settled
    }

    /// A flush of a directory failed: any name in it that changed since the last checkpoint may be lost.
    pub(super) fn names_failed(&mut self) {
        self.named = Some(HashSet::new());
        for entry in self.touched.clone() {
            self.flush_failed(entry, NAME);
        }
    }

    pub(super) fn has_failed(&self, entry: EntryName) -> bool {
        self.failed.iter().any(|(failed, _)| *failed == entry) || self.is_unrestored(entry)
    }

    /// What is seen of an entry that could not be flushed may be less than was written: nothing more is
    /// made of it before that is mended. The log goes on: what it holds may be in use.
    pub(super) fn mend(&mut self, entry: EntryName) -> Result<(), Fault> {
        if !self.has_failed(entry) {
            return Ok(());
        }
        if self.is_unrestored(entry) && self.entries.is_kept(entry) {
            return Err(Fault::Locked(self.entries.path(entry))); // who appends to others waits for nothing
        }
        self.finish(); // what is planned is no part of it yet
        match self.settle(entry) {
            Err(fault @ Fault::Locked(_)) => Err(fault),
            // As at a checkpoint: now it is written anew.
            Err(_) => self.settle(entry),
            settled => settled,
        }
    }

    /// What the next log has to know of this one, and the number of the first deferred append in it.
    fn snapshot(&self) -> (Vec<Record>, u64) {
        let young: Vec<Operation> = self.operations.young(unix_now()).collect();
        let operations = (!young.is_empty()).then_some(Record::Operations(young));
        let displaced = self.displaced.iter().map(|watched| Record::Displaced(watched.displaced.clone()));
        let mut records: Vec<Record> = operations.into_iter().chain(displaced).collect();
        let first = records.len() as u64 + 1;
        let deferred = self.deferred.iter().flat_map(|deferred| &deferred.items);
        records.extend(deferred.map(|item| Record::Append(waiting(&item.append))));
        (records, first)
    }

    /// Flushes one entry and its name. If the disk refuses, it is written anew.
    pub(super) fn settle(&mut self, entry: EntryName) -> Result<(), Fault> {
        self.restore_late(entry)?;
        let opened = match self.entries.open(entry, Access::Read) {
            Ok(opened) => opened,
            Err(Fault::NotPlain { .. }) => return Ok(()), // somebody else's doing
            Err(fault @ Fault::Locked(_)) => return Err(fault), // it is flushed later
            Err(fault) => return self.settle_blindly(fault),
        };
        if self.named.as_ref().is_some_and(|named| !named.contains(&entry)) {
            self.failed.insert((entry, NAME));
        }
        let is_doubtful = self.failed.contains(&(entry, BYTES));
        // Whichever file it is by now: it may have been made of what the disk showed after that.
        let mut is_lost = self.failed.iter().any(|(failed, _)| *failed == entry);
        if let Some(opened) = &opened
            && !is_lost
        {
            match self.sync_entry(entry, opened) {
                Err(fault @ Fault::Locked(_)) => return Err(fault), // it is flushed later
                flushed => is_lost = flushed.is_err(),
            }
        }
        if is_lost {
            let before = opened.as_ref().map(|opened| opened.stat.inode);
            self.write_anew(entry, opened)?;
            // One that has two names was written over, and is not flushed by that.
            if let Some(now) = self.entries.open(entry, Access::Read)?
                && (is_doubtful || Some(now.stat.inode) == before)
            {
                self.sync_entry(entry, &now)?;
            }
        }
        // A link leads into a directory of its own.
        let place = match self.entries.place_of_new(entry) {
            Ok(place) => place,
            Err(fault) => return self.settle_blindly(fault),
        };
        self.sync_dir_of_entries(&place.dir, &place.path)?;
        self.failed.retain(|(failed, _)| *failed != entry);
        if let Some(named) = &mut self.named {
            named.insert(entry);
        }
        Ok(())
    }

    /// Flushes an entry that cannot be opened any more, somebody took the right to read it away, say:
    /// with its whole file system. One entry does not keep the others from their checkpoint.
    fn settle_blindly(&self, fault: Fault) -> Result<(), Fault> {
        self.entries.disk.sync_file_system(self.entries.root()).map_err(|_| fault)
    }

    /// Flushes a directory with entries. If that fails what happened to their names since the last
    /// time may never be flushed, however often it is tried: they are written anew, too.
    pub(super) fn sync_dir_of_entries(&mut self, dir: &D::Dir, path: &Path) -> Result<(), Fault> {
        let flushed = self.entries.disk.sync_dir(dir).map_err(Fault::at("flush the directory of", path));
        if flushed.as_ref().is_err_and(Fault::is_of_the_disk) {
            self.names_failed();
        }
        flushed
    }
}
