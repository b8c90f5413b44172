//! Where connections come from: a socket that was bound here, or one that was handed over.

mod activated;
mod handed_over;

use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use interprocess::local_socket::tokio::{Listener, Stream};
use interprocess::local_socket::traits::tokio::Listener as _;
use interprocess::os::unix::uds_local_socket::tokio::Listener as UnixListener;
use ponder_endpoint::{Journal, JournalLock, SocketError};
use ponder_proto::{limits, shown};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::connection::{self, Creds, Peer};
use crate::lease::ClientId;
use crate::owner::FromClient;

pub use activated::{ActivationError, take_up};
pub use handed_over::{HandOver, HandOverError, Origin, take_over};

/// How long the accept loop rests when the system has no descriptor to spare.
const REST: Duration = Duration::from_millis(100);

/// How long connections have to read their last words when the daemon ends.
const GOODBYE: Duration = Duration::from_secs(1);

/// Descriptors that connections may not use up: the writer, the watcher and the log need some.
const RESERVE: usize = 64;

/// Asks for as many descriptors as the system allows, and says how many that is. The usual soft
/// limit of 1,024 is for programs that use select(2).
fn raise_descriptor_limit() -> usize {
    let found = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: found.maximum, maximum: found.maximum };
    let current = if setrlimit(Resource::Nofile, raised).is_ok() { found.maximum } else { found.current };
    current.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX)
}

/// Who is at the other end, by the kernel's word.
fn creds(stream: &Stream) -> Creds {
    let Stream::UdSocket(stream) = stream;
    let Ok(found) = stream.inner().peer_cred() else { return Creds::default() };
    let pid = found.pid().and_then(|pid| u32::try_from(pid).ok());
    Creds { pid, uid: Some(found.uid()), ours: found.uid() == rustix::process::geteuid().as_raw() }
}

/// A bound socket and the right to it.
#[derive(Debug)]
pub struct Endpoint {
    listener: Listener,
    path: PathBuf,
    /// Device and inode of the socket's file: what is removed at the end has to be this one.
    identity: (u64, u64),
    lock: JournalLock,
    origin: Origin,
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
        Self::new(HandOver { socket, path, lock, origin: Origin::Bound })
    }

    /// Uses a socket and a lock that are there already.
    ///
    /// # Errors
    /// When the socket cannot be used by the runtime. Needs to be called inside of it.
    pub fn new(from: HandOver) -> anyhow::Result<Self> {
        let unusable = || format!("cannot use the socket {}", shown(&from.path));
        let found = std::fs::symlink_metadata(&from.path).with_context(unusable)?;
        let listener = UnixListener::try_from(from.socket).with_context(unusable)?.into();
        let HandOver { path, lock, origin, .. } = from;
        Ok(Self { listener, path, identity: (found.dev(), found.ino()), lock, origin })
    }

    /// The socket's path.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// Accepts connections until `enough` is said, then gives up the socket and the lock, in this
    /// order. Returns the connections that are still open: whoever sees one of them end may rely on
    /// the next daemon being able to start.
    pub async fn serve(
        self,
        owner: mpsc::Sender<FromClient>,
        mut enough: oneshot::Receiver<()>,
    ) -> Result<Connections, SocketError> {
        let mut connections = JoinSet::new();
        let most = limits::CONNECTIONS.min(raise_descriptor_limit().saturating_sub(RESERVE));
        let mut next = 0;
        let mut tired = false;
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok(stream) => {
                        let peer = Peer::of(creds(&stream), connections.len() >= most);
                        tired = false;
                        let client = ClientId(next);
                        next += 1;
                        connections.spawn(connection::serve(stream, client, peer, owner.clone()));
                    }
                    Err(error) => {
                        if !tired {
                            tracing::warn!(%error, "connections cannot be accepted");
                        }
                        tired = true;
                        tokio::time::sleep(REST).await;
                    }
                },
                Some(_) = connections.join_next() => {}
                _ = &mut enough => break,
            }
        }
        // A client that comes from here on finds nobody, or the next daemon; never a dead end. One that
        // comes to a socket that was passed in waits in its queue for the next daemon.
        drop(self.listener);
        if self.origin == Origin::Bound {
            ponder_endpoint::remove_socket(&self.path, self.identity, &self.lock)?;
        }
        drop(self.lock);
        Ok(Connections(connections))
    }
}

/// Connections of a daemon that ends.
#[derive(Debug)]
pub struct Connections(JoinSet<()>);

impl Connections {
    /// Waits a moment for them to read what they were told.
    pub async fn end(mut self) {
        let all = async { while self.0.join_next().await.is_some() {} };
        if tokio::time::timeout(GOODBYE, all).await.is_err() {
            tracing::debug!("some clients did not read their last words");
        }
    }
}
