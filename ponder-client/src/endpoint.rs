//! Where a journal's daemon is found.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use ponder_endpoint::{
    Journal, JournalLock, LockError, Record, SocketError, StartGate, connect, find_runtime_dir, runtime_dir,
    socket_path,
};
use ponder_proto::{Message, Op, Welcome, is_older};

use crate::ask::{Attempt, PATIENCE, ask, wait_for_end};
use crate::autostart::{Starting, daemon_program};
use crate::upgrade::OWN_VERSION;
use crate::{Connection, Error, OlderDaemon, StartOptions};

/// How many daemons that we started may end without an answer and without a reason before we say
/// so. One may have been stopped by somebody; that many have something in common.
const STILLBORN: usize = 8;

/// The meeting place of a journal's clients and its daemon, whether one runs or not.
#[derive(Clone, Debug)]
pub struct Endpoint {
    journal: Journal,
    runtime_dir: PathBuf,
    socket: PathBuf,
}

impl Endpoint {
    /// The endpoint of a journal, for this user and environment. The runtime directory is made.
    pub fn of(journal: Journal) -> Result<Self, SocketError> {
        Self::in_dir(journal, runtime_dir()?)
    }

    /// The same, and nothing is made: for who only asks a daemon that runs.
    pub fn found(journal: Journal) -> Result<Self, SocketError> {
        Self::in_dir(journal, find_runtime_dir()?)
    }

    /// The endpoint of a journal whose sockets are in another directory than this environment's.
    pub fn in_dir(journal: Journal, runtime_dir: PathBuf) -> Result<Self, SocketError> {
        let socket = socket_path(&runtime_dir, &journal)?;
        Ok(Self { journal, runtime_dir, socket })
    }

    /// Where its daemon listens, unless it was started in another environment.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The journal.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Connects to the daemon that runs, or to none. Nothing was said yet on the connection.
    pub fn connect(&self) -> Result<Option<Connection>, Error> {
        match connect(&self.socket) {
            Ok(stream) => return Ok(Some(Connection::new(stream))),
            Err(SocketError::Nobody(_)) => {}
            Err(error) => return Err(error.into()),
        }
        // A daemon that was started in another environment listens elsewhere, and says where.
        let record = Record::read(&self.journal);
        let Some(elsewhere) = record.and_then(|record| record.socket_of(&self.journal)) else {
            return Ok(None);
        };
        if elsewhere == self.socket {
            return Ok(None);
        }
        match connect(&elsewhere) {
            Ok(stream) => Ok(Some(Connection::new(stream))),
            // Only a hint, and an outdated one: whatever lies there now is not ours to judge.
            Err(_) => Ok(None),
        }
    }

    /// Connects to the daemon, started if there is none, introduces itself and asks the first
    /// question. Returns its first answer, which may be a refusal.
    ///
    /// A daemon that is just ending is waited for, and asked again after it. So is one that is older
    /// than we are, if [`StartOptions::upgrade`] says so and the daemon has no reason to stay.
    ///
    /// # Errors
    /// Besides what keeps a daemon from being reached: [`Error::OutcomeUnknown`] if the connection
    /// was lost after an append was sent.
    pub fn begin(&self, op: &Op, options: &StartOptions) -> Result<(Connection, Message), Error> {
        let deadline = Instant::now() + PATIENCE;
        let mut stillborn = 0;
        let mut asked = false;
        let mut older = None;
        let mut makes_way = |welcome: &Welcome| {
            if !options.upgrade || !is_older(&welcome.version, OWN_VERSION) {
                return false;
            }
            // Once is enough: the next one may have been started by an older client.
            let answer = if asked { Err(None) } else { self.ask_to_make_way() };
            asked = true;
            let version = welcome.version.clone();
            older = answer.err().map(|reason| OlderDaemon { version, reason });
            older.is_none()
        };
        while stillborn < STILLBORN && Instant::now() < deadline {
            let (connection, starting) = self.connect_or_start(options)?;
            let attempt = match connection {
                Some(connection) => ask(connection, op.clone(), &mut makes_way)?,
                None => Attempt::Ended,
            };
            match (attempt, starting) {
                (Attempt::Begun(mut connection, answer), _) => {
                    connection.note_older(older);
                    return Ok((connection, answer));
                }
                (Attempt::Draining(connection), _) => wait_for_end(connection)?,
                (Attempt::Ended, None) => {} // it was there before us, and stopped
                (Attempt::Ended, Some(starting)) => {
                    if let Some(reason) = starting.reason() {
                        return Err(reason);
                    }
                    stillborn += 1;
                }
            }
        }
        let journal = self.journal.path().to_owned();
        let log = self.journal.state_dir().unwrap_or_default();
        Err(Error::KeptEnding { journal, log })
    }

