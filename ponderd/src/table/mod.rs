//! The lease table: which sessions there are, written down, so that they outlive the daemon.
//!
//! It has to survive the daemon, not the machine: it is written before anybody is told, and never
//! flushed. A power cut may leave anything of it, and does not matter, because it names the boot it is
//! from: in another one no client lives, and nothing of it holds.
//!
//! One JSON object a line: the first names the boot, the others say what happened. What is torn off at
//! the end was never told to anybody.

mod line;
mod read;
mod write;

use std::io;
use std::path::PathBuf;

use ponder_proto::{Acquire, Token, shown};

use ponder_endpoint::Process;

pub use read::{parse, read};
pub use write::Table;

/// The boot that is named where the system names none: its tables are nobody's.
const UNKNOWN_BOOT: &str = "";

/// A session, as the table has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// What was asked.
    pub request: Acquire,
    /// Its client.
    pub process: Option<Process>,
    /// Its token, if it was granted.
    pub token: Option<Token>,
    /// Until when it may queue, on the boot's clock, in milliseconds.
    pub wait_until: Option<u64>,
    /// Until when it may hold its lease, on the boot's clock.
    pub hold_until: Option<u64>,
    /// Since when it is in its phase, in seconds since 1970.
    pub since: i64,
}

/// Why the table cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The disk refused.
    #[error("cannot {doing} the lease table {}: {source}", shown(path))]
    Disk {
        /// `read` or `write`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Milliseconds of the boot's clock: it goes on over a restart of the daemon, and stands still while the
/// machine sleeps.
pub fn boot_clock() -> u64 {
    crate::platform::awake_since_boot()
}
