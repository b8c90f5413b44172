//! Directories that are ours alone.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::platform::{for_owner_only, is_closed, is_ours, make_private_dir, make_private_dirs};

/// Why a directory is not private.
#[derive(Debug, thiserror::Error)]
pub enum PrivateDirError {
    /// A symbolic link, or no directory at all: somebody may have planted it.
    #[error("{} is {what} and not a directory of yours: remove it", path.display())]
    NotADirectory {
        /// The place.
        path: PathBuf,
        /// What is there.
        what: &'static str,
    },
    /// It belongs to another user.
    #[error("{} belongs to user {owner}, not to you (user {you}): {hint}", path.display())]
    NotYours {
        /// The directory.
        path: PathBuf,
        /// Its owner's id.
        owner: u32,
        /// Our effective user id.
        you: u32,
        /// What to do.
        hint: &'static str,
    },
    /// Others may write into it or look into it.
    #[error("others can reach into {} (mode {mode:03o}): run `chmod 700` on it", path.display())]
    Open {
        /// The directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It could not be made or looked at.
    #[error("cannot use the directory {}: {source}", path.display())]
    Unusable {
        /// The directory.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Makes sure that `path` is a directory of ours alone and no symbolic link; it is made, without its
/// parents, if there is nothing.
///
/// On Unix that is a mode of 0700. On Windows a new directory takes over who may do what from the one that
/// it is in, as is usual there; a user's profile is his own.
pub fn private_dir(path: &Path) -> Result<(), PrivateDirError> {
    let unusable = |source| PrivateDirError::Unusable { path: path.to_owned(), source };
    match make_private_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(unusable(error)),
        _ => {}
    }
    is_ours(path, "use another directory").and_then(|found| is_closed(path, &found))
}

/// Makes a directory and its parents for their owner alone, as far as they are not there.
pub fn private_dirs(path: &Path) -> io::Result<()> {
    make_private_dirs(path)
}

/// New files that are their owner's alone.
pub trait OwnerOnly {
    /// Nobody else may read or write what is made with these options. On Windows a file takes over who may
    /// from its directory.
    fn owner_only(&mut self) -> &mut Self;
}

impl OwnerOnly for fs::OpenOptions {
    fn owner_only(&mut self) -> &mut Self {
        for_owner_only(self);
        self
    }
}

/// Makes sure that `path` is a directory and no symbolic link. Its metadata.
pub(crate) fn plain_dir(path: &Path) -> Result<fs::Metadata, PrivateDirError> {
    // lstat: a link is somebody else's choice of a place, even if it leads to a directory of ours.
    let found = fs::symlink_metadata(path)
        .map_err(|source| PrivateDirError::Unusable { path: path.to_owned(), source })?;
    if !found.is_dir() {
        let what = if found.is_symlink() { "a symbolic link" } else { "a file" };
        return Err(PrivateDirError::NotADirectory { path: path.to_owned(), what });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_private_directory_is_made_and_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mine");
        private_dir(&path).unwrap();
        private_dir(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn links_files_and_open_directories_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().join("real");
        private_dir(&real).unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&real, &link).unwrap();
        assert!(matches!(private_dir(&link), Err(PrivateDirError::NotADirectory { .. })));
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(matches!(private_dir(&file), Err(PrivateDirError::NotADirectory { .. })));
        fs::set_permissions(&real, fs::Permissions::from_mode(0o750)).unwrap();
        assert!(matches!(private_dir(&real), Err(PrivateDirError::Open { mode: 0o750, .. })));
    }
}
