//! Sessions of the daemon before this one, who may come back.

use ponder_proto::{Acquire, Life, Token};

use super::session::Seat;
use super::timers::Timer;
use super::{Effect, LeaseCore, Phase, Session, Tick, Windows};

/// A session as it was written down.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Restored {
    /// What was asked.
    pub request: Acquire,
    /// Its token, if it had been granted.
    pub token: Option<Token>,
    /// How long it still may queue, in milliseconds, where that is limited.
    pub wait: Option<u64>,
    /// How long it still may hold its lease, in milliseconds, where that is limited.
    pub hold: Option<u64>,
}

impl LeaseCore {
    /// A core with the sessions of the daemon before this one, in their order. Nobody is overtaken: who
    /// had a lease has it, and who waits keeps his place, for as long as it takes to come back.
    ///
    /// They have to be from this boot. The epoch must be above theirs.
    pub fn restore(epoch: u64, windows: Windows, sessions: Vec<Restored>, now: Tick) -> Self {
        let mut core = Self::new(epoch, windows);
        for restored in sessions {
            core.restore_one(restored, now);
        }
        if !core.away.is_empty() {
            core.admission = Some(now.after(windows.back));
        }
        core
    }

    fn restore_one(&mut self, restored: Restored, now: Tick) {
        let Restored { request, token, wait, hold } = restored;
        let seat = Seat(self.next_seat);
        let phase = token.map_or(Phase::Queued, Phase::Granted);
        self.seat(Session { client: None, request, phase, life: Life::Away, heard: now, wanted: None, seat });
        self.away.insert(seat);
        if token.is_some() {
            self.take_lines(seat);
            if let Some(left) = hold {
                self.limit(seat, left, now);
            }
        } else if let Some(wait) = wait {
            self.timers.set(seat, Timer::Wait, now.after(wait.max(self.windows.back)));
        }
    }

    /// Whether sessions of the daemon before this one may still come back.
    pub fn is_admitting(&self) -> bool {
        self.admission.is_some()
    }

    /// A session is back, or over. The admission ends with the last one.
    pub(super) fn is_not_away(&mut self, seat: Seat) {
        if self.away.remove(&seat) && self.away.is_empty() {
            self.admission = None;
        }
    }

    /// Who has not come back by now does not wait any more; a lease of one is like that of any whose
    /// client is gone.
    pub(super) fn end_admission(&mut self, now: Tick, effects: &mut Vec<Effect>) {
        self.admission = None;
        let away = std::mem::take(&mut self.away);
        let (holders, waiters): (Vec<Seat>, Vec<Seat>) =
            away.into_iter().partition(|seat| self.sessions[seat].is_current());
        // Holders first: the end of a waiter must not find a holder that nothing is known of.
        for seat in holders {
            self.orphan(seat, now, effects);
        }
        for seat in waiters {
            self.stand_up(seat, now, effects);
        }
    }
}
