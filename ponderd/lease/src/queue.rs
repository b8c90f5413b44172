//! Asking, being granted, leaving.

use std::collections::BTreeSet;

use ponder_proto::{Acquire, EntryName, ErrorCode, Life, SessionId, Successor, Wait, limits};

use super::session::Seat;
use super::timers::Timer;
use super::{ClientId, Effect, Ending, LeaseCore, Phase, Refused, Session, Tick};

impl LeaseCore {
    pub(super) fn acquire(
        &mut self,
        client: ClientId,
        mut request: Acquire,
        now: Tick,
        effects: &mut Vec<Effect>,
    ) {
        let id = request.session;
        let refuse = |why| Effect::Refused(client, id, why);
        let mut seen = BTreeSet::new();
        request.entries.retain(|entry| seen.insert(*entry));
        if let Some(&seat) = self.seats.get(&id) {
            return self.acquire_again(client, &request, seat, now, effects);
        }
        if self.over.contains(id) {
            return effects.push(refuse(Refused::Because(ErrorCode::SessionReused)));
        }
        if self.draining {
            return effects.push(refuse(Refused::Because(ErrorCode::Stopping)));
        }
        if self.is_full_for(client) {
            return effects.push(refuse(Refused::Busy { blockers: Vec::new() }));
        }
        let seat = Seat(self.next_seat);
        let mode = request.mode;
        let is_clear = |entry| self.lines.get(entry).is_none_or(|line| line.is_clear(seat, mode));
        let clear = request.entries.iter().all(is_clear);
        if !clear {
            self.want(seat, &request.entries, mode, now, effects);
            let blockers = || self.ahead_of(seat, &request.entries, mode).first;
            if self.would_deadlock(&request, seat) {
                return effects.push(refuse(Refused::WouldDeadlock { blockers: blockers() }));
            }
            if request.wait == Wait::None || self.is_extension(client, &request) {
                return effects.push(refuse(Refused::Busy { blockers: blockers() }));
            }
        }
        self.sit_down(client, request, now);
        effects.push(Effect::Seated(id));
        if clear {
            self.grant(seat, now, effects);
        } else {
            self.want_from(seat, now, effects);
            effects.push(Effect::Queued(id));
        }
    }

    /// The same id again: the same place or the same grant, for the connection that asked last.
    fn acquire_again(
        &mut self,
        client: ClientId,
        request: &Acquire,
        seat: Seat,
        now: Tick,
        effects: &mut Vec<Effect>,
    ) {
        let session = &self.sessions[&seat];
        let (id, phase) = (session.id(), session.phase);
        let reused = Effect::Refused(client, id, Refused::Because(ErrorCode::SessionReused));
        if session.request != *request || matches!(phase, Phase::Releasing(_)) {
            return effects.push(reused);
        }
        self.attach(seat, client, now, effects);
        if let Phase::Granted(token) = phase {
            return effects.push(Effect::Granted(id, token));
        }
        self.grant_if_clear(seat, now, effects);
        if self.sessions[&seat].phase == Phase::Queued {
            effects.push(Effect::Queued(id));
        }
    }

    /// Who holds a lease and asks for more on the same connection does not wait: he could not give back
    /// what others wait for meanwhile.
    fn is_extension(&self, client: ClientId, request: &Acquire) -> bool {
        let outer = request.inside.and_then(|id| self.owned(client, id));
        outer.is_some_and(Session::is_current)
    }

    fn is_full_for(&self, client: ClientId) -> bool {
        self.sessions.len() >= limits::SESSIONS
            || self.seats_of(client).count() >= limits::SESSIONS_PER_CONNECTION
    }

    fn sit_down(&mut self, client: ClientId, request: Acquire, now: Tick) {
        let seat = Seat(self.next_seat);
        if let Wait::Millis(wait) = request.wait {
            self.timers.set(seat, Timer::Wait, now.after(wait));
        }
        self.clients.insert((client, seat));
        self.seat(Session {
            client: Some(client),
            request,
            phase: Phase::Queued,
            life: Life::Answers,
            heard: now,
            wanted: None,
            seat,
        });
    }

    /// Puts a session into the lines of its entries, at their end.
    pub(super) fn seat(&mut self, session: Session) {
        let seat = session.seat;
        self.next_seat = seat.0 + 1;
        for entry in session.entries() {
            self.lines.entry(*entry).or_default().join(seat, session.mode());
        }
        self.seats.insert(session.id(), seat);
        self.sessions.insert(seat, session);
    }

    fn grant(&mut self, seat: Seat, now: Tick, effects: &mut Vec<Effect>) {
        let Some(session) = self.sessions.get_mut(&seat) else { return };
        self.last_token.counter += 1;
        session.phase = Phase::Granted(self.last_token);
        session.heard = now;
        let (id, hold) = (session.id(), session.request.hold);
        self.take_lines(seat);
        self.timers.clear(seat, Timer::Wait);
        if let Some(hold) = hold {
            self.limit(seat, hold, now);
        }
        effects.push(Effect::Granted(id, self.last_token));
        self.watch(seat, now);
    }

