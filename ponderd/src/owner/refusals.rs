//! What clients are told when the answer is no: one sentence for each reason.

use ponder_proto::{ErrorCode, Refusal};

use super::Owner;
use crate::lease::Refused;

/// A refusal that needs no more than its code.
pub(crate) fn refusal(code: ErrorCode) -> Refusal {
    let message = match code {
        ErrorCode::Busy => "the lease is not free",
        ErrorCode::WouldDeadlock => {
            "would deadlock: this was started from inside a session that it would wait for; leave that one first"
        }
        ErrorCode::NoSuchSession => "there is no such session on this connection",
        ErrorCode::SessionReused => {
            "this session id was used before, with another content or by a session that is over: \
             choose a new one at random"
        }
        ErrorCode::AlreadyGranted => "too late: the lease was granted; release it",
        ErrorCode::NotGranted => "the session still waits for its lease: cancel it, or wait for `granted`",
        ErrorCode::StaleToken => {
            "the lease with this token is over: your text is in the entry, in your draft, or kept"
        }
        ErrorCode::Superseded => "the same session was taken over by a newer connection",
        ErrorCode::NoSuchLease => {
            "there is no lease with this token: it may have ended by itself; look at `ponder status`"
        }
        ErrorCode::TooSlow => "you let your messages pile up: connect again, and read faster",
        ErrorCode::NotNewer => "this daemon is not older than you: use it",
        ErrorCode::Stopping => "the daemon is stopping: connect again and a new one is started",
        _ => "the request was refused",
    };
    Refusal::new(code, message)
}

impl Owner {
    /// Why the lease core refused, with who is in the way.
    pub(super) fn explain(&self, why: &Refused) -> Refusal {
        match why {
            Refused::Busy { blockers } if blockers.is_empty() => {
                Refusal::new(ErrorCode::Busy, "too many sessions are open: close some, or try again later")
            }
            Refused::Busy { blockers } => {
                Refusal { blockers: self.name(blockers), ..refusal(ErrorCode::Busy) }
            }
            Refused::WouldDeadlock { blockers } => {
                Refusal { blockers: self.name(blockers), ..refusal(ErrorCode::WouldDeadlock) }
            }
            Refused::Because(code) => refusal(*code),
        }
    }
}
