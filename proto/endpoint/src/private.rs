//! Directories that are ours alone.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ponder_proto::shown;

use crate::platform::{for_owner_only, is_closed, is_no_trap, is_ours, make_private_dir, make_private_dirs};

/// Why a directory is not private.
#[derive(Debug, thiserror::Error)]
pub enum PrivateDirError {
    /// A symbolic link, or no directory at all: somebody may have planted it.
    #[error("{} is {what} and not a directory of yours: remove it", shown(path))]
    NotADirectory {
        /// The place.
        path: PathBuf,
        /// What is there.
        what: &'static str,
    },
    /// It belongs to another user.
    #[error("{} belongs to user {owner}, not to you (user {you}): {hint}", shown(path))]
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
    #[error("others can reach into {} (mode {mode:03o}): run `chmod 700` on it", shown(path))]
    Open {
        /// The directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Anybody may put something else in the place of what is in it.
    #[error("anybody can exchange what lies in {} (mode {mode:04o}): {hint}", shown(path))]
    Exchangeable {
        /// The directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// What to do.
        hint: &'static str,
    },
    /// It could not be made or looked at.
    #[error("cannot use the directory {}: {source}", shown(path))]
    Unusable {
        /// The directory.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl PrivateDirError {
    /// Whether the directory is there and cannot be trusted: nothing that goes away by itself.
    pub fn is_not_ours_alone(&self) -> bool {
        !matches!(self, Self::Unusable { .. })
    }
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
    is_private(path)
}

/// Makes sure that `path` is a directory of ours alone and no symbolic link. Nothing is made.
pub fn is_private(path: &Path) -> Result<(), PrivateDirError> {
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

/// Makes sure that nobody but us and those who may do everything can put something else in the place of
/// what we make in a directory, or of one above it. Links on the way there are followed if nobody else can
/// exchange those: a home on another disk is no trick. Of one that is not there, what is there is looked at,
/// in which it would be made.
pub fn base_dir(path: &Path, hint: &'static str) -> Result<(), PrivateDirError> {
    is_no_trap(path.ancestors().find(|dir| dir.exists()).unwrap_or(path), hint)
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

    #[test]
    fn a_base_where_anybody_can_exchange_what_is_ours_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        private_dir(&dir.path().join("mine")).unwrap();
        let base = |mode| {
            fs::set_permissions(dir.path(), fs::Permissions::from_mode(mode)).unwrap();
            base_dir(dir.path(), "use another")
        };
        for mode in [0o700, 0o755, 0o775, 0o1777] {
            base(mode).unwrap();
        }
        assert!(matches!(base(0o777), Err(PrivateDirError::Exchangeable { mode: 0o777, .. })));
        for below in ["mine", "mine/missing", "missing", "missing/too"] {
            let refused = base_dir(&dir.path().join(below), "").unwrap_err();
            assert!(refused.is_not_ours_alone() && refused.to_string().contains("mode 0777"), "{refused}");
        }
        assert!(private_dir(&dir.path().join("mine")).is_err());
    }

    #[test]
    fn links_are_followed_and_what_they_lead_through_is_looked_at() {
        let dir = tempfile::tempdir().unwrap();
        let (open, mine) = (dir.path().join("open"), dir.path().join("mine"));
        private_dir(&open).unwrap();
        private_dir(&mine).unwrap();
        let link = |name: &str, to: &Path| {
            let link = dir.path().join(name);
            std::os::unix::fs::symlink(to, &link).unwrap();
            link
        };
        let inside = open.join("inside");
        std::os::unix::fs::symlink("../mine", &inside).unwrap();
        let ways = [link("absolute", &inside), link("relative", Path::new("./open/../open/inside")), inside];
        for way in &ways {
            base_dir(way, "").unwrap();
        }
        let circle = link("circle", Path::new("circle"));
        assert!(!is_no_trap(&circle, "").unwrap_err().is_not_ours_alone());
        fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
        for way in &ways {
            let refused = base_dir(way, "").unwrap_err();
            assert!(
                matches!(&refused, PrivateDirError::Exchangeable { path, .. } if *path == open),
                "{refused}"
            );
        }
        base_dir(&mine, "").unwrap();
    }
}