    /// From here on the session has its entries.
    pub(super) fn take_lines(&mut self, seat: Seat) {
        for entry in self.sessions[&seat].entries() {
            if let Some(line) = self.lines.get_mut(entry) {
                line.grant(seat);
            }
        }
    }

    fn grant_if_clear(&mut self, seat: Seat, now: Tick, effects: &mut Vec<Effect>) {
        let session = &self.sessions[&seat];
        let is_clear = |entry: &EntryName| self.lines[entry].is_clear(seat, session.mode());
        if session.phase == Phase::Queued
            && session.client.is_some()
            && !self.draining
            && session.entries().iter().all(is_clear)
        {
            self.grant(seat, now, effects);
        }
    }

    pub(super) fn cancel(&mut self, client: ClientId, id: SessionId, now: Tick, effects: &mut Vec<Effect>) {
        match self.owned(client, id).map(|session| (session.seat, session.phase)) {
            None => effects.push(Effect::Refused(client, id, Refused::Because(ErrorCode::NoSuchSession))),
            Some((seat, Phase::Queued)) => {
                effects.push(Effect::Cancelled(client, id));
                self.stand_up(seat, now, effects);
            }
            Some(_) => effects.push(Effect::Refused(client, id, Refused::Because(ErrorCode::AlreadyGranted))),
        }
    }

    pub(super) fn release(
        &mut self,
        client: ClientId,
        id: SessionId,
        ending: Ending,
        effects: &mut Vec<Effect>,
    ) {
        let refuse = |code| Effect::Refused(client, id, Refused::Because(code));
        match self.owned(client, id).map(|session| (session.seat, session.phase)) {
            None | Some((_, Phase::Releasing(_))) => effects.push(refuse(ErrorCode::NoSuchSession)),
            Some((_, Phase::Queued)) => effects.push(refuse(ErrorCode::NotGranted)),
            Some((seat, Phase::Granted(_))) => self.finish(seat, ending, effects),
        }
    }

    pub(super) fn ended(&mut self, id: SessionId, now: Tick, effects: &mut Vec<Effect>) {
        if let Some((seat, Phase::Releasing(_))) = self.by_id(id).map(|session| (session.seat, session.phase))
        {
            self.stand_up(seat, now, effects);
        }
    }

    pub(super) fn waited_enough(&mut self, seat: Seat, now: Tick, effects: &mut Vec<Effect>) {
        let session = &self.sessions[&seat];
        let blockers = self.ahead_of(seat, session.entries(), session.mode()).first;
        if let Some(client) = session.client {
            effects.push(Effect::Refused(client, session.id(), Refused::Busy { blockers }));
        }
        self.stand_up(seat, now, effects);
    }

    /// Nobody is granted any more. Who waits leaves, where there is no other daemon to wait for.
    pub(super) fn drain(&mut self, successor: Successor, now: Tick, effects: &mut Vec<Effect>) {
        self.draining = true;
        if successor != Successor::No {
            return;
        }
        let waiting = self.sessions.values().filter(|session| session.phase == Phase::Queued);
        for seat in waiting.map(|session| session.seat).collect::<Vec<_>>() {
            let session = &self.sessions[&seat];
            if let Some(client) = session.client {
                let why = Refused::Because(ErrorCode::Stopping);
                effects.push(Effect::Refused(client, session.id(), why));
            }
            self.stand_up(seat, now, effects);
        }
    }

    /// Takes a session out of every line, and grants those who are clear now.
    pub(super) fn stand_up(&mut self, seat: Seat, now: Tick, effects: &mut Vec<Effect>) {
        let Some(session) = self.sessions.remove(&seat) else { return };
        self.seats.remove(&session.id());
        self.timers.clear_all(seat);
        if let Some(client) = session.client {
            self.clients.remove(&(client, seat));
        }
        // Whoever waited and could not be told has lost his place, and may have another.
        if session.is_current() || session.client.is_some() {
            self.over.remember(session.id());
        }
        effects.push(Effect::Over(session.id()));
        let mut clear = BTreeSet::new();
        for entry in session.entries() {
            let Some(line) = self.lines.get_mut(entry) else { continue };
            line.leave(seat);
            clear.extend(line.front());
            if line.is_empty() {
                self.lines.remove(entry);
            }
        }
        for seat in clear {
            self.grant_if_clear(seat, now, effects);
        }
        for entry in session.entries() {
            let Some(line) = self.lines.get(entry) else { continue };
            if line.has_behind(seat) {
                effects.push(Effect::Moved(*entry));
            }
            if session.phase == Phase::Queued {
                // Perhaps nobody waits any more for those who have it.
                for holder in line.current().collect::<Vec<_>>() {
                    self.watch(holder, now);
                }
            }
        }
        self.is_not_away(seat);
    }
}
