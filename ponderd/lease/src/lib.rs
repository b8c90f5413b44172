//! The queue and the leases: a pure state machine.
//!
//! [`LeaseCore::handle`] takes one event and the time, and says what has to happen; it does no
//! I/O, reads no clock and knows no text. Entries are opaque keys to it. The daemon's owner drives
//! it, and so do its tests and a model checker, with the same code.
//!
//! **The rule.** Every session that is not over stands in the line of each of its entries, in the
//! order in which sessions asked. It is granted exactly when nobody before it in any of these
//! lines conflicts with it, whether that one holds or waits: so nothing overtakes a conflicting
//! earlier request, disjoint requests pass each other, shared ones stand together, and a session
//! gets all its entries at once or waits for all.
//!
//! **Liveness** is asked for only when it matters: while somebody waits for a lease, or looks. Time is
//! awake time, as the caller counts it, and no window runs while nobody waits. `docs/leases.md` draws it.

#![forbid(unsafe_code)]

mod core;
mod deadlock;
mod force;
mod line;
mod liveness;
mod over;
mod places;
mod queue;
mod restore;
mod session;
#[cfg(test)]
mod tests;
mod timers;
mod windows;

pub use core::LeaseCore;
pub use places::{Ahead, Walk};
pub use restore::Restored;
pub use session::{Ending, Phase, Session};
pub use windows::Windows;

use ponder_proto::{Acquire, EntryName, ErrorCode, SessionId, Successor, Token};

/// A connection, by a number that is never used twice while the daemon lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u64);

/// A moment, in milliseconds of awake time since the daemon started. Only differences mean anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(pub u64);

impl Tick {
    /// The moment so many milliseconds later.
    #[must_use]
    pub fn after(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A client asks for a lease.
    Acquire {
        /// Who asks.
        client: ClientId,
        /// What for.
        request: Acquire,
    },
    /// A client comes back to a granted session on another connection.
    Reattach {
        /// Who asks.
        client: ClientId,
        /// Its session.
        session: SessionId,
        /// The token it was granted with.
        token: Token,
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
    /// A client said something, whatever it was: it lives.
    Heard {
        /// Who.
        client: ClientId,
    },
    /// Somebody wants to know who lives.
    Look,
    /// Somebody wants a lease ended.
    Break {
        /// Who asks.
        client: ClientId,
        /// The lease.
        token: Token,
        /// By force at once, without asking its holder first.
        now: bool,
    },
    /// A granted session could not be given its drafts: it ends, and nothing is committed.
    Unprepared {
        /// The session.
        session: SessionId,
    },
    /// A connection ended. Its waiting sessions leave, its granted ones are orphaned.
    Gone {
        /// Whose.
        client: ClientId,
    },
    /// Whatever an orphaned session's client had started is gone, too.
    Deserted {
        /// The session.
        session: SessionId,
    },
    /// A releasing session's last commit is durable, or was refused.
    Ended {
        /// The session.
        session: SessionId,
    },
    /// The daemon drains: nobody is granted any more. Leases go on under the next daemon.
    Drain {
        /// Whether there is to be one: otherwise who waits leaves.
        successor: Successor,
    },
    /// Time passed.
    Tick,
}

/// What has to be done now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Note that the session stands in line: it has to outlive the daemon.
    Seated(SessionId),
    /// Tell the session's client that it waits.
    Queued(SessionId),
    /// The line of an entry moved: tell those who wait in it.
    Moved(EntryName),
    /// Make the drafts and tell the client: the session is current from this moment on, or still is.
    Granted(SessionId, Token),
    /// Tell the client that the session left the queue.
    Cancelled(ClientId, SessionId),
    /// Tell the client why not.
    Refused(ClientId, SessionId, Refused),
    /// Tell the client that another connection took its session over.
    Superseded(ClientId, SessionId),
    /// Ask the client whether it lives.
    Ping(ClientId),
    /// The holder did not answer in time.
    Suspect(SessionId),
    /// The holder's client is gone. Report [`Event::Deserted`] when nobody is left.
    Orphaned(SessionId),
    /// A holder that was suspect or orphaned is back, and still has its lease.
    CarriedOn(SessionId),
    /// Tell the holder that somebody wants its lease, and who asked that it was told, how long there is.
    Breaking(ClientId, SessionId, u64),
    /// Tell who asked that there is no such lease.
    NoSuchLease(ClientId, Token),
    /// Tell the holder how many milliseconds it may still hold its lease.
    Warning(SessionId, u64),
    /// Read the drafts a last time, commit or keep them, then report [`Event::Ended`].
    Finish(SessionId, Ending),
    /// The session is over: nothing has to be known of it any more.
    Over(SessionId),
}

/// Why a session was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It was not to wait, or has waited as long as it was to.
    Busy {
        /// The first conflicting sessions before it; none if there are too many sessions.
        blockers: Vec<SessionId>,
    },
    /// It would wait for a session that waits for it.
    WouldDeadlock {
        /// The first conflicting sessions before it.
        blockers: Vec<SessionId>,
    },
    /// Any other reason; the code says it all.
    Because(ErrorCode),
}
