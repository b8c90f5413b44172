//! Whether a holder lives: asked for only while somebody waits for its lease, or looks.
//!
//! A client that is stopped looks like one that is busy; only an answer tells. So a holder is asked,
//! and whoever does not answer in time is *suspect*; one whose connection ended is *orphaned*. Either
//! keeps its lease until somebody has waited for it for a whole window, and carries on if it comes back
//! before that.

use ponder_proto::{EntryName, ErrorCode, Forced, Life, Mode, SessionId, Token};

use super::line::Line;
use super::session::Seat;
use super::timers::Timer;
use super::{ClientId, Effect, Ending, LeaseCore, Phase, Refused, Tick, Windows};

impl LeaseCore {
    /// A session is wanted by somebody with a place in line: those who have its entries now are asked.
    pub(super) fn want_from(&mut self, seat: Seat, now: Tick, effects: &mut Vec<Effect>) {
        let session = &self.sessions[&seat];
        let (entries, mode) = (session.entries().to_vec(), session.mode());
        self.want(seat, &entries, mode, now, effects);
        for holder in self.holders(seat, &entries, mode) {
            self.watch(holder, now);
        }
    }

    /// Somebody wants these entries, to wait for them or not: those who have them are asked.
    pub(super) fn want(
        &mut self,
        seat: Seat,
        entries: &[EntryName],
        mode: Mode,
        now: Tick,
        effects: &mut Vec<Effect>,
    ) {
        for holder in self.holders(seat, entries, mode) {
            self.ask(holder, now, effects);
        }
    }

    fn holders(&self, seat: Seat, entries: &[EntryName], mode: Mode) -> Vec<Seat> {
        let lines = entries.iter().filter_map(|entry| self.lines.get(entry));
        let current = lines.flat_map(Line::current).filter(|holder| *holder < seat);
        current.filter(|holder| mode == Mode::Exclusive || self.mode_of(*holder) == Mode::Exclusive).collect()
    }

    fn mode_of(&self, seat: Seat) -> Mode {
        self.sessions[&seat].mode()
    }

    /// Somebody looks: whoever has a lease is asked.
    pub(super) fn look(&mut self, now: Tick, effects: &mut Vec<Effect>) {
        for seat in self.sessions.keys().copied().collect::<Vec<_>>() {
            self.ask(seat, now, effects);
        }
    }

    /// Whether somebody is being asked, so that what is known of it may change in a moment.
    pub fn is_asking(&self) -> bool {
        self.sessions.values().any(|session| session.life == Life::Asked)
    }

    /// Asks a holder whether it lives, unless it was heard of just now.
    fn ask(&mut self, seat: Seat, now: Tick, effects: &mut Vec<Effect>) {
        let (answer, due) = (self.windows.answer, now.after(self.windows.answer));
        let Some(session) = self.sessions.get_mut(&seat) else { return };
        let Some(client) = session.client else { return };
        if matches!(session.phase, Phase::Granted(_))
            && session.life == Life::Answers
            && session.heard.after(answer) <= now
        {
            session.life = Life::Asked;
            self.timers.set(seat, Timer::Life, due);
            if !effects.contains(&Effect::Ping(client)) {
                effects.push(Effect::Ping(client));
            }
        }
    }

    /// Whether somebody waits for a holder.
    pub(super) fn is_wanted(&self, seat: Seat) -> bool {
        let Some(session) = self.sessions.get(&seat) else { return false };
        session.entries().iter().any(|entry| self.lines[entry].is_wanted(seat, session.mode()))
    }

    /// Whether somebody waits for a holder. Since when, is noted.
    fn note_wanted(&mut self, seat: Seat, now: Tick) -> bool {
        let wanted = self.is_wanted(seat);
        if let Some(session) = self.sessions.get_mut(&seat) {
            session.wanted = wanted.then(|| session.wanted.unwrap_or(now));
        }
        wanted
    }

    /// Starts or stops a holder's window, as somebody waits for it or not.
    pub(super) fn watch(&mut self, seat: Seat, now: Tick) {
        let wanted = self.note_wanted(seat, now);
        let Some(session) = self.sessions.get(&seat) else { return };
        if !matches!(session.phase, Phase::Granted(_)) {
            return;
        }
        if !wanted {
            if session.life != Life::Asked {
                self.timers.clear(seat, Timer::Life);
            }
            return;
        }
        let due = match session.life {
            Life::Asked | Life::Away => return,
            // It is asked soon, if it says nothing by then.
            Life::Answers => session.heard.after(self.windows.answer).max(now),
            Life::Suspect | Life::Orphaned => now.after(self.windows.window),
        };
        if self.timers.get(seat, Timer::Life).is_none() {
            self.timers.set(seat, Timer::Life, due);
        }
    }

