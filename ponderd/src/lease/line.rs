//! The line of one entry: who has it or wants it, in the order in which they asked.

use std::collections::{BTreeMap, BTreeSet};

use ponder_proto::Mode;

use super::session::Seat;

/// Both questions asked of a line cost O(log n), however long it is.
#[derive(Debug, Default)]
pub(super) struct Line {
    order: BTreeMap<Seat, Mode>,
    exclusive: BTreeSet<Seat>,
}

impl Line {
    pub(super) fn join(&mut self, seat: Seat, mode: Mode) {
        self.order.insert(seat, mode);
        if mode == Mode::Exclusive {
            self.exclusive.insert(seat);
        }
    }

    pub(super) fn leave(&mut self, seat: Seat) {
        self.order.remove(&seat);
        self.exclusive.remove(&seat);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Whether nobody before `seat` conflicts with it.
    pub(super) fn is_clear(&self, seat: Seat, mode: Mode) -> bool {
        let first = match mode {
            Mode::Exclusive => self.order.keys().next(),
            Mode::Shared => self.exclusive.first(),
        };
        first.is_none_or(|first| *first >= seat)
    }

    /// Those before `seat` that conflict with it, in order.
    pub(super) fn conflicts(&self, seat: Seat, mode: Mode) -> impl Iterator<Item = Seat> + '_ {
        let before = self.order.range(..seat);
        before
            .filter(move |(_, other)| mode == Mode::Exclusive || **other == Mode::Exclusive)
            .map(|(seat, _)| *seat)
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

    /// Those behind `seat`, in order.
    pub(super) fn behind(&self, seat: Seat) -> impl Iterator<Item = Seat> + '_ {
        self.order.range(seat..).map(|(seat, _)| *seat).filter(move |other| *other != seat)
    }
}
