//! Who is ahead of whom, for those who wait.

use std::collections::BTreeSet;

use ponder_proto::{EntryName, Mode, SessionId};

use super::line::Line;
use super::session::Seat;
use super::{LeaseCore, Phase, Session};

/// Conflicting sessions that are named at the most: what a person has a use for, told again and again.
const NAMED: usize = 4;

/// What is ahead of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// How many: current and waiting sessions that conflict with it.
    pub count: usize,
    /// The first of them, holders first.
    pub first: Vec<SessionId>,
}

/// How far a walk along an entry's line has come. It starts at the front.
#[derive(Clone, Copy, Debug)]
pub struct Walk {
    next: Seat,
    all: usize,
    exclusive: usize,
}

impl Default for Walk {
    fn default() -> Self {
        Self { next: Seat::FIRST, all: 0, exclusive: 0 }
    }
}

impl LeaseCore {
    /// What is ahead of a session.
    pub fn ahead(&self, id: SessionId) -> Ahead {
        let Some(session) = self.by_id(id) else { return Ahead { count: 0, first: Vec::new() } };
        self.ahead_of(session.seat, session.entries(), session.mode())
    }

    pub(super) fn ahead_of(&self, seat: Seat, entries: &[EntryName], mode: Mode) -> Ahead {
        let ids = |seats: Vec<Seat>| seats.iter().map(|seat| self.sessions[seat].id()).collect();
        if let [entry] = entries {
            let line = self.lines.get(entry);
            let count = line.map_or(0, |line| line.ahead(seat, mode));
            let first = line.map(|line| line.first_conflicts(seat, mode).take(NAMED).collect());
            return Ahead { count, first: ids(first.unwrap_or_default()) };
        }
        let before = self.before(seat, entries, mode);
        let (mut first, waiting): (Vec<Seat>, Vec<Seat>) =
            before.iter().partition(|seat| self.sessions[seat].is_current());
        first.extend(waiting);
        first.truncate(NAMED);
        Ahead { count: before.len(), first: ids(first) }
    }

    /// How many sessions stand in an entry's line.
    pub fn length(&self, entry: EntryName) -> usize {
        self.lines.get(&entry).map_or(0, Line::len)
    }

    /// How many wait for a session.
    pub fn waiting_for(&self, id: SessionId) -> usize {
        let Some(session) = self.by_id(id) else { return 0 };
        let conflicts = |other: &Session| {
            let exclusive = Mode::Exclusive == session.mode() || Mode::Exclusive == other.mode();
            exclusive && other.entries().iter().any(|entry| session.entries().contains(entry))
        };
        let waits = |other: &&Session| other.seat > session.seat && other.phase == Phase::Queued;
        self.sessions.values().filter(waits).filter(|other| conflicts(other)).count()
    }

    /// The seats before `seat` that conflict with a request for these entries.
    pub(super) fn before(&self, seat: Seat, entries: &[EntryName], mode: Mode) -> BTreeSet<Seat> {
        entries
            .iter()
            .filter_map(|entry| self.lines.get(entry))
            .flat_map(|line| line.conflicts(seat, mode))
            .collect()
    }

    /// Goes on along an entry's line, past `at_most` sessions. Returns those of them who wait, with what
    /// is ahead of them, and where to go on; nothing at the end of the line.
    ///
    /// A line of thousands is told its places in turns, and each of them costs the same: nobody counts
    /// from the front again.
    pub fn walk(
        &self,
        entry: EntryName,
        mut walk: Walk,
        at_most: usize,
    ) -> (Vec<(SessionId, Ahead)>, Option<Walk>) {
        let mut waiting = Vec::new();
        let Some(line) = self.lines.get(&entry) else { return (waiting, None) };
        let mut rest = line.from(walk.next).take(at_most + 1);
        for (seat, mode) in rest.by_ref().take(at_most) {
            let session = &self.sessions[&seat];
            if session.phase == Phase::Queued && session.client.is_some() {
                let ahead = if session.entries().len() == 1 {
                    let count = if mode == Mode::Exclusive { walk.all } else { walk.exclusive };
                    let first = line.first_conflicts(seat, mode).take(NAMED);
                    Ahead { count, first: first.map(|seat| self.sessions[&seat].id()).collect() }
                } else {
                    self.ahead_of(seat, session.entries(), mode)
                };
                waiting.push((session.id(), ahead));
            }
            walk.all += 1;
            walk.exclusive += usize::from(mode == Mode::Exclusive);
            walk.next = Seat(seat.0 + 1);
        }
        (waiting, rest.next().map(|_| walk))
    }
}
