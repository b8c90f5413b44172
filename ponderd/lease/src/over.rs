//! The ids of sessions that are over.

use std::collections::{BTreeSet, VecDeque};

use ponder_proto::SessionId;

/// How many are remembered.
const REMEMBERED: usize = 4096;

/// The last ids, so that a late repetition of a request is not taken for a new one. A repetition
/// comes from a client that lost its answer: within seconds, not thousands of sessions later.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Over {
    order: VecDeque<SessionId>,
    ids: BTreeSet<SessionId>,
}

impl Over {
    pub(super) fn contains(&self, id: SessionId) -> bool {
        self.ids.contains(&id)
    }

    /// It may ask again: it was never granted, and did not leave on purpose.
    pub(super) fn forget(&mut self, id: SessionId) {
        self.ids.remove(&id);
        self.order.retain(|other| *other != id);
    }

    pub(super) fn remember(&mut self, id: SessionId) {
        if self.order.len() == REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        self.order.push_back(id);
        self.ids.insert(id);
    }
}
