//! What is due when.

use std::collections::{BTreeMap, BTreeSet};

use super::Tick;
use super::session::Seat;

/// What a session may have to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// It has queued for as long as it was to.
    Wait,
    /// Its holder is to be asked, has not answered, or is given up, by its life.
    Life,
    /// It was asked to release.
    Grace,
    /// It is soon held for as long as it may be.
    Warning,
    /// It is.
    Hold,
}

/// At most one of each kind for each session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Timers {
    due: BTreeSet<(Tick, Seat, Timer)>,
    of: BTreeMap<(Seat, Timer), Tick>,
}

impl Timers {
    pub(super) fn set(&mut self, seat: Seat, timer: Timer, due: Tick) {
        self.clear(seat, timer);
        self.due.insert((due, seat, timer));
        self.of.insert((seat, timer), due);
    }

    pub(super) fn clear(&mut self, seat: Seat, timer: Timer) {
        if let Some(due) = self.of.remove(&(seat, timer)) {
            self.due.remove(&(due, seat, timer));
        }
    }

    pub(super) fn clear_all(&mut self, seat: Seat) {
        for timer in [Timer::Wait, Timer::Life, Timer::Grace, Timer::Warning, Timer::Hold] {
            self.clear(seat, timer);
        }
    }

    pub(super) fn get(&self, seat: Seat, timer: Timer) -> Option<Tick> {
        self.of.get(&(seat, timer)).copied()
    }

    /// The first that is due by `now`; it is over with that.
    pub(super) fn take_due(&mut self, now: Tick) -> Option<(Seat, Timer)> {
        let (_, seat, timer) = *self.due.first().filter(|(due, ..)| *due <= now)?;
        self.clear(seat, timer);
        Some((seat, timer))
    }

    pub(super) fn next(&self) -> Option<Tick> {
        self.due.first().map(|(due, ..)| *due)
    }
}
