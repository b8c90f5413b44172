//! What the lease core says has to be done.

use std::collections::VecDeque;

use ponder_proto::{Body, By, Change, ErrorCode, SessionId, Token};

use super::Owner;
use super::late::DAEMON;
use super::refusals::refusal;
use super::session::Drafts;
use crate::journal::{Order, Prepare, Ticket};
use crate::lease::{ClientId, Effect, Event, Refused, Session};

/// The request that an event came from.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) ticket: Ticket,
    /// The session it is about: what the core says of that one answers it.
    pub(super) about: Option<SessionId>,
    /// Who wants a lease ended.
    pub(super) by: Option<By>,
}

impl Asked {
    pub(super) fn about(ticket: Ticket, session: SessionId) -> Self {
        Self { ticket, about: Some(session), by: None }
    }

    fn is_about(&self, session: SessionId) -> bool {
        self.about == Some(session)
    }
}

impl Owner {
    /// Tells the core what happened, and does what it says.
    pub(super) fn handle(&mut self, event: Event) {
        self.handle_asked(event, None);
    }

    /// The same for a client's request.
    pub(super) fn ask(&mut self, event: Event, asked: &Asked) {
        self.handle_asked(event, Some(asked));
    }

    fn handle_asked(&mut self, event: Event, asked: Option<&Asked>) {
        let now = self.clock.now();
        let mut effects = VecDeque::from(self.core.handle(event, now));
        self.remember(effects.make_contiguous());
        while let Some(effect) = effects.pop_front() {
            if let Some(event) = self.apply(effect, asked) {
                let more = self.core.handle(event, now);
                self.remember(&more);
                effects.extend(more);
            }
        }
    }

    /// Does one thing. Returns what has happened by that, if the core has to know.
    fn apply(&mut self, effect: Effect, asked: Option<&Asked>) -> Option<Event> {
        let of = |id: SessionId| asked.filter(|asked| asked.is_about(id)).map(|asked| asked.ticket);
        match effect {
            Effect::Seated(_) => {} // remembered already
            Effect::Queued(id) => {
                self.note_request(id, of(id));
                let ahead = self.core.ahead(id);
                self.tell_place(id, &ahead, true);
                self.changed(Change::Queued, id);
            }
            Effect::Moved(entry) => self.places.moved(entry),
            Effect::Granted(id, token) => {
                self.note_request(id, of(id));
                self.grant(id, token);
            }
            Effect::Cancelled(client, session) => {
                self.clients.tell(client, of(session).map(|ticket| ticket.re), Body::Cancelled { session });
            }
            Effect::Refused(client, session, why) => self.refused(client, session, &why, of(session)),
            Effect::Superseded(client, session) => {
                let re = self.details.get(&session).and_then(|detail| detail.asked).map(|ticket| ticket.re);
                self.clients.tell(client, re, Body::Error(refusal(ErrorCode::Superseded).field("session")));
            }
            Effect::Ping(DAEMON) => return Some(Event::Heard { client: DAEMON }),
            Effect::Ping(client) => self.clients.tell(client, None, Body::Ping),
            Effect::Suspect(id) => {
                tracing::info!(session = %id, "suspect: its client does not answer");
                self.doubtful.insert(id);
                self.changed(Change::Suspect, id);
            }
            Effect::Orphaned(id) => {
                self.doubtful.insert(id);
                if let Some(detail) = self.details.get_mut(&id) {
                    detail.asked = None;
                }
                self.changed(Change::Orphaned, id);
                return self.orphaned(id);
            }
            Effect::CarriedOn(id) => self.carried_on(id),
            Effect::Breaking(_, id, grace) => self.breaking(id, grace, asked),
            Effect::NoSuchLease(..) => {
                if let Some(asked) = asked {
                    self.clients.refuse(asked.ticket, refusal(ErrorCode::NoSuchLease).field("token"));
                }
            }
            Effect::Warning(session, left) => self.tell_holder(session, Body::Warning { session, left }),
            Effect::Finish(id, ending) => return self.finish(id, ending, of(id)),
            Effect::Over(id) => self.over(id),
        }
        None
    }

