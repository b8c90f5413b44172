//! A socket in a directory of the user's own (unix(7)).

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use interprocess::local_socket::traits::{Stream as _, StreamCommon as _};
use interprocess::local_socket::{GenericFilePath, Listener, ListenerOptions, Name, Stream, ToFsName as _};
use interprocess::os::unix::local_socket::ListenerOptionsExt as _;

use super::{SocketError, unusable};
use crate::private::is_private;
use crate::{Journal, JournalLock};

/// The longest path a socket can have, in bytes: `sun_path` in unix(7), less its final NUL.
const LONGEST_PATH: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// The socket of a journal in a runtime directory.
pub fn socket_path(runtime_dir: &Path, journal: &Journal) -> Result<PathBuf, SocketError> {
    let path = runtime_dir.join(socket_name(journal));
    let length = path.as_os_str().len();
    if length > LONGEST_PATH {
        return Err(SocketError::TooLong { path, length, longest: LONGEST_PATH });
    }
    Ok(path)
}

/// The name of a journal's socket, in whichever directory.
fn socket_name(journal: &Journal) -> String {
    format!("{}.sock", journal.id())
}

/// Whether a socket has the name of a journal's.
pub fn is_named_for(socket: &Path, journal: &Journal) -> bool {
    socket.file_name().is_some_and(|name| name == &*socket_name(journal))
}

/// Whether a daemon of ours would have bound this for a journal: under the journal's name, in a directory
/// that nobody else reaches into, and no link to another one.
pub(crate) fn could_be_ours(socket: &Path, journal: &Journal) -> bool {
    let is_safe = || socket.parent().is_some_and(|dir| is_private(dir).is_ok());
    let you = rustix::process::geteuid().as_raw();
    let is_socket =
        || fs::symlink_metadata(socket).is_ok_and(|it| it.file_type().is_socket() && it.uid() == you);
    is_named_for(socket, journal) && is_safe() && is_socket()
}

/// Binds the journal's socket, for the owner alone. What lies at its place is a dead daemon's: the
/// journal's lock, which the caller has to hold, proves it. Returns the listening descriptor: it may
/// be handed to another process.
pub fn bind(path: &Path, _proof: &JournalLock) -> Result<OwnedFd, SocketError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(unusable("remove", path, error));
        }
        _ => {}
    }
    // interprocess would unlink by path when the listener is dropped, and overwrite by path when
    // it is bound; whose socket lies there is for the lock's holder to decide, not for the path.
    let Listener::UdSocket(listener) = ListenerOptions::new()
        .name(name(path)?)
        .mode(0o600)
        .reclaim_name(false)
        .try_overwrite(false)
        .create_sync()
        .map_err(|error| unusable("bind", path, error))?;
    Ok(listener.into())
}

/// Removes a socket that the caller bound, unless another one lies there by now.
pub fn remove_socket(path: &Path, identity: (u64, u64), _proof: &JournalLock) -> Result<(), SocketError> {
    match fs::symlink_metadata(path) {
        Ok(found) if (found.dev(), found.ino()) == identity => {
            fs::remove_file(path).map_err(|error| unusable("remove", path, error))
        }
        _ => Ok(()),
    }
}

/// Connects to a daemon of ours.
pub fn connect(path: &Path) -> Result<Stream, SocketError> {
    let stream = Stream::connect(name(path)?).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => SocketError::Nobody(path.to_owned()),
        _ => unusable("connect to", path, error),
    })?;
    let peer = stream.peer_creds().map_err(|error| unusable("connect to", path, error))?;
    match peer.euid() {
        Some(owner) if owner != rustix::process::geteuid().as_raw() => {
            Err(SocketError::NotYours { path: path.to_owned(), owner: owner.to_string() })
        }
        _ => Ok(stream),
    }
}

fn name(path: &Path) -> Result<Name<'_>, SocketError> {
    path.to_fs_name::<GenericFilePath>().map_err(|error| unusable("name", path, error))
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    #[test]
    fn a_stale_socket_is_replaced_and_only_ones_own_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        let path = socket_path(dir.path(), &journal).unwrap();
        let lock = JournalLock::try_take(&journal).unwrap();
        assert!(matches!(connect(&path), Err(SocketError::Nobody(_))));

        drop(bind(&path, &lock).unwrap()); // leaves its file behind, as a killed daemon does
        assert!(matches!(connect(&path), Err(SocketError::Nobody(_))));
        let listener = bind(&path, &lock).unwrap();
        connect(&path).unwrap();

        let found = fs::symlink_metadata(&path).unwrap();
        assert_eq!(found.mode() & 0o777, 0o600);
        remove_socket(&path, (found.dev(), found.ino() + 1), &lock).unwrap();
        connect(&path).unwrap();
        remove_socket(&path, (found.dev(), found.ino()), &lock).unwrap();
        assert!(matches!(connect(&path), Err(SocketError::Nobody(_))));
        drop(listener);
    }

    #[test]
    fn a_path_that_is_too_long_says_so() {
        let journal = Journal::open(&env::temp_dir()).unwrap();
        let long = PathBuf::from(format!("/{}", "x".repeat(100)));
        let error = socket_path(&long, &journal).unwrap_err().to_string();
        assert!(error.contains("123 bytes"), "{error}");
    }
}
