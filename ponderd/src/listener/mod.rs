//! Where connections come from: a socket that was bound here, or one that was handed over.

#[cfg(unix)]
mod activated;
#[cfg(unix)]
mod handed_over;
#[cfg(unix)]
mod turned_away;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::path::PathBuf;
use std::time::Duration;

use interprocess::local_socket::tokio::Listener;
use interprocess::local_socket::traits::tokio::Listener as _;
use ponder_endpoint::SocketError;
use ponder_proto::limits;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::connection::{self, Peer};
use crate::lease::ClientId;
use crate::owner::FromClient;

#[cfg(unix)]
pub use activated::{ActivationError, PassedIn};
#[cfg(unix)]
pub use handed_over::{HandOver, HandOverError, Origin, take_over};
#[cfg(unix)]
use unix::{Place, creds, most_descriptors};
#[cfg(windows)]
pub use windows::{ActivationError, HandOver, PassedIn, take_over};
#[cfg(windows)]
use windows::{Place, creds, most_descriptors};

/// How long the accept loop rests when the system has no descriptor to spare.
const REST: Duration = Duration::from_millis(100);

/// How long connections have to read their last words when the daemon ends.
const GOODBYE: Duration = Duration::from_secs(1);

/// Descriptors that connections may not use up: the writer, the watcher and the log need some.
const RESERVE: usize = 64;

/// A bound socket and the right to it.
#[derive(Debug)]
pub struct Endpoint {
    listener: Listener,
    path: PathBuf,
    place: Place,
}

impl Endpoint {
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
        let most = limits::CONNECTIONS.min(most_descriptors().saturating_sub(RESERVE));
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
        self.place.give_up(&self.path)?;
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
