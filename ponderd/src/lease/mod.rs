//! The queue and the leases: a pure state machine.
//!
//! [`LeaseCore::handle`] takes one event and the time, and says what has to happen; it does no
//! I/O, reads no clock and knows no text. Entries are opaque keys to it. The daemon's owner drives
//! it, and so do its tests, with the same code.
//!
//! **The rule.** Every session that is not over stands in the line of each of its entries, in the
//! order in which sessions asked. It is granted exactly when nobody before it in any of these
//! lines conflicts with it, whether that one holds or waits: so nothing overtakes a conflicting
//! earlier request, disjoint requests pass each other, shared ones stand together, and a session
//! gets all its entries at once or waits for all.

mod core;
mod deadlock;
mod line;
mod over;
mod session;
#[cfg(test)]
mod tests;

pub use core::LeaseCore;
pub use session::{Ending, Phase, Session};

use ponder_proto::{Acquire, ErrorCode, SessionId, Token};

/// A connection, by a number that is never used twice while the daemon lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u64);

/// A moment, in milliseconds since the daemon started. Only differences mean anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(pub u64);

/// What happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A client asks for a lease.
    Acquire {
        /// Who asks.
        client: ClientId,
        /// What for.
        request: Acquire,
    },
    /// A client no longer wants to wait.
    Cancel {
        /// Who asks.
        client: ClientId,
        /// Its session.
        session: SessionId,
    },
    /// A client hands its lease back.
    Release {
        /// Who asks.
        client: ClientId,
        /// Its session.
        session: SessionId,
        /// Whether its editor or command succeeded.
        succeeded: bool,
    },
    /// A granted session could not be given its drafts: it ends, and nothing is committed.
    Unprepared {
        /// The session.
        session: SessionId,
    },
    /// A connection ended. Its waiting sessions leave, its leases end.
    Gone {
        /// Whose.
        client: ClientId,
    },
    /// A releasing session's last commit is durable, or was refused.
    Ended {
        /// The session.
        session: SessionId,
    },
    /// The daemon drains: nobody is granted any more, everybody ends.
    Drain,
    /// Time passed.
    Tick,
}

/// What has to be done now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Tell the session's client that it waits, or that what is ahead of it changed.
    Queued(SessionId),
    /// Make the drafts and tell the client: the session is current from this moment on.
    Granted(SessionId, Token),
    /// Tell the client that the session left the queue.
    Cancelled(ClientId, SessionId),
    /// Tell the client why not.
    Refused(ClientId, SessionId, Refused),
    /// Tell the client that another connection took its session over.
    Superseded(ClientId, SessionId),
    /// Read the drafts a last time, commit or keep them, then report [`Event::Ended`].
    Finish(SessionId, Ending),
}

/// Why a session was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It was not to wait, or has waited as long as it was to.
    Busy {
        /// The conflicting sessions before it, in order.
        blockers: Vec<SessionId>,
    },
    /// It would wait for a session that waits for it.
    WouldDeadlock {
        /// The conflicting sessions before it, in order.
        blockers: Vec<SessionId>,
    },
    /// Any other reason; the code says it all.
    Because(ErrorCode),
}
