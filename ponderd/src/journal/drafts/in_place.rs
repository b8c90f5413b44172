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
    /// Says where the entries are. A new one is made with its header: the editor has to open it.
    pub(super) fn prepare_in_place(&self, order: &Prepare) -> Result<Vec<(Draft, PathBuf)>, Fault> {
        let mut told = Vec::new();
        let (session, token) = (order.session, order.token);
        for &entry in &order.entries {
            let seen = self.writer.call(move |writer| writer.begin_tail(entry, session, token))?;
            let new = seen.opened.is_none();
            if new && !order.create {
                self.writer.call(|writer| writer.end_tail(entry, session));
                continue;
            }
            if new {
                let header = header(entry, order.time);
                let drafted = header.clone();
                self.writer.call(|writer| writer.set_header(entry, drafted));
                self.writer.call(move |writer| writer.create(entry, session, token, header))?;
            }
            let path = self.entries.path(entry);
            told.push((Draft { entry, path: RawPath::from(path.as_path()), new }, path));
        }
        Ok(told)
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
