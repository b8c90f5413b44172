//! What all Unix systems tell alike.

use std::env;
use std::path::PathBuf;

use crate::PrivateDirError;
use crate::private::{base_dir, owned_dir};

/// The machine's name in its network.
pub(crate) fn host_name() -> Vec<u8> {
    rustix::system::uname().nodename().to_bytes().to_vec()
}

/// `$XDG_RUNTIME_DIR`, if somebody set it. Of another user it is refused; a relative one is to be
/// ignored (XDG base directory specification).
pub(super) fn named_runtime_dir() -> Result<Option<PathBuf>, PrivateDirError> {
    let named = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute());
    if let Some(base) = &named {
        owned_dir(base, "unset XDG_RUNTIME_DIR, or set it to a directory of yours")?;
    }
    Ok(named)
}

/// Where sockets go if a user has no directory for them: the temporary directory of all, and a name that
/// is ours there. One where anybody can exchange what we make is refused.
pub(super) fn shared_temporary_dir() -> Result<(PathBuf, String), PrivateDirError> {
    let base = env::temp_dir();
    base_dir(&base, "set XDG_RUNTIME_DIR or TMPDIR to a directory of yours")?;
    Ok((base, format!("ponder-{}", rustix::process::geteuid().as_raw())))
}
