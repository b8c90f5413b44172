//! The system's own disk, where it is Windows.
//!
//! A directory is known by its path here, but the journal's and the state directory cannot be moved while
//! they are open. Names cannot be exchanged; what takes another's place does so in one step, as on Unix,
//! even if somebody has that open, unless he said that nobody may: then it is tried for a moment. Where the
//! file system cannot do that, the two change places, and for an instant one name is free.

mod names;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::windows::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use ponder_endpoint::{PlainFileError, file_id, is_error, is_in_use, open_plain};
use winapi_util::file::information;
use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED, GENERIC_READ, GENERIC_WRITE,
};
use windows_sys::Win32::Storage::FileSystem::{
    DELETE, FILE_ATTRIBUTE_READONLY, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT,
    FILE_SHARE_READ, FILE_SHARE_WRITE, WRITE_DAC,
};

use super::{Access, Disk, Kind, OpenError, Rename, Stat};
use crate::platform;

/// The system's disk.
#[derive(Clone, Copy, Debug)]
pub struct RealDisk;

/// An open directory, and where it is.
#[derive(Debug)]
pub struct Dir {
    path: PathBuf,
    handle: File,
}

/// An open file.
#[derive(Debug)]
pub struct Plain {
    file: File,
    writable: bool,
    /// We have its lock.
    locked: AtomicBool,
}

impl Plain {
    fn new(file: File, writable: bool) -> Self {
        Self { file, writable, locked: AtomicBool::new(false) }
    }
}

/// Opens what stands at a name, and not where a link there leads to; directories, too.
const ITSELF: u32 = FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS;

/// Nanoseconds of the system's unit of time, and how many of those lie between 1601 and 1970.
const TICK: i128 = 100;
const EPOCH: i128 = 116_444_736_000_000_000;

impl Disk for RealDisk {
    type Dir = Dir;
    type File = Plain;

