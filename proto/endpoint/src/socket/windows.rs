//! A named pipe, for its owner alone and for nobody from another machine.

use std::fs::OpenOptions;
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::{AsHandle as _, OwnedHandle};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use interprocess::local_socket::{GenericFilePath, ListenerOptions, Stream, ToFsName as _};
use interprocess::os::windows::local_socket::ListenerOptionsExt as _;
use interprocess::os::windows::named_pipe::local_socket::Stream as PipeStream;
use interprocess::os::windows::security_descriptor::SecurityDescriptor;
use widestring::U16CString;
use windows_sys::Win32::Foundation::{ERROR_PIPE_BUSY, ERROR_SEM_TIMEOUT};
use windows_sys::Win32::Storage::FileSystem::{FILE_FLAG_OVERLAPPED, SECURITY_IDENTIFICATION};

use super::{SocketError, unusable};
use crate::platform::{is_error, own_user, owner, wait_for_pipe};
use crate::{Journal, JournalLock};

/// How long a pipe may have no instance to spare: as long as a daemon needs to make the next one, or to
/// end.
const BUSY: Duration = Duration::from_secs(3);

/// The pipe of a journal: `\\.\pipe\ponder-<user>-<journal>`, with the user's security identifier.
pub fn socket_path(_runtime_dir: &Path, journal: &Journal) -> Result<PathBuf, SocketError> {
    let path = |user: &str| PathBuf::from(format!(r"\\.\pipe\ponder-{user}-{}", journal.id()));
    own_user().map(|user| path(&user)).map_err(|error| unusable("name", &path("?"), error))
}

/// Whether a daemon of ours would have made this pipe for a journal.
pub(crate) fn could_be_ours(pipe: &Path, journal: &Journal) -> bool {
    socket_path(Path::new(""), journal).is_ok_and(|own| own == pipe)
}

/// How the journal's daemon has to listen. No other pipe of this name may exist: the first instance says
/// so to the system, and has to be ours, which the journal's lock proves. Every instance is for its owner
/// alone, whatever the system would give by itself (which is: to read for everybody).
pub fn listener_options(path: &Path, _proof: &JournalLock) -> Result<ListenerOptions<'static>, SocketError> {
    let failed = |error| unusable("bind", path, error);
    let user = own_user().map_err(failed)?;
    let descriptor = U16CString::from_str(format!("O:{user}D:P(A;;GA;;;{user})")).map_err(io::Error::other);
    let descriptor = SecurityDescriptor::deserialize(&descriptor.map_err(failed)?).map_err(failed)?;
    let name = path.to_owned().to_fs_name::<GenericFilePath>().map_err(failed)?;
    Ok(ListenerOptions::new().name(name).security_descriptor(descriptor))
}

/// Whether somebody listens there, without connecting.
pub fn is_listening(path: &Path) -> bool {
    match wait_for_pipe(path, Duration::from_millis(1)) {
        Ok(()) => true,
        Err(error) => is_error(&error, ERROR_SEM_TIMEOUT), // he is busy
    }
}

/// Connects to a daemon of ours.
pub fn connect(path: &Path) -> Result<Stream, SocketError> {
    let failed = |error| unusable("connect to", path, error);
    let pipe = open(path)?;
    // Anybody may have made a pipe of this name first.
    let (owner, user) = (owner(pipe.as_handle()).map_err(failed)?, own_user().map_err(failed)?);
    if owner != user {
        return Err(SocketError::NotYours { path: path.to_owned(), owner });
    }
    let stream = PipeStream::try_from(pipe).map_err(|error| failed(io::Error::other(error.to_string())))?;
    Ok(Stream::NamedPipe(stream))
}

/// Opens the client's end. Who serves it can learn who we are, and not act as us.
fn open(path: &Path) -> Result<OwnedHandle, SocketError> {
    let begun = Instant::now();
    let mut options = OpenOptions::new();
    options.read(true).write(true).custom_flags(FILE_FLAG_OVERLAPPED);
    options.security_qos_flags(SECURITY_IDENTIFICATION);
    loop {
        let error = match options.open(path) {
            Ok(pipe) => return Ok(pipe.into()),
            Err(error) => error,
        };
        if error.kind() == io::ErrorKind::NotFound {
            return Err(SocketError::Nobody(path.to_owned()));
        }
        let left = BUSY.saturating_sub(begun.elapsed());
        if !is_error(&error, ERROR_PIPE_BUSY) || left.is_zero() {
            return Err(unusable("connect to", path, error));
        }
        match wait_for_pipe(path, left) {
            Err(error) if !is_error(&error, ERROR_SEM_TIMEOUT) && error.kind() != io::ErrorKind::NotFound => {
                return Err(unusable("connect to", path, error));
            }
            _ => {} // what became of it, the next attempt tells
        }
    }
}
