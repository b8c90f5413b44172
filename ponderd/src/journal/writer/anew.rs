//! Entries that are written anew, in another file: what replay rebuilds, and what could not be
//! flushed. A second flush of the same file could succeed with the bytes gone.

use std::io;

use ponder_proto::EntryName;

use super::Writer;
use super::history::History;
use super::verdict::{Case, Found};
use crate::journal::disk::Disk;
use crate::journal::entries::Opened;
use crate::journal::log::{Displaced, Number, Record};
use crate::journal::staging::{NotStaged, Staged};
use crate::journal::{Digest, Fault};

/// Stands for a file's number where it is the name that could not be flushed.
pub(super) const NAME: u64 = 0;

/// Stands for a file's number where its flush may have failed, and nobody knows. It has to be written
/// once more before it is flushed: over itself, where other names lead to it.
pub(super) const BYTES: u64 = u64::MAX;

impl<D: Disk> Writer<D> {
    /// Puts a text in the place of an entry that is open and was read. Says whether that is what was
    /// there.
    pub(super) fn replace(
        &mut self,
        entry: EntryName,
        opened: &Opened<D>,
        found: &[u8],
        text: &[u8],
    ) -> Result<bool, Fault> {
        self.touched.insert(entry);
        // A file that cannot be flushed is given up, whatever other names it has.
        let is_lost = [opened.stat.inode, NAME].iter().any(|what| self.failed.contains(&(entry, *what)));
        let staged = if is_lost {
            self.entries.stage_apart(text, Some(opened))
        } else {
            self.entries.stage(text, Some(opened))
        };
        let staged = match staged {
            Ok(staged) => staged,
            Err(NotStaged::Fault(fault)) => return Err(fault),
            Err(NotStaged::OnlyInPlace) => {
                if is_lost {
                    let source = io::Error::other("its flush failed, and it can only be written in place");
                    return Err(Fault::Unknown { path: opened.place.path.clone(), source });
                }
                return self.replace_in_place(entry, opened.stat.inode, found, text);
            }
        };
        let (name, inode, by) = (staged.name.clone(), opened.stat.inode, staged.stat.inode);
        let length = found.len() as u64;
        let displaced = Displaced { entry, name, by, digest: Digest::of(found), length };
        // Durable before it happens: no other record names that file.
        self.log.add(&Record::Displaced(displaced.clone()));
        let exchanged = self
            .log
            .flush()
            .map_err(Fault::from)
            .and_then(|()| self.entries.is_there(&opened.place, inode))
            .and_then(|there| {
                if there {
                    self.entries.exchange(&staged.side, &staged.name, &opened.place)?;
                }
                Ok(there)
            });
        if !matches!(exchanged, Ok(true)) {
            self.entries.discard(&staged.side, &staged.name);
            return exchanged;
        }
        let came_out = self.entries.disk.look(&staged.side, &staged.name);
        let is_others = came_out.is_ok_and(|found| found.is_some_and(|(_, found)| found != inode));
        let given_back = if is_others { self.give_back(entry, opened, &staged, text) } else { Ok(false) };
        if !matches!(given_back, Ok(true)) {
            // What has that name now is what ours has replaced, or somebody's, and that is kept.
            self.watch(displaced);
        }
        given_back.map(|_| !is_others)
    }

    /// Somebody replaced an entry right before we did: what he put there gets its name back, if ours has it
    /// still. Says whether ours is aside again, and dealt with.
    fn give_back(
        &self,
        entry: EntryName,
        opened: &Opened<D>,
        staged: &Staged<D>,
        text: &[u8],
    ) -> Result<bool, Fault> {
        if !self.entries.is_there(&opened.place, staged.stat.inode)? {
            return Ok(false);
        }
        self.entries.exchange(&staged.side, &staged.name, &opened.place)?;
        if self.keep_if_changed(entry, &staged.file, Digest::of(text)) {
            self.entries.discard(&staged.side, &staged.name);
        } // or it stays where it is
        Ok(true)
    }

