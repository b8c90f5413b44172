//! Directories that are ours alone.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

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

/// Makes sure that `path` is a directory of ours with mode 0700 and no symbolic link; it is made,
/// without its parents, if there is nothing.
pub fn private_dir(path: &Path) -> Result<(), PrivateDirError> {
    let unusable = |source| PrivateDirError::Unusable { path: path.to_owned(), source };
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(unusable(error)),
        _ => {}
    }
    let found = owned_dir(path, "use another directory")?;
    let mode = found.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(PrivateDirError::Open { path: path.to_owned(), mode });
    }
    Ok(())
}

/// Makes sure that `path` is a directory of ours and no symbolic link, whatever its mode.
pub(crate) fn owned_dir(path: &Path, hint: &'static str) -> Result<fs::Metadata, PrivateDirError> {
    // lstat: a link is somebody else's choice of a place, even if it leads to a directory of ours.
    let found = fs::symlink_metadata(path)
        .map_err(|source| PrivateDirError::Unusable { path: path.to_owned(), source })?;
    if !found.is_dir() {
        let what = if found.is_symlink() { "a symbolic link" } else { "a file" };
        return Err(PrivateDirError::NotADirectory { path: path.to_owned(), what });
    }
    let you = rustix::process::geteuid().as_raw();
    if found.uid() != you {
        return Err(PrivateDirError::NotYours { path: path.to_owned(), owner: found.uid(), you, hint });
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
