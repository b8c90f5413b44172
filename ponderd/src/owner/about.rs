//! What the daemon says about itself and its sessions.

use ponder_proto::{DaemonInfo, KeptDraft, SessionId, StatusReport, Who};

use super::Owner;

/// The daemon itself, as `status` tells it.
pub type About = DaemonInfo;

/// Blockers that one message names at the most: what a screen has room for.
const NAMED: usize = 8;

impl Owner {
    pub(super) fn report(&self, kept: Vec<KeptDraft>) -> StatusReport {
        let sessions = self.core.sessions().map(crate::lease::Session::id);
        StatusReport { daemon: self.about.clone(), sessions: self.name_all(sessions), kept }
    }

    /// The first few of these sessions, as others see them.
    pub(super) fn name_some(&self, sessions: &[SessionId]) -> Vec<Who> {
        self.name_all(sessions.iter().copied().take(NAMED))
    }

    fn name_all(&self, sessions: impl Iterator<Item = SessionId>) -> Vec<Who> {
        sessions.filter_map(|id| Some(self.details.get(&id)?.who(self.core.session(id)?))).collect()
    }
}
