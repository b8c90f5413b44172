//! Who is at the other end.

use interprocess::local_socket::PeerCreds;
use ponder_proto::{ErrorCode, Refusal};

/// What the kernel says about the other end, and whether it may stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its process id, where the platform tells.
    pub pid: Option<u32>,
    /// Its user id.
    pub uid: Option<u32>,
    turned_away: Option<ErrorCode>,
}

impl Peer {
    /// Judges a peer: it has to run as the daemon's own user. Root is another user.
    pub fn of(creds: Option<&PeerCreds>, full: bool) -> Self {
        let pid = creds.and_then(PeerCreds::pid).and_then(|pid| u32::try_from(pid).ok());
        let uid = creds.and_then(PeerCreds::euid);
        let ours = uid == Some(rustix::process::geteuid().as_raw());
        let turned_away = match (ours, full) {
            (false, _) => Some(ErrorCode::NotYours),
            (true, true) => Some(ErrorCode::Busy),
            (true, false) => None,
        };
        Self { pid, uid, turned_away }
    }

    /// Why it may not stay.
    pub(super) fn turned_away(self) -> Option<Refusal> {
        self.turned_away.map(|code| {
            let message = match code {
                ErrorCode::NotYours => "this daemon belongs to another user: use a journal of your own",
                _ => "the daemon has as many connections as it takes: try again later",
            };
            Refusal::new(code, message)
        })
    }
}
