//! What the core has to do, written down as plainly as it can be: all sessions in one list, in the
//! order in which they asked. Whatever can be worked out is worked out anew, over the whole list, and
//! time passes one tick after the other.

use std::collections::BTreeSet;

use ponder_proto::{Forced, Life};

use crate::{Ending, Windows};

pub(super) const WINDOWS: Windows = Windows { answer: 2, window: 5, again: 4, grace: 6, back: 5, warning: 2 };

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Waits,
    Has,
    Ends,
}

/// What clients and the daemon are told, as far as it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Said {
    Ping(u8),
    Suspect(u8),
    Orphaned(u8),
    CarriedOn(u8),
    Warning(u8, u64),
    Finish(u8, u8),
    Cancelled(u8),
}

/// Endings have no order of their own.
pub(super) fn number_of(ending: Ending) -> u8 {
    match ending {
        Ending::Succeeded => 0,
        Ending::Failed => 1,
        Ending::Died => 2,
        Ending::Forced(Forced::Expired) => 3,
        Ending::Forced(Forced::Broken) => 4,
        Ending::Forced(Forced::HeldTooLong) => 5,
    }
}

#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) number: u8,
    pub(super) days: BTreeSet<u32>,
    pub(super) alone: bool,
    pub(super) hold: Option<u64>,
    pub(super) on: Option<u8>,
    pub(super) state: State,
    pub(super) life: Life,
    /// When it was heard of, and whether somebody waited then and has since.
    heard: u64,
    again: bool,
    /// When it was asked, or its client was lost.
    silent: u64,
    /// Since when somebody waits for it.
    wanted: Option<u64>,
    wait_until: Option<u64>,
    hold_until: Option<u64>,
    warned: bool,
    broken_at: Option<u64>,
}

