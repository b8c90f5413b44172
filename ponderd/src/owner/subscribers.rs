//! Those who are told of every change.

use std::collections::{BTreeSet, HashMap};

use ponder_proto::{Body, Change, SessionId, Who};

use super::Owner;
use crate::lease::ClientId;

/// The connections that have subscribed.
#[derive(Debug, Default)]
pub(super) struct Subscribers {
    clients: BTreeSet<ClientId>,
    /// Each session as it was told last: of one that is over nothing else is known.
    told: HashMap<SessionId, Who>,
}

impl Subscribers {
    pub(super) fn remove(&mut self, client: ClientId) {
        if self.clients.remove(&client) && self.clients.is_empty() {
            self.told.clear();
        }
    }
}

impl Owner {
    /// From now on a client is told of every change.
    pub(super) fn subscribe(&mut self, client: ClientId) {
        self.subscribers.clients.insert(client);
        for session in self.core.sessions() {
            if let Some(detail) = self.details.get(&session.id()) {
                self.subscribers.told.insert(session.id(), detail.who(session));
            }
        }
    }

    /// Something happened to a session. Costs nothing while nobody has subscribed.
    pub(super) fn changed(&mut self, change: Change, session: SessionId) {
        if self.subscribers.clients.is_empty() {
            return;
        }
        let now = self.core.session(session).zip(self.details.get(&session));
        let told = self.subscribers.told.remove(&session);
        let Some(who) = now.map(|(session, detail)| detail.who(session)).or(told) else { return };
        if change != Change::Ended {
            self.subscribers.told.insert(session, who.clone());
        }
        for client in self.subscribers.clients.clone() {
            self.clients.tell(client, None, Body::Changed { change, who: who.clone() });
        }
    }
}
