//! Histories as data: what happens, in order. One that fails is made shorter by leaving things out,
//! so everything says what it needs and is passed over where it makes no sense.

use crate::journal::disk::simulated::{Failure, Fault};

/// One of the two entries.
pub(super) type Day = usize;

/// A text that is written once: `<a0012 …>`. Only the whole of it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Mark(pub(super) u32);

/// One thing that happens.
#[derive(Clone, Debug)]
pub(super) enum Op {
    /// Appends that are flushed together.
    Append(Vec<Add>),
    /// An operation of before is asked for again.
    Repeat(usize),
    Begin(Begin),
    /// The editor of an open session saves its drafts, or one of a session that is over saves late.
    Edit {
        session: usize,
        edit: Edit,
        rename: bool,
    },
    /// The daemon looks at a draft until it has settled.
    Save {
        session: usize,
        editor_lives: bool,
    },
    CommitNow {
        session: usize,
    },
    Finish {
        session: usize,
        how: How,
    },
    Checkpoint,
    Idle,
    Outsider(Day, Deed),
    /// Somebody tidies up in `.ponder`.
    Sweep,
    /// The same, just before a later call of the daemon.
    OutsiderAt(u64, Day, Deed),
    /// An editor saves just before a later call of the daemon.
    EditAt(u64, usize, Edit),
    Tick(u64),
    /// Goes wrong with a later call.
    FaultAt(u64, Fault),
    /// From a later change on, for some changes.
    Spell(u64, u64, Failure),
    Evict,
    WriteBack(u64),
    Crash(Crash),
    /// At a later call.
    CrashAt(u64, Crash),
}

/// One append.
#[derive(Clone, Copy, Debug)]
pub(super) struct Add {
    pub(super) day: Day,
    pub(super) mark: Mark,
    /// Its operation's id.
    pub(super) id: u32,
    /// Its text ends its line.
    pub(super) ended: bool,
}

/// A session's beginning.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begin {
    pub(super) kind: Kind,
    pub(super) day: Day,
    /// The editor runs at once.
    pub(super) opens: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    OnSave,
    /// Over both entries.
    OnExit,
    InPlace,
    Shared,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum How {
    Succeeded,
    Failed,
    Died,
    Forced,
}

/// What an editor does to a draft.
#[derive(Clone, Copy, Debug)]
pub(super) enum Edit {
    AddLast(Mark),
    /// Behind the line of that number.
    Insert(usize, Mark),
    Remove(usize),
    Replace(usize, Mark),
    /// Everything but this is gone.
    Only(Mark),
    Empty,
    /// It died in the middle.
    Prefix(usize),
}

/// What another program does to an entry.
#[derive(Clone, Copy, Debug)]
pub(super) enum Deed {
    Append(Mark),
    /// As editors save.
    Rewrite(Edit),
    /// As careful programs save.
    Replace(Edit),
    Overwrite(usize, Mark),
    /// Gives the entry a second name.
    Link,
    Truncate(usize),
    Delete,
    MakeDir,
    Lock,
    /// As programs can on Windows.
    Keep,
    KeepSecret,
    Open,
    LateAppend(Mark),
    LateOverwrite(usize, Mark),
    Close,
    Sync,
    /// Not another program: the system writes back some of everything.
    WriteBack(u64),
}

/// How the daemon ends and comes back.
#[derive(Clone, Debug)]
pub(super) struct Crash {
    /// The power goes, too: what survives is chosen by this seed; with 0 nothing does, with 1 all.
    pub(super) power: Option<u64>,
    /// The machine was started anew, in good order.
    pub(super) reboot: bool,
    /// Sessions go on under the next daemon, where their clients live and come back to it.
    pub(super) goes_on: bool,
    /// Recovery is killed at these calls, one after the other.
    pub(super) again: Vec<u64>,
    /// It dies in the middle of a write that takes so many bytes, if it dies at a call.
    pub(super) within: Option<usize>,
    /// Something fails while recovery runs.
    pub(super) fault: Option<(u64, Fault)>,
    /// Another program keeps an entry before the next daemon comes.
    pub(super) kept: Option<(Day, Deed)>,
}

impl Crash {
    pub(super) const KILL: Self = Self {
        power: None,
        reboot: false,
        goes_on: false,
        again: Vec::new(),
        within: None,
        fault: None,
        kept: None,
    };
}

/// As it stands in a file.
impl Mark {
    pub(super) fn text(self) -> String {
        let filler = ["", " some", " and a few more words"][self.0 as usize % 3];
        format!("<{:04}{filler}>", self.0)
    }

    /// All of them in a file, in order; and whether any is torn.
    pub(super) fn all_in(bytes: &[u8]) -> (Vec<Self>, bool) {
        let (mut found, mut torn) = (Vec::new(), bytes.contains(&0));
        for piece in bytes.split(|byte| *byte == b'<').skip(1) {
            let number = piece.get(..4).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
            match number.map(Self) {
                Some(mark) if piece.starts_with(&mark.text().as_bytes()[1..]) => found.push(mark),
                _ => torn = true,
            }
        }
        (found, torn)
    }
}

impl Edit {
    /// The text that an editor makes of another one.
    pub(super) fn apply(self, text: &[u8]) -> Vec<u8> {
        let mut lines: Vec<Vec<u8>> =
            text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        let line = |mark: Mark| format!("{}\n", mark.text()).into_bytes();
        let count = lines.len();
        match self {
            Self::AddLast(mark) => {
                if let Some(last) = lines.last_mut().filter(|last| last.last() != Some(&b'\n')) {
                    last.push(b'\n');
                }
                lines.push(line(mark));
            }
            Self::Insert(at, mark) => lines.insert(at.min(count.saturating_sub(1)), line(mark)),
            Self::Remove(at) if count > 0 => drop(lines.remove(at % count)),
            Self::Replace(at, mark) if count > 0 => lines[at % count] = line(mark),
            Self::Remove(_) | Self::Empty => lines.clear(),
            Self::Replace(_, mark) | Self::Only(mark) => lines = vec![line(mark)],
            Self::Prefix(length) => return text[..length.min(text.len())].to_vec(),
        }
        lines.concat()
    }
}
