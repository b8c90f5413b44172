//! The state machine: its state, and which room each event goes to.

use std::collections::{BTreeMap, BTreeSet};

use ponder_proto::{EntryName, Forced, SessionId, Token};

use super::line::Line;
use super::over::Over;
use super::session::Seat;
use super::timers::{Timer, Timers};
use super::{ClientId, Effect, Ending, Event, Phase, Session, Tick, Windows};

/// All sessions that are not over, and the lines they stand in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LeaseCore {
    pub(super) sessions: BTreeMap<Seat, Session>,
    pub(super) seats: BTreeMap<SessionId, Seat>,
    pub(super) lines: BTreeMap<EntryName, Line>,
    pub(super) timers: Timers,
    pub(super) clients: BTreeSet<(ClientId, Seat)>,
    pub(super) over: Over,
    pub(super) windows: Windows,
    /// Until when sessions of the daemon before this one may come back.
    pub(super) admission: Option<Tick>,
    /// Those that have not.
    pub(super) away: BTreeSet<Seat>,
    pub(super) next_seat: u64,
    pub(super) last_token: Token,
    pub(super) draining: bool,
}

impl LeaseCore {
    /// A core with no sessions whose tokens have this epoch. The epoch must be above every one
    /// that was ever used for this journal.
    pub fn new(epoch: u64, windows: Windows) -> Self {
        Self {
            sessions: BTreeMap::new(),
            seats: BTreeMap::new(),
            lines: BTreeMap::new(),
            timers: Timers::default(),
            clients: BTreeSet::new(),
            over: Over::default(),
            windows,
            admission: None,
            away: BTreeSet::new(),
            next_seat: 0,
            last_token: Token { epoch, counter: 0 },
            draining: false,
        }
    }

    /// Takes one event at a moment, and says what has to be done, in order.
    ///
    /// What is due by `now` happens first: a grant and an expiry of one session have one order, the
    /// one of the calls. Whoever has slept for longer than he had planned to therefore gives in what
    /// was said to him meanwhile before he lets time pass.
    pub fn handle(&mut self, event: Event, now: Tick) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.pass(now, &mut effects);
        match event {
            Event::Acquire { client, request } => self.acquire(client, request, now, &mut effects),
            Event::Reattach { client, session, token } => {
                self.reattach(client, session, token, now, &mut effects);
            }
            Event::Cancel { client, session } => self.cancel(client, session, now, &mut effects),
            Event::Release { client, session, succeeded } => {
                let ending = if succeeded { Ending::Succeeded } else { Ending::Failed };
                self.release(client, session, ending, &mut effects);
            }
            Event::Heard { client } => self.heard(client, now, &mut effects),
            Event::Look => self.look(now, &mut effects),
            Event::Break { client, token, now: at_once } => {
                self.break_lease(client, token, at_once, now, &mut effects);
            }
            Event::Unprepared { session } => self.finish_granted(session, Ending::Failed, &mut effects),
            Event::Gone { client } => self.gone(client, now, &mut effects),
            Event::Deserted { session } => self.deserted(session, &mut effects),
            Event::Ended { session } => self.ended(session, now, &mut effects),
            Event::Drain { successor } => self.drain(successor, now, &mut effects),
            Event::Tick => {}
        }
        effects
    }

    /// The next moment at which [`Event::Tick`] is due, if any is.
    pub fn next_wake(&self) -> Option<Tick> {
        self.timers.next().into_iter().chain(self.admission).min()
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

    /// The last token that was granted, or what the first one will be above of.
    pub fn last_token(&self) -> Token {
        self.last_token
    }

    /// How long a session still may queue, and how long it still may hold its lease, in milliseconds,
    /// where that is limited.
    pub fn left(&self, id: SessionId, now: Tick) -> (Option<u64>, Option<u64>) {
        let Some(&seat) = self.seats.get(&id) else { return (None, None) };
        let left = |timer| self.timers.get(seat, timer).map(|due: Tick| due.0.saturating_sub(now.0));
        (left(Timer::Wait), left(Timer::Hold))
    }

    pub(super) fn by_id(&self, id: SessionId) -> Option<&Session> {
        self.seats.get(&id).map(|seat| &self.sessions[seat])
    }

    /// The session, if this client may speak for it.
    pub(super) fn owned(&self, client: ClientId, id: SessionId) -> Option<&Session> {
        self.by_id(id).filter(|session| session.client == Some(client))
    }

    pub(super) fn seats_of(&self, client: ClientId) -> impl Iterator<Item = Seat> + '_ {
        self.clients.range((client, Seat::FIRST)..=(client, Seat::LAST)).map(|(_, seat)| *seat)
    }

    /// Lets everything happen that is due.
    fn pass(&mut self, now: Tick, effects: &mut Vec<Effect>) {
        while let Some((seat, timer)) = self.timers.take_due(now) {
            match timer {
                Timer::Wait => self.waited_enough(seat, now, effects),
                Timer::Life => self.life_is_due(seat, now, effects),
                Timer::Grace => self.force(seat, Forced::Broken, effects),
                Timer::Warning => self.warn(seat, now, effects),
                Timer::Hold => self.force(seat, Forced::HeldTooLong, effects),
            }
        }
        if self.admission.is_some_and(|until| until <= now) {
            self.end_admission(now, effects);
        }
    }

    /// Begins the end of a session, if it has its lease.
    pub(super) fn finish(&mut self, seat: Seat, ending: Ending, effects: &mut Vec<Effect>) {
        if let Some(session) = self.sessions.get_mut(&seat)
            && let Phase::Granted(token) = session.phase
        {
            session.phase = Phase::Releasing(token);
            effects.push(Effect::Finish(session.id(), ending));
            self.timers.clear_all(seat);
        }
    }

    pub(super) fn finish_granted(&mut self, id: SessionId, ending: Ending, effects: &mut Vec<Effect>) {
        if let Some(&seat) = self.seats.get(&id) {
            self.finish(seat, ending, effects);
        }
    }
}
