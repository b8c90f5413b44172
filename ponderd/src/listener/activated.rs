//! A socket from a service manager, which listens while no daemon runs.
//!
//! systemd makes it our standard input, as `ponder` does: one way in, and no descriptor numbers to agree
//! upon. launchd is asked for it. The journal's lock is ours to take.

use std::io;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use ponder_endpoint::{Journal, JournalLock, LockError, Process, Record};
use ponder_proto::shown;
use rustix::process::{Pid, Signal, kill_process};

use super::handed_over::{HandOver, Origin, bound_path};
use crate::platform::passed_in_socket;

/// How long another daemon, one that a client had started, may take to make way.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why there is nothing to listen at, or no right to.
#[derive(Debug, thiserror::Error)]
pub enum ActivationError {
    /// Nobody has passed us a socket that listens.
    #[error(
        "no service manager has passed a listening socket in ({0}); --activated is for units with StandardInput=socket and for agents of launchd, start ponderd without it"
    )]
    NoSocket(io::Error),
    /// The lock could not be had.
    #[error(transparent)]
    NoLock(#[from] LockError),
    /// The one who has it does not let go.
    #[error(
        "another ponderd owns the journal {} and did not end within {} s: run `ponder daemon stop`",
        shown(.0), PATIENCE.as_secs()
    )]
    Occupied(PathBuf),
}

/// Takes the socket that was passed in, and the journal's lock from a daemon that is about to end.
pub fn take_up(journal: &Journal) -> Result<HandOver, ActivationError> {
    let socket = passed_in_socket().map_err(ActivationError::NoSocket)?;
    let path = bound_path(&socket).map_err(ActivationError::NoSocket)?;
    let lock = match JournalLock::try_take(journal) {
        Err(LockError::Taken(_)) => take_from_another(journal)?,
        taken => taken?,
    };
    Ok(HandOver { socket, path, lock, origin: Origin::PassedIn })
}

/// Nobody can reach the daemon that has the lock: its socket's place is ours. So it is asked to end, which
/// costs nobody his place, and waited for. Which process it is, the journal's endpoint file says; it has
/// to be a daemon indeed.
fn take_from_another(journal: &Journal) -> Result<JournalLock, ActivationError> {
    match Record::read(journal).map(|record| Process::of(record.pid)) {
        Some(owner) if owner.program().as_deref() == Some("ponderd") => {
            tracing::info!(pid = owner.pid, "a daemon that somebody started before is asked to make way");
            terminate(owner);
        }
        _ => tracing::warn!("another daemon has the journal, and nobody knows which one"),
    }
    let (sender, receiver) = mpsc::sync_channel(0);
    let wanted = journal.clone();
    // flock(2) has no deadline. A lock that comes too late goes with its thread.
    thread::spawn(move || drop(sender.send(JournalLock::take(&wanted))));
    let lock = receiver.recv_timeout(PATIENCE);
    Ok(lock.map_err(|_| ActivationError::Occupied(journal.path().to_owned()))??)
}

/// Asks a process to end. One that is gone, or is another one by now, is left alone.
fn terminate(process: Process) {
    if let Some(pid) = i32::try_from(process.pid).ok().and_then(Pid::from_raw)
        && process.runs()
    {
        let _ = kill_process(pid, Signal::TERM); // it may end at this moment
    }
}
