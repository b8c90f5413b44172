//! What has to be true, said so that one can see that it is right.
//!
//! Every text that anybody writes holds a mark of its own. For each mark the oracle knows how often
//! the entry must and may have it, and whether it must be anywhere at all. Nothing is asked any more
//! of a mark that somebody other than the daemon took out of a file in which he saw it.
//!
//! Here is what is known, by what was asked for and what happened, and what is asked of it; what is known by
//! what was seen in files is in `seen`.

mod seen;

use std::collections::BTreeMap;

use super::ops::{Day, Mark};

/// What is known of one mark.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is asked for by itself")]
pub(super) struct Fate {
    day: Day,
    /// The entry has it at least so often, and at most.
    least: usize,
    most: usize,
    /// One of these is of a commit that had it in, and not of an answer: an operation that nobody knew of.
    unasked: bool,
    /// It is somewhere: in the entry, in a draft, in a version that is still watched.
    owed: bool,
    /// All that also after a power cut.
    durable: bool,
    /// Another program wrote over it, and need not have flushed that.
    overwritten: bool,
    /// Somebody took it away, or it never became anybody's: nothing is asked of it.
    free: bool,
}

/// Where marks are.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    /// In each entry; nothing if it is no plain file.
    pub(super) entries: [Option<Vec<Mark>>; 2],
    /// Of each entry's appends that wait for a lock.
    pub(super) deferred: [Vec<Mark>; 2],
    /// What the log has for it waits: a daemon was started while another program kept the entry from it.
    pub(super) unrestored: [bool; 2],
    /// In drafts, and in versions of entries under other names.
    pub(super) elsewhere: Vec<Mark>,
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Applied,
    Refused,
    Unknown,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Oracle {
    fates: BTreeMap<Mark, Fate>,
    operations: BTreeMap<u32, Answer>,
    /// Two marks that one step committed to two entries.
    pairs: Vec<(Mark, Mark)>,
    days: [DayState; 2],
    /// A flush failed and the disk shows something else than was written: until the next checkpoint
    /// or start entries may lack what is in the log.
    is_shaken: bool,
    /// Something may have failed since the last start: a commit that could not be taken back is judged at the
    /// next one, and may be half done until then.
    is_troubled: bool,
    /// There was another boot.
    has_rebooted: bool,
}

#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing that happened to the entry")]
struct DayState {
    /// Half of a mark was to be seen once, and may be seen again.
    torn: bool,
    /// The entry has a second name: it is written over in place.
    linked: bool,
    /// How often another program changed it.
    touched: usize,
    /// It did so since the last power cut, and need not have flushed what it wrote.
    unflushed: bool,
    /// It had the entry locked since then: appends waited.
    locked: bool,
    /// A daemon was started while another program kept the entry, and restored it later.
    late: bool,
    /// Another program changed it since then: what the log had for it may be beside it.
    beside: bool,
    /// The last version that the daemon put in its place, and what it lacks that was there.
    published: Vec<Mark>,
    dropped: Vec<Mark>,
    /// What users took out of it, and it may not have again.
    gone: Vec<Mark>,
}

type Checked = Result<(), String>;

impl Oracle {
    pub(super) fn is_new(&self, mark: Mark) -> bool {
        !self.fates.contains_key(&mark)
    }

    fn fate(&mut self, mark: Mark, day: Day) -> &mut Fate {
        let new = Fate {
            day,
            least: 0,
            most: 0,
            unasked: false,
            owed: false,
            durable: false,
            overwritten: false,
            free: false,
        };
        self.fates.entry(mark).or_insert(new)
    }

    /// An append is asked for: from here on it may be there.
    pub(super) fn asked(&mut self, id: u32, mark: Mark, day: Day) {
        let before = self.operations.get(&id).copied();
        if !matches!(before, Some(Answer::Applied | Answer::Unknown)) {
            self.fate(mark, day).most += 1;
        }
        if before != Some(Answer::Applied) {
            self.days[day].gone.retain(|gone| *gone != mark); // it may be done only now
        }
    }

