//! A socket from a service manager, which listens while no daemon runs.
//!
//! systemd makes it our standard input, as `ponder` does: one way in, and no descriptor numbers to agree
//! upon. launchd is asked for it. The journal's lock is ours to take.

use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use ponder_endpoint::{Journal, JournalLock, LockError, Process, is_named_for};
use ponder_proto::{Refusal, shown};
use rustix::process::{Pid, Signal, kill_process};

use super::handed_over::{HandOver, Origin, bound_path};
use super::turned_away;
use crate::incumbent;
use crate::journal::StateDir;
use crate::platform::passed_in_socket;

/// How long another daemon, one that a client had started, may take to make way.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is looked up who that is: it may be about to say so.
const LOOK: Duration = Duration::from_millis(100);

/// Why there is nothing to listen at, or no right to.
#[derive(Debug, thiserror::Error)]
pub enum ActivationError {
    /// Nobody has passed us a socket that listens.
    #[error(
        "no service manager has passed a listening socket in ({0}); --activated is for units with StandardInput=socket and for agents of launchd, start ponderd without it"
    )]
    NoSocket(io::Error),
    /// What is said there is meant for another journal.
    #[error(
        "the socket {} that was passed in is not that of the journal {}: run `ponder service install` for it",
        shown(socket),
        shown(journal)
    )]
    AnotherJournals {
        /// The socket.
        socket: PathBuf,
        /// The journal that we were told to serve.
        journal: PathBuf,
    },
    /// The lock could not be had.
    #[error(transparent)]
    NoLock(#[from] LockError),
    /// The one who has it does not let go.
    #[error(
        "another ponderd{} owns the journal {} and did not end within {} s: end that process, nothing acknowledged is lost by it",
        pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default(), shown(journal), PATIENCE.as_secs()
    )]
    Occupied {
        /// The journal.
        journal: PathBuf,
        /// Which one it is, if anybody knows.
        pid: Option<u32>,
    },
}

impl ActivationError {
    /// Whether it stays so until somebody sets it right.
    pub fn is_of_the_configuration(&self) -> bool {
        matches!(self, Self::NoSocket(_) | Self::AnotherJournals { .. })
    }
}

/// The socket that was passed in. Whoever has come to it is answered, by a daemon or by the reason why there
/// is none: otherwise the manager would start one after the other for him, and give up the socket at last.
#[derive(Debug)]
pub struct PassedIn(OwnedFd);

impl PassedIn {
    /// Takes the socket from the service manager.
    pub fn take() -> Result<Self, ActivationError> {
        passed_in_socket().map(Self).map_err(ActivationError::NoSocket)
    }

    /// Takes the journal's lock, from a daemon that makes way if need be.
    pub fn take_up(&self, journal: &Journal, state: &StateDir) -> Result<HandOver, ActivationError> {
        let socket = self.0.try_clone().map_err(ActivationError::NoSocket)?;
        let path = bound_path(&socket).map_err(ActivationError::NoSocket)?;
        if !is_named_for(&path, journal) {
            let journal = journal.path().to_owned();
            return Err(ActivationError::AnotherJournals { socket: path, journal });
        }
        let lock = match JournalLock::try_take(journal) {
            Err(LockError::Taken(_)) => take_from_another(journal, state)?,
            taken => taken?,
        };
        Ok(HandOver { socket, path, lock, origin: Origin::PassedIn })
    }

    /// Tells everybody who has come why nobody serves him.
    pub fn turn_away(self, why: &Refusal) {
        turned_away::all(self.0, why);
    }
}

/// Nobody can reach the daemon that has the lock: its socket's place is ours. So it is asked to end, which
/// costs nobody his place, and waited for.
fn take_from_another(journal: &Journal, state: &StateDir) -> Result<JournalLock, ActivationError> {
    let begun = Instant::now();
    let lock = lock_in_background(journal.clone());
    let mut asked = None;
    while begun.elapsed() < PATIENCE {
        let incumbent = incumbent::read(state);
        if incumbent.is_some() && incumbent != asked {
            asked = incumbent;
            incumbent.into_iter().for_each(terminate);
        }
        match lock.recv_timeout(LOOK) {
            Ok(lock) => return Ok(lock?),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let (journal, pid) = (journal.path().to_owned(), asked.map(|process| process.pid));
    Err(ActivationError::Occupied { journal, pid })
}

/// `flock(2)` has no deadline. A lock that comes too late goes with its thread.
fn lock_in_background(journal: Journal) -> Receiver<Result<JournalLock, LockError>> {
    let (sender, receiver) = mpsc::sync_channel(0);
    thread::spawn(move || drop(sender.send(JournalLock::take(&journal))));
    receiver
}

/// Asks a daemon to end. One that has ended is left alone, whoever has its number by now.
fn terminate(process: Process) {
    if let Some(pid) = i32::try_from(process.pid).ok().and_then(Pid::from_raw)
        && process.start.is_some()
        && process.runs()
        && process.program().as_deref() == Some("ponderd")
    {
        tracing::info!(pid = process.pid, "a daemon that somebody started before is asked to make way");
        let _ = kill_process(pid, Signal::TERM); // it may end at this moment
    }
}
