//! How daemons end, what the next one makes of that, and whether all is well then.

use super::ops::{Add, Crash, Day, Mark};
use super::oracle::Places;
use crate::journal::disk::simulated::{Act, Best, Seeded, When, Worst};
use std::path::PathBuf;

use super::doings::order;
use super::driver::{GROUND, Outcomes, Ring, Session, name, path};

impl Ring {
    /// Tells the oracle what was seen.
    pub(super) fn settle_accounts(&mut self) -> Outcomes {
        for late in self.disk.take_late() {
            let day = usize::from(late.path != path(0));
            self.oracle.wrote_late(day, &late);
        }
        let touched = self.oracle.touched();
        for change in self.disk.take_changes() {
            if let Some(day) = (0..2).find(|day| change.path == path(*day)) {
                self.oracle.entry_changed(day, &change)?;
            } else {
                let day = usize::from(change.path.file_name() != path(0).file_name());
                self.oracle.draft_changed(day, &change);
            }
        }
        if self.oracle.touched() != touched {
            self.oracle.forget_pairs();
        }
        Ok(())
    }

    /// The daemon ends, and another one comes.
    pub(super) fn restart(&mut self, crash: &Crash) -> Outcomes {
        self.crash = None;
        self.settle_accounts()?;
        self.fall(crash);
        for calls in &crash.again {
            self.stop_at(*calls);
            self.try_to_open()?;
            self.was_ended_again = self.disk.is_dead();
            self.fall(crash);
        }
        if let Some((calls, fault)) = crash.fault {
            self.is_quiet = false;
            let now = self.disk.count();
            self.disk.plan(When::Call(now.changes + now.reads + calls), fault);
            if self.try_to_open()? {
                self.disk.forget_plan();
                self.take_up();
                return self.settle_accounts();
            }
            self.fall(crash);
        }
        self.open().map_err(|error| format!("it does not start: {error}"))?;
        self.take_up();
        self.settle_accounts()?;
        if !(0..2).any(|day| self.is_unrestored(day)) {
            self.oracle.is_in_order();
            self.oracle.trouble(false);
        }
        self.check()
    }

    /// Whether what the log has for an entry waits for another program.
    fn is_unrestored(&self, day: Day) -> bool {
        self.store
            .as_ref()
            .is_some_and(|store| store.drafts.writer.call(|writer| writer.is_unrestored(name(day))))
    }

    /// The sessions that go on have their drafts again.
    fn take_up(&mut self) {
        let late: Vec<Day> = (0..2).filter(|day| self.is_unrestored(*day)).collect();
        late.into_iter().for_each(|day| self.oracle.restored_late(day));
        for at in 0..self.sessions.len() {
            if self.sessions[at].is_open {
                let Session { id, token, kind, ref drafts, .. } = self.sessions[at];
                let days: Vec<Day> = drafts.iter().map(|(day, _)| *day).collect();
                let order = order(id, token, kind, &days, Some(id));
                self.sessions[at].is_open = self.store().prepare(&order).is_ok();
            }
        }
    }

    pub(super) fn try_to_open(&mut self) -> Result<bool, String> {
        let opened = self.open().is_ok();
        self.settle_accounts()?;
        Ok(opened && !self.disk.is_dead())
    }

    pub(super) fn fall(&mut self, crash: &Crash) {
        self.store = None;
        self.disk.forget_plan();
        let goes_on = crash.goes_on && crash.power.is_none() && !crash.reboot;
        self.sessions.iter_mut().for_each(|session| session.is_open &= goes_on);
        if crash.power.is_some() || crash.reboot {
            self.sessions.clear(); // no editor is left, either
        }
        match crash.power {
            Some(seed) => {
                match seed {
                    0 => self.disk.power_cut(&mut Worst),
                    1 => self.disk.power_cut(&mut Best),
                    seed => self.disk.power_cut(&mut Seeded(seed)),
                }
                self.oracle.power_cut();
                self.boot += 1;
            }
            None if crash.reboot => {
                // All that is dirty is written, and nothing else is in memory afterwards.
                self.disk.power_cut(&mut Best);
                self.oracle.rebooted();
                self.boot += 1;
            }
            None => {
                self.disk.kill();
                self.oracle.killed();
            }
        }
        if let Some((day, deed)) = crash.kept {
            self.is_quiet = false;
            self.foretell(day, deed);
            let _refused = self.act(day, deed).map(|act| self.disk.outsider(path(day), act));
        }
    }

