//! The end: nothing new, everything that is under way, and leases that go on under the next daemon.

use ponder_proto::{Body, ErrorCode, Refusal, Successor, is_older};

use super::Owner;
use super::refusals::refusal;
use super::session::{Drafts, Then};
use crate::journal::Ticket;
use crate::lease::{Event, Phase};

impl Owner {
    /// Refuses new work, tells everybody, and lets what is under way come to its end. What editors have
    /// saved by now is committed; their leases go on.
    pub(super) fn drain(&mut self, asked: Option<Ticket>, successor: Successor) {
        let stopping = Body::Stopping { successor };
        if let Some(ticket) = asked {
            self.clients.answer(ticket, stopping.clone());
        }
        if self.draining.is_some() {
            return;
        }
        tracing::info!(sessions = self.details.len(), ?successor, "stopping");
        self.draining = Some(successor);
        self.told.stopping();
        self.clients.tell_all_but(asked.map(|ticket| ticket.client), &stopping);
        self.handle(Event::Drain { successor });
        let open = self
            .core
            .sessions()
            .filter(|session| session.commits_saves() && matches!(session.phase, Phase::Granted(_)));
        for id in open.map(crate::lease::Session::id).collect::<Vec<_>>() {
            self.settle(id, Then::Nothing);
        }
    }

    /// A newer client wants a newer daemon. Nobody is to be harmed by that: who speaks JSON Lines does not
    /// connect again by himself.
    pub(super) fn restart(&mut self, ticket: Ticket, for_version: Option<&str>) {
        if let Some(version) = for_version {
            if !is_older(&self.about.version, version) {
                return self.clients.refuse(ticket, refusal(ErrorCode::NotNewer).field("for_version"));
            }
            if self.told.would_start_the_same() {
                let message = "the service manager would start this very version again: put the new ponderd \
                               in the place of the old one, or run `ponder service install`";
                let refused = Refusal::new(ErrorCode::Busy, message).field("for_version");
                return self.clients.refuse(ticket, refused);
            }
            let mut clients = self.core.sessions().filter_map(|session| session.client);
            if !clients.all(|client| self.clients.comes_back(client)) {
                let message = "a client that cannot connect again by itself has a lease or waits for one: \
                               `ponder daemon restart` when it suits";
                let refused = Refusal::new(ErrorCode::Busy, message).field("for_version");
                return self.clients.refuse(ticket, refused);
            }
        }
        self.drain(Some(ticket), Successor::Yes);
    }

    pub(super) fn is_done(&self) -> bool {
        let is_under_way =
            |detail: &super::Detail| detail.unsettled.is_some() || matches!(detail.drafts, Drafts::Preparing);
        self.draining.is_some()
            && !self.core.sessions().any(|session| matches!(session.phase, Phase::Releasing(_)))
            && !self.details.values().any(is_under_way)
            && !self.desk.owes_answers()
            && !self.looks.are_owed()
    }
}
