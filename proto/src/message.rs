//! What the daemon says.

use serde::{Deserialize, Serialize};

use crate::frame::{Decode, Encode};
use crate::{
    By, EntryName, Forced, KeptDraft, OperationId, Past, RawPath, Refusal, SessionId, StatusReport, Text,
    Token, Welcome, Who,
};

/// One answer or event.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
pub struct Message {
    /// The number of the request it answers; none where the daemon speaks unasked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub re: Option<u64>,
    /// What is said.
    #[serde(flatten)]
    pub body: Body,
}

/// Answers and events. New ones are only ever added at the end.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Body {
    /// To hello.
    Welcome(Welcome),
    /// The request waits; said again whenever what is ahead changes.
    Queued {
        /// The waiting session.
        session: SessionId,
        /// How many are ahead of it: current and waiting sessions that conflict with it.
        ahead: u32,
        /// The first of them, holders first; not more than a screen has room for.
        blockers: Vec<Who>,
    },
    /// The lease is there, over all entries.
    Granted {
        /// The session.
        session: SessionId,
        /// The grant's fencing token.
        token: Token,
        /// One for each entry that exists or may be created; none if none were asked for.
        drafts: Vec<Draft>,
        /// A FIFO, if there are drafts. Whoever works on them opens it for writing, and lets his
        /// children inherit it: once nobody has it open, they are known to be gone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        alive: Option<RawPath>,
    },
    /// The session left the queue.
    Cancelled {
        /// The session.
        session: SessionId,
    },
    /// New entries were created with their headers.
    Opened {
        /// The session.
        session: SessionId,
    },
    /// Drafts were committed and are durable: to `commit`, or unasked after an editor's save.
    Committed {
        /// The session.
        session: SessionId,
        /// What became of each draft.
        entries: Vec<EntryOutcome>,
    },
    /// The session has ended, and its entries are durable.
    Released {
        /// The session.
        session: SessionId,
        /// What became of each draft in the end.
        entries: Vec<EntryOutcome>,
    },
    /// The text is durable and readable.
    Appended {
        /// The entry it was added to.
        entry: EntryName,
        /// The operation's id: repeat with it when an answer was lost.
        operation: OperationId,
        /// Whether this id had been applied before, so that nothing was added now.
        repeated: bool,
    },
    /// To status.
    Status(StatusReport),
    /// The daemon drains and ends: said to everyone. What was saved is committed, and leases go on.
    Stopping {
        /// Whether another one takes over.
        successor: Successor,
    },
    /// The request was refused, or the connection ends.
    Error(Refusal),
    /// The text is durable; it is not in the entry's file yet, because another program holds that
    /// file's lock. It follows when the lock is free. To append, instead of `appended`.
    Logged {
        /// The entry it will be added to.
        entry: EntryName,
        /// The operation's id.
        operation: OperationId,
        /// Whether this id had been applied before.
        repeated: bool,
    },
    /// To drop.
    Dropped {
        /// The kept draft that is gone.
        kept: String,
    },
    /// To deferred.
    Deferred {
        /// The appends that wait, by entry.
        entries: Vec<Deferred>,
    },
    /// Somebody waits, or looks: answer `pong`, or the leases of this connection are taken for dead.
    Ping,
    /// Somebody wants the lease. It is ended by force when the time is over.
    PleaseRelease {
        /// The granted session.
        session: SessionId,
        /// Who asks.
        by: By,
        /// How long there is, in milliseconds of awake time.
        grace: u64,
    },
    /// The lease is held for almost as long as it may be.
    Warning {
        /// The granted session.
        session: SessionId,
        /// How long there still is, in milliseconds of awake time.
        left: u64,
    },
    /// The lease was ended by force.
    Revoked {
        /// The session. Release it all the same once its work has ended: what was saved late is told then.
        session: SessionId,
        /// Why.
        why: Forced,
        /// Who had it ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<By>,
        /// What became of each draft that had changed.
        entries: Vec<EntryOutcome>,
    },
    /// The holder had not answered for a while, or was away, and somebody waits; it still has the lease.
    CarryOn {
        /// The granted session.
        session: SessionId,
        /// How many wait for it.
        waiting: u32,
    },
    /// To break: the holder was asked. `broken` follows.
    Breaking {
        /// The lease.
        token: Token,
        /// How long it has, in milliseconds of awake time.
        grace: u64,
    },
    /// To break: the lease has ended.
    Broken {
        /// The lease.
        token: Token,
        /// Whether its holder handed it back by itself.
        released: bool,
    },
    /// To those who have subscribed.
    Changed {
        /// What happened.
        change: Change,
        /// To whom. The state is the one after it, but for `ended`: then it is the last one.
        who: Who,
    },
    /// To history.
    History {
        /// The leases that were ended by force, the oldest first.
        past: Vec<Past>,
    },
}

