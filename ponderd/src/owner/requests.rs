//! Requests of clients.

use ponder_proto::{
    Acquire, Append, Body, ErrorCode, Holder, Mode, Op, OperationId, Refusal, Request, SessionId, Successor,
    Token, limits,
};

use super::Owner;
use super::effects::Asked;
use super::refusals::refusal;
use super::session::Drafts;
use crate::journal::{Order, Ticket};
use crate::lease::{ClientId, Event, Phase};

/// Bytes of appends that may wait for the disk, from all clients together.
const APPENDING: usize = 64 * 1024 * 1024;

impl Owner {
    pub(super) fn answer(&mut self, client: ClientId, request: Request) {
        let ticket = Ticket { client, re: request.id };
        if self.core.is_in_doubt(client) {
            self.handle(Event::Heard { client }); // whatever it says: it lives
        }
        match request.op {
            // Or those who ask could keep the daemon from its end.
            Op::Status | Op::Subscribe | Op::Deferred | Op::Drop { .. } if self.draining.is_some() => {
                self.clients.refuse(ticket, refusal(ErrorCode::Stopping));
            }
            Op::Hello(_) | Op::Pong => {} // the connection has answered the one, the other was heard
            Op::Acquire(acquire) => self.acquire(ticket, acquire),
            Op::Reattach { session, token } => self.reattach(ticket, session, token),
            Op::Cancel { session } => {
                self.ask(Event::Cancel { client, session }, &Asked::about(ticket, session));
            }
            Op::Opened { session } => {
                if self.may(ticket, session, None) {
                    self.desk.order(Order::Open { session, ticket });
                }
            }
            Op::Commit { session, token } => {
                if self.may(ticket, session, Some(token)) {
                    self.desk.order(Order::Commit { session, ticket });
                }
            }
            Op::Release { session, succeeded } if self.late.knows(session) => {
                self.late_is_over(session, Some(ticket), succeeded);
            }
            Op::Release { session, succeeded } if self.is_being_forced(session, client) => {
                // It is answered when it is known how that ends, and once.
                match self.details.get_mut(&session) {
                    Some(detail) if detail.let_go.is_none() => detail.let_go = Some((ticket, succeeded)),
                    _ => self.clients.refuse(ticket, refusal(ErrorCode::NoSuchSession)),
                }
            }
            Op::Release { session, succeeded } => {
                self.ask(Event::Release { client, session, succeeded }, &Asked::about(ticket, session));
            }
            Op::Append(append) => self.append(ticket, append),
            Op::Status => self.look(ticket),
            Op::Subscribe => {
                self.subscribe(client);
                self.desk.order(Order::ListKept { ticket });
            }
            Op::History => {
                self.clients.answer(ticket, Body::History { past: self.history.past().to_vec() });
            }
            Op::Break { token, now, by } => self.break_lease(ticket, token, now, by),
            Op::Stop => self.drain(Some(ticket), Successor::No),
            Op::Restart { for_version } => self.restart(ticket, for_version.as_deref()),
            Op::Drop { kept } => {
                let open = self.core.sessions().map(crate::lease::Session::id).collect();
                self.desk.order(Order::DropKept { id: kept, open, ticket });
            }
            Op::Deferred => self.desk.order(Order::ListDeferred { ticket }),
        }
    }

    fn acquire(&mut self, ticket: Ticket, mut acquire: Acquire) {
        let count = acquire.entries.len();
        if count == 0 || count > limits::ENTRIES {
            let message = format!("a session has 1 to {} entries, not {count}", limits::ENTRIES);
            let code = if count == 0 { ErrorCode::BadRequest } else { ErrorCode::TooLarge };
            return self.clients.refuse(ticket, Refusal::new(code, message).field("entries"));
        }
        if acquire.hold == Some(0) {
            let message = "a lease cannot be held for no time: leave `hold` out, or make it 1 or more";
            return self.clients.refuse(ticket, Refusal::new(ErrorCode::BadRequest, message).field("hold"));
        }
        shorten(&mut acquire.holder.program);
        let Holder { command, terminal, purpose, .. } = &mut acquire.holder;
        [command, terminal, purpose].into_iter().flatten().for_each(shorten);
        let asked = Asked::about(ticket, acquire.session);
        self.ask(Event::Acquire { client: ticket.client, request: acquire }, &asked);
    }

    fn reattach(&mut self, ticket: Ticket, session: SessionId, token: Token) {
        if let Some(told) = self.late.told(session) {
            return self.clients.answer(ticket, told);
        }
        let client = ticket.client;
        self.ask(Event::Reattach { client, session, token }, &Asked::about(ticket, session));
        let ends = self.core.session(session).is_some_and(|session| {
            session.client == Some(client) && session.phase == Phase::Releasing(token)
        });
        if let Some(detail) = self.details.get_mut(&session).filter(|_| ends) {
            detail.reattached = Some(ticket); // it is answered when it is known how that ends
        }
    }

    /// Whether a client may do something with a session's drafts; if not, it is told.
    fn may(&mut self, ticket: Ticket, id: SessionId, token: Option<Token>) -> bool {
        let session = self.core.session(id).filter(|session| session.client == Some(ticket.client));
        let ready = self.details.get(&id).is_some_and(|detail| matches!(detail.drafts, Drafts::Ready(_)));
        let mode = session.map(crate::lease::Session::mode);
        let refused = match session.map(|session| session.phase) {
            None | Some(Phase::Releasing(_)) => refusal(ErrorCode::NoSuchSession),
            Some(Phase::Queued) => refusal(ErrorCode::NotGranted),
            Some(Phase::Granted(current)) if token.is_some_and(|token| token != current) => {
                Refusal::new(ErrorCode::StaleToken, "the token is not the one of the current grant")
            }
            Some(Phase::Granted(_)) if token.is_some() && mode == Some(Mode::Shared) => {
                Refusal::new(ErrorCode::NotGranted, "a shared lease commits nothing")
            }
            Some(Phase::Granted(_)) if ready => return true,
            Some(Phase::Granted(_)) => Refusal::new(ErrorCode::NotGranted, "the session has no drafts"),
        };
        self.clients.refuse(ticket, refused);
        false
    }

    fn append(&mut self, ticket: Ticket, append: Append) {
        let length = append.text.0.len();
        let refusal = if length == 0 {
            Refusal::new(ErrorCode::BadRequest, "there is no text to append").field("text")
        } else if length > limits::TEXT {
            let message =
                format!("{length} bytes are more than one append takes ({}): split them", limits::TEXT);
            Refusal::new(ErrorCode::TooLarge, message).field("text")
        } else if self.draining.is_some() {
            refusal(ErrorCode::Stopping)
        } else if self.appending + length > APPENDING {
            Refusal::new(ErrorCode::Busy, "too much text waits for the disk: try again in a moment")
        } else {
            self.appending += length;
            let operation = append.operation.unwrap_or_else(|| OperationId(crate::random_bytes()));
            return self.desk.order(Order::Append { append, operation, ticket });
        };
        self.clients.refuse(ticket, refusal);
    }
}

/// Cuts a client's words about itself to what is shown.
fn shorten(text: &mut String) {
    if text.len() > limits::HOLDER_TEXT {
        let mut end = limits::HOLDER_TEXT;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
}
