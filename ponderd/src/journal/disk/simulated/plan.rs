//! What is to go wrong, and when.

use std::io;
use std::ops::Range;

use rustix::io::Errno;

use super::outsider::Deed;
use super::trace::Call;

/// Before which call of the daemon. Calls are counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// The n-th that changes something or flushes.
    Change(u64),
    /// The n-th that only looks.
    Read(u64),
    /// The n-th of all.
    Call(u64),
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The daemon is killed before the call.
    Stop,
    /// The daemon is killed in the middle of a write: so many bytes were taken.
    StopWithin(usize),
    /// The call fails and does nothing. A flush may then be tried again with success: the friendly
    /// kind of failure.
    Fail(Failure),
    /// A write takes only so many bytes and the disk is full: `append` says how many it took and fails
    /// when it is called next for that file, `write` fails at once.
    Short(usize),
    /// A flush fails and drops what it should have written; the next one succeeds and writes nothing.
    LoseSync(Lost),
}

/// Why a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// ENOSPC, of calls that may need space.
    NoSpace,
    /// EDQUOT, as before.
    Quota,
    /// EIO, of every call.
    Io,
    /// EROFS, of everything that changes or opens for writing.
    ReadOnly,
    /// EMFILE, of everything that opens.
    TooManyOpen,
}

/// What the running system shows after a flush dropped bytes or names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// The new ones, which are nowhere but in memory (ext4, XFS).
    ShowsNew,
    /// The old ones again (btrfs).
    ShowsOld,
}

impl Failure {
    pub(super) fn error(self) -> io::Error {
        match self {
            Self::NoSpace => Errno::NOSPC,
            Self::Quota => Errno::DQUOT,
            Self::Io => Errno::IO,
            Self::ReadOnly => Errno::ROFS,
            Self::TooManyOpen => Errno::MFILE,
        }
        .into()
    }

    fn fits(self, call: Call) -> bool {
        match self {
            Self::NoSpace | Self::Quota => call.may_allocate(),
            Self::Io => true,
            Self::ReadOnly => call.changes() || call == Call::OpenToWrite,
            Self::TooManyOpen => call.opens(),
        }
    }
}

impl Fault {
    fn fits(self, call: Call) -> bool {
        match self {
            Self::Stop => true,
            Self::StopWithin(_) | Self::Short(_) => matches!(call, Call::Write | Call::Append),
            Self::Fail(failure) => failure.fits(call),
            Self::LoseSync(_) => matches!(call, Call::Sync | Call::SyncDir),
        }
    }
}

/// How many calls there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    /// That changed something or flushed.
    pub(crate) changes: u64,
    /// That only looked.
    pub(crate) reads: u64,
}

impl Count {
    fn has_reached(self, when: When, call: Call) -> bool {
        match when {
            When::Change(n) => call.changes() && self.changes >= n,
            When::Read(n) => !call.changes() && self.reads >= n,
            When::Call(n) => self.changes + self.reads >= n,
        }
    }
}

/// What is to happen, and what has.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    faults: Vec<(When, Fault)>,
    deeds: Vec<(When, Deed)>,
    spells: Vec<(Range<u64>, Failure)>,
    pub(super) fired: Vec<(Count, Fault)>,
}

impl Plan {
    pub(super) fn fault(&mut self, when: When, fault: Fault) {
        self.faults.push((when, fault));
    }

    pub(super) fn deed(&mut self, when: When, deed: Deed) {
        self.deeds.push((when, deed));
    }

    pub(super) fn spell(&mut self, changes: Range<u64>, failure: Failure) {
        self.spells.push((changes, failure));
    }

    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// What other programs do before this call, in the order it was planned.
    pub(super) fn due_deeds(&mut self, count: Count, call: Call) -> Vec<Deed> {
        if self.deeds.is_empty() {
            return Vec::new();
        }
        let (due, later) =
            self.deeds.drain(..).partition::<Vec<_>, _>(|(when, _)| count.has_reached(*when, call));
        self.deeds = later;
        due.into_iter().map(|(_, deed)| deed).collect()
    }

    /// What goes wrong with this call: the first fault whose time has come and that can happen to it.
    /// `grows` says if the call needs space for sure.
    pub(super) fn due_fault(&mut self, count: Count, call: Call, grows: bool) -> Option<Fault> {
        let due = |(when, fault): &(When, Fault)| count.has_reached(*when, call) && fault.fits(call);
        if let Some(at) = self.faults.iter().position(due) {
            let (_, fault) = self.faults.remove(at);
            self.fired.push((count, fault));
            return Some(fault);
        }
        let lasting = |(changes, failure): &&(Range<u64>, Failure)| match failure {
            Failure::NoSpace | Failure::Quota => changes.contains(&count.changes) && grows,
            _ => changes.contains(&count.changes) && failure.fits(call),
        };
        self.spells.iter().find(lasting).map(|(_, failure)| Fault::Fail(*failure))
    }
}
