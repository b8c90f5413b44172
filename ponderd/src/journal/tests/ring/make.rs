//! Histories by chance: one for each seed.

use super::ops::{Add, Begin, Crash, Day, Deed, Edit, How, Kind, Mark, Op};
use crate::journal::disk::simulated::{Choices, Failure, Fault, Lost, Seeded};

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
