//! The system's own disk, where it is Unix.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ponder_endpoint::{PlainFileError, open_plain};
use rustix::fs::{AtFlags, FileType, FlockOperation, Gid, Mode, OFlags, RawMode, RenameFlags, Uid};
use rustix::io::Errno;

use super::{Access, Disk, Kind, OpenError, Rename, Stat};
use crate::platform;

/// The system's disk, through descriptors: a directory that is moved away is not written into by
/// its old path.
#[derive(Clone, Copy, Debug)]
pub struct RealDisk;

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

impl Disk for RealDisk {
    type Dir = OwnedFd;
    type File = File;

    fn open_root(&self, path: &Path) -> io::Result<OwnedFd> {
        Ok(rustix::fs::open(path, DIRECTORY, Mode::empty())?)
    }

    fn is_at(&self, dir: &OwnedFd, path: &Path) -> io::Result<bool> {
        let ours = rustix::fs::fstat(dir)?;
        let there = rustix::fs::stat(path)?;
        Ok((ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino))
    }

    fn open_dir(&self, at: &OwnedFd, name: &str) -> io::Result<OwnedFd> {
        Ok(rustix::fs::openat(at, name, DIRECTORY | OFlags::NOFOLLOW, Mode::empty())?)
    }

    fn make_dir(&self, at: &OwnedFd, name: &str) -> io::Result<()> {
        Ok(rustix::fs::mkdirat(at, name, Mode::from(0o700))?)
    }

    fn list(&self, dir: &OwnedFd) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for item in rustix::fs::Dir::read_from(dir)? {
            let item = item?;
            if let Ok(name) = item.file_name().to_str()
                && name != "."
                && name != ".."
            {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    fn sync_dir(&self, dir: &OwnedFd) -> io::Result<()> {
        platform::sync_dir(dir)
    }

    fn look(&self, at: &OwnedFd, name: &str) -> io::Result<Option<(Kind, u64)>> {
        let found = match rustix::fs::statat(at, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => found,
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let kind = match FileType::from_raw_mode(found.st_mode) {
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Dir,
            FileType::Symlink => Kind::Link,
            _ => Kind::Other,
        };
        Ok(Some((kind, found.st_ino)))
    }

    fn read_link(&self, at: &OwnedFd, name: &str) -> io::Result<PathBuf> {
        use std::os::unix::ffi::OsStringExt as _;
        let target = rustix::fs::readlinkat(at, name, Vec::new())?;
        Ok(PathBuf::from(std::ffi::OsString::from_vec(target.into_bytes())))
    }

    fn open(&self, at: &OwnedFd, name: &str, access: Access) -> Result<Option<File>, OpenError> {
        let flags = match access {
            Access::Read => OFlags::RDONLY,
            Access::Append => OFlags::RDWR | OFlags::APPEND,
            Access::Write => OFlags::RDWR,
        };
        open_plain(at, name.as_ref(), flags).map_err(|error| match error {
            PlainFileError::NotPlain(what) => OpenError::NotPlain(what),
            PlainFileError::Io(error) => OpenError::Io(error),
        })
    }

    fn create(&self, at: &OwnedFd, name: &str, mode: u32) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(at, name, flags, bits(mode))?.into())
    }

    fn rename(&self, from: (&OwnedFd, &str), to: (&OwnedFd, &str), how: Rename) -> io::Result<()> {
        let flags = match how {
            Rename::Replace => return Ok(rustix::fs::renameat(from.0, from.1, to.0, to.1)?),
            Rename::NoReplace => RenameFlags::NOREPLACE,
            Rename::Exchange => RenameFlags::EXCHANGE,
        };
        Ok(rustix::fs::renameat_with(from.0, from.1, to.0, to.1, flags)?)
    }

    fn link(&self, from: (&OwnedFd, &str), to: (&OwnedFd, &str)) -> io::Result<()> {
        Ok(rustix::fs::linkat(from.0, from.1, to.0, to.1, AtFlags::empty())?)
    }

    fn unlink(&self, at: &OwnedFd, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(at, name, AtFlags::empty())?)
    }

    fn remove_dir(&self, at: &OwnedFd, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(at, name, AtFlags::REMOVEDIR)?)
    }

    fn stat(&self, file: &File) -> io::Result<Stat> {
        let found = file.metadata()?;
        Ok(Stat {
            device: found.dev(),
            inode: found.ino(),
            length: found.len(),
            modified: i128::from(found.mtime()) * 1_000_000_000 + i128::from(found.mtime_nsec()),
            mode: found.mode() & 0o7777,
            names: found.nlink(),
        })
    }

    fn read(&self, file: &File, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        let mut filled = 0;
        while filled < length {
            match file.read_at(&mut bytes[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }

    fn write(&self, file: &File, offset: u64, bytes: &[u8]) -> io::Result<()> {
        file.write_all_at(bytes, offset)
    }

    fn append(&self, mut file: &File, bytes: &[u8]) -> io::Result<usize> {
        file.write(bytes)
    }

    fn truncate(&self, file: &File, length: u64) -> io::Result<()> {
        file.set_len(length)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    fn sync_file_system(&self, dir: &OwnedFd) -> io::Result<()> {
        platform::sync_file_system(dir)
    }

    fn set_mode(&self, file: &File, mode: u32) -> io::Result<()> {
        Ok(rustix::fs::fchmod(file, bits(mode))?)
    }

    fn set_modified(&self, file: &File, modified: i128) -> io::Result<()> {
        let since = Duration::from_nanos(u64::try_from(modified).unwrap_or_default());
        file.set_modified(SystemTime::UNIX_EPOCH + since)
    }

    fn copy_attributes(&self, from: &File, to: &File) -> io::Result<()> {
        let (old, new) = (from.metadata()?, to.metadata()?);
        if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
            rustix::fs::fchown(to, Some(Uid::from_raw(old.uid())), Some(Gid::from_raw(old.gid())))?;
        }
        // After the owner: changing that takes set-user-id bits away.
        rustix::fs::fchmod(to, bits(old.mode() & 0o7777))?;
        platform::copy_extended(from, to)
    }

    fn try_lock(&self, file: &File) -> io::Result<bool> {
        match rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => Ok(false),
            // A file system without locks has nobody who holds one.
            Ok(()) | Err(Errno::NOTSUP | Errno::NOSYS | Errno::NOLCK | Errno::INVAL) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    fn nobody_writes(&self, file: &File) -> io::Result<Option<bool>> {
        platform::nobody_writes(file)
    }
}

/// Permission bits, as wide as each system has them.
#[allow(clippy::cast_possible_truncation, clippy::unnecessary_cast, reason = "there are twelve of them")]
fn bits(mode: u32) -> Mode {
    Mode::from_raw_mode(mode as RawMode)
}
