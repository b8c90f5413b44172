//! A socket in the file system.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use anyhow::Context as _;
use interprocess::local_socket::tokio::Stream;
use interprocess::os::unix::uds_local_socket::tokio::Listener as UnixListener;
use ponder_endpoint::{Journal, JournalLock, SocketError};
use ponder_proto::shown;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::Endpoint;
use super::handed_over::{HandOver, Origin};
use crate::connection::Creds;

/// What goes with a socket's place.
#[derive(Debug)]
pub(super) struct Place {
    /// Device and inode of the socket's file: what is removed at the end has to be this one.
    identity: (u64, u64),
    lock: JournalLock,
    origin: Origin,
}

impl Place {
    /// Gives up the socket and the lock, in this order.
    pub(super) fn give_up(self, path: &Path) -> Result<(), SocketError> {
        if self.origin == Origin::Bound {
            ponder_endpoint::remove_socket(path, self.identity, &self.lock)?;
        }
        drop(self.lock);
        Ok(())
    }
}

impl Endpoint {
    /// Takes the journal's lock and binds its socket.
    ///
    /// # Errors
    /// When another daemon owns the journal, or there can be no socket.
    pub fn bind(journal: &Journal) -> anyhow::Result<Self> {
        let lock = JournalLock::try_take(journal)?;
        let path = ponder_endpoint::socket_path(&ponder_endpoint::runtime_dir()?, journal)?;
        let socket = ponder_endpoint::bind(&path, &lock)?;
        Self::new(HandOver { socket, path, lock, origin: Origin::Bound }, journal)
    }

    /// Uses a socket and a lock that are there already.
    ///
    /// # Errors
    /// When the socket cannot be used by the runtime. Needs to be called inside of it.
    pub fn new(from: HandOver, _journal: &Journal) -> anyhow::Result<Self> {
        let unusable = || format!("cannot use the socket {}", shown(&from.path));
        let found = std::fs::symlink_metadata(&from.path).with_context(unusable)?;
        let listener = UnixListener::try_from(from.socket).with_context(unusable)?.into();
        let HandOver { path, lock, origin, .. } = from;
        let place = Place { identity: (found.dev(), found.ino()), lock, origin };
        Ok(Self { listener, path, place })
    }
}

/// Asks for as many descriptors as the system allows, and says how many that is. The usual soft
/// limit of 1,024 is for programs that use select(2).
pub(super) fn most_descriptors() -> usize {
    let found = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: found.maximum, maximum: found.maximum };
    let current = if setrlimit(Resource::Nofile, raised).is_ok() { found.maximum } else { found.current };
    current.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX)
}

/// Who is at the other end, by the kernel's word.
pub(super) fn creds(stream: &Stream) -> Creds {
    let Stream::UdSocket(stream) = stream;
    let Ok(found) = stream.inner().peer_cred() else { return Creds::default() };
    let pid = found.pid().and_then(|pid| u32::try_from(pid).ok());
    Creds { pid, uid: Some(found.uid()), ours: found.uid() == rustix::process::geteuid().as_raw() }
}
