//! Telling those who wait of their place.

use std::collections::BTreeMap;

use ponder_proto::{Body, EntryName, SessionId};

use super::Owner;
use crate::lease::{Ahead, Walk};

/// How many sessions of a line are passed in one go.
const AT_ONCE: usize = 32;

/// Who has no more than so many ahead is told whenever that changes. Who is farther back is told
/// whenever a part of the line has gone, one in so many: to tell ten thousand of each of ten thousand
/// changes would keep everybody waiting.
const NEAR: usize = 32;
const PART: usize = 16;

/// The lines that moved, and how far each has been told. A long one is told in turns, between which
/// everybody else is heard.
#[derive(Debug, Default)]
pub(super) struct Places {
    under_way: BTreeMap<EntryName, Progress>,
    /// How often each line has moved since all of it was told.
    moves: BTreeMap<EntryName, usize>,
}

#[derive(Debug, Default)]
struct Progress {
    walk: Walk,
    /// How many have been passed.
    passed: usize,
    /// It moved again meanwhile: it is told from the front again afterwards.
    moved: bool,
}

impl Places {
    /// The line of an entry moved.
    pub(super) fn moved(&mut self, entry: EntryName) {
        *self.moves.entry(entry).or_default() += 1;
        self.under_way.entry(entry).and_modify(|progress| progress.moved = true).or_default();
    }

    pub(super) fn are_to_be_told(&self) -> bool {
        !self.under_way.is_empty()
    }

    /// Whether a line of this length is told to its end.
    fn is_told_to_its_end(&self, entry: EntryName, length: usize) -> bool {
        self.moves.get(&entry).is_none_or(|moves| moves * PART >= length)
    }
}

impl Owner {
    /// Tells some of those whose line moved.
    pub(super) fn tell_places(&mut self) {
        let Some((entry, progress)) = self.places.under_way.pop_first() else { return };
        let Progress { walk, passed, moved } = progress;
        let (waiting, rest) = self.core.walk(entry, walk, AT_ONCE);
        for (session, ahead) in waiting {
            self.tell_place(session, &ahead, false);
        }
        let passed = passed + AT_ONCE;
        let to_its_end = self.places.is_told_to_its_end(entry, self.core.length(entry));
        if rest.is_none() {
            self.places.moves.remove(&entry);
        }
        if let Some(walk) = rest.filter(|_| passed < NEAR || to_its_end) {
            self.places.under_way.insert(entry, Progress { walk, passed, moved });
        } else if moved {
            self.places.under_way.insert(entry, Progress::default());
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
            self.clients.tell_news(ticket.client, Some(ticket.re), body);
        }
    }
}
