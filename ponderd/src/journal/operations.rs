//! Appends that were applied: repeated with the same id, they are not applied again.

use std::collections::{HashMap, VecDeque};

use ponder_proto::{EntryName, OperationId};

use super::Digest;

/// How many are remembered. A repetition comes from a client that lost its answer, within seconds.
const REMEMBERED: usize = 65_536;

/// The last operations of this daemon, by id.
#[derive(Debug, Default)]
pub(super) struct Operations {
    order: VecDeque<OperationId>,
    applied: HashMap<OperationId, (EntryName, Digest)>,
}

/// Whether an operation is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Never,
    Same,
    /// The id was used for something else.
    Other,
}

impl Operations {
    pub(super) fn seen(&self, operation: OperationId, entry: EntryName, text: Digest) -> Seen {
        match self.applied.get(&operation) {
            None => Seen::Never,
            Some(applied) if *applied == (entry, text) => Seen::Same,
            Some(_) => Seen::Other,
        }
    }

    pub(super) fn applied(&mut self, operation: OperationId, entry: EntryName, text: Digest) {
        if self.order.len() == REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.applied.remove(&oldest);
        }
        self.order.push_back(operation);
        self.applied.insert(operation, (entry, text));
    }
}
