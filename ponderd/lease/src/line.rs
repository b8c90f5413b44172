//! The line of one entry: who has it or wants it, in the order in which they asked.

use std::collections::{BTreeMap, BTreeSet};

use ponder_proto::Mode;

use super::session::Seat;

/// What is asked of a line whenever it moves costs O(log n), however long it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Line {
    order: BTreeMap<Seat, Mode>,
    exclusive: BTreeSet<Seat>,
    /// Those who have it.
    current: BTreeSet<Seat>,
}

impl Line {
    pub(super) fn join(&mut self, seat: Seat, mode: Mode) {
        self.order.insert(seat, mode);
        if mode == Mode::Exclusive {
            self.exclusive.insert(seat);
        }
    }

    pub(super) fn grant(&mut self, seat: Seat) {
        self.current.insert(seat);
    }

    pub(super) fn leave(&mut self, seat: Seat) {
        self.order.remove(&seat);
        self.exclusive.remove(&seat);
        self.current.remove(&seat);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether nobody before `seat` conflicts with it.
    pub(super) fn is_clear(&self, seat: Seat, mode: Mode) -> bool {
        let first = match mode {
            Mode::Exclusive => self.order.keys().next(),
            Mode::Shared => self.exclusive.first(),
        };
        first.is_none_or(|first| *first >= seat)
    }

    /// Whether somebody behind `seat` waits for it.
    pub(super) fn is_wanted(&self, seat: Seat, mode: Mode) -> bool {
        let last = match mode {
            Mode::Exclusive => self.order.keys().next_back(),
            Mode::Shared => self.exclusive.last(),
        };
        last.is_some_and(|last| *last > seat)
    }

    /// Those before `seat` that conflict with it, in order.
    pub(super) fn conflicts(&self, seat: Seat, mode: Mode) -> impl Iterator<Item = Seat> + '_ {
        self.conflicts_from(Seat::FIRST, seat, mode)
    }

    /// The same, without those before `from`.
    pub(super) fn conflicts_from(
        &self,
        from: Seat,
        seat: Seat,
        mode: Mode,
    ) -> impl Iterator<Item = Seat> + '_ {
        self.order
            .range(from..seat)
            .filter(move |(_, other)| mode == Mode::Exclusive || **other == Mode::Exclusive)
            .map(|(seat, _)| *seat)
    }

    /// How many there are before `seat` that conflict with it. Whoever is last costs nothing to count.
    pub(super) fn ahead(&self, seat: Seat, mode: Mode) -> usize {
        if self.order.keys().next_back().is_none_or(|last| *last <= seat) {
            let itself = usize::from(self.order.contains_key(&seat));
            return match mode {
                Mode::Exclusive => self.order.len() - itself,
                Mode::Shared => self.exclusive.len(),
            };
        }
        self.conflicts(seat, mode).count()
    }

    /// The first of those before `seat` that conflict with it: those who have the entry first.
    pub(super) fn first_conflicts(&self, seat: Seat, mode: Mode) -> impl Iterator<Item = Seat> + '_ {
        let holders = self.current.range(..seat).copied();
        let conflicting = move |other: &Seat| mode == Mode::Exclusive || self.exclusive.contains(other);
        let waiting = self.conflicts(seat, mode).filter(|other| !self.current.contains(other));
        holders.filter(conflicting).chain(waiting)
    }

    /// Those who have it.
    pub(super) fn current(&self) -> impl Iterator<Item = Seat> + '_ {
        self.current.iter().copied()
    }

    /// Those who may have come to the front when somebody left: the first, and if it is shared,
    /// the shared ones right behind it.
    pub(super) fn front(&self) -> impl Iterator<Item = Seat> + '_ {
        let mut previous = None;
        self.order
            .iter()
            .take_while(move |(_, mode)| {
                let goes_on = previous.is_none() || (previous, **mode) == (Some(Mode::Shared), Mode::Shared);
                previous = Some(**mode);
                goes_on
            })
            .map(|(seat, _)| *seat)
    }

    /// All from `seat` on, in order.
    pub(super) fn from(&self, seat: Seat) -> impl Iterator<Item = (Seat, Mode)> + '_ {
        self.order.range(seat..).map(|(seat, mode)| (*seat, *mode))
    }

    /// Whether anybody stands behind `seat`.
    pub(super) fn has_behind(&self, seat: Seat) -> bool {
        self.order.keys().next_back().is_some_and(|last| *last > seat)
    }
}
