//! Telling those who wait of their place.

use std::collections::BTreeMap;

use ponder_proto::{Body, EntryName, SessionId};

use super::Owner;
use crate::lease::{Ahead, Walk};

/// How many sessions of a line are passed in one go.
const AT_ONCE: usize = 32;

/// The lines that moved, and how far each has been told. A long one is told in turns, between which
/// everybody else is heard.
#[derive(Debug, Default)]
pub(super) struct Places(BTreeMap<EntryName, Progress>);

#[derive(Debug, Default)]
struct Progress {
    walk: Walk,
    /// It moved again meanwhile: it is told from the front again afterwards.
    moved: bool,
}

impl Places {
    /// The line of an entry moved.
    pub(super) fn moved(&mut self, entry: EntryName) {
        self.0.entry(entry).and_modify(|progress| progress.moved = true).or_default();
    }

    pub(super) fn are_to_be_told(&self) -> bool {
        !self.0.is_empty()
    }
}

impl Owner {
    /// Tells some of those whose line moved.
    pub(super) fn tell_places(&mut self) {
        let Some((entry, Progress { walk, moved })) = self.places.0.pop_first() else { return };
        let (waiting, rest) = self.core.walk(entry, walk, AT_ONCE);
        for (session, ahead) in waiting {
            self.tell_place(session, &ahead, false);
        }
        match rest {
            Some(walk) => drop(self.places.0.insert(entry, Progress { walk, moved })),
            None if moved => self.places.moved(entry),
            None => {}
        }
    }

    /// Tells a session what is ahead of it: in answer to its request, or because that changed.
    pub(super) fn tell_place(&mut self, session: SessionId, ahead: &Ahead, asked: bool) {
        let Some(ticket) = self.details.get(&session).and_then(|detail| detail.asked) else { return };
        let blockers = self.name(&ahead.first);
        let ahead = u32::try_from(ahead.count).unwrap_or(u32::MAX);
        let body = Body::Queued { session, ahead, blockers };
        if asked {
            self.clients.answer(ticket, body);
        } else {
            self.clients.tell_if_it_reads(ticket.client, Some(ticket.re), body);
        }
    }
}
