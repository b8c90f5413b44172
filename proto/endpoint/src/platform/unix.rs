//! What all Unix systems tell alike.

use std::env;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use rustix::fs::{CWD, OFlags};

use super::way::{is_no_trap, leads_there};
use crate::plain::{PlainFileError, open_plain};
use crate::private::plain_dir;
use crate::{Journal, JournalError, LockError, PrivateDirError};

/// The machine's name in its network.
pub(crate) fn host_name() -> Vec<u8> {
    rustix::system::uname().nodename().to_bytes().to_vec()
}

/// `$XDG_RUNTIME_DIR`, if somebody set it. Of another user it is refused, and one where anybody can exchange
/// what we make; a relative one is to be ignored (XDG base directory specification).
pub(super) fn named_runtime_dir() -> Result<Option<PathBuf>, PrivateDirError> {
    let named = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute());
    if let Some(base) = &named {
        let hint = "unset XDG_RUNTIME_DIR, or set it to a directory of yours";
        is_ours(base, hint)?;
        is_no_trap(base, hint)?;
    }
    Ok(named)
}

/// Where sockets go if a user has no directory for them: the temporary directory of all, and a name that
/// is ours there. One where anybody can exchange what we make is refused.
pub(super) fn shared_temporary_dir() -> Result<(PathBuf, String), PrivateDirError> {
    let base = env::temp_dir();
    is_no_trap(&base, "set XDG_RUNTIME_DIR or TMPDIR to a directory of yours")?;
    Ok((base, format!("ponder-{}", rustix::process::geteuid().as_raw())))
}

/// What somebody does with a file keeps nobody from it.
pub(crate) fn is_in_use(_error: &io::Error) -> bool {
    false
}

/// Nor from its name.
pub(crate) fn keeps_its_name(_error: &io::Error) -> bool {
    false
}

/// Where programs keep their state.
pub(crate) fn state_base() -> Result<PathBuf, JournalError> {
    let native = etcetera::base_strategy::choose_native_strategy().ok();
    let state = native.map(|base| base.state_dir().unwrap_or_else(|| base.data_dir()));
    let named = || env::var_os("XDG_STATE_HOME").map(PathBuf::from); // without a home, too
    // With an empty HOME it would be another place in every directory, and in the daemon's `/`.
    state.or_else(named).filter(|state| state.is_absolute()).ok_or(JournalError::NoHome)
}

/// Makes a directory for its owner alone.
pub(crate) fn make_private_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

/// Makes a directory and its parents for their owner alone, as far as they are not there.
pub(crate) fn make_private_dirs(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Takes everybody else's rights to a directory of ours away.
pub(crate) fn close(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

/// Makes sure that `path` is a directory of ours and no symbolic link, whatever its mode, and that nobody
/// but us and root can put another one in its place.
pub(crate) fn is_ours(path: &Path, hint: &'static str) -> Result<fs::Metadata, PrivateDirError> {
    let found = plain_dir(path)?;
    let you = rustix::process::geteuid().as_raw();
    if found.uid() != you {
        return Err(PrivateDirError::NotYours { path: path.to_owned(), owner: found.uid(), you, hint });
    }
    if let Some(parent) = path.parent() {
        leads_there(parent, hint)?;
    }
    Ok(found)
}

/// Makes sure that nobody else can reach into a directory.
pub(crate) fn is_closed(path: &Path, found: &fs::Metadata) -> Result<(), PrivateDirError> {
    let mode = found.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(PrivateDirError::Open { path: path.to_owned(), mode });
    }
    Ok(())
}

/// What is locked by a journal's daemon: the journal's directory, which is the one thing that a journal
/// cannot lose. A lock file would go with `git clean` or be replaced by a sync tool, and two daemons would
/// hold two locks of the same name.
pub(crate) fn journal_lock(journal: &Journal) -> Result<File, LockError> {
    open_dir(journal.path())
}

/// What is locked by who starts a daemon.
pub(crate) fn gate_lock(runtime_dir: &Path) -> Result<File, LockError> {
    open_dir(runtime_dir)
}

fn open_dir(path: &Path) -> Result<File, LockError> {
    File::open(path).map_err(|source| LockError::Unusable { path: path.to_owned(), source })
}

/// Files that are made from here on can be read and written by their owner alone.
pub(crate) fn for_owner_only(options: &mut OpenOptions) {
    options.mode(0o600);
}

/// Opens a plain file for reading, or finds nothing there.
pub(crate) fn read_plain(path: &Path) -> Result<Option<File>, PlainFileError> {
    open_plain(CWD, path, OFlags::RDONLY)
}

/// Whether the process with this id that started then runs.
pub(crate) fn process_runs(pid: u32, start: u64) -> bool {
    super::process_start(pid) == Some(start)
}