    /// The time is over for a holder to be asked, to answer, or to come back.
    pub(super) fn life_is_due(&mut self, seat: Seat, now: Tick, effects: &mut Vec<Effect>) {
        let wanted = self.is_wanted(seat);
        let Windows { answer, window, .. } = self.windows;
        let Some(session) = self.sessions.get_mut(&seat) else { return };
        match session.life {
            Life::Answers if wanted => {
                self.ask(seat, now, effects);
                if self.sessions[&seat].life == Life::Answers {
                    self.watch(seat, now); // it was heard of meanwhile
                }
            }
            Life::Asked => {
                session.life = Life::Suspect;
                effects.push(Effect::Suspect(session.id()));
                if wanted {
                    // The window began when it was asked; or when somebody began to wait, where it was
                    // asked before that, for somebody who looked or has left.
                    let since_asked = now.after(window.saturating_sub(answer));
                    let since_wanted = session.wanted.map_or(since_asked, |since| since.after(window));
                    self.timers.set(seat, Timer::Life, since_asked.max(since_wanted));
                }
            }
            Life::Suspect | Life::Orphaned if wanted => self.force(seat, Forced::Expired, effects),
            _ => {}
        }
    }

    /// Whether a client of this connection was asked whether it lives, and has not answered.
    pub fn is_in_doubt(&self, client: ClientId) -> bool {
        let mut lives = self.seats_of(client).map(|seat| self.sessions[&seat].life);
        lives.any(|life| matches!(life, Life::Asked | Life::Suspect))
    }

    /// A client lives.
    pub(super) fn heard(&mut self, client: ClientId, now: Tick, effects: &mut Vec<Effect>) {
        for seat in self.seats_of(client).collect::<Vec<_>>() {
            self.lives(seat, now, effects);
        }
    }

    fn lives(&mut self, seat: Seat, now: Tick, effects: &mut Vec<Effect>) {
        let Some(session) = self.sessions.get_mut(&seat) else { return };
        session.heard = now;
        let life = std::mem::replace(&mut session.life, Life::Answers);
        if !matches!(session.phase, Phase::Granted(_)) {
            return;
        }
        if matches!(life, Life::Suspect | Life::Orphaned) {
            effects.push(Effect::CarriedOn(session.id()));
        }
        self.timers.clear(seat, Timer::Life);
        if self.note_wanted(seat, now) {
            self.timers.set(seat, Timer::Life, now.after(self.windows.again));
        }
    }

    /// A connection ended.
    pub(super) fn gone(&mut self, client: ClientId, now: Tick, effects: &mut Vec<Effect>) {
        let seats: Vec<Seat> = self.seats_of(client).collect();
        // The last waiter first: the end of an earlier one would grant it to a client that is gone.
        for &seat in seats.iter().rev() {
            if self.draining {
                break; // they come back to the next daemon
            }
            if self.sessions[&seat].phase == Phase::Queued {
                let id = self.sessions[&seat].id();
                self.stand_up(seat, now, effects);
                self.over.forget(id); // whoever connects again waits again
            }
        }
        for seat in seats {
            self.clients.remove(&(client, seat));
            let Some(session) = self.sessions.get_mut(&seat) else { continue };
            session.client = None;
            self.orphan(seat, now, effects);
        }
    }

    /// A holder's client is gone, or did not come back. A lease that is ending already just ends.
    pub(super) fn orphan(&mut self, seat: Seat, now: Tick, effects: &mut Vec<Effect>) {
        let Some(session) = self.sessions.get_mut(&seat) else { return };
        if !matches!(session.phase, Phase::Granted(_)) {
            return;
        }
        session.life = Life::Orphaned;
        effects.push(Effect::Orphaned(session.id()));
        self.timers.clear(seat, Timer::Life);
        self.watch(seat, now);
    }

    /// Nobody is left of an orphaned session. A client that came back meanwhile says by itself when it
    /// is done.
    pub(super) fn deserted(&mut self, id: SessionId, effects: &mut Vec<Effect>) {
        if let Some((seat, Life::Orphaned)) = self.by_id(id).map(|session| (session.seat, session.life)) {
            self.finish(seat, Ending::Died, effects);
        }
    }

    pub(super) fn reattach(
        &mut self,
        client: ClientId,
        id: SessionId,
        token: Token,
        now: Tick,
        effects: &mut Vec<Effect>,
    ) {
        let Some(session) = self.by_id(id).filter(|session| session.token() == Some(token)) else {
            return effects.push(Effect::Refused(client, id, Refused::Because(ErrorCode::StaleToken)));
        };
        let (seat, phase) = (session.seat, session.phase);
        self.attach(seat, client, now, effects);
        if matches!(phase, Phase::Granted(_)) {
            effects.push(Effect::Granted(id, token));
        }
    }

    /// From here on this connection speaks for the session. A newer one wins: it is the one that its
    /// client believes in.
    pub(super) fn attach(&mut self, seat: Seat, client: ClientId, now: Tick, effects: &mut Vec<Effect>) {
        let Some(session) = self.sessions.get_mut(&seat) else { return };
        let old = session.client.replace(client);
        if old == Some(client) {
            return;
        }
        if let Some(old) = old {
            effects.push(Effect::Superseded(old, session.id()));
            self.clients.remove(&(old, seat));
        }
        self.clients.insert((client, seat));
        self.lives(seat, now, effects);
        self.is_not_away(seat);
    }
}
