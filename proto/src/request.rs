//! What clients ask.

use serde::{Deserialize, Serialize};

use crate::frame::{Decode, Encode};
use crate::{EntryName, Hello, LocalTime, OperationId, SessionId, Text, Token};

/// One question, with a number that comes back as `re` in its answers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
pub struct Request {
    /// Chosen by the client; unique on its connection while the answer is outstanding.
    #[serde(default)]
    pub id: u64,
    /// What is asked.
    #[serde(flatten)]
    pub op: Op,
}

/// The operations. New ones are only ever added at the end.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Op {
    /// The first message of a connection. Answered by `welcome`.
    Hello(Hello),
    /// Ask for a lease. Answered by `queued` (perhaps several) and `granted`.
    Acquire(Acquire),
    /// Leave the queue. Answered by `cancelled`, or by the error `already_granted`.
    Cancel {
        /// The session that no longer wants to wait.
        session: SessionId,
    },
    /// The editor runs: a new entry may now be created. Answered by `opened`.
    Opened {
        /// The granted session.
        session: SessionId,
    },
    /// Commit the drafts as they are now. Answered by `committed`.
    Commit {
        /// The granted session.
        session: SessionId,
        /// Its token: a commit counts only under the current grant.
        token: Token,
    },
    /// Hand the lease back. Answered by `released`, once everything is durable.
    Release {
        /// The granted session.
        session: SessionId,
        /// Whether the command succeeded: an on-exit session commits only then. Of an editor, whether
        /// it ended by itself and was not killed: what a killed one left may be half of a save.
        succeeded: bool,
    },
    /// Add text at the end of an entry. Answered by `appended`.
    Append(Append),
    /// Who holds what, who waits, what is kept. Answered by `status`. Needs no hello.
    Status,
    /// Drain and end. Answered by `stopping`. Needs no hello.
    Stop,
    /// Delete a kept draft for good. Answered by `dropped`.
    Drop {
        /// Its id, as `status` tells it.
        kept: String,
    },
    /// Which appends wait for another program's lock. Answered by `deferred`.
    Deferred,
    /// Come back to a session that was granted, on another connection: after the daemon was started
    /// anew, say. Answered by `granted`, with the same token; by `revoked` where the lease was ended by
    /// force, as long as the daemon knows; by the error `stale_token` where it is not current.
    Reattach {
        /// The granted session.
        session: SessionId,
        /// Its token: the lease is still ours only if it is still this one.
        token: Token,
    },
    /// To `ping`. Answered by nothing.
    Pong,
    /// End somebody's lease. Answered by `breaking` and, once it has ended, by `broken`.
    Break {
        /// The token that was shown: the lease of a successor has another one.
        token: Token,
        /// By force at once. Otherwise the holder is asked first, and has some time.
        now: bool,
        /// Who asks, for the holder and the log.
        by: Holder,
    },
    /// From now on, tell this connection of every change. Answered by `status`; then `changed`, unasked.
    Subscribe,
    /// Which leases were ended by force, and by whom. Answered by `history`.
    History,
    /// Drain and end, for another daemon to take over: who holds or waits keeps his place.
    /// Answered by `stopping`.
    Restart {
        /// The version of a client that wants a newer daemon: refused where that would not be one, and
        /// `busy` where it would harm anybody. None: somebody has decided.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        for_version: Option<String>,
    },
}

/// A request for a lease over a set of entries: all of them at once, or wait for all.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
pub struct Acquire {
    /// The new session's id. The same id with the same content asks again for the same place.
    pub session: SessionId,
    /// The entries, 1 to [`ENTRIES`](crate::limits::ENTRIES). Repeated ones count once.
    pub entries: Vec<EntryName>,
    /// The lease's kind.
    #[serde(default)]
    pub mode: Mode,
    /// How long to queue.
    #[serde(default)]
    pub wait: Wait,
    /// How long the lease may be held, in milliseconds of awake time: `warning` comes before the end,
    /// then it is revoked. Without, as long as its holder wants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<u64>,
    /// When drafts become commits.
    #[serde(default)]
    pub commit: CommitPolicy,
    /// Whether drafts (or, shared, read-only snapshots) are wanted. Without, the lease is pure
    /// exclusion and touches no file.
    #[serde(default = "yes")]
    pub drafts: bool,
    /// Whether an entry that does not exist may be created. Otherwise it gets no draft.
    #[serde(default = "yes")]
    pub create: bool,
    /// The session whose child asks: it is refused where it would have to wait for that session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inside: Option<SessionId>,
    /// The time for a new entry's header; without it the daemon's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<LocalTime>,
    /// What others are told about the holder.
    #[serde(default)]
    pub holder: Holder,
}

fn yes() -> bool {
    true
}

/// Text for the end of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
pub struct Append {
    /// The entry. A new one gets its header first.
    pub entry: EntryName,
    /// The text, 1 to [`TEXT`](crate::limits::TEXT) bytes. It gets a final newline if it has none.
    #[serde(flatten)]
    pub text: Text,
    /// Repeated with the same id, the text is added once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<OperationId>,
    /// The time for a new entry's header; without it the daemon's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<LocalTime>,
}

/// The kind of a lease.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Alone on its entries.
    #[default]
    Exclusive,
    /// Together with other shared leases: a stable view, nothing is committed.
    Shared,
}

/// How long to queue. Not how long the lease may be held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// Until it is granted.
    #[default]
    Forever,
    /// That many milliseconds.
    Millis(u64),
    /// Not at all: `busy` at once.
    None,
}

/// When the text of a draft becomes the text of its entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
#[serde(rename_all = "snake_case")]
pub enum CommitPolicy {
    /// All entries together when the session is released as succeeded; never by its death.
    #[default]
    OnExit,
    /// With every settled save, and at the end: for editors.
    OnSave,
    /// There is no draft: the path that is told is the entry's own. The lease keeps other leases out;
    /// nothing is private, nothing can be kept aside, and readers may see half of a save.
    InPlace,
}

impl CommitPolicy {
    /// Whether each settled save of a draft is a commit, for a lease of this kind: a shared one
    /// commits nothing.
    pub fn commits_saves(self, mode: Mode) -> bool {
        self == Self::OnSave && mode == Mode::Exclusive
    }
}

/// What a client says about itself, for people who wait. The daemon adds the process id that the
/// kernel vouches for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
pub struct Holder {
    /// The editor or command.
    #[serde(default)]
    pub program: String,
    /// The command line, for those who wait. It is never logged: it may hold text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The terminal, as `tty` prints it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal: Option<String>,
    /// Why a script holds the lease, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
}
