//! What the owner knows of a session beyond the lease core.

use std::collections::HashSet;

use ponder_proto::{By, Draft, EntryName, EntryOutcome, SessionState, Token, Who};

use crate::journal::Ticket;
use crate::lease::{Ending, Phase, Session};
use crate::unix_now;
use ponder_endpoint::Process;

/// One session's part of the owner's state.
#[derive(Debug)]
pub(super) struct Detail {
    pub(super) process: Option<Process>,
    pub(super) uid: Option<u32>,
    /// Whether it is from the daemon before this one, and its drafts were not looked at yet.
    pub(super) restored: bool,
    /// Whether its grant is written down.
    pub(super) granted: bool,
    /// Since when it is in its phase, in seconds since 1970.
    pub(super) since: i64,
    /// The request that asked for it: its answers go there. None of a session that has not come back yet.
    pub(super) asked: Option<Ticket>,
    /// The request that released it.
    pub(super) released: Option<Ticket>,
    /// A request that came back to it while it was ending.
    pub(super) reattached: Option<Ticket>,
    /// A request that released it while it was being ended by force, and whether its work had succeeded.
    pub(super) let_go: Option<(Ticket, bool)>,
    /// How it ends, once it does.
    pub(super) ending: Option<Ending>,
    /// What became of saves since then.
    pub(super) outcomes: Vec<EntryOutcome>,
    pub(super) drafts: Drafts,
    /// The drafts that have not settled yet, where something waits for that, and what.
    pub(super) unsettled: Option<(Then, HashSet<EntryName>)>,
    /// Those who want its lease ended, and are told.
    pub(super) breakers: Vec<(Ticket, Token)>,
    /// The last of them.
    pub(super) broken_by: Option<By>,
}

/// What a session's drafts have to settle for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// It ends, and its editor may still run.
    Finish(Ending),
    /// The daemon ends.
    Nothing,
}

/// Where the drafts of a session are.
#[derive(Debug)]
pub(super) enum Drafts {
    /// None are wanted, or it is not granted yet.
    None,
    /// They are being made.
    Preparing,
    /// The client may open them.
    Ready(Vec<Draft>),
}

impl Detail {
    pub(super) fn new(asked: Option<Ticket>) -> Self {
        Self {
            process: None,
            uid: None,
            restored: false,
            granted: false,
            since: unix_now(),
            asked,
            released: None,
            reattached: None,
            let_go: None,
            ending: None,
            outcomes: Vec::new(),
            drafts: Drafts::None,
            unsettled: None,
            breakers: Vec::new(),
            broken_by: None,
        }
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
            pid: self.process.map(|process| process.pid),
            program: holder.program.clone(),
            terminal: holder.terminal.clone(),
            purpose: holder.purpose.clone(),
            since: self.since,
            life: session.life,
            uid: self.uid,
            started: self.process.and_then(Process::started),
            command: holder.command.clone(),
        }
    }
}
