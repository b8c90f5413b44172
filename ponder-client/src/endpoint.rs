//! Where a journal's daemon is found.

use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use ponder_endpoint::{
    Journal, JournalLock, LockError, Record, SocketError, StartGate, bind, connect, runtime_dir, socket_path,
};
use ponder_proto::{Body, ErrorCode, Message, Op};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::autostart::{Starting, daemon_program};
use crate::{Connection, ConnectionError, Error, StartOptions};

/// How often a daemon may end under our hands before we say so.
const TRIES: usize = 3;

/// How long a daemon that is ending, or does not listen yet, is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// The meeting place of a journal's clients and its daemon, whether one runs or not.
#[derive(Clone, Debug)]
pub struct Endpoint {
    journal: Journal,
    runtime_dir: PathBuf,
    socket: PathBuf,
}

/// What became of a first request.
enum Attempt {
    /// It was answered.
    Begun(Connection, Message),
    /// The connection ended before the daemon had said anything.
    Ended,
    /// The daemon drains: it will end in a moment, and another one can be started.
    Draining(Connection),
}

impl Endpoint {
    /// The endpoint of a journal, for this user and environment. The runtime directory is made.
    pub fn of(journal: Journal) -> Result<Self, SocketError> {
        let runtime_dir = runtime_dir()?;
        let socket = socket_path(&runtime_dir, &journal)?;
        Ok(Self { journal, runtime_dir, socket })
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
        let Some(elsewhere) = Record::read(&self.journal).map(|record| record.socket()) else {
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
    /// A daemon that is just ending is waited for, and asked again after it.
    ///
    /// # Errors
    /// Besides what keeps a daemon from being reached: [`Error::OutcomeUnknown`] if the connection
    /// was lost after an append was sent.
    pub fn begin(&self, op: &Op, options: &StartOptions) -> Result<(Connection, Message), Error> {
        for _ in 0..TRIES {
            let (connection, starting) = self.connect_or_start(options)?;
            let attempt = match connection {
                Some(connection) => ask(connection, op.clone())?,
                None => Attempt::Ended,
            };
            match attempt {
                Attempt::Begun(connection, answer) => return Ok((connection, answer)),
                Attempt::Draining(connection) => wait_for_end(connection)?,
                Attempt::Ended => {
                    if let Some(reason) = starting.and_then(Starting::reason) {
                        return Err(reason);
                    }
                }
            }
        }
        let journal = self.journal.path().to_owned();
        let log = self.journal.state_dir().unwrap_or_default();
        Err(Error::KeptEnding { journal, log })
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
            Err(LockError::Taken(_)) => match self.wait_for_lock()? {
                Found::Lock(lock) => lock,
                Found::Daemon(connection) => return Ok((Some(connection), None)),
            },
            taken => taken?,
        };
        let program = daemon_program()?; // before anything is bound
        let listener = bind(&self.socket, &lock)?;
        let starting = Starting::spawn(program, &self.journal, listener, lock, options)?;
        drop(gate);
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

/// Says hello and asks. An acquire goes along with hello, in one write: if it is lost with its
/// connection, so is the session. An append may only be sent to a daemon that is known to listen,
/// or nobody could say later whether it was applied.
fn ask(mut connection: Connection, op: Op) -> Result<Attempt, Error> {
    let together = matches!(op, Op::Acquire(_));
    let mut first = Some(op);
    let mut question = None;
    connection.put_hello()?;
    if together && let Some(op) = first.take() {
        question = Some(connection.put(op)?);
    }
    connection.flush()?;
    loop {
        let message = match connection.receive() {
            Ok(message) => message,
            Err(ConnectionError::Ended) if together || question.is_none() => return Ok(Attempt::Ended),
            Err(error) => return Err(Error::OutcomeUnknown(error)),
        };
        match message.body {
            // An append that was sent may still be answered; an acquire goes with its connection.
            Body::Stopping if together || question.is_none() => return Ok(Attempt::Draining(connection)),
            Body::Error(refusal) if refusal.code == ErrorCode::Stopping => {
                return Ok(Attempt::Draining(connection));
            }
            Body::Welcome(_) => {
                if let Some(op) = first.take() {
                    question = Some(connection.send(op)?);
                }
            }
            _ if question.is_some() && message.re == question => {
                return Ok(Attempt::Begun(connection, message));
            }
            // To hello, or to no request at all, as when the daemon serves another user.
            Body::Error(refusal) => return Err(refusal.into()),
            _ => {}
        }
    }
}

/// Waits until a draining daemon hangs up. By then it has given up the lock and the socket.
fn wait_for_end(mut connection: Connection) -> Result<(), Error> {
    let limit = Timespec { tv_sec: PATIENCE.as_secs().cast_signed(), tv_nsec: 0 };
    loop {
        match poll(&mut [PollFd::new(&connection, PollFlags::IN)], Some(&limit)) {
            Ok(0) => return Ok(()), // the next attempt says what is wrong
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(ConnectionError::Failed(error.into()).into()),
        }
        if connection.fill().is_err() {
            return Ok(());
        }
    }
}
