//! What can go wrong with the journal's files.

use std::io;
use std::path::{Path, PathBuf};

use super::disk::OpenError;
use ponder_proto::{ErrorCode, RawPath, Refusal, shown};

/// A failed step, with its path and what to do. Unless it says otherwise, nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The operating system refused.
    #[error("cannot {doing} {}: {source}{}", shown(path), hint(source))]
    Disk {
        /// The step, as a verb.
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A flush failed after the text was readable: it may or may not survive a power cut.
    #[error(
        "{} was written, but the disk could not confirm it: {source}; it may be gone after a power cut, so keep your own copy",
        shown(path)
    )]
    Unknown {
        /// The file or directory.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The entry's name leads to something that is no plain file of one name.
    #[error("{} is {what}, and ponder writes only plain files: put a plain file in its place", shown(path))]
    NotPlain {
        /// The entry's path.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// Something is in the place of a directory of ours: a link that a sync tool or a repository brought.
    #[error("{} has to be a directory of ponder's own, and something else is there: remove it", shown(.0))]
    NoDirectory(PathBuf),
    /// Another program holds the entry's advisory lock (`flock`), or keeps it from us in another way.
    #[error("{} is locked by another program, so it was left as it is: try again when that has ended", shown(.0))]
    Locked(PathBuf),
    /// The entry was changed again and again while a new version was made of it.
    #[error("{} is being changed all the time by another program: save again when that has ended", shown(.0))]
    Unsteady(PathBuf),
    /// Another directory is at the journal's path, or none.
    #[error("the journal {} was moved or its file system remounted: run `ponder daemon stop`, then try again", shown(.0))]
    Moved(PathBuf),
}

/// The next step, where the error itself suggests one.
fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; make room and try again",
        io::ErrorKind::PermissionDenied => "; check its owner and permissions",
        io::ErrorKind::ReadOnlyFilesystem => "; the file system is mounted read-only",
        _ => "",
    }
}

impl Fault {
    /// A failed step on a path, for `map_err`.
    pub fn at<E: Into<io::Error>>(doing: &'static str, path: &Path) -> impl Fn(E) -> Self {
        move |error| {
            let (source, path) = (error.into(), path.to_owned());
            match source.kind() {
                io::ErrorKind::WouldBlock => Self::Locked(path), // as every call of a disk says it
                _ => Self::Disk { doing, path, source },
            }
        }
    }

    /// The same once more, for another one who has to be told.
    pub(super) fn again(&self) -> Self {
        match self {
            Self::Disk { doing, path, source } => {
                let source = io::Error::new(source.kind(), source.to_string());
                Self::Disk { doing, path: path.clone(), source }
            }
            Self::Unknown { path, source } => {
                let source = io::Error::new(source.kind(), source.to_string());
                Self::Unknown { path: path.clone(), source }
            }
            Self::NotPlain { path, what } => Self::NotPlain { path: path.clone(), what },
            Self::Locked(path) => Self::Locked(path.clone()),
            Self::Unsteady(path) => Self::Unsteady(path.clone()),
            Self::Moved(path) => Self::Moved(path.clone()),
            Self::NoDirectory(path) => Self::NoDirectory(path.clone()),
        }
    }

    /// A name that cannot be opened as a plain file.
    pub(super) fn opening(error: OpenError, path: PathBuf) -> Self {
        match error {
            OpenError::NotPlain(what) => Self::NotPlain { path, what },
            OpenError::Io(source) => Self::at("open", &path)(source),
        }
    }

    /// A directory of ours that cannot be opened.
    pub(super) fn opening_dir(error: io::Error, path: &Path) -> Self {
        match error.kind() {
            // Also of a link, which is not followed (open(2), `O_DIRECTORY` and `O_NOFOLLOW`).
            io::ErrorKind::NotADirectory => Self::NoDirectory(path.to_owned()),
            _ => Self::at("open", path)(error),
        }
    }

    /// Whether it is the disk that failed. Otherwise another program was in the way, and nothing was tried.
    pub(super) fn is_of_the_disk(&self) -> bool {
        match self {
            Self::Disk { source, .. } | Self::Unknown { source, .. } => {
                source.kind() != io::ErrorKind::WouldBlock
            }
            Self::Locked(_) => false,
            _ => true,
        }
    }

    /// The same as a refusal for a client.
    pub fn refusal(&self) -> Refusal {
        let (code, path) = match self {
            Self::Disk { path, .. } => (ErrorCode::Disk, path),
            Self::Unknown { path, .. } => (ErrorCode::OutcomeUnknown, path),
            Self::Locked(path) | Self::Unsteady(path) => (ErrorCode::Busy, path),
            Self::NotPlain { path, .. } | Self::Moved(path) | Self::NoDirectory(path) => {
                (ErrorCode::Journal, path)
            }
        };
        Refusal::new(code, self).about(RawPath::from(path.as_path()))
    }
}
