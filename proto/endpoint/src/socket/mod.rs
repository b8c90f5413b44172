//! The socket at which a journal's daemon listens. On Windows it is a named pipe.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::io;
use std::path::{Path, PathBuf};

use ponder_proto::shown;

use crate::platform::runtime_base;
use crate::{PrivateDirError, is_private, private_dir};

#[cfg(unix)]
pub(crate) use unix::could_be_ours;
#[cfg(unix)]
pub use unix::{bind, connect, is_named_for, remove_socket, socket_path};
#[cfg(windows)]
pub(crate) use windows::could_be_ours;
#[cfg(windows)]
pub use windows::{connect, is_listening, listener_options, socket_path};

/// Why there can be no socket, or nobody was reached through it.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// The directory is not ours alone.
    #[error(transparent)]
    Directory(#[from] PrivateDirError),
    /// The operating system's limit for socket paths.
    #[error(
        "the socket path {} has {length} bytes, and {longest} is the most: set XDG_RUNTIME_DIR to a shorter directory",
        shown(path)
    )]
    TooLong {
        /// The path.
        path: PathBuf,
        /// Its length in bytes.
        length: usize,
        /// The most that the system takes.
        longest: usize,
    },
    /// The other end of the socket runs as somebody else.
    #[error("the socket {} is served by user {owner}, not by you: remove it", shown(path))]
    NotYours {
        /// The socket.
        path: PathBuf,
        /// The peer's user.
        owner: String,
    },
    /// Nobody listens.
    #[error("nobody listens at {}", shown(.0))]
    Nobody(PathBuf),
    /// Any other trouble.
    #[error("cannot {doing} the socket {}: {source}", shown(path))]
    Unusable {
        /// `bind`, `remove` or `connect to`.
        doing: &'static str,
        /// The socket.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// The directory of this user's sockets, made and checked: `$XDG_RUNTIME_DIR/ponder`; without the
/// variable `/run/user/<uid>/ponder`, or `ponder-<uid>` in the temporary directory. On macOS `ponder` in
/// the user's own temporary directory, on Windows in `%LOCALAPPDATA%`.
pub fn runtime_dir() -> Result<PathBuf, SocketError> {
    let (base, ours) = runtime_base()?;
    let dir = base.join(ours);
    private_dir(&dir)?;
    Ok(dir)
}

/// The same directory, checked if it is there. Nothing is made.
pub fn find_runtime_dir() -> Result<PathBuf, SocketError> {
    let (base, ours) = runtime_base()?;
    let dir = base.join(ours);
    match is_private(&dir) {
        Err(PrivateDirError::Unusable { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
        checked => checked?,
    }
    Ok(dir)
}

fn unusable(doing: &'static str, path: &Path, source: io::Error) -> SocketError {
    SocketError::Unusable { doing, path: path.to_owned(), source }
}
