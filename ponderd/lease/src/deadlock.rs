//! Nesting: a request from inside a session's own children must not wait for that session.

use std::collections::{BTreeMap, HashSet};

use ponder_proto::{Acquire, EntryName, Mode, SessionId};

use super::session::Seat;
use super::{LeaseCore, Phase, Session};

impl LeaseCore {
    /// Whether waiting would close a circle: the request comes from inside a session, and what it
    /// would wait for waits, at the end of some chain, for that session.
    ///
    /// Two kinds of edges exist. A waiting session waits for everybody before it who conflicts;
    /// and any session waits for its own children, since its editor or command ends only after
    /// them. A session that is over is nobody's parent: stale ids are ignored.
    pub(super) fn would_deadlock(&self, request: &Acquire, seat: Seat) -> bool {
        let ancestors = self.ancestors(request.inside);
        if ancestors.is_empty() {
            return false;
        }
        let children = self.children();
        let mut seen = self.before(seat, &request.entries, request.mode);
        let mut next: Vec<Seat> = seen.iter().copied().collect();
        let mut walked = BTreeMap::new();
        while let Some(seat) = next.pop() {
            let session = &self.sessions[&seat];
            if ancestors.contains(&session.id()) {
                return true;
            }
            let mut found = children.get(&session.id()).cloned().unwrap_or_default();
            if session.phase == Phase::Queued {
                found.extend(self.not_walked_past(session, &mut walked));
            }
            next.extend(found.into_iter().filter(|seat| seen.insert(*seat)));
        }
        false
    }

    /// The sessions that a request is inside of, from the innermost outwards, while they last.
    fn ancestors(&self, inside: Option<SessionId>) -> HashSet<SessionId> {
        let mut found = HashSet::new();
        let mut next = inside;
        while let Some(session) = next.and_then(|id| self.by_id(id)) {
            // A client chooses its ids: it could claim to be inside itself.
            if !found.insert(session.id()) {
                break;
            }
            next = session.request.inside;
        }
        found
    }

    /// The sessions that were asked for from inside of others.
    fn children(&self) -> BTreeMap<SessionId, Vec<Seat>> {
        let mut children: BTreeMap<SessionId, Vec<Seat>> = BTreeMap::new();
        for session in self.sessions.values() {
            if let Some(outer) = session.request.inside {
                children.entry(outer).or_default().push(session.seat);
            }
        }
        children
    }

    /// Those whom a waiting session waits for, without those that were found before: past an exclusive
    /// session all of a line are, so that a line of thousands is walked once.
    fn not_walked_past(&self, session: &Session, walked: &mut BTreeMap<EntryName, Seat>) -> Vec<Seat> {
        let mut found = Vec::new();
        for entry in session.entries() {
            let from = walked.get(entry).copied().unwrap_or(Seat::FIRST);
            if from < session.seat {
                found.extend(self.lines[entry].conflicts_from(from, session.seat, session.mode()));
                if session.mode() == Mode::Exclusive {
                    walked.insert(*entry, session.seat);
                }
            }
        }
        found
    }
}
