//! What the daemon says.

use serde::{Deserialize, Serialize};

use crate::frame::{Decode, Encode};
use crate::{
    EntryName, KeptDraft, OperationId, RawPath, Refusal, SessionId, StatusReport, Text, Token, Welcome, Who,
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
    /// The daemon drains and ends: said to everyone. Sessions end; what was saved is committed.
    Stopping,
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
