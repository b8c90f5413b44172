//! What is written down of sessions, and taken up by the next daemon.

use ponder_proto::{SessionId, Token};

use super::Owner;
use super::effects::prepare;
use super::late::DAEMON;
use super::session::{Detail, Drafts};
use crate::journal::Order;
use crate::lease::{Effect, Restored, Session};
use crate::table::{Remembered, boot_clock};
use crate::unix_now;

/// The sessions of the daemon before this one, as the lease core takes them.
pub(super) fn restored(sessions: &[Remembered]) -> Vec<Restored> {
    let now = boot_clock();
    let left = |until: Option<u64>| until.map(|until| until.saturating_sub(now));
    let restored = sessions.iter().map(|session| Restored {
        request: session.request.clone(),
        token: session.token,
        wait: left(session.wait_until),
        hold: left(session.hold_until),
    });
    restored.collect()
}

impl Owner {
    /// Takes up the sessions of the daemon before this one: what is known of them, and their drafts.
    pub(super) fn take_up(&mut self, sessions: &[Remembered]) {
        for remembered in sessions {
            let id = remembered.request.session;
            let mut detail = Detail::new(None);
            (detail.process, detail.since) = (remembered.process, remembered.since);
            (detail.granted, detail.restored) = (remembered.token.is_some(), true);
            if let (Some(token), Some(session)) = (remembered.token, self.core.session(id))
                && session.request.drafts
            {
                detail.drafts = Drafts::Preparing;
                self.desk.order(Order::Prepare(prepare(session, token, Some(id))));
            }
            self.details.insert(id, detail);
        }
    }

    /// Writes down what the core says, before anybody is told.
    pub(super) fn remember(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Seated(id) => self.remember_seated(*id),
                Effect::Granted(id, token) => self.remember_granted(*id, *token),
                Effect::Over(id) => self.table.over(*id),
                _ => {}
            }
        }
        self.write_table(self.core.is_empty());
        self.told.changed();
    }

    fn remember_seated(&mut self, id: SessionId) {
        let Some(session) = self.core.session(id) else { return };
        let mut detail = Detail::new(None);
        let client = session.client;
        if let Some(client) = client {
            (detail.process, detail.uid) = (self.clients.process(client), self.clients.uid(client));
        }
        let (process, since) = (detail.process, detail.since);
        if is_a_clients(session) {
            let (place, wait) = (session.place(), self.until(id).0);
            self.table.seated(place, &session.request, process, wait, since);
        }
        self.details.insert(id, detail);
    }

    /// Once for each grant: a client that comes back is granted what it has.
    fn remember_granted(&mut self, id: SessionId, token: Token) {
        let hold = self.until(id).1;
        let Some(session) = self.core.session(id) else { return };
        let Some(detail) = self.details.get_mut(&id).filter(|detail| !detail.granted) else { return };
        (detail.granted, detail.since) = (true, unix_now());
        if is_a_clients(session) {
            self.table.granted(id, token, hold, detail.since);
        }
    }

    /// Another process speaks for a session now.
    pub(super) fn remember_taken_over(&mut self, id: SessionId) {
        let (Some(session), Some(detail)) = (self.core.session(id), self.details.get(&id)) else { return };
        let (place, wait) = (session.place(), self.until(id).0);
        self.table.seated(place, &session.request, detail.process, wait, detail.since);
        self.write_table(false);
    }

    /// Until when a session may queue, and hold its lease, on the boot's clock.
    fn until(&self, id: SessionId) -> (Option<u64>, Option<u64>) {
        let (wait, hold) = self.core.left(id, self.clock.now());
        let until = |left: Option<u64>| left.map(|left| boot_clock().saturating_add(left));
        (until(wait), until(hold))
    }

    fn write_table(&mut self, none_left: bool) {
        self.table.write(none_left);
        if self.table.wants_to_be_anew() {
            self.shorten_table();
        }
    }

    fn shorten_table(&mut self) {
        let sessions: Vec<(u64, Remembered)> = self
            .core
            .sessions()
            .filter(|session| is_a_clients(session))
            .filter_map(|session| {
                let detail = self.details.get(&session.id())?;
                let (wait_until, hold_until) = self.until(session.id());
                let (request, token) = (session.request.clone(), session.token());
                let (process, since) = (detail.process, detail.since);
                Some((session.place(), Remembered { request, process, token, wait_until, hold_until, since }))
            })
            .collect();
        self.table.shorten(sessions.into_iter());
    }
}

/// Whether a session outlives the daemon: the daemon's own do not, their text is in a slot.
fn is_a_clients(session: &Session) -> bool {
    session.client != Some(DAEMON)
}
