//! What the daemon says about itself and its sessions.

use ponder_proto::{DaemonInfo, KeptDraft, SessionId, StatusReport, Who};

use super::Owner;

/// The daemon itself, as `status` tells it.
pub type About = DaemonInfo;

impl Owner {
    pub(super) fn report(&self, kept: Vec<KeptDraft>) -> StatusReport {
        let sessions: Vec<SessionId> = self.core.sessions().map(crate::lease::Session::id).collect();
        StatusReport { daemon: self.about.clone(), sessions: self.name(&sessions), kept }
    }

    /// These sessions, as others see them.
    pub(super) fn name(&self, sessions: &[SessionId]) -> Vec<Who> {
        let who = |id: &SessionId| Some(self.details.get(id)?.who(self.core.session(*id)?));
        sessions.iter().filter_map(who).collect()
    }
}
