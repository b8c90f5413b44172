//! The calls by which the journal touches a disk.
//!
//! [`RealDisk`] makes them of the system. The proof makes them of a simulated disk that forgets
//! what was not flushed, fails on purpose, and lets other programs write in between. Whatever the
//! journal must survive is therefore said in these calls and in no others. Each does one thing that
//! the system does in one step; none repeats or mends anything.

#[cfg(test)]
pub(crate) mod simulated;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::fmt::Debug;
use std::io;
use std::path::{Path, PathBuf};

#[cfg(unix)]
pub use unix::RealDisk;
#[cfg(windows)]
pub use windows::RealDisk;

/// A disk. Names are single components below an open directory, never paths.
///
/// A call that fails with `WouldBlock` has done nothing: another program is in the way at this moment. That
/// is so on Windows, where a file can be kept from others, and where a file lease has to be given up first.
pub trait Disk: Debug + Send + Sync + 'static {
    /// An open directory.
    type Dir: Debug + Send + Sync;
    /// An open plain file.
    type File: Debug + Send + Sync;

    /// Opens a directory by its path.
    fn open_root(&self, path: &Path) -> io::Result<Self::Dir>;
    /// Whether a path leads to this very directory now.
    fn is_at(&self, dir: &Self::Dir, path: &Path) -> io::Result<bool>;
    /// Opens a directory below another one; a symbolic link is not followed.
    fn open_dir(&self, at: &Self::Dir, name: &str) -> io::Result<Self::Dir>;
    /// Makes a directory for the owner alone.
    fn make_dir(&self, at: &Self::Dir, name: &str) -> io::Result<()>;
    /// The names in a directory. One that is not UTF-8 is none of ours and left out.
    fn list(&self, dir: &Self::Dir) -> io::Result<Vec<String>>;
    /// Makes what happened to the names in a directory durable.
    fn sync_dir(&self, dir: &Self::Dir) -> io::Result<()>;

    /// What stands at a name and its inode's number, without following a link; nothing if nothing does.
    fn look(&self, at: &Self::Dir, name: &str) -> io::Result<Option<(Kind, u64)>>;
    /// Where the symbolic link at a name leads, as it is written.
    fn read_link(&self, at: &Self::Dir, name: &str) -> io::Result<PathBuf>;
    /// Opens a plain file; nothing if there is none.
    fn open(&self, at: &Self::Dir, name: &str, access: Access) -> Result<Option<Self::File>, OpenError>;
    /// Makes a file that does not exist yet, to be read and written by its owner.
    fn create(&self, at: &Self::Dir, name: &str, mode: u32) -> io::Result<Self::File>;
    /// Gives a file another name.
    fn rename(&self, from: (&Self::Dir, &str), to: (&Self::Dir, &str), how: Rename) -> io::Result<()>;
    /// Undoes or ends a rename that took several steps, because it could not be done in one, and was cut
    /// short by the end of its daemon: something has the second name then. Most systems have no such thing.
    fn take_back(&self, _at: &Self::Dir, _from: &str, _to: &str) -> io::Result<()> {
        Ok(())
    }
    /// Gives a file a second name, which must be free.
    fn link(&self, from: (&Self::Dir, &str), to: (&Self::Dir, &str)) -> io::Result<()>;
    /// Removes the name of a file or link.
    fn unlink(&self, at: &Self::Dir, name: &str) -> io::Result<()>;
    /// Removes an empty directory.
    fn remove_dir(&self, at: &Self::Dir, name: &str) -> io::Result<()>;

    /// What the system knows of an open file.
    fn stat(&self, file: &Self::File) -> io::Result<Stat>;
    /// Reads up to `length` bytes from `offset` on; fewer only where the file ends.
    fn read(&self, file: &Self::File, offset: u64, length: usize) -> io::Result<Vec<u8>>;
    /// Writes all of the bytes at an offset.
    fn write(&self, file: &Self::File, offset: u64, bytes: &[u8]) -> io::Result<()>;
    /// One write at the end of a file that was opened for it. Says how much was taken.
    fn append(&self, file: &Self::File, bytes: &[u8]) -> io::Result<usize>;
    /// Makes a file that long.
    fn truncate(&self, file: &Self::File, length: u64) -> io::Result<()>;
    /// Makes a file's bytes durable, and what is needed to read them. After it has failed once it
    /// may succeed with the bytes gone: no caller tries it again on the same file, but after `WouldBlock`.
    fn sync(&self, file: &Self::File) -> io::Result<()>;
    /// Makes everything durable that was written to a directory's file system.
    fn sync_file_system(&self, dir: &Self::Dir) -> io::Result<()>;
    /// Sets a file's permission bits.
    fn set_mode(&self, file: &Self::File, mode: u32) -> io::Result<()>;
    /// Says when a file was last written to, in nanoseconds since 1970.
    fn set_modified(&self, file: &Self::File, modified: i128) -> io::Result<()>;
    /// Gives a file the owner, mode, extended attributes and access list of another.
    fn copy_attributes(&self, from: &Self::File, to: &Self::File) -> io::Result<()>;
    /// Takes the file's advisory lock (`flock`) until the file is closed; says if it is free.
    fn try_lock(&self, file: &Self::File) -> io::Result<bool>;
    /// Whether another program keeps what stands at a name from being written to and replaced, as it can on
    /// Windows.
    fn is_kept(&self, _at: &Self::Dir, _name: &str) -> bool {
        false
    }
    /// Gives a file a name that nothing has; fails with `AlreadyExists` otherwise. A file system that
    /// cannot rename without replacing gives a second name, which is never given over an old one,
    /// either. Where it cannot give two names, only a look is left, and a moment after it.
    fn rename_new(&self, from: (&Self::Dir, &str), to: (&Self::Dir, &str)) -> io::Result<()> {
        match self.rename(from, to, Rename::NoReplace) {
            Err(error) if is_unsupported(&error) => {}
            renamed => return renamed,
        }
        match self.link(from, to) {
            Ok(()) => {
                let _ = self.unlink(from.0, from.1); // it has the new name, whoever keeps the old one
                Ok(())
            }
            Err(error) if has_no_links(&error) => match self.look(to.0, to.1)? {
                None => self.rename(from, to, Rename::Replace),
                Some(_) => Err(io::ErrorKind::AlreadyExists.into()),
            },
            Err(error) => Err(error),
        }
    }
    /// Whether nobody has the file open for writing. Nobody can from then on, where the file has
    /// no name left that others know. `None` where the system cannot tell.
    fn nobody_writes(&self, file: &Self::File) -> io::Result<Option<bool>>;
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// To be read.
    Read,
    /// To be read, and appended to.
    Append,
    /// To be read and written anywhere.
    Write,
}

