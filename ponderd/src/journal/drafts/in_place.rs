//! Sessions in place: the editor opens the entry itself, for tools that need its real path.
//!
//! Nothing can be fenced, nothing is private, and a reader may see half of a save: what the lease
//! still gives is that no other session of ours has the entry meanwhile. And appends are not lost: an
//! editor that writes the whole file over has not read them, so they are put behind it again.

use std::path::PathBuf;

use ponder_proto::{Draft, EntryName, EntryOutcome, Outcome, RawPath, SessionId};

use super::{Drafts, header};
use crate::journal::Fault;
use crate::journal::disk::Disk;
use crate::journal::order::Prepare;

impl<D: Disk> Drafts<D> {
    /// Says where the entries are: all, or none. A new one is made with its header: the editor has to
    /// open it.
    pub(super) fn prepare_in_place(&self, order: &Prepare) -> Result<Vec<(Draft, PathBuf)>, Fault> {
        let told = order.entries.iter().map(|&entry| self.prepare_one_in_place(order, entry));
        let told: Result<Vec<_>, Fault> = told.collect();
        if told.is_err() {
            self.finish_in_place(order.session, &order.entries);
        }
        Ok(told?.into_iter().flatten().collect())
    }

    fn prepare_one_in_place(
        &self,
        order: &Prepare,
        entry: EntryName,
    ) -> Result<Option<(Draft, PathBuf)>, Fault> {
        let (session, token) = (order.session, order.token);
        let seen = self.writer.call(|writer| writer.begin_tail(entry, session, token))?;
        let new = seen.opened.is_none();
        match &seen.opened {
            Some(opened) => {
                let text = self.entries.read(opened)?;
                self.writer.call(|writer| writer.set_begun_text(entry, text));
            }
            None if order.create => {
                let header = header(entry, order.time);
                self.writer.call(|writer| {
                    writer.set_header(entry, header.clone());
                    writer.create(entry, session, token, header)
                })?;
            }
            None => {
                self.writer.call(|writer| writer.end_tail(entry, session));
                return Ok(None);
            }
        }
        let path = self.entries.path(entry);
        Ok(Some((Draft { entry, path: RawPath::from(path.as_path()), new }, path)))
    }

    /// Puts back what the editor overwrote, and removes a new entry that holds only its header.
    pub(super) fn finish_in_place(&self, session: SessionId, entries: &[EntryName]) -> Vec<EntryOutcome> {
        let mut outcomes = Vec::new();
        for &entry in entries {
            let outcome = match self.writer.call(|writer| writer.end_in_place(entry, session)) {
                Ok(true) => Outcome::Committed,
                Ok(false) => Outcome::Unchanged,
                Err(fault) => Outcome::Failed(fault.refusal()),
            };
            outcomes.push(EntryOutcome { entry, outcome });
        }
        outcomes
    }
}