/// Whether another daemon takes over from one that ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
#[serde(rename_all = "snake_case")]
pub enum Successor {
    /// It was stopped: who waits leaves, and only who has something to hand back starts another one.
    No,
    /// It is restarted: connect again.
    Yes,
    /// It got a signal, and whoever sent it decides: connect again, but start none.
    Perhaps,
}

/// What happened to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It waits.
    Queued,
    /// It has its lease.
    Granted,
    /// Its last commit is under way.
    Releasing,
    /// It is over.
    Ended,
    /// It does not answer.
    Suspect,
    /// Its client is gone.
    Orphaned,
    /// Its client is back, or answers again.
    CarriedOn,
    /// Somebody wants its lease.
    Asked,
}

/// Appends to one entry that are durable and wait for another program's lock on its file.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
pub struct Deferred {
    /// The entry.
    pub entry: EntryName,
    /// Since when the first of them waits, in seconds since 1970.
    pub since: i64,
    /// How many there are.
    pub appends: u32,
    /// Their texts, in order, each ending its line.
    #[serde(flatten)]
    pub text: Text,
}

/// A private working copy that an editor or script may open.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
pub struct Draft {
    /// Its entry.
    pub entry: EntryName,
    /// The file to open.
    #[serde(flatten)]
    pub path: RawPath,
    /// Whether the entry did not exist yet.
    pub new: bool,
}

/// What became of one draft.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
pub struct EntryOutcome {
    /// Its entry.
    pub entry: EntryName,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a draft's text.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was the entry's text already.
    Unchanged,
    /// It is the entry's text now, durably.
    Committed,
    /// The entry has other text; this one is where `path` says.
    Kept(KeptDraft),
    /// The disk refused: entry and draft are as they were.
    Failed(Refusal),
}

/// Why a text was kept and not committed. New reasons come at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
#[serde(rename_all = "snake_case")]
pub enum KeptReason {
    /// Another program changed the entry in the meantime.
    EntryChanged,
    /// The command failed, so its on-exit session committed nothing.
    CommandFailed,
    /// The client of an on-exit session went away without releasing it.
    ClientGone,
    /// The editor may have died while it saved: this may be half of a text.
    CutShort,
    /// The draft was saved empty: this is the text it had before.
    Emptied,
    /// The entry could not be written.
    DiskFailed,
    /// The daemon ended before this could be committed.
    DaemonEnded,
    /// Files that were created beside a draft.
    FilesBeside,
    /// Saved into the draft after its session had ended.
    SavedLate,
    /// Another program wrote it into a version of the entry that had just been replaced.
    WrittenLate,
    /// It was acknowledged, and after a crash nothing told whether the entry ever had it.
    Unexplained,
    /// The lease of an on-exit session was ended by force.
    Revoked,
}

impl KeptReason {
    /// The reason as the end of a sentence that starts "kept because".
    pub fn sentence(self) -> &'static str {
        match self {
            Self::EntryChanged => "another program changed the entry in the meantime",
            Self::CommandFailed => "the command failed, so nothing was committed",
            Self::ClientGone => "its client went away without releasing the lease",
            Self::CutShort => "its editor may have died while it saved, so it may be incomplete",
            Self::Emptied => "it was emptied, and this is the text it had before",
            Self::DiskFailed => "the entry could not be written",
            Self::Revoked => "its lease was ended by force before it was handed back",
            Self::DaemonEnded => "the daemon ended before it was committed",
            Self::FilesBeside => "these files were created beside a draft",
            Self::SavedLate => "it was saved after its session had ended",
            Self::WrittenLate => {
                "another program wrote it into a version of the entry that had just been replaced"
            }
            Self::Unexplained => {
                "after a crash nothing told whether the entry ever had this text; it may be in it already"
            }
        }
    }
}
