//! The state machine.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ponder_proto::{Acquire, EntryName, ErrorCode, Mode, SessionId, Token, Wait, limits};

use super::line::Line;
use super::over::Over;
use super::session::Seat;
use super::{ClientId, Effect, Ending, Event, Phase, Refused, Session, Tick};

/// All sessions that are not over, and the lines they stand in.
#[derive(Debug)]
pub struct LeaseCore {
    pub(super) sessions: BTreeMap<Seat, Session>,
    pub(super) seats: HashMap<SessionId, Seat>,
    pub(super) lines: HashMap<EntryName, Line>,
    deadlines: BTreeSet<(Tick, Seat)>,
    clients: BTreeSet<(ClientId, Seat)>,
    over: Over,
    next_seat: u64,
    last_token: Token,
    draining: bool,
}

impl LeaseCore {
    /// A core with no sessions whose tokens have this epoch. The epoch must be above every one
    /// that was ever used for this journal.
    pub fn new(epoch: u64) -> Self {
        Self {
            sessions: BTreeMap::new(),
            seats: HashMap::new(),
            lines: HashMap::new(),
            deadlines: BTreeSet::new(),
            clients: BTreeSet::new(),
            over: Over::default(),
            next_seat: 0,
            last_token: Token { epoch, counter: 0 },
            draining: false,
        }
    }