    pub(super) fn answered(&mut self, id: u32, mark: Mark, day: Day, answer: Answer) {
        let before = self.operations.get(&id).copied();
        let fate = self.fate(mark, day);
        match (before, answer) {
            (Some(Answer::Applied), _) => return,
            (_, Answer::Applied) => {
                let counted = before == Some(Answer::Unknown) && std::mem::take(&mut fate.unasked);
                fate.least = (fate.least + usize::from(!counted)).min(fate.most);
                (fate.owed, fate.durable) = (true, !fate.overwritten);
            }
            // What is not known of the first time is not known after a refusal, either.
            (Some(Answer::Unknown), Answer::Refused) => return,
            (_, Answer::Refused) => fate.most -= 1,
            (_, Answer::Unknown) => {}
        }
        self.operations.insert(id, answer);
    }

    /// Another program's text, or a draft's, that somebody has now seen in a file.
    fn written(&mut self, mark: Mark, day: Day) {
        if self.is_new(mark) {
            *self.fate(mark, day) = Fate { most: 1, owed: true, ..*self.fate(mark, day) };
        }
    }

    fn release(&mut self, mark: Mark) {
        if let Some(fate) = self.fates.get_mut(&mark) {
            fate.free = true;
        }
    }

    /// What the log has for an entry waits.
    pub(super) fn restored_late(&mut self, day: Day) {
        self.days[day].late = true;
    }

    /// The machine was started anew.
    pub(super) fn rebooted(&mut self) {
        self.has_rebooted = true;
        for fate in self.fates.values_mut() {
            // See `power_cut`.
            if self.days[fate.day].locked && fate.most > 1 {
                fate.least = 0;
            }
        }
    }

    /// The daemon was killed. A log that was begun in another boot stays one of that until a checkpoint can be
    /// made: of what waits nobody can tell which one of the same lines stands in the entry.
    pub(super) fn killed(&mut self) {
        if self.has_rebooted {
            self.rebooted();
        }
    }

    /// A session in place is over, whose editor may have written over appends: those that are not there
    /// as lines of their own are put there again.
    pub(super) fn in_place_ended(&mut self, day: Day) {
        if self.days[day].touched > 0 {
            let of_day = self.fates.values_mut().filter(|fate| fate.day == day && fate.most > 0);
            of_day.for_each(|fate| fate.most = usize::MAX / 2);
        }
    }

    /// Another program does something to the entry, now or soon, seen or not.
    pub(super) fn touched_soon(&mut self, day: Day) {
        self.days[day].unflushed = true;
    }

    /// Another program writes the whole entry over, perhaps by what it is, which nobody sees.
    pub(super) fn rewritten_soon(&mut self, day: Day) {
        self.touched_soon(day);
        let of_day = self.fates.values_mut().filter(|fate| fate.day == day);
        of_day.for_each(|fate| (fate.durable, fate.overwritten) = (false, true));
    }

    /// Another program locks the entry, now or soon.
    pub(super) fn locked(&mut self, day: Day) {
        self.days[day].locked = true;
    }

    pub(super) fn linked(&mut self, day: Day) {
        self.days[day].linked = true;
    }

    /// A commit was acknowledged: what the daemon put in the entry's place is flushed.
    pub(super) fn committed(&mut self, day: Day) {
        let dropped = std::mem::take(&mut self.days[day].dropped).into_iter();
        // One that was asked for twice may come once more.
        let is_once = |mark: &Mark| self.fates.get(mark).is_none_or(|fate| fate.most < 2);
        let gone: Vec<Mark> = dropped.filter(is_once).collect();
        self.days[day].gone.extend(gone);
        for mark in std::mem::take(&mut self.days[day].published) {
            if let Some(fate) = self.fates.get_mut(&mark) {
                fate.durable = true;
                fate.unasked |= fate.least == 0;
                fate.least = fate.least.max(1).min(fate.most);
            }
        }
    }

