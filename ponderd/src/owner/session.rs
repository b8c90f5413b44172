//! What the owner knows of a session beyond the lease core.

use std::collections::HashSet;

use ponder_proto::{Draft, EntryName, SessionState, Who};

use crate::journal::Ticket;
use crate::lease::{Ending, Phase, Session};
use crate::unix_now;

/// One session's part of the owner's state.
#[derive(Debug)]
pub(super) struct Detail {
    pub(super) pid: Option<u32>,
    /// Since when it is in its phase, in seconds since 1970.
    pub(super) since: i64,
    /// The request that asked for it: its answers go there.
    pub(super) asked: Ticket,
    /// The request that released it.
    pub(super) released: Option<Ticket>,
    pub(super) drafts: Drafts,
    /// Where it ends with an editor that may still run: the drafts that have not settled yet.
    pub(super) unsettled: Option<(Ending, HashSet<EntryName>)>,
}

/// Where the drafts of a session are.
#[derive(Debug)]
pub(super) enum Drafts {
    /// None are wanted, or it is not granted yet.
    None,
    /// The writer makes them.
    Preparing,
    /// The client may open them.
    Ready(Vec<Draft>),
}

impl Detail {
    pub(super) fn new(asked: Ticket, pid: Option<u32>) -> Self {
        Self { pid, since: unix_now(), asked, released: None, drafts: Drafts::None, unsettled: None }
    }

    /// The session as others see it.
    pub(super) fn who(&self, session: &Session) -> Who {
        let holder = &session.request.holder;
        Who {
            session: session.id(),
            state: match session.phase {
                Phase::Queued => SessionState::Queued,
                Phase::Granted(_) => SessionState::Granted,
                Phase::Releasing(_) => SessionState::Releasing,
            },
            mode: session.mode(),
            entries: session.entries().to_vec(),
            token: session.token(),
            pid: self.pid,
            program: holder.program.clone(),
            terminal: holder.terminal.clone(),
            purpose: holder.purpose.clone(),
            since: self.since,
        }
    }
}
