//! Why a daemon could not be reached, started or asked.

use std::io;
use std::path::PathBuf;

use ponder_endpoint::{LockError, SocketError};
use ponder_proto::{Refusal, shown};

use crate::ConnectionError;

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There can be no socket, or it cannot be trusted.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// The journal or the runtime directory cannot be locked.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The program `ponderd` is not where it was looked for.
    #[error("there is no ponderd {searched}: install it there, or set PONDERD to its path")]
    NoProgram {
        /// Where it was looked for.
        searched: String,
    },
    /// The program `ponderd` could not be started.
    #[error("cannot start {}: {source}", shown(program))]
    NotStarted {
        /// The program.
        program: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The daemon that was started could not go on, and said why.
    #[error("{reason}")]
    CouldNotStart {
        /// What it wrote to standard error.
        reason: String,
        /// Its exit code.
        code: Option<i32>,
    },
    /// Somebody owns the journal and cannot be spoken to.
    #[error(
        "another ponderd owns the journal {}, but nobody answers at {}: \
         look for the process, or run ponder with the XDG_RUNTIME_DIR it was started with",
        shown(journal),
        shown(socket)
    )]
    Unreachable {
        /// The journal.
        journal: PathBuf,
        /// Where a client of this environment looks for its daemon.
        socket: PathBuf,
    },
    /// Every daemon ended before it answered.
    #[error(
        "the daemon of {} ended before it answered, again and again: see the log in {}",
        shown(journal),
        shown(log)
    )]
    KeptEnding {
        /// The journal.
        journal: PathBuf,
        /// The directory of the daemon's log.
        log: PathBuf,
    },
    /// A daemon runs and says nothing.
    #[error("the daemon has not answered for {seconds} s: it may be stopped, or its disk may hang")]
    Silent {
        /// How long it was waited for.
        seconds: u64,
    },
    /// The connection was lost after a text was sent: it may or may not be in its entry.
    #[error("the daemon was lost before it answered ({0})")]
    OutcomeUnknown(ConnectionError),
    /// The connection was lost.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// The daemon refused the conversation itself.
    #[error(transparent)]
    Refused(#[from] Refusal),
}