/// What a new name does to one that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rename {
    /// It takes its place.
    Replace,
    /// It fails with `AlreadyExists`.
    NoReplace,
    /// The two change places.
    Exchange,
}

/// What stands at a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A plain file.
    File,
    /// A directory.
    Dir,
    /// A symbolic link.
    Link,
    /// Anything else.
    Other,
}

/// What the system knows of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// Its file system.
    pub device: u64,
    /// Its number there.
    pub inode: u64,
    /// Its length in bytes.
    pub length: u64,
    /// When it was last written to, in nanoseconds since 1970.
    pub modified: i128,
    /// Its permission bits.
    pub mode: u32,
    /// How many names it has.
    pub names: u64,
}

impl Stat {
    /// Whether another look at the same name found the same, unwritten file. Not its change time:
    /// a rename changes that.
    pub fn is_unchanged(&self, now: &Self) -> bool {
        (self.device, self.inode, self.length, self.modified)
            == (now.device, now.inode, now.length, now.modified)
    }
}

/// Why a name cannot be opened as a plain file.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Something else is there: `a symbolic link`, `a directory`, `a device, FIFO or socket`.
    #[error("it is {0}")]
    NotPlain(&'static str),
    /// The system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Whether a file system cannot give a file two names.
pub(super) fn has_no_links(error: &io::Error) -> bool {
    is_unsupported(error) || error.kind() == io::ErrorKind::PermissionDenied
}

/// Whether a file system does not know a kind of rename or link at all.
pub(super) fn is_unsupported(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported)
}