    /// Remembers which request a session's answers go to: the last one that asked for it.
    fn note_request(&mut self, id: SessionId, ticket: Option<Ticket>) {
        let Some(ticket) = ticket else { return };
        let process = self.clients.process(ticket.client);
        let uid = self.clients.uid(ticket.client);
        let Some(detail) = self.details.get_mut(&id) else { return };
        let is_another = detail.process != process;
        (detail.asked, detail.process, detail.uid) = (Some(ticket), process, uid);
        if is_another {
            self.remember_taken_over(id);
        }
    }

    fn refused(&mut self, client: ClientId, session: SessionId, why: &Refused, asked: Option<Ticket>) {
        if client == DAEMON {
            return self.late_was_refused(session);
        }
        // A session that ends by it is refused to the request that asked for it, even if another one (to
        // cancel, say) brought it to light.
        let over = self.core.session(session).is_none();
        let first = self.details.get(&session).filter(|_| over).and_then(|detail| detail.asked);
        let re = first.or(asked).map(|ticket| ticket.re);
        let refusal = self.explain(why);
        self.clients.tell(client, re, Body::Error(refusal));
    }

    /// Tells a session's client something unasked.
    pub(super) fn tell_holder(&mut self, session: SessionId, body: Body) {
        if let Some(ticket) = self.details.get(&session).and_then(|detail| detail.asked) {
            self.clients.tell(ticket.client, None, body);
        }
    }

    fn carried_on(&mut self, session: SessionId) {
        tracing::info!(%session, "carried on: its client is back");
        self.doubtful.remove(&session);
        self.watchers.forget(session);
        let waiting = u32::try_from(self.core.waiting_for(session)).unwrap_or(u32::MAX);
        if waiting > 0
            && let Some(client) = self.core.session(session).and_then(|session| session.client)
        {
            self.clients.tell(client, None, Body::CarryOn { session, waiting });
        }
        self.changed(Change::CarriedOn, session);
    }

    /// A session is current now. Its client is told as soon as its drafts stand; one that asks
    /// again for what it has is told again.
    fn grant(&mut self, id: SessionId, token: Token) {
        let (Some(session), Some(detail)) = (self.core.session(id), self.details.get_mut(&id)) else {
            return;
        };
        match &detail.drafts {
            Drafts::Preparing => return,
            Drafts::Ready(_) => {}
            Drafts::None => {
                if session.request.drafts {
                    detail.drafts = Drafts::Preparing;
                    let order = prepare(session, token, self.late.zombie_of(id));
                    return self.desk.order(Order::Prepare(order));
                }
                self.changed(Change::Granted, id);
            }
        }
        tracing::debug!(session = %id, %token, "granted");
        self.tell_granted(id, token);
    }

    /// Tells a session's client that it has the lease, and where its drafts are.
    pub(super) fn tell_granted(&mut self, session: SessionId, token: Token) {
        let Some(detail) = self.details.get(&session) else { return };
        let Some(ticket) = detail.asked else { return };
        let drafts = if let Drafts::Ready(drafts) = &detail.drafts { drafts.clone() } else { Vec::new() };
        let alive = if drafts.is_empty() { None } else { self.watchers.path(session) };
        let alive = alive.map(|path| path.as_path().into());
        self.clients.answer(ticket, Body::Granted { session, token, drafts, alive });
    }

    /// Nothing has to be known of a session any more.
    fn over(&mut self, session: SessionId) {
        self.changed(Change::Ended, session);
        self.doubtful.remove(&session);
        let Some(detail) = self.details.remove(&session) else { return };
        if !self.late.knows(session) {
            self.watchers.forget(session);
        }
        self.tell_breakers(detail);
    }
}

/// What is to be prepared for a session; of the daemon's own ones, whose drafts it takes over.
pub(super) fn prepare(session: &Session, token: Token, adopt: Option<SessionId>) -> Prepare {
    let request = &session.request;
    Prepare {
        session: session.id(),
        token,
        entries: session.entries().to_vec(),
        mode: session.mode(),
        commit: request.commit,
        create: request.create,
        time: request.time,
        adopt,
    }
}
