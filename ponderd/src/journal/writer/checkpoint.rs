//! Checkpoints: what is published becomes durable in the entries themselves, and the log begins anew.

use ponder_proto::EntryName;
use sha2::{Digest as _, Sha256};

use super::Writer;
use super::history::History;
use super::restore::{Restored, restore};
use crate::journal::Fault;
use crate::journal::disk::{Access, Disk};
use crate::journal::entries::Opened;
use crate::journal::log::{Operation, Record};
use crate::journal::staging::NotStaged;
use crate::unix_now;

/// How much a log may grow before a checkpoint is made in the middle of work, in bytes.
const LARGE: usize = 4 * 1024 * 1024;

impl<D: Disk> Writer<D> {
    /// Whether a checkpoint would make the log smaller.
    pub(super) fn has_news(&self) -> bool {
        !self.touched.is_empty()
    }

    /// Makes a checkpoint if the log has grown large.
    pub(in crate::journal) fn keep_log_small(&mut self) {
        if self.log.growth() > LARGE
            && self.has_news()
            && let Err(fault) = self.checkpoint()
        {
            tracing::warn!(%fault, "no checkpoint could be made; the log grows on");
        }
    }

    /// Makes what was published durable in the entries, and begins the log anew.
    ///
    /// # Errors
    /// Then the log goes on as it was, and nothing is lost.
    pub(in crate::journal) fn checkpoint(&mut self) -> Result<(), Fault> {
        self.finish();
        for entry in self.touched.clone() {
            self.settle(entry)?;
        }
        let journal = self.entries.path_of_journal().to_owned();
        self.entries.disk.sync_dir(self.entries.root()).map_err(Fault::at("flush", &journal))?;
        if let Ok((side, path)) = self.entries.side() {
            self.entries.disk.sync_dir(&side).map_err(Fault::at("flush", &path))?;
        }
        let (records, first) = self.snapshot();
        self.log.begin_anew(&records)?;
        let deferred = self.deferred.iter_mut().flat_map(|deferred| &mut deferred.items);
        deferred.zip(first..).for_each(|(item, number)| item.number = number);
        self.touched.clear();
        Ok(())
    }

    /// What the next log has to know of this one, and the number of the first deferred append in it.
    fn snapshot(&self) -> (Vec<Record>, u64) {
        let young: Vec<Operation> = self.operations.young(unix_now()).collect();
        let operations = (!young.is_empty()).then_some(Record::Operations(young));
        let displaced = self.displaced.iter().map(|watched| Record::Displaced(watched.displaced.clone()));
        let mut records: Vec<Record> = operations.into_iter().chain(displaced).collect();
        let first = records.len() as u64 + 1;
        let deferred = self.deferred.iter().flat_map(|deferred| &deferred.items);
        records.extend(deferred.map(|item| Record::Append(item.append.clone())));
        (records, first)
    }

    /// Flushes one entry. If the disk refuses, a new version is made of it in another file: a second
    /// flush of the same file could succeed with the bytes gone.
    fn settle(&mut self, entry: EntryName) -> Result<(), Fault> {
        let opened = match self.entries.open(entry, Access::Read) {
            Ok(Some(opened)) => opened,
            Ok(None) | Err(Fault::NotPlain { .. }) => return Ok(()), // somebody else's doing
            Err(fault) => return Err(fault),
        };
        match self.entries.disk.sync(&opened.file) {
            Ok(()) => {}
            Err(error) => {
                tracing::error!(%entry, %error, "an entry could not be flushed; it is written anew");
                self.write_anew(entry, opened)?;
            }
        }
        // A link leads into a directory of its own.
        let place = self.entries.place_of_new(entry)?;
        self.entries.disk.sync_dir(&place.dir).map_err(Fault::at("flush the directory of", &place.path))
    }

    /// Writes an entry into another file, with every append of the log in its place.
    fn write_anew(&mut self, entry: EntryName, opened: Opened<D>) -> Result<(), Fault> {
        let mut text = self.entries.read(&opened)?;
        let found = Sha256::new_with_prefix(&text);
        for step in History::of(self.log.records()).appends(entry) {
            let Some(at) = step.place() else { continue };
            let bytes = at.bytes(&step.append.text);
            if let Restored::Rebuilt(whole) = restore(&text, at.offset, &bytes) {
                text = whole;
            }
        }
        let staged = match self.entries.stage(&text, Some(&opened)) {
            Ok(staged) => staged,
            Err(NotStaged::Fault(fault)) => return Err(fault),
            Err(NotStaged::OnlyInPlace) => {
                let source = std::io::Error::other("its flush failed, and it can only be written in place");
                return Err(Fault::Unknown { path: opened.place.path, source });
            }
        };
        self.entries.exchange(&staged.side, &staged.name, &opened.place)?;
        let digest = crate::journal::Digest::finish(&found);
        self.retire(entry, &staged.name, digest, opened.stat.length);
        Ok(())
    }
}
