//! The lines of the table.

use ponder_proto::{Acquire, SessionId, Token};
use serde::{Deserialize, Serialize};

use ponder_endpoint::Process;

/// What happened, in the order in which it happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// The first line: the boot in which all this holds.
    Table { version: u32, boot: String },
    /// A session stands in line, or another process has taken it over.
    Seated {
        /// Its place: sessions are in line in the order of these.
        place: u64,
        request: Acquire,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process: Option<Process>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wait_until: Option<u64>,
        since: i64,
    },
    /// It has its lease.
    Granted {
        session: SessionId,
        token: Token,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hold_until: Option<u64>,
        since: i64,
    },
    /// It is over.
    Over { session: SessionId },
}

/// The version that is written, and the only one that is read: a table lives as long as a boot.
pub(super) const VERSION: u32 = 1;
