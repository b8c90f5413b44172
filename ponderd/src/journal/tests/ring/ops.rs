//! Histories as data: what happens, in order. One that fails is made shorter by leaving things out,
//! so everything says what it needs and is passed over where it makes no sense.

use crate::journal::disk::simulated::{Choices, Failure, Fault, Lost, Seeded};

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

/// A history by a seed.
pub(super) fn history(seed: u64) -> Vec<Op> {
    let mut make = Make { choices: Seeded(seed), next: 0, last: None };
    make.choices.choose(2); // neighbouring seeds begin alike
    let length = 2 + make.below(11);
    // Most histories are about one thing: all troubles at once hide each other.
    let troubles = make.below(8) as u32;
    (0..length)
        .flat_map(|_| match make.below(12) {
            0 if troubles & 1 != 0 => make.commit_under_an_outsider(),
            _ => vec![make.op(troubles)],
        })
        .collect()
}

struct Make {
    choices: Seeded,
    next: u32,
    /// The last append.
    last: Option<(Mark, Day)>,
}

impl Make {
    fn below(&mut self, limit: usize) -> usize {
        self.choices.choose(limit)
    }

    fn seed(&mut self) -> u64 {
        self.choices.choose(1 << 30) as u64
    }

    /// A number of calls: small ones are likelier.
    fn calls(&mut self) -> u64 {
        let limit = [4, 16, 40, 120][self.below(4)];
        1 + self.below(limit) as u64
    }

    fn mark(&mut self) -> Mark {
        self.next += 1;
        Mark(self.next)
    }

    fn day(&mut self) -> Day {
        usize::from(self.choices.one_in(4))
    }

    fn op(&mut self, troubles: u32) -> Op {
        let outsiders = troubles & 1 != 0;
        let faults = troubles & 2 != 0;
        let crashes = troubles & 4 != 0 || troubles < 2;
        match self.below(100) {
            0..25 => self.appends(),
            25..28 => Op::Repeat(self.below(3)),
            28..36 => {
                let kind =
                    [Kind::OnSave, Kind::OnSave, Kind::OnSave, Kind::OnExit, Kind::InPlace, Kind::Shared]
                        [self.below(6)];
                Op::Begin(Begin { kind, day: self.day(), opens: !self.choices.one_in(4) })
            }
            36..50 => Op::Edit { session: self.below(2), edit: self.edit(), rename: self.choices.one_in(2) },
            50..58 => Op::Save { session: self.below(2), editor_lives: !self.choices.one_in(5) },
            58..60 => Op::CommitNow { session: self.below(2) },
            60..66 => {
                let how = [How::Succeeded, How::Succeeded, How::Failed, How::Died, How::Forced];
                Op::Finish { session: self.below(2), how: how[self.below(5)] }
            }
            66..70 => Op::Checkpoint,
            70..73 => Op::Idle,
            73..74 => Op::Tick(self.below(9) as u64 * 1_000_000),
            74..82 if outsiders => Op::Outsider(self.day(), self.deed()),
            82..86 if outsiders => Op::OutsiderAt(self.calls(), self.day(), self.deed()),
            74..77 => Op::EditAt(self.calls(), self.below(2), self.edit()),
            77..84 if faults => Op::FaultAt(self.calls(), self.fault()),
            84..88 if faults => {
                let failure = self.failure();
                Op::Spell(self.calls(), 1 + self.below(20) as u64, failure)
            }
            88..89 if outsiders => Op::Sweep,
            88..89 => Op::Evict,
            89..90 => Op::WriteBack(self.seed()),
            90..93 if crashes => Op::Crash(self.crash(faults)),
            93..100 if crashes => Op::CrashAt(self.calls(), self.crash(faults)),
            _ => self.appends(),
        }
    }

