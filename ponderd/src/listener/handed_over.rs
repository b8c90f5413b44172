//! Descriptors from the `ponder` that started this daemon.
//!
//! That client takes the journal's lock, binds the socket, and starts `ponderd` with the socket as
//! standard input, the lock as standard output, and a pipe as standard error. So it can connect
//! before the daemon has run one instruction, and nobody polls. Standard descriptors need no
//! `unsafe` on either side, and no descriptor numbers have to be agreed upon.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use ponder_endpoint::{Journal, JournalLock, LockError};
use rustix::net::SocketAddrUnix;

/// A bound socket and the journal's lock.
#[derive(Debug)]
pub struct HandOver {
    /// The listening socket.
    pub socket: OwnedFd,
    /// Where it is bound.
    pub path: PathBuf,
    /// The lock.
    pub lock: JournalLock,
    /// Whose it is.
    pub origin: Origin,
}

/// Who made a socket, and removes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// We or the client that started us: it goes when the daemon ends.
    Bound,
    /// A service manager, which goes on to listen when the daemon ends. It is never removed.
    PassedIn,
}

/// Why the descriptors are of no use.
#[derive(Debug, thiserror::Error)]
pub enum HandOverError {
    /// Standard input is no bound socket.
    #[error(
        "standard input is not a bound socket ({0}); --handed-over is for `ponder`, start ponderd without it"
    )]
    NoSocket(io::Error),
    /// Standard output is not the lock.
    #[error(transparent)]
    NoLock(#[from] LockError),
    /// The standard descriptors could not be replaced.
    #[error("cannot leave the client's terminal: {0}")]
    NoDaemon(io::Error),
}

/// Takes the descriptors over, and leaves the client's session and terminal.
///
/// Standard error stays the client's pipe until [`crate::run`] is ready or gives up.
pub fn take_over(journal: &Journal) -> Result<HandOver, HandOverError> {
    let duplicate = |fd: std::os::fd::BorrowedFd<'_>| fd.try_clone_to_owned();
    let socket: OwnedFd = duplicate(io::stdin().as_fd()).map_err(HandOverError::NoSocket)?;
    let lock: OwnedFd = duplicate(io::stdout().as_fd()).map_err(HandOverError::NoDaemon)?;
    let leave = || {
        let null = File::options().read(true).write(true).open("/dev/null")?;
        rustix::stdio::dup2_stdin(&null)?;
        rustix::stdio::dup2_stdout(&null)?;
        // Fails only for the leader of a process group, which a freshly started child is not.
        rustix::process::setsid().map(drop)?;
        Ok(())
    };
    leave().map_err(HandOverError::NoDaemon)?;
    let lock = JournalLock::from_descriptor(lock, journal)?;
    let path = bound_path(&socket).map_err(HandOverError::NoSocket)?;
    Ok(HandOver { socket, path, lock, origin: Origin::Bound })
}

pub(super) fn bound_path(socket: &OwnedFd) -> io::Result<PathBuf> {
    let address = SocketAddrUnix::try_from(rustix::net::getsockname(socket)?)?;
    let path = address.path().ok_or_else(|| io::Error::other("it has no path"))?;
    Ok(PathBuf::from(std::ffi::OsStr::from_bytes(path.to_bytes())))
}
