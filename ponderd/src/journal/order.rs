//! What the writer is told, and what it answers.

use std::path::PathBuf;

use ponder_proto::{
    Append, CommitPolicy, Deferred, Draft, EntryName, EntryOutcome, KeptDraft, LocalTime, Mode, OperationId,
    Refusal, SessionId, Token,
};

use super::{Appended, Digest};
use crate::lease::{ClientId, Ending};

/// Whom an answer is for: the connection, and the number of its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The connection.
    pub client: ClientId,
    /// Its request.
    pub re: u64,
}

/// One piece of work. They are done one after the other.
#[derive(Debug)]
pub enum Order {
    /// Make the drafts of a session that was just granted.
    Prepare(Prepare),
    /// Create the new entries of a session whose editor runs.
    Open {
        /// The session.
        session: SessionId,
        /// Whom to tell.
        ticket: Ticket,
    },
    /// Commit one draft if it has settled: if it reads as it did the last time.
    Save {
        /// The session.
        session: SessionId,
        /// The draft's entry.
        entry: EntryName,
        /// What it was when it was read the last time.
        seen: Option<Digest>,
        /// What is known of the editor that saved it.
        editor: Editor,
        /// The number of this look, for its answer.
        look: u64,
    },
    /// Commit all drafts of a session as they are.
    Commit {
        /// The session.
        session: SessionId,
        /// Whom to tell.
        ticket: Ticket,
    },
    /// Read all drafts a last time, commit or keep them, and forget the session.
    Finish {
        /// The session.
        session: SessionId,
        /// How it ended.
        ending: Ending,
    },
    /// Free the slots of a session whose lease was ended by force: nobody works on them any more.
    Vacate {
        /// The session.
        session: SessionId,
    },
    /// Add text to an entry.
    Append {
        /// The request.
        append: Append,
        /// The operation's id, the client's or one of ours.
        operation: OperationId,
        /// Whom to tell.
        ticket: Ticket,
    },
    /// List the kept drafts.
    ListKept {
        /// Whom to tell.
        ticket: Ticket,
    },
    /// Delete a kept draft, because its owner said so.
    DropKept {
        /// Its id.
        id: String,
        /// The sessions that are open: what their editors still have is not deleted.
        open: Vec<SessionId>,
        /// Whom to tell.
        ticket: Ticket,
    },
    /// List the appends that wait for another program's lock.
    ListDeferred {
        /// Whom to tell.
        ticket: Ticket,
    },
    /// Wait for the writer's turn, and do nothing.
    Probe,
}

impl Order {
    /// Whether a client waits for what becomes of it, though no session of his shows that.
    pub(super) fn is_asked_for(&self) -> bool {
        match self {
            Self::Open { .. }
            | Self::Vacate { .. }
            | Self::Commit { .. }
            | Self::Append { .. }
            | Self::ListKept { .. }
            | Self::DropKept { .. }
            | Self::ListDeferred { .. } => true,
            Self::Prepare(_) | Self::Save { .. } | Self::Finish { .. } | Self::Probe => false,
        }
    }

    /// The session whose orders it stands among.
    pub(super) fn session(&self) -> Option<SessionId> {
        match self {
            Self::Prepare(prepare) => Some(prepare.session),
            Self::Open { session, .. }
            | Self::Save { session, .. }
            | Self::Commit { session, .. }
            | Self::Finish { session, .. } => Some(*session),
            Self::Append { .. }
            | Self::Vacate { .. }
            | Self::ListKept { .. }
            | Self::DropKept { .. }
            | Self::ListDeferred { .. }
            | Self::Probe => None,
        }
    }
}

/// What is known of the editor behind a save. It matters for a draft that is less than what was
/// committed before: somebody deleted text, or was killed in the middle of writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Editor {
    /// It closed the file a moment ago; so does the kernel for one that is killed.
    Unknown,
    /// It has outlived its save.
    Alive,
    /// It was killed, or its client is gone.
    PerhapsDead,
}