    /// One step commits these to both entries, or none of them.
    pub(super) fn together(&mut self, one: Mark, other: Mark) {
        self.pairs.push((one, other));
    }

    /// Nothing is asked of pairs any more whose entries others wrote to.
    pub(super) fn touched(&self) -> usize {
        self.days[0].touched + self.days[1].touched
    }

    pub(super) fn forget_pairs(&mut self) {
        self.pairs.clear();
    }

    pub(super) fn power_cut(&mut self) {
        self.has_rebooted = true;
        for fate in self.fates.values_mut() {
            fate.free |= !fate.durable;
            // Of what another program wrote any part may be missing: then nothing tells whether the
            // entry had a text of ours, and it is kept aside.
            let day = &self.days[fate.day];
            // One that waited may have been published after all; where the entry has the very same text
            // from elsewhere, nothing tells, either.
            if day.unflushed || day.locked && fate.most > 1 {
                fate.least = 0;
            }
        }
        self.days.iter_mut().filter(|day| day.unflushed).for_each(|day| day.gone.clear());
        self.is_shaken = false;
        self.days.iter_mut().for_each(|day| (day.unflushed, day.locked) = (false, false));
    }

    /// Something fails, now or soon; or a daemon has started after it.
    pub(super) fn trouble(&mut self, comes: bool) {
        self.is_troubled = comes;
    }

    /// A daemon has started or made a checkpoint, and nothing failed.
    pub(super) fn is_in_order(&mut self) {
        self.is_shaken = false;
    }

    /// Whether everything is where it has to be.
    pub(super) fn check(&self, places: &Places) -> Checked {
        for (mark, fate) in &self.fates {
            self.check_mark(*mark, fate, places)
                .map_err(|why| format!("{}: {why}; {fate:?}", mark.text()))?;
        }
        for (day, state) in self.days.iter().enumerate() {
            let found = places.entries[day].as_deref().unwrap_or_default();
            let is_back = |mark: &&Mark| found.contains(mark) && !places.unrestored[day];
            if let Some(mark) = state.gone.iter().find(is_back) {
                return Err(format!("{} is there again, which a user took out", mark.text()));
            }
        }
        for (one, other) in &self.pairs {
            let there = |mark: &Mark, day: Day| {
                places.entries[day].as_ref().is_some_and(|found| found.contains(mark))
            };
            let free = |mark| self.fates.get(mark).is_none_or(|fate: &Fate| fate.free);
            let restored = places.unrestored == [false, false];
            if restored && !self.is_troubled && !free(one) && !free(other) && there(one, 0) != there(other, 1)
            {
                return Err(format!("only one of {} and {} was committed", one.text(), other.text()));
            }
        }
        Ok(())
    }

    fn check_mark(&self, mark: Mark, fate: &Fate, places: &Places) -> Checked {
        if fate.free {
            return Ok(());
        }
        let count = |found: &[Mark]| count(found, &mark);
        let entry = places.entries[fate.day].as_deref();
        let here = entry.map_or(0, count);
        let waiting = count(&places.deferred[fate.day]);
        let other = places.entries[1 - fate.day].as_deref().map_or(0, count);
        if other > 0 {
            return Err("it is in the other entry".to_owned());
        }
        if here + waiting > fate.most {
            return Err(format!("it is there {here} times, and {waiting} times to come"));
        }
        if self.is_shaken || places.unrestored[fate.day] {
            return Ok(());
        }
        if entry.is_some() && !self.days[fate.day].beside && here + waiting < fate.least {
            return Err(format!("it is there {here} times, and {waiting} times to come"));
        }
        if fate.owed && here + waiting + count(&places.elsewhere) == 0 {
            return Err("it is lost".to_owned());
        }
        Ok(())
    }
}

fn count(of: &[Mark], mark: &Mark) -> usize {
    of.iter().filter(|other| *other == mark).count()
}