    fn open_root(&self, path: &Path) -> io::Result<Dir> {
        let mut options = File::options();
        // Not to be deleted, nor moved.
        options.read(true).share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE);
        let handle = options.custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(path)?;
        Ok(Dir { path: path.to_owned(), handle })
    }

    fn is_at(&self, dir: &Dir, path: &Path) -> io::Result<bool> {
        let there = File::options().read(true).custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(path)?;
        Ok(file_id(&dir.handle)? == file_id(&there)?)
    }

    fn open_dir(&self, at: &Dir, name: &str) -> io::Result<Dir> {
        let path = at.path.join(name);
        let handle = File::options().read(true).custom_flags(ITSELF).open(&path)?;
        if !handle.metadata()?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Dir { path, handle })
    }

    fn make_dir(&self, at: &Dir, name: &str) -> io::Result<()> {
        fs::create_dir(at.path.join(name))
    }

    fn list(&self, dir: &Dir) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for item in fs::read_dir(&dir.path)? {
            names.extend(item?.file_name().into_string());
        }
        Ok(names)
    }

    fn sync_dir(&self, dir: &Dir) -> io::Result<()> {
        platform::sync_names(&dir.path).map_err(told)
    }

    fn look(&self, at: &Dir, name: &str) -> io::Result<Option<(Kind, u64)>> {
        let look = || File::options().access_mode(0).custom_flags(ITSELF).open(at.path.join(name));
        let file = match patiently(look) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(Some((kind(&file)?, file_id(&file)?.1)))
    }

    fn read_link(&self, at: &Dir, name: &str) -> io::Result<PathBuf> {
        fs::read_link(at.path.join(name))
    }

    fn open(&self, at: &Dir, name: &str, access: Access) -> Result<Option<Plain>, OpenError> {
        let writable = access != Access::Read;
        let opened = open_plain(&at.path.join(name), File::options().read(true).write(writable));
        match opened {
            Ok(file) => Ok(file.map(|file| Plain::new(file, writable))),
            Err(PlainFileError::NotPlain(what)) => Err(OpenError::NotPlain(what)),
            Err(PlainFileError::Io(error)) => Err(told(error).into()),
        }
    }

    fn create(&self, at: &Dir, name: &str, mode: u32) -> io::Result<Plain> {
        let mut options = OpenOptions::new();
        options.access_mode(GENERIC_READ | GENERIC_WRITE | WRITE_DAC).write(true).create_new(true);
        if is_read_only(mode) {
            options.attributes(FILE_ATTRIBUTE_READONLY);
        }
        let path = at.path.join(name);
        let mut without = options.clone();
        without.access_mode(GENERIC_READ | GENERIC_WRITE);
        let created = patiently(|| match options.open(&path) {
            // Who may change everything on a network drive may not change who may do what.
            Err(error) if is_error(&error, ERROR_ACCESS_DENIED) => without.open(&path),
            created => created,
        });
        created.map(|file| Plain::new(file, true))
    }

    fn rename(&self, from: (&Dir, &str), to: (&Dir, &str), how: Rename) -> io::Result<()> {
        let (from, to) = (from.0.path.join(from.1), to.0.path.join(to.1));
        match how {
            Rename::Replace => names::replace(&from, &to),
            Rename::NoReplace => patiently_named(|| platform::rename_new(&from, &to)),
            Rename::Exchange => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    fn take_back(&self, at: &Dir, from: &str, to: &str) -> io::Result<()> {
        names::take_back(&at.path.join(from), &at.path.join(to))
    }

    fn link(&self, from: (&Dir, &str), to: (&Dir, &str)) -> io::Result<()> {
        let (from, to) = (from.0.path.join(from.1), to.0.path.join(to.1));
        // Where somebody allows nobody to delete the file, neither name could be taken from it again.
        let held = patiently(|| File::options().access_mode(DELETE).custom_flags(ITSELF).open(&from))?;
        let linked = patiently_named(|| fs::hard_link(&from, &to));
        drop(held);
        linked.map_err(|error| {
            let unknown = is_error(&error, ERROR_INVALID_FUNCTION) || is_error(&error, ERROR_NOT_SUPPORTED);
            if unknown { io::ErrorKind::Unsupported.into() } else { error }
        })
    }

    fn unlink(&self, at: &Dir, name: &str) -> io::Result<()> {
        names::remove(&at.path.join(name))
    }

    fn remove_dir(&self, at: &Dir, name: &str) -> io::Result<()> {
        patiently_named(|| fs::remove_dir(at.path.join(name)))
    }

    fn stat(&self, file: &Plain) -> io::Result<Stat> {
        let (found, (device, inode)) = (information(&file.file)?, file_id(&file.file)?);
        let read_only = found.file_attributes() & u64::from(FILE_ATTRIBUTE_READONLY) != 0;
        Ok(Stat {
            device,
            inode,
            length: found.file_size(),
            modified: (i128::from(found.last_write_time().unwrap_or(0)) - EPOCH) * TICK,
            mode: if read_only { 0o400 } else { 0o600 },
            names: found.number_of_links(),
        })
    }

    fn read(&self, file: &Plain, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        let mut filled = 0;
        while filled < length {
            match patiently(|| file.file.seek_read(&mut bytes[filled..], offset + filled as u64))? {
                0 => break,
                read => filled += read,
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }

    fn write(&self, file: &Plain, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut written = 0;
        while written < bytes.len() {
            match file.file.seek_write(&bytes[written..], offset + written as u64)? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                more => written += more,
            }
        }
        Ok(())
    }

    fn append(&self, file: &Plain, bytes: &[u8]) -> io::Result<usize> {
        file.file.seek_write(bytes, platform::AT_THE_END).map_err(told)
    }

    fn truncate(&self, file: &Plain, length: u64) -> io::Result<()> {
        file.file.set_len(length)
    }

    fn sync(&self, file: &Plain) -> io::Result<()> {
        if file.writable {
            return file.file.sync_data();
        }
        patiently(|| platform::open_to_flush(&file.file))?.sync_data()
    }

    fn sync_file_system(&self, _dir: &Dir) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into()) // of a volume, which takes an administrator
    }

    fn set_mode(&self, file: &Plain, mode: u32) -> io::Result<()> {
        let mut permissions = file.file.metadata()?.permissions();
        permissions.set_readonly(is_read_only(mode));
        file.file.set_permissions(permissions)
    }

    fn set_modified(&self, file: &Plain, modified: i128) -> io::Result<()> {
        let since = Duration::from_nanos(u64::try_from(modified).unwrap_or_default());
        file.file.set_modified(SystemTime::UNIX_EPOCH + since)
    }

    fn copy_attributes(&self, from: &Plain, to: &Plain) -> io::Result<()> {
        platform::copy_access_list(&from.file, &to.file)?;
        platform::copy_flags(&from.file, &to.file)
    }

    fn is_kept(&self, at: &Dir, name: &str) -> bool {
        // As who writes to it and who gives its name away, and only for a moment.
        let look =
            File::options().access_mode(GENERIC_WRITE | DELETE).custom_flags(ITSELF).open(at.path.join(name));
        look.is_err_and(|error| is_in_use(&error))
    }

    fn try_lock(&self, file: &Plain) -> io::Result<bool> {
        if file.locked.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let free = platform::try_lock(&file.file)?;
        file.locked.store(free, Ordering::Relaxed);
        Ok(free)
    }

    fn nobody_writes(&self, file: &Plain) -> io::Result<Option<bool>> {
        platform::nobody_writes(&file.file)
    }
}

fn kind(file: &File) -> io::Result<Kind> {
    let kind = file.metadata()?.file_type();
    Ok(match kind {
        kind if kind.is_symlink() => Kind::Link,
        kind if kind.is_dir() => Kind::Dir,
        kind if kind.is_file() => Kind::File,
        _ => Kind::Other,
    })
}

fn is_read_only(mode: u32) -> bool {
    mode & 0o200 == 0
}

/// Does something again if another program is in its way for a moment.
fn patiently<T>(does: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    ponder_endpoint::patiently(does).map_err(told)
}

/// The same with its names.
fn patiently_named<T>(does: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    ponder_endpoint::patiently_named(does).map_err(told)
}

/// What a [`Disk`] says of another program that is in the way.
fn told(error: io::Error) -> io::Error {
    if is_in_use(&error) { io::Error::new(io::ErrorKind::WouldBlock, error) } else { error }
}