    /// The same where none is to be started: tries for so long whether somebody else has started one.
    /// None if nobody has.
    pub fn begin_running(&self, op: &Op, patience: Duration) -> Result<Option<(Connection, Message)>, Error> {
        let deadline = Instant::now() + patience;
        let mut pause = Duration::from_millis(20);
        loop {
            if let Some(connection) = self.connect()? {
                match ask(connection, op.clone(), &mut |_| false)? {
                    Attempt::Begun(connection, answer) => return Ok(Some((connection, answer))),
                    Attempt::Draining(connection) => wait_for_end(connection)?,
                    Attempt::Ended => {}
                }
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            // Nothing tells when somebody begins to listen.
            thread::sleep(pause.min(left));
            pause = (pause * 2).min(Duration::from_millis(500));
        }
    }

    /// A connection, unless the daemon that was started has ended already.
    fn connect_or_start(
        &self,
        options: &StartOptions,
    ) -> Result<(Option<Connection>, Option<Starting>), Error> {
        if let Some(connection) = self.connect()? {
            return Ok((Some(connection), None));
        }
        let gate = StartGate::enter(&self.runtime_dir)?;
        if let Some(connection) = self.connect()? {
            return Ok((Some(connection), None));
        }
        let lock = match JournalLock::try_take(&self.journal) {
            Err(LockError::Taken(_)) => {
                drop(gate); // it is for all journals, and this may take a while
                match self.wait_for_lock()? {
                    Found::Lock(lock) => lock,
                    Found::Daemon(connection) => return Ok((Some(connection), None)),
                }
            }
            taken => taken?,
        };
        let program = daemon_program()?; // before anything is bound
        let starting = Starting::spawn(program, &self.journal, &self.socket, lock, options)?;
        Ok((self.connect()?, Some(starting)))
    }

    /// Somebody owns the journal and does not answer: a daemon that is just ending, or one that
    /// was started by hand and does not listen yet.
    fn wait_for_lock(&self) -> Result<Found, Error> {
        let lock = lock_in_background(self.journal.clone());
        let mut waited = Duration::ZERO;
        let mut pause = Duration::from_millis(50);
        while waited < PATIENCE {
            if let Ok(lock) = lock.recv_timeout(pause) {
                return Ok(Found::Lock(lock?));
            }
            if let Some(connection) = self.connect()? {
                return Ok(Found::Daemon(connection));
            }
            waited += pause;
            pause = (pause * 2).min(PATIENCE.saturating_sub(waited));
        }
        Err(Error::Unreachable { journal: self.journal.path().to_owned(), socket: self.socket.clone() })
    }
}

enum Found {
    Lock(JournalLock),
    Daemon(Connection),
}

/// `flock(2)` has no deadline, so a thread waits; a lock that comes too late is dropped at once.
fn lock_in_background(journal: Journal) -> Receiver<Result<JournalLock, LockError>> {
    let (sender, receiver) = mpsc::sync_channel(0);
    thread::spawn(move || {
        let _ = sender.send(JournalLock::take(&journal)); // nobody waits any more: nothing to do
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_that_somebody_owns_silently_is_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        let socket = dir.path().join("no.sock");
        let endpoint = Endpoint { journal: journal.clone(), runtime_dir: dir.path().to_owned(), socket };
        let owner = JournalLock::try_take(&journal).unwrap();
        let waiting = lock_in_background(journal);
        assert!(waiting.recv_timeout(Duration::from_millis(50)).is_err(), "the lock is taken");
        drop(owner);
        drop(waiting.recv().unwrap().unwrap());
        assert!(matches!(endpoint.wait_for_lock(), Ok(Found::Lock(_))));
    }
}
