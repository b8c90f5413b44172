//! What happened: every operation with the time between its begin and its answer, one JSON line each.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::days::Day;

/// Something that happened.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Record {
    Append(Append),
    Session(Session),
    Signal(Signal),
    /// Somebody asked for a lease's end.
    Break {
        token: String,
        now: bool,
        from: Moment,
        exit: Option<i32>,
    },
    /// A daemon was told to end: whatever it was that holders keep is theirs only if they ask again.
    Daemon {
        did: Did,
        at: Moment,
    },
    /// A disk was full.
    Full {
        disk: String,
        from: Moment,
        to: Moment,
    },
    /// Another program wrote a line.
    Outside {
        line: String,
        day: Day,
        at: Moment,
    },
    /// Somebody only looked.
    Look {
        exit: Option<i32>,
    },
    /// A command that never ended.
    Hung {
        what: String,
    },
}

/// A line that was to be added at the end.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Append {
    pub(crate) line: String,
    pub(crate) day: Day,
    pub(crate) from: Moment,
    pub(crate) to: Moment,
    pub(crate) outcome: Outcome,
    /// On a connection of our own, and not by `ponder append`.
    pub(crate) raw: bool,
}

/// What was answered.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Acknowledged,
    /// It was refused, for this reason: nothing may have happened.
    Refused(String),
    /// Nobody knows.
    Unknown,
}

/// What a session is for.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// A script that adds a line to each draft.
    Script,
    /// One that does, and fails.
    Failing,
    /// One that only looks at drafts, together with others.
    Shared,
    /// One without drafts.
    NoDraft,
    /// An editor of ours, by `ponder edit`.
    Editor,
    /// vim.
    Vim,
}

/// A session, as its client saw it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Session {
    pub(crate) number: u64,
    pub(crate) kind: Kind,
    pub(crate) days: Vec<Day>,
    /// The client's process.
    pub(crate) pid: u32,
    pub(crate) from: Moment,
    pub(crate) to: Moment,
    /// None if a signal ended it.
    pub(crate) exit: Option<i32>,
    /// When it was told that it waits, the first time.
    pub(crate) queued: Option<Moment>,
    /// When it was told that the lease is there, and its token.
    pub(crate) granted: Option<(Moment, String)>,
    /// When it was told that its lease was ended by force.
    pub(crate) revoked: Option<Moment>,
    /// What worked under the lease, in its own words.
    pub(crate) works: Vec<Work>,
    /// What the client said, if it did not just succeed.
    pub(crate) said: String,
}

/// Something that an editor or script did.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Work {
    pub(crate) at: Moment,
    pub(crate) did: Deed,
}

/// What it did.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Deed {
    /// It runs. No other one of its entries' holders may.
    Began { pid: u32 },
    /// The mark of another holder was there: the other's number.
    Met { day: Day, other: u64 },
    /// It begins to save: what is in the file until that is done may be half of it.
    Saving,
    /// The line is in the draft, whole.
    Saved { line: String, day: Day },
    /// It could not save.
    Unsaved { why: String },
    /// It is about to exit, by itself.
    Ended,
}

/// A signal that we sent.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Signal {
    pub(crate) name: SignalName,
    pub(crate) program: String,
    pub(crate) pid: u32,
    pub(crate) parent: u32,
    pub(crate) at: Moment,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SignalName {
    Kill,
    Stop,
    Continue,
}

/// What was done about the daemon.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Did {
    Restart,
    Stop,
}

/// A history that is being made, by many threads.
#[derive(Debug)]
pub(crate) struct Recorder {
    file: Mutex<File>,
    records: Mutex<Vec<Record>>,
    numbers: AtomicU64,
    operations: AtomicUsize,
}

impl Recorder {
    pub(crate) fn new(path: &Path) -> Result<Self> {
        let file = File::create(path).with_context(|| path.display().to_string())?;
        let (numbers, operations) = (AtomicU64::new(1), AtomicUsize::new(0));
        Ok(Self { file: Mutex::new(file), records: Mutex::default(), numbers, operations })
    }

    /// A number that nothing else has.
    pub(crate) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// How many operations there were.
    pub(crate) fn operations(&self) -> usize {
        self.operations.load(Ordering::Relaxed)
    }

    pub(crate) fn note(&self, record: Record) -> Result<()> {
        let line = serde_json::to_string(&record)? + "\n";
        self.file.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes())?;
        if record.is_operation() {
            self.operations.fetch_add(1, Ordering::Relaxed);
        }
        self.records.lock().unwrap_or_else(PoisonError::into_inner).push(record);
        Ok(())
    }

    /// All of it.
    pub(crate) fn take(&self) -> Vec<Record> {
        std::mem::take(&mut self.records.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Record {
    /// Whether somebody wanted something, and it was no disturbance.
    pub(crate) fn is_operation(&self) -> bool {
        matches!(
            self,
            Self::Append(_)
                | Self::Session(_)
                | Self::Break { .. }
                | Self::Outside { .. }
                | Self::Look { .. }
        )
    }
}
