//! The last calls, to be read when a history fails.

use std::collections::VecDeque;
use std::fmt;
use std::io;

use super::plan::Count;

/// A call of the daemon's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    OpenRoot,
    IsAt,
    OpenDir,
    MakeDir,
    List,
    SyncDir,
    Look,
    ReadLink,
    Open,
    OpenToWrite,
    Create,
    Rename,
    Exchange,
    Link,
    Unlink,
    RemoveDir,
    Stat,
    Read,
    Write,
    Append,
    Truncate,
    Sync,
    SetMode,
    CopyAttributes,
    TryLock,
    NobodyWrites,
}

impl Call {
    /// Whether it is counted among those that change something or flush. Opening for writing is not:
    /// nothing is written yet.
    pub(super) fn changes(self) -> bool {
        matches!(
            self,
            Self::MakeDir
                | Self::SyncDir
                | Self::Create
                | Self::Rename
                | Self::Exchange
                | Self::Link
                | Self::Unlink
                | Self::RemoveDir
                | Self::Write
                | Self::Append
                | Self::Truncate
                | Self::Sync
                | Self::SetMode
                | Self::CopyAttributes
        )
    }

    /// Whether the system may say that the disk is full. On a file system that writes everything to
    /// a new place that includes every write, and a rename may need a larger directory.
    pub(super) fn may_allocate(self) -> bool {
        matches!(
            self,
            Self::MakeDir
                | Self::Create
                | Self::Rename
                | Self::Link
                | Self::Write
                | Self::Append
                | Self::Truncate
                | Self::CopyAttributes
        )
    }

    /// Whether it needs a descriptor.
    pub(super) fn opens(self) -> bool {
        matches!(
            self,
            Self::OpenRoot | Self::OpenDir | Self::List | Self::Open | Self::OpenToWrite | Self::Create
        )
    }
}

/// One line.
#[derive(Clone, Debug)]
struct Line {
    count: Count,
    what: What,
    error: Option<String>,
}

#[derive(Clone, Debug)]
enum What {
    Call(Call, String),
    Event(String),
}

/// The last calls.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    depth: usize,
    lines: VecDeque<Line>,
}

impl Trace {
    pub(super) fn new(depth: usize) -> Self {
        Self { depth, lines: VecDeque::new() }
    }

    /// Notes a call; what it is about is only asked for where lines are kept.
    pub(super) fn call(&mut self, count: Count, call: Call, about: impl FnOnce() -> String) {
        if self.depth > 0 {
            self.push(count, What::Call(call, about()));
        }
    }

    /// Notes what was no call of the daemon's.
    pub(super) fn event(&mut self, count: Count, event: impl FnOnce() -> String) {
        if self.depth > 0 {
            self.push(count, What::Event(event()));
        }
    }

    /// Notes how the last call failed.
    pub(super) fn failed(&mut self, error: &io::Error) {
        if let Some(line) = self.lines.back_mut() {
            line.error = Some(error.to_string());
        }
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.lines.iter().map(ToString::to_string).collect()
    }

    fn push(&mut self, count: Count, what: What) {
        if self.lines.len() == self.depth {
            self.lines.pop_front();
        }
        self.lines.push_back(Line { count, what, error: None });
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "change {:>3} read {:>3}: ", self.count.changes, self.count.reads)?;
        match &self.what {
            What::Call(call, about) => write!(f, "{call:?} {about}")?,
            What::Event(event) => write!(f, "-- {event}")?,
        }
        match &self.error {
            Some(error) => write!(f, ": {error}"),
            None => Ok(()),
        }
    }
}
