//! What was seen in files, and what the oracle knows by it.

use super::super::ops::{Day, Mark};
use super::{Checked, Fate, Oracle, count};
use crate::journal::disk::simulated::{Act, Change, Late, Who};

impl Oracle {
    /// What became of a draft.
    pub(in super::super) fn draft_changed(&mut self, day: Day, change: &Change) {
        let (before, _) = marks(change.before.as_deref());
        let (after, torn) = marks(change.after.as_deref());
        match change.by {
            Who::Daemon => {}
            Who::Disk => self.lost(&before, &after),
            Who::Outsider | Who::Writer => {
                self.days[day].torn |= torn;
                let taken = before.iter().filter(|mark| count(&after, mark) < count(&before, mark));
                taken.for_each(|mark| self.release(*mark));
                after.iter().for_each(|mark| self.written(*mark, day));
            }
        }
    }

    /// A flush failed, and what it should have flushed is not to be seen any more.
    fn lost(&mut self, before: &[Mark], after: &[Mark]) {
        for mark in before.iter().filter(|mark| count(after, mark) < count(before, mark)) {
            self.is_shaken = true;
            if let Some(fate) = self.fates.get_mut(mark) {
                fate.free |= !fate.durable;
                // With what another program wrote the place of ours may be lost.
                if self.days[fate.day].unflushed {
                    fate.least = 0;
                }
            }
        }
    }

    /// What a reader of an entry saw.
    pub(in super::super) fn entry_changed(&mut self, day: Day, change: &Change) -> Checked {
        let (before, _) = marks(change.before.as_deref());
        let (after, torn) = marks(change.after.as_deref());
        match change.by {
            Who::Daemon => {
                self.daemon_changed(day, change, torn)?;
                self.days[day].dropped = before.into_iter().filter(|mark| !after.contains(mark)).collect();
                self.days[day].published.clone_from(&after);
            }
            Who::Outsider | Who::Writer => self.others_changed(day, change.by, &before, &after),
            Who::Disk => self.lost(&before, &after),
        }
        self.days[day].torn |= torn;
        Ok(())
    }

    fn others_changed(&mut self, day: Day, by: Who, before: &[Mark], after: &[Mark]) {
        self.days[day].touched += 1;
        // What was on its way into the entry cannot be told from what he has made of it: it may be kept.
        self.days[day].beside |= self.days[day].late;
        // Into a file that the daemon was about to cut, perhaps: that is in place where it has two names.
        let is_in_between = self.days[day].linked && by == Who::Writer;
        for fate in self.fates.values_mut().filter(|fate| fate.day == day) {
            fate.free |= is_in_between;
            if self.is_shaken {
                fate.least = 0; // in the place of what the disk has lost, perhaps
            }
        }
        self.days[day].gone.clear();
        self.days[day].dropped.clear();
        if by == Who::Writer {
            self.days[day].published.clear(); // what was flushed is not what is there now
        }
        self.days[day].unflushed = true;
        for mark in before {
            if count(after, mark) < count(before, mark) {
                self.release(*mark);
            }
        }
        for mark in after {
            if self.is_new(*mark) {
                self.written(*mark, day);
                if self.days[day].linked {
                    self.release(*mark); // one that is written over in place may lose it
                }
            } else if count(after, mark) > count(before, mark) {
                self.release(*mark); // he has it from an older version
            }
            if by == Who::Writer
                && let Some(fate) = self.fates.get_mut(mark)
            {
                (fate.durable, fate.overwritten) = (false, true);
            }
        }
    }

    /// A reader sees whole versions, and beginnings of appends.
    fn daemon_changed(&self, day: Day, change: &Change, torn: bool) -> Checked {
        if self.days[day].linked {
            return Ok(());
        }
        let (Some(before), Some(after)) = (&change.before, &change.after) else {
            let is_torn = torn && !self.days[day].torn;
            return if is_torn { Err("a new entry is torn".to_owned()) } else { Ok(()) };
        };
        if change.same_file {
            let clean = after.starts_with(before) || before.starts_with(after);
            return if clean { Ok(()) } else { Err("an entry was written over".to_owned()) };
        }
        if torn && !self.days[day].torn {
            return Err("a torn version took an entry's place".to_owned());
        }
        Ok(())
    }

    pub(in super::super) fn wrote_late(&mut self, day: Day, late: &Late) {
        // Of one with two names only one may be the entry.
        let is_kept = late.has_name && !self.days[day].linked;
        let (Act::LateAppend(bytes) | Act::LateOverwrite(_, bytes)) = &late.act else { return };
        if matches!(late.act, Act::LateOverwrite(..)) {
            // Over what he wrote late himself, perhaps.
            let his_own = |fate: &&mut Fate| fate.day == day && fate.least == 0;
            self.fates.values_mut().filter(his_own).for_each(|fate| fate.free = true);
            self.days[day].torn = true;
            // Or over what was the entry a moment ago, and is again when the exchange is taken back.
            let ((before, _), (after, _)) = (marks(Some(&late.before)), marks(Some(&late.after)));
            let taken = before.iter().filter(|mark| count(&after, mark) < count(&before, mark));
            taken.filter(|_| is_kept).for_each(|mark| self.release(*mark));
        }
        let (found, torn) = marks(Some(bytes));
        self.days[day].torn |= torn;
        for mark in found {
            self.written(mark, day);
            if !is_kept {
                self.release(mark);
            }
        }
    }

    /// Somebody removed a file with these bytes from `.ponder`.
    pub(in super::super) fn swept(&mut self, bytes: &[u8]) {
        // What an entry still has of it nobody may lose.
        let only_there = |fate: &Fate| fate.least == 0;
        for mark in marks(Some(bytes)).0 {
            if self.fates.get(&mark).is_some_and(only_there) {
                self.release(mark);
            }
        }
    }
}

fn marks(bytes: Option<&[u8]>) -> (Vec<Mark>, bool) {
    bytes.map(Mark::all_in).unwrap_or_default()
}
