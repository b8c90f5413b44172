//! "Saved means saved": from a change of a draft to a commit, once it has settled.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::journal::{Changed, Digest};

/// How long a draft has to read the same before it counts as saved. Editors that write in place
/// truncate, write and close within a few milliseconds.
const SETTLED: Duration = Duration::from_millis(20);

/// How often a draft that somebody keeps writing to is looked at before a session that has to end
/// ends without it: for about a second. Its slot then is a kept draft.
const LOOKS: u32 = 50;

/// The drafts that are being looked at.
#[derive(Debug, Default)]
pub(super) struct Saves(HashMap<Changed, Pending>);

#[derive(Debug)]
struct Pending {
    look: Look,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// The writer reads it.
    Reading {
        /// It changed again meanwhile.
        again: bool,
    },
    /// It is to be read again then.
    Resting(Instant),
}

/// One look at a draft.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// What it was the last time.
    pub(super) seen: Option<Digest>,
    /// The session is to end, and its editor may be dead.
    pub(super) last: bool,
    /// How often it was looked at.
    looks: u32,
}

impl Saves {
    /// A draft changed. Returns the look to take now, if none is under way.
    pub(super) fn changed(&mut self, draft: Changed) -> Option<Look> {
        match self.0.get_mut(&draft) {
            Some(Pending { state: State::Reading { again }, .. }) => {
                *again = true;
                None
            }
            Some(Pending { state: State::Resting(_), .. }) => None,
            None => Some(self.begin(draft, false)),
        }
    }

    /// A draft is to be looked at a last time, whether it changed or not.
    pub(super) fn begin(&mut self, draft: Changed, last: bool) -> Look {
        let look = Look { seen: None, last, looks: 0 };
        self.0.insert(draft, Pending { look, state: State::Reading { again: false } });
        look
    }

    /// It reads differently from the last time. Returns whether it is looked at again.
    pub(super) fn unsettled(&mut self, draft: Changed, seen: Digest) -> bool {
        let Some(pending) = self.0.get_mut(&draft) else { return false };
        pending.look.seen = Some(seen);
        pending.look.looks += 1;
        if pending.look.last && pending.look.looks > LOOKS {
            self.0.remove(&draft);
            return false;
        }
        pending.state = State::Resting(Instant::now() + SETTLED);
        true
    }

    /// It settled. Returns the look to take now, if it changed again meanwhile.
    pub(super) fn settled(&mut self, draft: Changed) -> Option<Look> {
        let pending = self.0.remove(&draft)?;
        let again = matches!(pending.state, State::Reading { again: true });
        again.then(|| self.begin(draft, pending.look.last))
    }

    /// When the next draft is to be looked at again.
    pub(super) fn due(&self) -> Option<Instant> {
        self.0.values().filter_map(Pending::due).min()
    }

    /// The drafts that are to be looked at by now.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<(Changed, Look)> {
        let due = self.0.iter_mut().filter(|(_, pending)| pending.due().is_some_and(|due| due <= now));
        due.map(|(draft, pending)| {
            pending.state = State::Reading { again: false };
            (*draft, pending.look)
        })
        .collect()
    }

    /// The session is over: its drafts are nobody's business any more.
    pub(super) fn forget(&mut self, session: ponder_proto::SessionId) {
        self.0.retain(|draft, _| draft.session != session);
    }
}

impl Pending {
    fn due(&self) -> Option<Instant> {
        match self.state {
            State::Resting(due) => Some(due),
            State::Reading { .. } => None,
        }
    }
}
