//! Seeing that nobody works on a session's drafts any more.

use std::collections::HashMap;

use ponder_proto::SessionId;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::late::DAEMON;
use super::{FromInside, Owner};
use crate::journal::{Alive, Editor, Look};
use crate::lease::Event;

/// The witnesses that are watched: those of orphans, and of sessions that were ended by force.
#[derive(Debug)]
pub(super) struct Watchers {
    alive: Alive,
    inside: mpsc::UnboundedSender<FromInside>,
    watching: HashMap<SessionId, JoinHandle<()>>,
}

/// Who works on a session's drafts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// Nobody any more.
    Nobody,
    /// Somebody: the end is told.
    Somebody,
    /// There is no witness, or it cannot be watched.
    Unknown,
}

impl Watchers {
    pub(super) fn new(alive: Alive, inside: mpsc::UnboundedSender<FromInside>) -> Self {
        Self { alive, inside, watching: HashMap::new() }
    }

    /// Where a session's witness is; nothing where there could be none.
    pub(super) fn path(&self, session: SessionId) -> Option<std::path::PathBuf> {
        self.alive.is_there(session).then(|| self.alive.path(session))
    }

    /// Watches for the end of all who work on a session's drafts, and says whether there is anybody.
    pub(super) fn watch(&mut self, session: SessionId) -> Seen {
        let witness = match self.alive.look(session) {
            Look::Nobody => return Seen::Nobody,
            Look::Somebody(witness) => witness,
            Look::Unknown => return Seen::Unknown,
        };
        let Ok(end) = witness.until_the_end() else { return Seen::Unknown };
        let inside = self.inside.clone();
        let task = tokio::spawn(async move {
            if end.await.is_ok() {
                let _ = inside.send(FromInside::Deserted(session)); // the daemon ends
            }
        });
        if let Some(old) = self.watching.insert(session, task) {
            old.abort();
        }
        Seen::Somebody
    }

    fn sees_somebody(&self, session: SessionId) -> bool {
        self.alive.sees_somebody(session)
    }

    /// Nobody has to know any more whether somebody works on a session's drafts.
    pub(super) fn remove(&mut self, session: SessionId) {
        self.forget(session);
        self.alive.remove(session);
    }

    /// Watches it no more.
    pub(super) fn forget(&mut self, session: SessionId) {
        if let Some(task) = self.watching.remove(&session) {
            task.abort();
        }
    }
}

impl Owner {
    /// A session's client is gone. Returns that nobody is left, if that is so.
    pub(super) fn orphaned(&mut self, session: SessionId) -> Option<Event> {
        let drafts = self.core.session(session)?.request.drafts;
        if !drafts || self.watchers.watch(session) == Seen::Nobody {
            return Some(Event::Deserted { session });
        }
        tracing::info!(%session, "orphaned: its client is gone, its editor is not");
        None
    }

    /// Whether somebody may still work on a session's drafts.
    pub(super) fn may_be_left(&self, session: SessionId) -> bool {
        let drafts_of = self.late.zombie_of(session).unwrap_or(session);
        let client = self.core.session(session).and_then(|session| session.client);
        client.is_some_and(|client| client != DAEMON)
            || self.late.editor_of(session) == Some(Editor::Alive)
            || self.watchers.sees_somebody(drafts_of)
    }

    /// Nobody works on a session's drafts any more.
    pub(super) fn deserted(&mut self, session: SessionId) {
        self.watchers.forget(session);
        if self.late.knows(session) {
            self.late_is_over(session, None, false);
        } else {
            self.handle(Event::Deserted { session });
        }
    }
}
