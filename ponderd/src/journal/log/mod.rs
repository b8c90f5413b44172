//! The write-ahead log: what is acknowledged is durable here before it is an entry's.
//!
//! A log is one file, `log` in the state directory. Records are put behind one another and flushed
//! together. A checkpoint, after which none of them is needed any more, begins a new log in another
//! file and lets the two change places; so a log is whole at any instant, and there is one.

mod at;
mod begin;
mod bytes;
mod code;
mod file;
mod frame;
mod print;
mod record;
mod reread;

use std::path::PathBuf;

use ponder_proto::shown;

use crate::journal::Fault;

pub(in crate::journal) use at::At;
pub(in crate::journal) use file::{Log, Logged, NotFlushed, STEP};
pub use print::print;
pub(in crate::journal) use record::{Append, Commit, Displaced, Number, Operation, Part, Record, Way};
pub use reread::{Reread, reread};

/// Why a log cannot be used. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// It was written by a newer version.
    #[error(
        "the log {} is of a newer version of ponder (format {version}, this one reads {}): run that version",
        shown(path),
        frame::VERSION
    )]
    Newer {
        /// The log.
        path: PathBuf,
        /// Its format.
        version: u32,
    },
    /// Something in it that was acknowledged cannot be read.
    #[error(
        "the log {} is damaged at byte {at}: {why}. Nothing was changed. It may hold text that is not in its \
         entry yet: copy it and look at it with `ponder doctor --log`, then move it away to go on without it",
        shown(path)
    )]
    Damaged {
        /// The log.
        path: PathBuf,
        /// Where, in bytes from its start.
        at: usize,
        /// What is wrong there.
        why: &'static str,
    },
    /// It could not be read or written.
    #[error(transparent)]
    Fault(#[from] Fault),
}