/// What the writer needs to know of a granted session.
#[derive(Debug)]
pub struct Prepare {
    /// The session.
    pub session: SessionId,
    /// Its grant's token.
    pub token: Token,
    /// Its entries, each once.
    pub entries: Vec<EntryName>,
    /// Exclusive: drafts. Shared: read-only snapshots.
    pub mode: Mode,
    /// When the drafts become commits.
    pub commit: CommitPolicy,
    /// Whether entries that do not exist get a draft with a header.
    pub create: bool,
    /// The time in that header; the daemon's own clock if none is given.
    pub time: Option<LocalTime>,
    /// The session whose drafts become this one's: itself, where it comes from the daemon before this one.
    pub adopt: Option<SessionId>,
}

/// What became of an order.
#[derive(Debug)]
pub enum Done {
    /// The drafts stand, or nothing does.
    Prepared {
        /// The session.
        session: SessionId,
        /// The drafts to tell the client, and the slots' directories to watch.
        result: Result<Vec<(Draft, PathBuf)>, Refusal>,
    },
    /// The new entries stand.
    Opened {
        /// The session.
        session: SessionId,
        /// Whom to tell.
        ticket: Ticket,
        /// Nothing, or why they could not be created.
        result: Result<(), Refusal>,
    },
    /// One draft was looked at.
    Saved {
        /// The session.
        session: SessionId,
        /// The draft's entry.
        entry: EntryName,
        /// The number of the look.
        look: u64,
        /// What was found.
        saved: Saved,
    },
    /// The drafts were committed, kept, or refused, each.
    Committed {
        /// The session.
        session: SessionId,
        /// Whom to tell.
        ticket: Ticket,
        /// What became of them.
        entries: Vec<EntryOutcome>,
    },
    /// The session's files are done with.
    Finished {
        /// The session.
        session: SessionId,
        /// What became of its drafts.
        entries: Vec<EntryOutcome>,
    },
    /// The text is durable and readable, or was refused.
    Appended {
        /// The entry.
        entry: EntryName,
        /// The text's length in bytes, as it was ordered.
        length: usize,
        /// The operation's id.
        operation: OperationId,
        /// Whom to tell.
        ticket: Ticket,
        /// Whether it had been applied before, and whether it is in the entry's file.
        result: Result<Appended, Refusal>,
    },
    /// The slots are free, or kept.
    Vacated {
        /// The session.
        session: SessionId,
        /// What became of the drafts that are kept.
        entries: Vec<EntryOutcome>,
    },
    /// The kept drafts.
    Kept {
        /// All of them, by entry.
        kept: Vec<KeptDraft>,
        /// Whom to tell.
        ticket: Ticket,
    },
    /// A kept draft was deleted.
    Dropped {
        /// Its id.
        id: String,
        /// Whom to tell.
        ticket: Ticket,
        /// Nothing, or why not.
        result: Result<(), Refusal>,
    },
    /// The appends that wait.
    Deferred {
        /// By entry.
        deferred: Vec<Deferred>,
        /// Whom to tell.
        ticket: Ticket,
    },
    /// The writer's turn came.
    Probed,
}

impl Done {
    /// Whether it is what became of an order that was [asked for](Order::is_asked_for).
    pub(super) fn is_asked_for(&self) -> bool {
        match self {
            Self::Opened { .. }
            | Self::Vacated { .. }
            | Self::Committed { .. }
            | Self::Appended { .. }
            | Self::Kept { .. }
            | Self::Dropped { .. }
            | Self::Deferred { .. } => true,
            Self::Prepared { .. } | Self::Saved { .. } | Self::Finished { .. } | Self::Probed => false,
        }
    }
}

/// What a look at a draft found.
#[derive(Debug)]
pub enum Saved {
    /// It is not as it was the last time: look again shortly.
    Unsettled(Digest),
    /// It is shorter than what was committed: look again when its editor has outlived it.
    CutShort(Digest),
    /// It settled; nothing to report if it held nothing new.
    Settled(Vec<EntryOutcome>),
}
