//! Errors with a stable code.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::frame::{Decode, Encode};
use crate::{RawPath, Who};

/// Why a request was refused. Codes never change their meaning; new ones come at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The message could not be read. `field` names what was wrong, where that is known.
    BadRequest,
    /// There is no such operation.
    UnknownOperation,
    /// A message, text or set of entries past its limit.
    TooLarge,
    /// Something else was asked before hello.
    HelloFirst,
    /// No common protocol.
    ProtocolMismatch,
    /// The peer runs as another user.
    NotYours,
    /// It would have to wait and was told not to, the wait ran out, or a bound was reached.
    Busy,
    /// It would wait for a session that waits for it.
    WouldDeadlock,
    /// No such session on this connection.
    NoSuchSession,
    /// The session's id was used before, with other content or by a session that has ended.
    SessionReused,
    /// The operation's id was used before with other content.
    OperationReused,
    /// Too late to cancel: the lease was granted before.
    AlreadyGranted,
    /// The session has no lease yet, or no drafts.
    NotGranted,
    /// The token is not the current grant's.
    StaleToken,
    /// The same session was taken over by a newer connection.
    Superseded,
    /// The daemon is draining. Connect again and a new one is started.
    Stopping,
    /// The disk refused; nothing was changed.
    Disk,
    /// The disk failed midway: the change may or may not survive. Repeat with the same operation id.
    OutcomeUnknown,
    /// The journal is not what it was: moved, remounted, or an entry is no plain file.
    Journal,
    /// A bug in the daemon.
    Internal,
    /// There is no lease with this token.
    NoSuchLease,
    /// The client let its messages pile up: the connection ends.
    TooSlow,
    /// The daemon is not older than whoever wants it replaced.
    NotNewer,
}

/// A refusal: the code, a sentence that says what to do, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
#[error("{message}")]
pub struct Refusal {
    /// What a program decides by.
    pub code: ErrorCode,
    /// What a person reads.
    pub message: String,
    /// The field of the request that is to blame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The file or directory it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<RawPath>,
    /// With `busy` and `would_deadlock`: who is in the way, holders first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blockers: Vec<Who>,
}

impl Refusal {
    /// A refusal that is about no field, path or session in particular.
    pub fn new(code: ErrorCode, message: impl fmt::Display) -> Self {
        Self { code, message: message.to_string(), field: None, about: None, blockers: Vec::new() }
    }

    /// Names the field that is to blame.
    #[must_use]
    pub fn field(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    /// Names the file or directory it is about.
    #[must_use]
    pub fn about(mut self, path: RawPath) -> Self {
        self.about = Some(path);
        self
    }
}
