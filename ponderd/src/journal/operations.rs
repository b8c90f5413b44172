//! Appends that were written: repeated with the same id, they are not written again.

use std::collections::{HashMap, VecDeque};

use ponder_proto::{EntryName, OperationId};

use super::Digest;

/// How many are remembered. A repetition comes from a client that lost its answer, within seconds.
const REMEMBERED: usize = 65_536;

/// The last operations of this daemon, by id.
#[derive(Debug, Default)]
pub(super) struct Operations {
    order: VecDeque<OperationId>,
    known: HashMap<OperationId, Known>,
}

/// What an operation did, and whether its flush succeeded.
#[derive(Debug)]
struct Known {
    entry: EntryName,
    text: Digest,
    flushed: bool,
}

/// Whether an operation is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Never,
    Applied,
    /// It was written, and the disk could not confirm it.
    Unknown,
    /// The id was used for something else.
    Other,
}

impl Operations {
    pub(super) fn seen(&self, operation: OperationId, entry: EntryName, text: Digest) -> Seen {
        match self.known.get(&operation) {
            None => Seen::Never,
            Some(known) if (known.entry, known.text) != (entry, text) => Seen::Other,
            Some(Known { flushed: true, .. }) => Seen::Applied,
            Some(_) => Seen::Unknown,
        }
    }

    pub(super) fn remember(&mut self, operation: OperationId, entry: EntryName, text: Digest, flushed: bool) {
        if self.order.len() == REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(operation);
        self.known.insert(operation, Known { entry, text, flushed });
    }
}
