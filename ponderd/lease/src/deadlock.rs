//! Nesting: a request from inside a session's own children must not wait for that session.

use std::collections::{BTreeSet, HashSet};

use ponder_proto::{Acquire, SessionId};

use super::session::Seat;
use super::{LeaseCore, Phase};

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
        let mut seen = BTreeSet::new();
        let before = self.before(seat, &request.entries, request.mode);
        let mut next: Vec<Seat> = before.into_iter().collect();
        while let Some(seat) = next.pop() {
            if ancestors.contains(&self.sessions[&seat].id()) {
                return true;
            }
            if seen.insert(seat) {
                next.extend(self.waits_for(seat));
            }
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

    fn waits_for(&self, seat: Seat) -> BTreeSet<Seat> {
        let session = &self.sessions[&seat];
        let id = session.id();
        let mut found = if session.phase == Phase::Queued {
            self.before(seat, session.entries(), session.mode())
        } else {
            BTreeSet::new()
        };
        let children = self.sessions.values().filter(|other| other.request.inside == Some(id));
        found.extend(children.map(|child| child.seat));
        found
    }
}
