//! Appends that were applied: repeated with the same id, they are not applied again.

use std::collections::{HashMap, VecDeque};

use ponder_proto::OperationId;

use crate::journal::log::Operation;

/// How many are remembered, and for how long, in seconds: a day. `docs/protocol.md` says so. A
/// repetition comes from a client that lost its answer, within seconds.
const REMEMBERED: usize = 16_384;
const DAY: i64 = 24 * 60 * 60;

/// The last operations, by id. They outlive the daemon in its log.
#[derive(Debug, Default)]
pub(super) struct Operations {
    order: VecDeque<OperationId>,
    known: HashMap<OperationId, Operation>,
}

/// Whether an operation is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Never,
    Applied,
    /// The id was used for something else.
    Other,
}

impl Operations {
    pub(super) fn seen(&self, operation: &Operation) -> Seen {
        match self.known.get(&operation.id) {
            None => Seen::Never,
            Some(known) if (known.entry, known.text) == (operation.entry, operation.text) => Seen::Applied,
            Some(_) => Seen::Other,
        }
    }

    pub(super) fn remember(&mut self, operation: Operation) {
        if self.order.len() == REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        if self.known.insert(operation.id, operation).is_none() {
            self.order.push_back(operation.id);
        }
    }

    /// It was refused after all: the client may try it again.
    pub(super) fn forget(&mut self, id: OperationId) {
        self.known.remove(&id);
        self.order.retain(|known| *known != id);
    }

    /// Those that are young enough to be remembered over a checkpoint, the oldest first.
    pub(super) fn young(&self, now: i64) -> impl Iterator<Item = Operation> + '_ {
        let known = self.order.iter().filter_map(|id| self.known.get(id)).copied();
        known.filter(move |operation| operation.time > now - DAY)
    }
}
