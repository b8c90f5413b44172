//! Opening what has to be a plain file.

use std::fs::File;
use std::io;
use std::path::Path;

#[cfg(unix)]
pub use unix::open_plain;

use crate::platform;

/// Why a name cannot be opened as a plain file.
#[derive(Debug, thiserror::Error)]
pub enum PlainFileError {
    /// Something else is there: `a symbolic link`, `a directory`, `a device, FIFO or socket`.
    #[error("it is {0}")]
    NotPlain(&'static str),
    /// The operating system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Opens a plain file for reading, or finds nothing there. A symbolic link is not followed.
pub fn read_plain(path: &Path) -> Result<Option<File>, PlainFileError> {
    platform::read_plain(path)
}

#[cfg(unix)]
mod unix {
    use std::os::fd::AsFd;

    use rustix::fs::{Mode, OFlags};
    use rustix::io::Errno;

    use super::{File, Path, PlainFileError};

    /// Opens a plain file below an open directory, or finds nothing there.
    ///
    /// A symbolic link is not followed: it leads out of the journal. A FIFO does not block.
    pub fn open_plain(dir: impl AsFd, name: &Path, access: OFlags) -> Result<Option<File>, PlainFileError> {
        let flags = access | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match rustix::fs::openat(dir, name, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP) => return Err(PlainFileError::NotPlain("a symbolic link")),
            Err(Errno::ISDIR) => return Err(PlainFileError::NotPlain("a directory")),
            Err(error) => return Err(PlainFileError::Io(error.into())),
        };
        let kind = file.metadata()?.file_type();
        if kind.is_file() {
            return Ok(Some(file));
        }
        Err(PlainFileError::NotPlain(if kind.is_dir() { "a directory" } else { "a device, FIFO or socket" }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, Mode, OFlags};

    #[test]
    fn only_plain_files_are_opened() {
        let dir = tempfile::tempdir().unwrap();
        let open = |name: &str| open_plain(CWD, &dir.path().join(name), OFlags::RDONLY);
        std::fs::write(dir.path().join("file"), "").unwrap();
        std::os::unix::fs::symlink("file", dir.path().join("link")).unwrap();
        rustix::fs::mkfifoat(CWD, dir.path().join("fifo"), Mode::from(0o600)).unwrap();
        assert!(open("file").unwrap().is_some());
        assert!(open("nothing").unwrap().is_none());
        for other in ["link", "fifo", "."] {
            assert!(matches!(open(other), Err(PlainFileError::NotPlain(_))), "{other}");
        }
    }
}
