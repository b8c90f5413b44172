//! The clients, and how they are told.

use std::collections::HashMap;

use ponder_proto::{Body, EntryName, Message, OperationId, Refusal};
use tokio::sync::mpsc;

use crate::journal::{Appended, Ticket};
use crate::lease::ClientId;

/// All connections.
#[derive(Debug, Default)]
pub struct Clients(HashMap<ClientId, Client>);

#[derive(Debug)]
struct Client {
    outbox: mpsc::Sender<Message>,
    pid: Option<u32>,
}

impl Clients {
    pub(super) fn add(&mut self, client: ClientId, outbox: mpsc::Sender<Message>, pid: Option<u32>) {
        self.0.insert(client, Client { outbox, pid });
    }

    pub(super) fn remove(&mut self, client: ClientId) {
        self.0.remove(&client);
    }

    pub(super) fn pid(&self, client: ClientId) -> Option<u32> {
        self.0.get(&client).and_then(|client| client.pid)
    }

    /// Tells a client something. Nobody ever waits for it: one that has let a whole outbox pile up
    /// is cut off, and its connection reports it gone.
    pub(super) fn tell(&mut self, client: ClientId, re: Option<u64>, body: Body) {
        let Some(known) = self.0.get(&client) else { return };
        if let Err(mpsc::error::TrySendError::Full(_)) = known.outbox.try_send(Message { re, body }) {
            tracing::warn!(pid = known.pid, "cut off a client that does not read");
            self.0.remove(&client);
        }
    }

    /// Tells everybody but one who is told otherwise.
    pub(super) fn tell_all_but(&mut self, told: Option<ClientId>, body: &Body) {
        let others: Vec<ClientId> = self.0.keys().copied().filter(|client| Some(*client) != told).collect();
        for client in others {
            self.tell(client, None, body.clone());
        }
    }

    pub(super) fn refuse(&mut self, ticket: Ticket, refusal: Refusal) {
        self.tell(ticket.client, Some(ticket.re), Body::Error(refusal));
    }

    pub(super) fn appended(
        &mut self,
        ticket: Ticket,
        entry: EntryName,
        operation: OperationId,
        result: Result<Appended, Refusal>,
    ) {
        let body = match result {
            Ok(Appended { repeated, published: true }) => Body::Appended { entry, operation, repeated },
            Ok(Appended { repeated, published: false }) => Body::Logged { entry, operation, repeated },
            Err(refusal) => Body::Error(refusal),
        };
        self.tell(ticket.client, Some(ticket.re), body);
    }
}
