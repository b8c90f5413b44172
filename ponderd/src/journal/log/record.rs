//! What the log's records say.

use ponder_proto::{EntryName, OperationId, SessionId, Token};

use super::at::At;
use crate::journal::Digest;

/// A record's number in its log: 1, 2, 3 and so on, never reused in one log.
pub(in crate::journal) type Number = u64;

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::journal) enum Record {
    /// Text to be added at the end of an entry.
    Append(Append),
    /// The publication of these appends begins, at these places. Not flushed: it matters after the
    /// daemon's death, not after the machine's.
    Began(Vec<(Number, At)>),
    /// These appends and commits are published. Not flushed, either.
    Published(Vec<Number>),
    /// New versions of entries, all or none.
    Commit(Commit),
    /// This append or commit was given up before it was published: it has been refused.
    Withdrawn(Number),
    /// A version that was replaced, into which some program may still write.
    Displaced(Displaced),
    /// Operations of earlier logs.
    Operations(Vec<Operation>),
    /// Entries are being flushed from here on. Not flushed itself. If the daemon dies before the log
    /// is begun anew, a flush may have failed, and is not tried again on the same files.
    Settling,
    /// These appends have to wait for a lock, whatever was begun with them. Not flushed, either.
    Waiting(Vec<Number>),
    /// One entry is being flushed by itself, or has been. Not flushed. If the daemon dies between the two, that
    /// flush may have failed.
    Flushing { entry: EntryName, is_over: bool },
}

/// Text to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::journal) struct Append {
    pub(in crate::journal) operation: Operation,
    /// The text as it was given.
    pub(in crate::journal) text: Vec<u8>,
    /// What a new entry begins with.
    pub(in crate::journal) header: Vec<u8>,
    /// Where it is to stand, as the entry was when the record was written. None if there was no
    /// entry then.
    pub(in crate::journal) plan: Option<At>,
}

/// An operation's identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::journal) struct Operation {
    pub(in crate::journal) id: OperationId,
    pub(in crate::journal) entry: EntryName,
    /// The digest of the operation's text.
    pub(in crate::journal) text: Digest,
    /// When it was asked for, in seconds since 1970.
    pub(in crate::journal) time: i64,
}

/// New versions of entries, all or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::journal) struct Commit {
    pub(in crate::journal) session: SessionId,
    pub(in crate::journal) token: Token,
    pub(in crate::journal) parts: Vec<Part>,
}

impl Commit {
    /// One that is nobody's: what an entry has to be again.
    pub(in crate::journal) fn of_the_log(part: Part) -> Self {
        Self { session: SessionId([0; 16]), token: Token { epoch: 0, counter: 0 }, parts: vec![part] }
    }
}

/// The new version of one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::journal) struct Part {
    pub(in crate::journal) entry: EntryName,
    /// What it replaces; none if the entry is new.
    pub(in crate::journal) base: Option<Digest>,
    /// What it is.
    pub(in crate::journal) digest: Digest,
    pub(in crate::journal) length: u64,
    pub(in crate::journal) way: Way,
}

/// How a version becomes the entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::journal) enum Way {
    /// A flushed file of this name in `.ponder` takes the entry's place.
    File {
        name: String,
        inode: u64,
        /// The file that had the entry's name; none if the entry is new.
        replaces: Option<u64>,
        /// Its text, where that is short; a longer one is only in the file.
        text: Option<Vec<u8>>,
    },
    /// The entry's own file is written over: it has several names, or its directory is closed.
    InPlace { old: Vec<u8>, new: Vec<u8> },
}

/// A version that was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::journal) struct Displaced {
    pub(in crate::journal) entry: EntryName,
    /// Its name in `.ponder`.
    pub(in crate::journal) name: String,
    /// The file that was to take its place: if that is still under the name, it never did.
    pub(in crate::journal) by: u64,
    /// What it held when it was replaced: any more came late.
    pub(in crate::journal) digest: Digest,
    pub(in crate::journal) length: u64,
}
