//! Who is at the other end.

use ponder_proto::{ErrorCode, Refusal};

/// What the kernel says about the other end of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Creds {
    /// Its process id, where the platform tells.
    pub pid: Option<u32>,
    /// Its user id, where the platform has such.
    pub uid: Option<u32>,
    /// Whether it is of the daemon's own user.
    pub ours: bool,
}

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
    /// Judges a peer: it has to be of the daemon's own user. Root is another user.
    pub fn of(creds: Creds, full: bool) -> Self {
        let Creds { pid, uid, ours } = creds;
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