    /// Takes one event at a moment, and says what has to be done, in order.
    ///
    /// Waits that are over by `now` end first: a grant and an expiry of one session have one order,
    /// the one of the calls.
    pub fn handle(&mut self, event: Event, now: Tick) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.expire(now, &mut effects);
        match event {
            Event::Acquire { client, request } => self.acquire(client, request, now, &mut effects),
            Event::Cancel { client, session } => self.cancel(client, session, &mut effects),
            Event::Release { client, session, succeeded } => {
                let ending = if succeeded { Ending::Succeeded } else { Ending::Failed };
                self.release(client, session, ending, &mut effects);
            }
            Event::Unprepared { session } => {
                if let Some(session) = self.by_id(session) {
                    let (seat, phase) = (session.seat, session.phase);
                    if let Phase::Granted(token) = phase {
                        self.finish(seat, token, Ending::Failed, &mut effects);
                    }
                }
            }
            Event::Gone { client } => self.gone(client, &mut effects),
            Event::Ended { session } => self.ended(session, &mut effects),
            Event::Drain => self.drain(&mut effects),
            Event::Tick => {}
        }
        effects
    }

    /// The next moment at which [`Event::Tick`] is due, if any is.
    pub fn next_wake(&self) -> Option<Tick> {
        self.deadlines.first().map(|(due, _)| *due)
    }

    /// A session that is not over.
    pub fn session(&self, id: SessionId) -> Option<&Session> {
        self.by_id(id)
    }

    /// All sessions that are not over, in the order in which they asked.
    pub fn sessions(&self) -> impl Iterator<Item = &Session> {
        self.sessions.values()
    }

    /// Whether every session is over.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// The sessions before this one that conflict with it, in order: holders, and earlier waiters.
    pub fn blockers(&self, id: SessionId) -> Vec<SessionId> {
        let Some(session) = self.by_id(id) else { return Vec::new() };
        self.before(session.seat, session.entries(), session.mode())
            .into_iter()
            .map(|seat| self.sessions[&seat].id())
            .collect()
    }

    /// The seats before `seat` that conflict with a request for these entries.
    pub(super) fn before(&self, seat: Seat, entries: &[EntryName], mode: Mode) -> BTreeSet<Seat> {
        entries
            .iter()
            .filter_map(|entry| self.lines.get(entry))
            .flat_map(|line| line.conflicts(seat, mode))
            .collect()
    }

    pub(super) fn by_id(&self, id: SessionId) -> Option<&Session> {
        self.seats.get(&id).map(|seat| &self.sessions[seat])
    }

    /// The session, if this client may speak for it.
    fn owned(&self, client: ClientId, id: SessionId) -> Option<&Session> {
        self.by_id(id).filter(|session| session.client == client)
    }

    fn acquire(&mut self, client: ClientId, mut request: Acquire, now: Tick, effects: &mut Vec<Effect>) {
        let id = request.session;
        let refuse = |code| Effect::Refused(client, id, Refused::Because(code));
        let mut seen = BTreeSet::new();
        request.entries.retain(|entry| seen.insert(*entry));
        if let Some(&seat) = self.seats.get(&id) {
            return self.acquire_again(client, &request, seat, effects);
        }
        if self.over.contains(id) {
            return effects.push(refuse(ErrorCode::SessionReused));
        }
        if self.draining {
            return effects.push(refuse(ErrorCode::Stopping));
        }
        if self.is_full_for(client) {
            return effects.push(Effect::Refused(client, id, Refused::Busy { blockers: Vec::new() }));
        }
        let seat = Seat(self.next_seat);
        let before = self.before(seat, &request.entries, request.mode);
        if !before.is_empty() {
            let blockers = || before.iter().map(|seat| self.sessions[seat].id()).collect();
            if self.would_deadlock(&request, &before) {
                let why = Refused::WouldDeadlock { blockers: blockers() };
                return effects.push(Effect::Refused(client, id, why));
            }
            if request.wait == Wait::None {
                return effects.push(Effect::Refused(client, id, Refused::Busy { blockers: blockers() }));
            }
        }
        self.sit_down(client, request, now);
        if before.is_empty() {
            self.grant(seat, effects);
        } else {
            effects.push(Effect::Queued(id));
        }
    }

    /// The same id again: the same place or the same grant, for the connection that asked last.
    fn acquire_again(&mut self, client: ClientId, request: &Acquire, seat: Seat, effects: &mut Vec<Effect>) {
        let session = &self.sessions[&seat];
        let (id, old, phase) = (session.id(), session.client, session.phase);
        if session.request != *request {
            let why = Refused::Because(ErrorCode::SessionReused);
            return effects.push(Effect::Refused(client, id, why));
        }
        if old != client {
            effects.push(Effect::Superseded(old, id));
            self.clients.remove(&(old, seat));
            self.clients.insert((client, seat));
            if let Some(session) = self.sessions.get_mut(&seat) {
                session.client = client;
            }
        }
        effects.push(match phase {
            Phase::Queued => Effect::Queued(id),
            Phase::Granted(token) => Effect::Granted(id, token),
            Phase::Releasing(_) => Effect::Refused(client, id, Refused::Because(ErrorCode::SessionReused)),
        });
    }

    fn is_full_for(&self, client: ClientId) -> bool {
        self.sessions.len() >= limits::SESSIONS
            || self.seats_of(client).count() >= limits::SESSIONS_PER_CONNECTION
    }

    fn seats_of(&self, client: ClientId) -> impl Iterator<Item = Seat> + '_ {
        self.clients.range((client, Seat::FIRST)..=(client, Seat::LAST)).map(|(_, seat)| *seat)
    }

    fn sit_down(&mut self, client: ClientId, request: Acquire, now: Tick) {
        let seat = Seat(self.next_seat);
        self.next_seat += 1;
        let deadline = match request.wait {
            Wait::Millis(wait) => Some(Tick(now.0.saturating_add(wait))),
            Wait::Forever | Wait::None => None,
        };
        for entry in &request.entries {
            self.lines.entry(*entry).or_default().join(seat, request.mode);
        }
        self.seats.insert(request.session, seat);
        self.clients.insert((client, seat));
        self.deadlines.extend(deadline.map(|due| (due, seat)));
        self.sessions.insert(seat, Session { client, request, phase: Phase::Queued, seat, deadline });
    }

    fn grant(&mut self, seat: Seat, effects: &mut Vec<Effect>) {
        let Some(session) = self.sessions.get_mut(&seat) else { return };
        self.last_token.counter += 1;
        session.phase = Phase::Granted(self.last_token);
        if let Some(due) = session.deadline.take() {
            self.deadlines.remove(&(due, seat));
        }
        effects.push(Effect::Granted(session.id(), self.last_token));
    }

    fn cancel(&mut self, client: ClientId, id: SessionId, effects: &mut Vec<Effect>) {
        match self.owned(client, id).map(|session| (session.seat, session.phase)) {
            None => effects.push(Effect::Refused(client, id, Refused::Because(ErrorCode::NoSuchSession))),
            Some((seat, Phase::Queued)) => {
                effects.push(Effect::Cancelled(client, id));
                self.stand_up(seat, effects);
            }
            Some(_) => effects.push(Effect::Refused(client, id, Refused::Because(ErrorCode::AlreadyGranted))),
        }
    }

    fn release(&mut self, client: ClientId, id: SessionId, ending: Ending, effects: &mut Vec<Effect>) {
        let refuse = |code| Effect::Refused(client, id, Refused::Because(code));
        match self.owned(client, id).map(|session| (session.seat, session.phase)) {
            None | Some((_, Phase::Releasing(_))) => effects.push(refuse(ErrorCode::NoSuchSession)),
            Some((_, Phase::Queued)) => effects.push(refuse(ErrorCode::NotGranted)),
            Some((seat, Phase::Granted(token))) => self.finish(seat, token, ending, effects),
        }
    }

    fn finish(&mut self, seat: Seat, token: Token, ending: Ending, effects: &mut Vec<Effect>) {
        if let Some(session) = self.sessions.get_mut(&seat) {
            session.phase = Phase::Releasing(token);
            effects.push(Effect::Finish(session.id(), ending));
        }
    }

    fn gone(&mut self, client: ClientId, effects: &mut Vec<Effect>) {
        let seats = self.seats_of(client).collect();
        self.end_all(seats, Ending::Orphaned, effects);
    }

    fn drain(&mut self, effects: &mut Vec<Effect>) {
        self.draining = true;
        let seats = self.sessions.keys().copied().collect();
        self.end_all(seats, Ending::Drained, effects);
    }

    /// Ends these sessions' leases, and sends the waiting ones away.
    fn end_all(&mut self, seats: Vec<Seat>, ending: Ending, effects: &mut Vec<Effect>) {
        // Waiters first, so that none of them is granted by the end of another.
        for seat in &seats {
            let session = &self.sessions[seat];
            if session.phase == Phase::Queued {
                if ending == Ending::Drained {
                    let why = Refused::Because(ErrorCode::Stopping);
                    effects.push(Effect::Refused(session.client, session.id(), why));
                }
                self.stand_up(*seat, effects);
            }
        }
        for seat in seats {
            if let Some(Phase::Granted(token)) = self.sessions.get(&seat).map(|session| session.phase) {
                self.finish(seat, token, ending, effects);
            }
        }
    }

    fn ended(&mut self, id: SessionId, effects: &mut Vec<Effect>) {
        if let Some((seat, Phase::Releasing(_))) = self.by_id(id).map(|session| (session.seat, session.phase))
        {
            self.stand_up(seat, effects);
        }
    }

    fn expire(&mut self, now: Tick, effects: &mut Vec<Effect>) {
        while let Some(&(_, seat)) = self.deadlines.first().filter(|(due, _)| *due <= now) {
            let session = &self.sessions[&seat];
            let (client, id) = (session.client, session.id());
            let blockers = self.blockers(id);
            effects.push(Effect::Refused(client, id, Refused::Busy { blockers }));
            self.stand_up(seat, effects);
        }
    }

    /// Takes a session out of every line, grants those who are clear now, and tells the rest.
    fn stand_up(&mut self, seat: Seat, effects: &mut Vec<Effect>) {
        let Some(session) = self.sessions.remove(&seat) else { return };
        self.seats.remove(&session.id());
        if let Some(due) = session.deadline {
            self.deadlines.remove(&(due, seat));
        }
        self.clients.remove(&(session.client, seat));
        self.over.remember(session.id());
        let mut clear = BTreeSet::new();
        let mut moved = BTreeSet::new();
        for entry in session.entries() {
            let Some(line) = self.lines.get_mut(entry) else { continue };
            line.leave(seat);
            clear.extend(line.front());
            moved.extend(line.behind(seat));
            if line.is_empty() {
                self.lines.remove(entry);
            }
        }
        if !self.draining {
            for seat in clear {
                self.grant_if_clear(seat, effects);
            }
        }
        let waiting = moved.iter().map(|seat| &self.sessions[seat]);
        effects
            .extend(waiting.filter(|waiter| waiter.phase == Phase::Queued).map(|w| Effect::Queued(w.id())));
    }

    fn grant_if_clear(&mut self, seat: Seat, effects: &mut Vec<Effect>) {
        let session = &self.sessions[&seat];
        let is_clear = |entry: &EntryName| self.lines[entry].is_clear(seat, session.mode());
        if session.phase == Phase::Queued && session.entries().iter().all(is_clear) {
            self.grant(seat, effects);
        }
    }
}
