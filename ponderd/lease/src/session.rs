//! One session's part of the state.

use ponder_proto::{Acquire, EntryName, Forced, Life, Mode, SessionId, Token};

use super::{ClientId, Tick};

/// A session's place in the order in which sessions asked: never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Seat(pub(super) u64);

impl Seat {
    pub(super) const FIRST: Self = Self(0);
    pub(super) const LAST: Self = Self(u64::MAX);
}

/// Where a session is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// It waits.
    Queued,
    /// It has its lease.
    Granted(Token),
    /// It is ending, and still current until its last commit is flushed or refused: nobody builds
    /// on text that may yet fail.
    Releasing(Token),
}

/// How a session came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// Its client released it; the editor or command succeeded.
    Succeeded,
    /// Its client released it; the editor or command failed.
    Failed,
    /// Its client is gone, and whatever that had started is gone, too.
    Died,
    /// By force: what its client had started may go on.
    Forced(Forced),
}

/// A session that is not over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    /// The connection it belongs to; none while its client is gone or has not come back yet.
    pub client: Option<ClientId>,
    /// What was asked. Entries stand once each, in the client's order.
    pub request: Acquire,
    /// Where it is on its way.
    pub phase: Phase,
    /// What is known of its client.
    pub life: Life,
    /// When its client was heard of last.
    pub(super) heard: Tick,
    /// Since when somebody has waited for it without a break.
    pub(super) wanted: Option<Tick>,
    pub(super) seat: Seat,
}

impl Session {
    /// Its id.
    pub fn id(&self) -> SessionId {
        self.request.session
    }

    /// Its entries, each once.
    pub fn entries(&self) -> &[EntryName] {
        &self.request.entries
    }

    /// The kind of its lease.
    pub fn mode(&self) -> Mode {
        self.request.mode
    }

    /// Whether each settled save of its drafts is a commit: an editor's session.
    pub fn commits_saves(&self) -> bool {
        self.request.commit.commits_saves(self.mode())
    }

    /// Its fencing token, once it was granted.
    pub fn token(&self) -> Option<Token> {
        match self.phase {
            Phase::Queued => None,
            Phase::Granted(token) | Phase::Releasing(token) => Some(token),
        }
    }

    /// Its place in the order in which sessions asked: what is written down of a session is put in
    /// order by it.
    pub fn place(&self) -> u64 {
        self.seat.0
    }

    pub(super) fn is_current(&self) -> bool {
        self.phase != Phase::Queued
    }
}