    /// Everything is in order again: what was to be done is done, and all is where it belongs.
    pub(super) fn conclude(&mut self, seed: u64) -> Outcomes {
        if self.disk.is_dead() {
            self.restart(&Crash::KILL)?;
        }
        self.disk.forget_plan();
        for day in 0..2 {
            while self.disk.outsider(path(day), Act::Close).is_ok() {}
        }
        self.settle_accounts()?;
        (0..3).for_each(|_| self.idle());
        self.settle_accounts()?;
        self.check()?;
        if seed.is_multiple_of(4) {
            self.store().checkpoint().map_err(|fault| format!("no checkpoint: {fault}"))?;
            self.oracle.is_in_order();
        }
        let power = (seed % 4 < 3).then_some(seed);
        self.restart(&Crash { power, ..Crash::KILL })?;
        (0..2).for_each(|_| self.idle());
        self.settle_accounts()?;
        self.check_with(false)?;
        self.takes_appends()
    }

    /// Service goes on.
    pub(super) fn takes_appends(&mut self) -> Outcomes {
        for day in 0..2 {
            if self.disk.visible(path(day)).is_none() && self.disk.attributes(path(day)).is_some() {
                continue; // a directory
            }
            let mark = Mark(9000 + u32::try_from(day).unwrap());
            let add = Add { day, mark, id: mark.0, ended: true };
            self.is_quiet = true;
            self.append(&[add])?;
            self.settle_accounts()?;
        }
        self.check_with(false)
    }

    pub(super) fn check(&self) -> Outcomes {
        if self.disk.retried_flushes() > 0 {
            return Err("a file was flushed again after a flush of it had failed".to_owned());
        }
        if self.disk.trespasses() > 0 {
            return Err("a file was written to or replaced that somebody had locked".to_owned());
        }
        self.check_with(true)
    }

    /// `watched`: versions that were replaced count, too.
    pub(super) fn check_with(&self, watched: bool) -> Outcomes {
        let mut places = Places::default();
        let journal = GROUND.journal.path();
        let kept: Vec<PathBuf> = match &self.store {
            Some(store) if !watched => {
                store.list_kept().into_iter().map(|kept| PathBuf::from(&kept.path)).collect()
            }
            _ => Vec::new(),
        };
        for (file, bytes) in self.disk.all_files() {
            let (marks, _) = Mark::all_in(&bytes);
            if let Some(day) = (0..2).find(|day| file == path(*day)) {
                places.entries[day] = Some(marks);
                continue;
            }
            let is_base = file.extension().is_some_and(|extension| extension == "base");
            let is_side = file.starts_with(journal.join(".ponder"));
            let is_draft = file.starts_with(GROUND.state.slots()) && !is_base;
            let is_kept = kept.iter().any(|path| file.starts_with(path));
            if watched && (is_side || is_draft) || is_kept {
                places.elsewhere.extend(marks);
            }
        }
        for day in 0..2 {
            if places.entries[day].is_none() && self.disk.attributes(path(day)).is_none() {
                places.entries[day] = Some(Vec::new());
            }
        }
        if let Some(store) = self.store.as_ref().filter(|_| !self.disk.is_dead()) {
            for deferred in store.drafts.list_deferred() {
                let (marks, _) = Mark::all_in(&deferred.text.0);
                places.deferred[usize::from(deferred.entry != name(0))].extend(marks);
            }
            places.unrestored = [0, 1].map(|day| self.is_unrestored(day));
        }
        self.oracle.check(&places)
    }
}