    /// Removes an entry that holds no more than this. It goes to where replaced versions go: what
    /// somebody writes to it still is taken up from there.
    pub(super) fn remove_unless_changed(
        &mut self,
        entry: EntryName,
        opened: &Opened<D>,
        text: &[u8],
    ) -> Result<(), Fault> {
        let (side, _) = self.entries.side()?;
        let name = self.entries.temporary_name();
        let (digest, length) = (Digest::of(text), text.len() as u64);
        let displaced = Displaced { entry, name: name.clone(), by: NAME, digest, length };
        self.log.add(&Record::Displaced(displaced.clone()));
        self.log.flush()?;
        let (disk, place) = (&self.entries.disk, &opened.place);
        let removed = disk.rename_new((&place.dir, &place.name), (&side, &name));
        removed.map_err(Fault::at("remove the empty", &place.path))?;
        self.touched.insert(entry);
        self.watch(displaced);
        Ok(())
    }

    /// Flushes an entry's file, unless that has failed before.
    pub(super) fn sync_entry(&mut self, entry: EntryName, opened: &Opened<D>) -> Result<(), Fault> {
        let inode = opened.stat.inode;
        let path = opened.place.path.clone();
        if self.failed.contains(&(entry, inode)) {
            let source = io::Error::other("its flush has failed before");
            return Err(Fault::Unknown { path, source });
        }
        self.entries.disk.sync(&opened.file).map_err(|source| {
            if source.kind() == io::ErrorKind::WouldBlock {
                return Fault::Locked(path); // nothing was tried
            }
            tracing::error!(%entry, error = %source, "an entry could not be flushed; it is written anew");
            self.flush_failed(entry, inode);
            Fault::Unknown { path, source }
        })
    }

    /// From here on that file is not flushed again, not by the next daemon, either.
    pub(super) fn flush_failed(&mut self, entry: EntryName, inode: u64) {
        self.failed.insert((entry, inode));
        self.touched.insert(entry);
        let _ = self.log.note(&Record::Settling); // a disk that takes nothing at all
    }

    /// Writes an entry that could not be flushed into another file, with everything in it that the
    /// log says it has.
    pub(super) fn write_anew(&mut self, entry: EntryName, opened: Option<Opened<D>>) -> Result<(), Fault> {
        if let Some(Opened { file, place, .. }) = &opened
            && !self.entries.disk.try_lock(file).map_err(Fault::at("lock", &place.path))?
        {
            return Err(Fault::Locked(place.path.clone()));
        }
        let found = opened.as_ref().map(|opened| self.entries.read_settled(opened)).transpose()?;
        let mut history = History::of(self.log.records());
        let deferred = self.deferred.iter().flat_map(|deferred| &deferred.items);
        let deferred: Vec<Number> = deferred.chain(&self.behind).map(|item| item.number).collect();
        history.appends.retain(|step| !deferred.contains(&step.number));
        let texts = self.texts_of(entry, &history)?;
        let state = opened.as_ref().zip(found.as_deref());
        let state = state.map(|(opened, text)| Found { text, inode: opened.stat.inode });
        let verdict = Case::of(&history, entry, false).judge(state, &texts);
        self.keep_rest(entry, &verdict, found.as_deref())?;
        let text = verdict.text.or_else(|| found.clone());
        let done = match (text, opened) {
            (Some(text), Some(opened)) => {
                self.replace(entry, &opened, found.as_deref().unwrap_or_default(), &text)?
            }
            (Some(text), None) => self.create_anew(entry, &text)?,
            (None, _) => true,
        };
        if done { Ok(()) } else { Err(Fault::Unsteady(self.entries.path(entry))) }
    }

    /// Makes an entry that should be there. Says whether there was none.
    pub(super) fn create_anew(&mut self, entry: EntryName, text: &[u8]) -> Result<bool, Fault> {
        let place = self.entries.place_of_new(entry)?;
        let staged = self.entries.stage_new(text)?;
        let created = self.entries.publish_new(&staged, &place);
        if !matches!(created, Ok(true)) {
            self.entries.discard(&staged.side, &staged.name);
        }
        created
    }
}