impl Member {
    fn conflicts(&self, days: &BTreeSet<u32>, alone: bool) -> bool {
        (self.alone || alone) && !self.days.is_disjoint(days)
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Reference {
    pub(super) now: u64,
    pub(super) list: Vec<Member>,
    pub(super) asked: u8,
    pub(super) draining: bool,
    pub(super) admission: Option<u64>,
    /// Since the last transition began.
    pub(super) said: BTreeSet<Said>,
}

impl Reference {
    /// The session that an arbitrary number stands for.
    pub(super) fn pick(&self, which: usize) -> Option<usize> {
        which.checked_rem(self.list.len())
    }

    /// Works everything out anew that follows from the list.
    pub(super) fn settle(&mut self) {
        for here in 0..self.list.len() {
            let member = &self.list[here];
            let conflicts = |other: &Member| other.conflicts(&member.days, member.alone);
            let clear = !self.list[..here].iter().any(conflicts);
            if member.state == State::Waits && member.on.is_some() && clear && !self.draining {
                let member = &mut self.list[here];
                (member.state, member.heard, member.again) = (State::Has, self.now, false);
                (member.wait_until, member.wanted) = (None, None);
                member.hold_until = member.hold.map(|hold| self.now + hold);
            }
        }
        for here in 0..self.list.len() {
            let wanted = self.is_wanted(here);
            let member = &mut self.list[here];
            member.wanted = wanted.then(|| member.wanted.unwrap_or(self.now));
            member.again &= wanted;
        }
        if !self.list.iter().any(|member| member.life == Life::Away) {
            self.admission = None;
        }
    }

    fn is_wanted(&self, here: usize) -> bool {
        let member = &self.list[here];
        let waits =
            |other: &Member| other.state == State::Waits && other.conflicts(&member.days, member.alone);
        member.state == State::Has && self.list[here + 1..].iter().any(waits)
    }

    pub(super) fn leave(&mut self, number: u8) {
        self.list.retain(|member| member.number != number);
        self.settle();
    }

    pub(super) fn finish(&mut self, here: usize, ending: Ending) {
        let member = &mut self.list[here];
        if member.state == State::Has {
            member.state = State::Ends;
            self.said.insert(Said::Finish(member.number, number_of(ending)));
        }
        self.settle();
    }

    fn ask(&mut self, here: usize) {
        let member = &mut self.list[here];
        let long_ago = member.heard + WINDOWS.answer <= self.now;
        if let (State::Has, Life::Answers, Some(on), true) = (member.state, member.life, member.on, long_ago)
        {
            (member.life, member.silent) = (Life::Asked, self.now);
            self.said.insert(Said::Ping(on));
        }
    }

    /// Somebody wants this, or (without) looks.
    pub(super) fn ask_all(&mut self, wanted: Option<(&BTreeSet<u32>, bool)>) {
        for here in 0..self.list.len() {
            if wanted.is_none_or(|(days, alone)| self.list[here].conflicts(days, alone)) {
                self.ask(here);
            }
        }
    }

    pub(super) fn is_clear(&self, days: &BTreeSet<u32>, alone: bool) -> bool {
        !self.list.iter().any(|other| other.conflicts(days, alone))
    }

    pub(super) fn sit_down(
        &mut self,
        on: u8,
        days: BTreeSet<u32>,
        alone: bool,
        wait: Option<u64>,
        hold: Option<u64>,
    ) {
        self.list.push(Member {
            number: self.asked,
            days,
            alone,
            hold,
            on: Some(on),
            state: State::Waits,
            life: Life::Answers,
            heard: self.now,
            again: false,
            silent: 0,
            wanted: None,
            wait_until: wait.map(|wait| self.now + wait),
            hold_until: None,
            warned: false,
            broken_at: None,
        });
        self.settle();
    }

    pub(super) fn lives(&mut self, here: usize) {
        let wanted = self.is_wanted(here);
        let member = &mut self.list[here];
        let back = member.state == State::Has && matches!(member.life, Life::Suspect | Life::Orphaned);
        (member.heard, member.again, member.life) = (self.now, wanted, Life::Answers);
        if back {
            self.said.insert(Said::CarriedOn(member.number));
        }
    }

    pub(super) fn attach(&mut self, here: usize, on: u8) {
        if self.list[here].on.replace(on) != Some(on) {
            self.lives(here);
        }
        self.settle();
    }

    pub(super) fn orphan(&mut self, here: usize) {
        let member = &mut self.list[here];
        member.on = None;
        if member.state == State::Has {
            (member.life, member.silent) = (Life::Orphaned, self.now);
            self.said.insert(Said::Orphaned(member.number));
        }
    }

    pub(super) fn ask_to_release(&mut self, here: usize) {
        self.list[here].broken_at.get_or_insert(self.now + WINDOWS.grace);
    }

    /// Everything that is due now.
    pub(super) fn due(&mut self) {
        let now = self.now;
        for number in self.list.iter().map(|member| member.number).collect::<Vec<_>>() {
            let Some(here) = self.list.iter().position(|member| member.number == number) else { continue };
            let member = &mut self.list[here];
            if member.state == State::Waits && member.wait_until.is_some_and(|until| until <= now) {
                self.leave(number);
                continue;
            }
            if member.state != State::Has {
                continue;
            }
            let next = member.heard + if member.again { WINDOWS.again } else { WINDOWS.answer };
            let expires = member.wanted.map(|since| since.max(member.silent) + WINDOWS.window);
            match member.life {
                Life::Answers if member.wanted.is_some() && next <= now => self.ask(here),
                Life::Asked if member.silent + WINDOWS.answer <= now => {
                    member.life = Life::Suspect;
                    self.said.insert(Said::Suspect(number));
                }
                Life::Suspect | Life::Orphaned if expires.is_some_and(|due| due <= now) => {
                    self.finish(here, Ending::Forced(Forced::Expired));
                }
                _ => {}
            }
            if self.list[here].broken_at.is_some_and(|due| due <= now) {
                self.finish(here, Ending::Forced(Forced::Broken));
            }
            let member = &mut self.list[here];
            let warning = member.hold.map_or(0, |hold| (hold / 4).min(WINDOWS.warning));
            if let (Some(until), State::Has) = (member.hold_until, member.state) {
                if until <= now + warning && !member.warned {
                    member.warned = true;
                    self.said.insert(Said::Warning(number, until - now));
                }
                if until <= now {
                    self.finish(here, Ending::Forced(Forced::HeldTooLong));
                }
            }
        }
        if self.admission.is_some_and(|until| until <= now) {
            self.admission = None;
            for here in
                (0..self.list.len()).filter(|here| self.list[*here].life == Life::Away).collect::<Vec<_>>()
            {
                self.orphan(here);
            }
            self.list.retain(|member| member.state != State::Waits || member.life != Life::Away);
            self.settle();
        }
    }

    /// The daemon ends, however, and the next one begins.
    pub(super) fn restart(&mut self) {
        self.draining = false;
        for member in &mut self.list {
            if member.state == State::Ends {
                // What is left of a limit is not known any more of a lease that was ending.
                (member.state, member.hold_until) = (State::Has, None);
            }
            (member.on, member.life, member.broken_at) = (None, Life::Away, None);
            (member.warned, member.wanted) = (false, None);
            let least = self.now + WINDOWS.back;
            member.wait_until = member.wait_until.map(|until| until.max(least));
        }
        self.admission = Some(self.now + WINDOWS.back);
        self.settle();
    }
}