    /// Another program writes while a version of ours is on its way into the entry's place.
    fn commit_under_an_outsider(&mut self) -> Vec<Op> {
        let day = self.day();
        let begin = Op::Begin(Begin { kind: Kind::OnSave, day, opens: true });
        let edit = Op::Edit { session: 0, edit: self.edit(), rename: self.choices.one_in(2) };
        let when = 10 + self.below(30) as u64;
        let deed = [Deed::Append(self.mark()), Deed::Replace(self.edit()), self.deed()][self.below(3)];
        let save = Op::Save { session: 0, editor_lives: true };
        let finish = Op::Finish { session: 0, how: How::Succeeded };
        vec![begin, edit, Op::OutsiderAt(when, day, deed), save, finish]
    }

    fn appends(&mut self) -> Op {
        let count = [1, 1, 1, 2, 3][self.below(5)];
        let ended = !self.choices.one_in(4);
        Op::Append((0..count).map(|_| self.add(ended)).collect())
    }

    fn add(&mut self, ended: bool) -> Add {
        let (mark, day) = (self.mark(), self.day());
        let mut add = Add { day, mark, id: mark.0, ended };
        if let Some((mark, day)) = self.last
            && self.choices.one_in(12)
        {
            // Somebody has the same thought once more.
            (add.mark, add.day) = (mark, day);
        }
        self.last = Some((add.mark, add.day));
        add
    }

    fn edit(&mut self) -> Edit {
        match self.below(20) {
            0..9 => Edit::AddLast(self.mark()),
            9..13 => Edit::Insert(self.below(6), self.mark()),
            13..15 => Edit::Remove(self.below(8)),
            15..17 => Edit::Replace(self.below(8), self.mark()),
            17 => Edit::Only(self.mark()),
            18 => Edit::Empty,
            _ => Edit::Prefix(self.below(60)),
        }
    }

    fn deed(&mut self) -> Deed {
        match self.below(28) {
            0..4 => Deed::Append(self.mark()),
            4..7 => Deed::Rewrite(self.edit()),
            7..11 => Deed::Replace(self.edit()),
            11 => Deed::Overwrite(self.below(60), self.mark()),
            12 => Deed::Truncate(self.below(80)),
            13 => Deed::Delete,
            14 => Deed::MakeDir,
            15 => Deed::Lock,
            16 => self.keep(),
            17..19 => Deed::Open,
            25 => Deed::Link,
            26 => Deed::WriteBack(self.seed()),
            19..22 => Deed::LateAppend(self.mark()),
            22 => Deed::LateOverwrite(self.below(60), self.mark()),
            23..25 => Deed::Close,
            _ => Deed::Sync,
        }
    }

    fn keep(&mut self) -> Deed {
        if self.choices.one_in(2) { Deed::Keep } else { Deed::KeepSecret }
    }

    fn failure(&mut self) -> Failure {
        let failures =
            [Failure::NoSpace, Failure::Quota, Failure::Io, Failure::ReadOnly, Failure::TooManyOpen];
        failures[self.below(failures.len())]
    }

    fn fault(&mut self) -> Fault {
        match self.below(6) {
            0..2 => Fault::Fail(self.failure()),
            2 => Fault::Short(self.below(40)),
            3 => Fault::LoseSync(Lost::ShowsNew),
            4 => Fault::LoseSync(Lost::ShowsOld),
            _ => Fault::Fail(Failure::Io),
        }
    }

    fn crash(&mut self, faults: bool) -> Crash {
        let power = self
            .choices
            .one_in(2)
            .then(|| if self.choices.one_in(4) { self.below(2) as u64 } else { self.seed() });
        let again = [0, 0, 0, 1, 1, 2][self.below(6)];
        let again = (0..again).map(|_| self.calls()).collect();
        let fault = (faults && self.choices.one_in(4)).then(|| (self.calls(), self.fault()));
        let within = self.choices.one_in(5).then(|| self.below(40));
        let (reboot, goes_on) = (self.choices.one_in(4), self.choices.one_in(2));
        let kept = self.choices.one_in(5).then(|| (self.below(2), self.keep()));
        Crash { power, reboot, goes_on, again, within, fault, kept }
    }
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
