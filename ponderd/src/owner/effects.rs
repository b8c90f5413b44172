//! What the lease core says has to be done.

use std::collections::VecDeque;

use ponder_proto::{Body, ErrorCode, SessionId, Token};

use super::Owner;
use super::refusals::refusal;
use super::session::{Detail, Drafts};
use crate::journal::{DraftKey, Order, Prepare, Ticket};
use crate::lease::{Effect, Ending, Event, Phase, Session};
use crate::unix_now;

/// How many waiters are told of their place in one go.
const TOLD_AT_ONCE: usize = 32;

/// The request that an event came from, and the session it is about.
type Asked = Option<(Ticket, SessionId)>;

impl Owner {
    /// Tells the core what happened, and does what it says.
    pub(super) fn handle(&mut self, event: Event) {
        self.handle_asked(event, None);
    }

    /// The same for a client's request: what the core says of that session answers it.
    pub(super) fn ask(&mut self, event: Event, ticket: Ticket, session: SessionId) {
        self.handle_asked(event, Some((ticket, session)));
    }

    fn handle_asked(&mut self, event: Event, asked: Asked) {
        let now = self.clock.now();
        let mut effects = VecDeque::from(self.core.handle(event, now));
        while let Some(effect) = effects.pop_front() {
            if let Some(event) = self.apply(effect, asked) {
                effects.extend(self.core.handle(event, now));
            }
        }
    }

    /// Does one thing. Returns what has happened by that, if the core has to know.
    fn apply(&mut self, effect: Effect, asked: Asked) -> Option<Event> {
        match effect {
            Effect::Queued(id) => {
                if asked.is_some_and(|(_, session)| session == id) {
                    self.note_request(id, asked);
                    self.tell_place(id);
                } else {
                    self.moved.insert(id);
                }
            }
            Effect::Granted(id, token) => {
                self.note_request(id, asked);
                self.grant(id, token);
            }
            Effect::Cancelled(client, session) => {
                self.details.remove(&session);
                let re = asked.map(|(ticket, _)| ticket.re);
                self.clients.tell(client, re, Body::Cancelled { session });
            }
            Effect::Refused(client, session, why) => {
                // A session that ends by it is refused to the request that asked for it, even if
                // another one (to cancel, say) brought it to light.
                let over = self.core.session(session).is_none();
                let detail = if over { self.details.remove(&session) } else { None };
                let asked = asked.filter(|(_, id)| *id == session).map(|(ticket, _)| ticket);
                let re = detail.map(|detail| detail.asked).or(asked).map(|ticket| ticket.re);
                let refusal = self.explain(&why);
                self.clients.tell(client, re, Body::Error(refusal));
            }
            Effect::Superseded(client, session) => {
                let re = self.details.get(&session).map(|detail| detail.asked.re);
                let refusal = refusal(ErrorCode::Superseded).field("session");
                self.clients.tell(client, re, Body::Error(refusal));
            }
            Effect::Finish(id, ending) => {
                let released = asked.filter(|(_, session)| *session == id).map(|(ticket, _)| ticket);
                if let Some(detail) = self.details.get_mut(&id) {
                    detail.released = released;
                }
                return self.finish(id, ending);
            }
        }
        None
    }

    /// Remembers which request a session's answers go to: the last one that asked for it.
    fn note_request(&mut self, id: SessionId, asked: Asked) {
        let Some((ticket, _)) = asked.filter(|(_, session)| *session == id) else { return };
        let pid = self.clients.pid(ticket.client);
        let detail = self.details.entry(id).or_insert_with(|| Detail::new(ticket, pid));
        (detail.asked, detail.pid) = (ticket, pid);
    }

    /// Tells a few of those who moved up. A long queue is told in turns, between which everybody
    /// else is heard; who has moved twice by his turn is told once.
    pub(super) fn tell_moved(&mut self) {
        for _ in 0..TOLD_AT_ONCE {
            let Some(session) = self.moved.pop_first() else { return };
            if self.core.session(session).is_some_and(|session| session.phase == Phase::Queued) {
                self.tell_place(session);
            }
        }
    }

    fn tell_place(&mut self, session: SessionId) {
        let Some(asked) = self.details.get(&session).map(|detail| detail.asked) else { return };
        let ahead = self.core.blockers(session);
        let blockers = self.name_some(&ahead);
        let ahead = u32::try_from(ahead.len()).unwrap_or(u32::MAX);
        self.clients.tell(asked.client, Some(asked.re), Body::Queued { session, ahead, blockers });
    }

    /// A session is current now. Its client is told as soon as its drafts stand; one that asks
    /// again for what it has is told again.
    fn grant(&mut self, id: SessionId, token: Token) {
        let (Some(session), Some(detail)) = (self.core.session(id), self.details.get_mut(&id)) else {
            return;
        };
        let client = detail.asked.client;
        let drafts = match &detail.drafts {
            Drafts::Preparing => return,
            Drafts::Ready(drafts) => drafts.clone(),
            Drafts::None if session.request.drafts => {
                detail.since = unix_now();
                detail.drafts = Drafts::Preparing;
                let order = prepare(session, token);
                return self.desk.order(Order::Prepare(order));
            }
            Drafts::None => {
                detail.since = unix_now();
                Vec::new()
            }
        };
        tracing::debug!(session = %id, %token, pid = detail.pid, "granted");
        let re = Some(detail.asked.re);
        self.clients.tell(client, re, Body::Granted { session: id, token, drafts });
    }

    fn finish(&mut self, id: SessionId, ending: Ending) -> Option<Event> {
        let (session, detail) = (self.core.session(id)?, self.details.get_mut(&id)?);
        detail.since = unix_now();
        let Drafts::Ready(drafts) = &detail.drafts else {
            if matches!(detail.drafts, Drafts::Preparing) {
                self.desk.order(Order::Finish { session: id, ending });
                return None;
            }
            self.tell_released(id, Vec::new());
            return Some(Event::Ended { session: id });
        };
        let by_force = matches!(ending, Ending::Orphaned | Ending::Drained);
        if !(by_force && session.commits_saves() && !drafts.is_empty()) {
            self.desk.order(Order::Finish { session: id, ending });
            return None;
        }
        // The editor may be in the middle of a save: its drafts have to settle first.
        let entries: Vec<_> = drafts.iter().map(|draft| draft.entry).collect();
        detail.unsettled = Some((ending, entries.iter().copied().collect()));
        for entry in entries {
            let draft = DraftKey { session: id, entry };
            let look = self.saves.last_look(draft);
            self.order_save(draft, look);
        }
        None
    }
}

fn prepare(session: &Session, token: Token) -> Prepare {
    let request = &session.request;
    Prepare {
        session: session.id(),
        token,
        entries: session.entries().to_vec(),
        mode: session.mode(),
        commit: request.commit,
        create: request.create,
        time: request.time,
    }
}
