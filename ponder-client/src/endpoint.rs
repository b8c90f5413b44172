//! Where a journal's daemon is found.

use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use ponder_endpoint::{
    Journal, JournalLock, LockError, Record, SocketError, StartGate, bind, connect, runtime_dir, socket_path,
};
use ponder_proto::{Body, ErrorCode, Message, Op};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::autostart::{Starting, daemon_program};
use crate::{Connection, ConnectionError, Error, StartOptions};

/// How many daemons that we started may end without an answer and without a reason before we say
/// so. One may have been stopped by somebody; that many have something in common.
const STILLBORN: usize = 8;

/// How long daemons that are ending, or do not listen yet, are waited for.
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
    /// The connection ended before the daemon had done anything.
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
        let deadline = Instant::now() + PATIENCE;
        let mut stillborn = 0;
        while stillborn < STILLBORN && Instant::now() < deadline {
            let (connection, starting) = self.connect_or_start(options)?;
            let attempt = match connection {
                Some(connection) => ask(connection, op.clone())?,
                None => Attempt::Ended,
            };
            match (attempt, starting) {
                (Attempt::Begun(connection, answer), _) => return Ok((connection, answer)),
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
        let listener = bind(&self.socket, &lock)?;
        let starting = Starting::spawn(program, &self.journal, listener, lock, options)?;
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
    let changes = matches!(op, Op::Append(_));
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
            Err(ConnectionError::Unheard) => return Ok(Attempt::Ended),
            Err(ConnectionError::Ended) if !changes || question.is_none() => return Ok(Attempt::Ended),
            Err(error) if changes => return Err(Error::OutcomeUnknown(error)),
            Err(error) => return Err(error.into()),
        };
        match message.body {
            // An append that was sent may still be answered; anything else can be asked again.
            Body::Stopping if !changes || question.is_none() => return Ok(Attempt::Draining(connection)),
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

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixStream;
    use std::thread::JoinHandle;

    use interprocess::local_socket::Stream;
    use interprocess::os::unix::uds_local_socket;
    use ponder_proto::{Append, MAGIC, Refusal, Request, Text, Welcome, frame};

    use super::*;

    /// What the daemon does about a request.
    enum Does {
        Says(Body),
        Nothing,
        /// It leaves it unread.
        Ends,
    }
    use Does::{Ends, Nothing, Says};

    /// A daemon that does about each request what `script` says, then hangs up. Returns what it
    /// was asked.
    fn ask_a_daemon(op: Op, script: Vec<Does>) -> (Result<Attempt, Error>, Vec<Op>) {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let daemon: JoinHandle<Vec<Op>> = thread::spawn(move || {
            theirs.read_exact(&mut [0; MAGIC.len()]).unwrap();
            let mut asked = Vec::new();
            for does in script {
                poll(&mut [PollFd::new(&theirs, PollFlags::IN)], None).unwrap();
                if matches!(does, Ends) {
                    break;
                }
                let mut header = [0; frame::HEADER];
                theirs.read_exact(&mut header).unwrap();
                let mut payload = vec![0; frame::payload_length(header, 4096).unwrap()];
                theirs.read_exact(&mut payload).unwrap();
                let request: Request = frame::decode(&payload).unwrap();
                asked.push(request.op);
                if let Says(body) = does {
                    let mut answer = Vec::new();
                    frame::encode(&Message { re: Some(request.id), body }, &mut answer).unwrap();
                    theirs.write_all(&answer).unwrap();
                }
            }
            asked
        });
        let stream = Stream::UdSocket(uds_local_socket::Stream::from(ours));
        let attempt = ask(Connection::new(stream), op);
        (attempt, daemon.join().unwrap())
    }

    fn append() -> Op {
        let entry = "20261123".parse().unwrap();
        Op::Append(Append { entry, text: Text::from("x"), operation: None, time: None })
    }

    fn welcome() -> Does {
        Says(Body::Welcome(Welcome {
            protocol: 1,
            version: String::new(),
            instance: String::new(),
            capabilities: Vec::new(),
        }))
    }

    fn refusal(code: ErrorCode) -> Does {
        Says(Body::Error(Refusal::new(code, "")))
    }

    #[test]
    fn the_first_answer_comes_back_even_if_it_is_a_refusal() {
        let (attempt, asked) = ask_a_daemon(append(), vec![welcome(), refusal(ErrorCode::Disk)]);
        let Ok(Attempt::Begun(_, answer)) = attempt else { panic!("not begun") };
        assert_eq!(answer.body, Body::Error(Refusal::new(ErrorCode::Disk, "")));
        assert_eq!(asked[1], append());
    }

    #[test]
    fn a_daemon_that_drains_is_asked_again_later() {
        let (attempt, _) = ask_a_daemon(append(), vec![refusal(ErrorCode::Stopping)]);
        assert!(matches!(attempt, Ok(Attempt::Draining(_))), "to hello");
        let (attempt, _) = ask_a_daemon(append(), vec![welcome(), refusal(ErrorCode::Stopping)]);
        assert!(matches!(attempt, Ok(Attempt::Draining(_))), "to the append");
    }

    #[test]
    fn an_append_is_unknown_only_once_it_was_read() {
        let (attempt, _) = ask_a_daemon(append(), vec![Nothing]);
        assert!(matches!(attempt, Ok(Attempt::Ended)), "before the welcome");
        let (attempt, _) = ask_a_daemon(append(), vec![welcome(), Ends]);
        assert!(matches!(attempt, Ok(Attempt::Ended)), "unread");
        let (attempt, asked) = ask_a_daemon(append(), vec![welcome(), Nothing]);
        assert!(matches!(attempt, Err(Error::OutcomeUnknown(_))), "read");
        assert_eq!(asked[1], append());
    }

    #[test]
    fn a_daemon_of_another_protocol_refuses_for_good() {
        let (attempt, _) = ask_a_daemon(append(), vec![refusal(ErrorCode::ProtocolMismatch)]);
        let Err(Error::Refused(refusal)) = attempt else { panic!("not refused") };
        assert_eq!(refusal.code, ErrorCode::ProtocolMismatch);
    }

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
