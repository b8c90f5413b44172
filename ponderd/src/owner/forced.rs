//! Leases that are ended by force, and who is told.

use ponder_proto::{
    Body, By, Change, CommitPolicy, EntryOutcome, ErrorCode, Forced, Holder, Past, SessionId, Token, Who,
};

use super::Owner;
use super::effects::Asked;
use super::refusals::refusal;
use super::session::{Detail, Drafts};
use crate::journal::Ticket;
use crate::lease::{ClientId, Ending, Event};
use crate::unix_now;

impl Owner {
    /// Somebody wants a lease ended.
    pub(super) fn break_lease(&mut self, ticket: Ticket, token: Token, now: bool, by: Holder) {
        let by = Some(self.clients.by(ticket.client, by));
        let asked = Asked { ticket, about: None, by };
        self.ask(Event::Break { client: ticket.client, token, now }, &asked);
    }

    /// A lease is to end in `grace` milliseconds: its holder is told, and who wanted it.
    pub(super) fn breaking(&mut self, session: SessionId, grace: u64, asked: Option<&Asked>) {
        let Some(asked) = asked else { return };
        let Some(token) = self.core.session(session).and_then(crate::lease::Session::token) else { return };
        let Some(detail) = self.details.get_mut(&session) else { return };
        // Who asks again is told once.
        detail.breakers.retain(|(ticket, _)| ticket.client != asked.ticket.client);
        detail.breakers.push((asked.ticket, token));
        self.clients.answer(asked.ticket, Body::Breaking { token, grace });
        let Some(by) = asked.by.clone() else { return };
        let pid = by.pid;
        if grace > 0 {
            self.doubtful.insert(session); // every second counts
            tracing::info!(%session, %token, pid, "its holder is asked to release");
            self.tell_holder(session, Body::PleaseRelease { session, by: by.clone(), grace });
            self.changed(Change::Asked, session);
        } else {
            tracing::info!(%session, %token, pid, "is broken");
        }
        if let Some(detail) = self.details.get_mut(&session) {
            detail.broken_by = Some(by);
        }
    }

    /// Whether a client's lease is being ended by force at this moment.
    pub(super) fn is_being_forced(&self, session: SessionId, client: ClientId) -> bool {
        let ending = self.details.get(&session).and_then(|detail| detail.ending);
        matches!(ending, Some(Ending::Forced(_)))
            && self.core.session(session).is_some_and(|session| session.client == Some(client))
    }

    /// A lease was ended by force; what was saved until then is committed or kept.
    pub(super) fn revoked(
        &mut self,
        id: SessionId,
        why: Forced,
        entries: Vec<EntryOutcome>,
        reattached: Option<Ticket>,
    ) {
        let (Some(session), Some(detail)) = (self.core.session(id), self.details.get_mut(&id)) else {
            return;
        };
        let let_go = detail.let_go.take();
        let by = detail.broken_by.clone().filter(|_| why == Forced::Broken);
        // What is written down for long does not say what somebody had typed.
        let who = Who { command: None, ..detail.who(session) };
        let has_drafts = matches!(&detail.drafts, Drafts::Ready(drafts) if !drafts.is_empty());
        tracing::warn!(session = %id, ?why, pid = who.pid, "ended by force");
        let told = Body::Revoked { session: id, why, by: by.clone(), entries };
        let request = session.request.clone();
        match reattached {
            Some(ticket) => self.clients.answer(ticket, told.clone()),
            None => self.tell_holder(id, told.clone()),
        }
        let by = by.map(|by| By { holder: Holder { command: None, ..by.holder }, ..by });
        self.history.add(Past { when: unix_now(), why, who, by });
        if has_drafts && request.commit != CommitPolicy::InPlace {
            self.late_begins(&request, told);
            if let Some((ticket, succeeded)) = let_go {
                self.late_is_over(id, Some(ticket), succeeded);
            }
        } else {
            self.watchers.remove(id);
            if let Some(watch) = &mut self.watch {
                watch.remove(id);
            }
            if let Some((ticket, _)) = let_go {
                self.clients.refuse(ticket, refusal(ErrorCode::NoSuchSession)); // there is nothing left of it
            }
        }
    }

    /// Those who wanted a lease ended are told that it has.
    pub(super) fn tell_breakers(&mut self, detail: Detail) {
        let released = !matches!(detail.ending, Some(Ending::Forced(_)));
        for (ticket, token) in detail.breakers {
            self.clients.answer(ticket, Body::Broken { token, released });
        }
    }
}
