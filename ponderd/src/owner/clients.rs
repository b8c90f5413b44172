//! The clients, and how they are told.

use std::collections::HashMap;

use ponder_proto::{Body, By, Encoding, EntryName, ErrorCode, Holder, Message, OperationId, Refusal, limits};
use tokio::sync::mpsc;

use super::refusals::refusal;
use crate::journal::{Appended, Ticket};
use crate::lease::ClientId;
use ponder_endpoint::Process;

/// What a client is told.
#[derive(Debug)]
pub struct Outgoing {
    /// The message.
    pub message: Message,
    /// It is worth nothing once there is newer news of the same session.
    pub is_news: bool,
}

/// All connections.
#[derive(Debug, Default)]
pub struct Clients(HashMap<ClientId, Client>);

/// One connection, as the owner knows it.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) outbox: mpsc::Sender<Box<Outgoing>>,
    pub(super) encoding: Encoding,
    pub(super) pid: Option<u32>,
    pub(super) uid: Option<u32>,
    /// Once it was asked for: it takes a look at /proc.
    pub(super) process: Option<Process>,
}

impl Clients {
    pub(super) fn add(&mut self, client: ClientId, known: Client) {
        self.0.insert(client, known);
    }

    pub(super) fn remove(&mut self, client: ClientId) {
        self.0.remove(&client);
    }

    pub(super) fn pid(&self, client: ClientId) -> Option<u32> {
        self.0.get(&client).and_then(|client| client.pid)
    }

    pub(super) fn uid(&self, client: ClientId) -> Option<u32> {
        self.0.get(&client).and_then(|client| client.uid)
    }

    /// The process at the other end, which lives as long as it is connected.
    pub(super) fn process(&mut self, client: ClientId) -> Option<Process> {
        let client = self.0.get_mut(&client)?;
        let pid = client.pid?;
        Some(*client.process.get_or_insert_with(|| Process::of(pid)))
    }

    /// A client that has something done, with what it says about itself.
    pub(super) fn by(&self, client: ClientId, holder: Holder) -> By {
        By { pid: self.pid(client), holder }
    }

    /// Whether a client connects again by itself when the daemon is replaced: the `ponder` command does.
    pub(super) fn comes_back(&self, client: ClientId) -> bool {
        self.0.get(&client).is_some_and(|client| client.encoding == Encoding::Frames)
    }

    /// Tells a client something. Nobody ever waits for it: one that has let a whole outbox pile up
    /// is told so and cut off, and its connection reports it gone.
    pub(super) fn tell(&mut self, client: ClientId, re: Option<u64>, body: Body) {
        self.send(client, re, body, false);
    }

    fn send(&mut self, client: ClientId, re: Option<u64>, body: Body, is_news: bool) {
        let Some(known) = self.0.get(&client) else { return };
        let full = known.outbox.capacity() <= 1;
        let body = if full { Body::Error(refusal(ErrorCode::TooSlow)) } else { body };
        let message = Message { re: re.filter(|_| !full), body };
        let sent = known.outbox.try_send(Box::new(Outgoing { message, is_news }));
        if full || matches!(sent, Err(mpsc::error::TrySendError::Full(_))) {
            tracing::warn!(pid = known.pid, "cut off a client that does not read");
            self.0.remove(&client);
        }
    }

    /// Tells a client news of a session, but not if so much waits for it that it could be cut off for that.
    pub(super) fn tell_news(&mut self, client: ClientId, re: Option<u64>, body: Body) {
        if self.0.get(&client).is_some_and(|known| known.outbox.capacity() >= limits::OUTBOX / 2) {
            self.send(client, re, body, true);
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

    pub(super) fn answer(&mut self, ticket: Ticket, body: Body) {
        self.tell(ticket.client, Some(ticket.re), body);
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
        self.answer(ticket, body);
    }
}
