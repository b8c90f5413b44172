//! A named pipe.

use std::fs::File;
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use interprocess::local_socket::tokio::Stream;
use interprocess::local_socket::traits::StreamCommon as _;
use ponder_endpoint::{Journal, JournalLock, LockError, SocketError};
use ponder_proto::{Refusal, shown};
use windows_sys::Win32::Foundation::ERROR_SHARING_VIOLATION;
use windows_sys::Win32::Storage::FileSystem::{FILE_FLAG_DELETE_ON_CLOSE, FILE_SHARE_READ};

use super::Endpoint;
use crate::connection::Creds;
use crate::journal::StateDir;

/// How long the lock may have to wait for whoever only looks whether it is free, and the pipe's first instance
/// for the last ones of the daemon before: its clients still read what they were told at its end.
const PATIENCE: Duration = Duration::from_secs(10);

/// The right to be the journal's daemon.
#[derive(Debug)]
pub struct HandOver {
    lock: JournalLock,
}

/// Why a service manager cannot hand anything over.
#[derive(Debug, thiserror::Error)]
#[error("--activated is for systemd and launchd: start ponderd without it")]
pub struct ActivationError;

impl ActivationError {
    /// Whether it stays so until somebody sets it right.
    pub fn is_of_the_configuration(&self) -> bool {
        true
    }
}

/// The same for the file that keeps other users' daemons away: who starts one waits for that.
const SHORT: Duration = Duration::from_secs(1);

/// How long it takes until what is somebody else's is tried for again.
const PAUSE: Duration = Duration::from_millis(20);

/// Takes the journal's lock from the client that started this daemon. It hands nothing over but standard error:
/// a lock cannot be inherited here. It has given it up, and who looks in between whether there is a daemon has
/// it for a moment.
pub fn take_over(journal: &Journal) -> Result<HandOver, LockError> {
    let is_taken = |error: &LockError| matches!(error, LockError::Taken(_));
    in_time(PATIENCE, || JournalLock::try_take(journal), is_taken).map(|lock| HandOver { lock })
}

/// Tries again and again, for so long, for what is somebody else's at this moment.
fn in_time<T, E>(
    patience: Duration,
    mut attempt: impl FnMut() -> Result<T, E>,
    may_pass: impl Fn(&E) -> bool,
) -> Result<T, E> {
    let begun = Instant::now();
    loop {
        match attempt() {
            Err(error) if may_pass(&error) && begun.elapsed() < patience => thread::sleep(PAUSE),
            done => return done,
        }
    }
}

/// A socket that was passed in: there is no service manager here that would listen for us.
#[derive(Debug)]
pub enum PassedIn {}

impl PassedIn {
    /// There is none.
    pub fn take() -> Result<Self, ActivationError> {
        Err(ActivationError)
    }

    /// Never called.
    pub fn take_up(&self, _journal: &Journal, _state: &StateDir) -> Result<HandOver, ActivationError> {
        match *self {}
    }

    /// Never called.
    pub fn turn_away(self, _why: &Refusal) {
        match self {}
    }
}

/// What goes with a pipe's name: it is ours as long as we have an instance of it.
#[derive(Debug)]
pub(super) struct Place {
    lock: JournalLock,
    guard: Option<File>,
}

impl Place {
    /// Gives up the lock.
    #[expect(clippy::unnecessary_wraps, reason = "as where a socket has to be removed")]
    pub(super) fn give_up(self, _path: &Path) -> Result<(), SocketError> {
        drop((self.guard, self.lock));
        Ok(())
    }
}

/// Keeps other daemons from a journal that have a lock and a pipe of their own: another user's, or one that
/// knows it by another path. This is a file beside its entries that goes when it is closed, and that only one
/// can have open for writing. Nothing where no file can be made: such a journal is served without.
fn guard(journal: &Journal) -> anyhow::Result<Option<File>> {
    let name = format!("daemon.{}.lock", ponder_endpoint::machine());
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    options.share_mode(FILE_SHARE_READ).custom_flags(FILE_FLAG_DELETE_ON_CLOSE);
    let is_had = |error: &io::Error| error.raw_os_error() == Some(ERROR_SHARING_VIOLATION.cast_signed());
    // It is refused, too, as long as one that was closed is on its way to be gone.
    let may_pass = |error: &io::Error| is_had(error) || error.kind() == io::ErrorKind::PermissionDenied;
    let take = |dir: PathBuf| in_time(SHORT, || options.open(dir.join(&name)), may_pass);
    match ponder_endpoint::side_dir(journal).map_err(|error| error.source).and_then(take) {
        Ok(guard) => Ok(Some(guard)),
        Err(error) if is_had(&error) => Err(anyhow::anyhow!(
            "another ponderd has the journal {}, another user's or by another path: only one can",
            shown(journal.path())
        )),
        Err(error) => {
            tracing::warn!(%error, "another user's ponderd would not be kept from this journal");
            Ok(None)
        }
    }
}

impl Endpoint {
    /// Takes the journal's lock and makes its pipe.
    ///
    /// # Errors
    /// When another daemon owns the journal, or there can be no pipe.
    pub fn bind(journal: &Journal) -> anyhow::Result<Self> {
        Self::new(HandOver { lock: JournalLock::try_take(journal)? }, journal)
    }

    /// Makes the pipe of who has the lock.
    ///
    /// # Errors
    /// When there can be none. Needs to be called inside of the runtime.
    pub fn new(from: HandOver, journal: &Journal) -> anyhow::Result<Self> {
        let HandOver { lock } = from;
        let path = ponder_endpoint::socket_path(&ponder_endpoint::runtime_dir()?, journal)?;
        let guard = guard(journal)?;
        let options = || ponder_endpoint::listener_options(&path, &lock).map_err(io::Error::other);
        let make = || options()?.create_tokio();
        // Somebody else's pipe has the name: an ending daemon's, or a stranger's.
        let may_pass = |error: &io::Error| error.kind() == io::ErrorKind::PermissionDenied;
        let listener = in_time(PATIENCE, make, may_pass)
            .with_context(|| format!("cannot make the pipe {}", shown(&path)))?;
        Ok(Self { listener, path, place: Place { lock, guard } })
    }
}

/// Who is at the other end. It is of our own user: nobody else may open the pipe, as its descriptor says.
pub(super) fn creds(stream: &Stream) -> Creds {
    let pid = stream.peer_creds().ok().and_then(|creds| creds.pid());
    Creds { pid, uid: None, ours: true }
}

/// How many connections the system has room for: it sets no limit that would matter.
pub(super) fn most_descriptors() -> usize {
    usize::MAX
}
