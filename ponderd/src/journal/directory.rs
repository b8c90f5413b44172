//! The journal's directory: the few ways in which an entry's file is read and changed.
//!
//! Everything goes through descriptors of the directory that was opened at the start, never
//! through its path: what is moved or remounted in the meantime is noticed ([`Directory::check`])
//! and not written into.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use ponder_endpoint::{Journal, PlainFileError, SIDE_DIR, machine, open_plain, side_dir};
use ponder_proto::EntryName;
use rustix::fs::{AtFlags, Dir, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::Fault;
use super::content::{line_ending, separator, terminator};

/// How much of an entry's end is looked at to find its line ending.
const TAIL: u64 = 4096;

/// An entry's file as it was read.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) bytes: Vec<u8>,
    mode: u32,
    stamp: Stamp,
}

/// What changes when a file is replaced or written: (device, inode, size, mtime, ctime).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp(u64, u64, u64, i64, i64, i64, i64);

/// A new version of an entry, complete and flushed, under a temporary name.
#[derive(Debug)]
pub(super) struct Staged {
    entry: EntryName,
    name: String,
    /// What it replaces; nothing if the entry is to be new.
    replaces: Option<Stamp>,
}

/// What an append put at the end of an entry.
#[derive(Debug)]
pub(super) struct Added {
    pub(super) bytes: Vec<u8>,
    /// Where in `bytes` the text begins: before it stands what ended the last line of the body.
    pub(super) text_at: usize,
    /// Whether the disk has it for certain.
    pub(super) flushed: Result<(), Fault>,
}

/// Whether a staged version became the entry's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Published {
    Yes,
    /// The entry is not what it was when the version was made; nothing was changed.
    EntryChanged,
}

/// The open directory.
#[derive(Debug)]
pub(super) struct Directory {
    journal: Journal,
    handle: File,
    machine: String,
}

impl Directory {
    pub(super) fn open(journal: &Journal) -> Result<Self, Fault> {
        let handle = File::open(journal.path()).map_err(Fault::at("open", journal.path()))?;
        Ok(Self { journal: journal.clone(), handle, machine: machine() })
    }

    /// Whether the journal's path still leads to the directory that was opened.
    pub(super) fn check(&self) -> Result<(), Fault> {
        let identity = |found: &std::fs::Metadata| (found.dev(), found.ino());
        let ours = self.handle.metadata().map_err(Fault::at("look at", self.journal.path()))?;
        match std::fs::metadata(self.journal.path()) {
            Ok(there) if identity(&there) == identity(&ours) => Ok(()),
            _ => Err(Fault::Moved(self.journal.path().to_owned())),
        }
    }

    pub(super) fn path(&self, entry: EntryName) -> PathBuf {
        self.journal.entry_path(entry)
    }

    /// The whole entry, or nothing if there is none.
    pub(super) fn read(&self, entry: EntryName) -> Result<Option<Found>, Fault> {
        let path = self.path(entry);
        let failed = Fault::at::<io::Error>("read", &path);
        let Some(mut file) = self.open_entry(entry, OFlags::RDONLY)? else { return Ok(None) };
        let found = file.metadata().map_err(&failed)?;
        if found.nlink() > 1 {
            let what = "a file with several names (hard links)";
            return Err(Fault::NotPlain { path: path.clone(), what });
        }
        let mut bytes = Vec::with_capacity(usize::try_from(found.len()).unwrap_or_default());
        file.read_to_end(&mut bytes).map_err(&failed)?;
        Ok(Some(Found { bytes, mode: found.mode() & 0o7777, stamp: Stamp::of(&found) }))
    }

    fn open_entry(&self, entry: EntryName, access: OFlags) -> Result<Option<File>, Fault> {
        let path = self.path(entry);
        open_plain(&self.handle, entry.file_name().as_ref(), access).map_err(|error| match error {
            PlainFileError::NotPlain(what) => Fault::NotPlain { path, what },
            PlainFileError::Io(source) => Fault::Disk { doing: "open", path, source },
        })
    }

    /// Writes a new version of an entry under a temporary name and flushes it.
    pub(super) fn stage(
        &self,
        entry: EntryName,
        bytes: &[u8],
        replaces: Option<&Found>,
    ) -> Result<Staged, Fault> {
        if replaces.is_some_and(|found| found.mode & 0o200 == 0) {
            // A rename would ask the directory and not the file. Whoever protected it has meant it.
            let source = io::Error::from(io::ErrorKind::PermissionDenied);
            return Err(Fault::Disk { doing: "replace the write-protected", path: self.path(entry), source });
        }
        let (side, side_path) = self.side()?;
        let name = format!("{}.{}.tmp", self.machine, crate::random_hex());
        let path = side_path.join(&name);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&side, &name, flags, Mode::from(0o600));
        let mut file = File::from(file.map_err(Fault::at("create", &path))?);
        let written = file.write_all(bytes).and_then(|()| {
            // The new file's mode is 0600 already; an existing entry keeps its own.
            if let Some(found) = replaces {
                rustix::fs::fchmod(&file, Mode::from(found.mode))?;
            }
            // Without this flush a power cut leaves an empty entry under the new name: seen on XFS
            // and btrfs.
            file.sync_all()
        });
        if let Err(error) = written {
            let _ = rustix::fs::unlinkat(&side, &name, AtFlags::empty()); // a left-over is swept at the next start
            return Err(Fault::at("write", &path)(error));
        }
        Ok(Staged { entry, name, replaces: replaces.map(|found| found.stamp) })
    }

    /// Makes an entry durable that somebody else wrote.
    pub(super) fn flush(&self, entry: EntryName) -> Result<(), Fault> {
        let Some(file) = self.open_entry(entry, OFlags::RDONLY)? else { return Ok(()) };
        file.sync_all().map_err(|source| Fault::Unknown { path: self.path(entry), source })
    }

    /// Whether the entry is still what a staged version is to replace.
    pub(super) fn is_current(&self, staged: &Staged) -> bool {
        self.stamp(staged.entry).is_ok_and(|stamp| stamp == staged.replaces)
    }

    /// Gives a staged version the entry's name, unless the entry was changed since it was read.
    /// Durable only after [`Directory::sync`].
    pub(super) fn publish(&self, staged: &Staged) -> Result<Published, Fault> {
        let path = self.path(staged.entry);
        let (side, _) = self.side()?;
        let target = staged.entry.file_name();
        let renamed = if staged.replaces.is_none() {
            rustix::fs::renameat_with(&side, &staged.name, &self.handle, &target, RenameFlags::NOREPLACE)
        } else if self.stamp(staged.entry)? == staged.replaces {
            rustix::fs::renameat(&side, &staged.name, &self.handle, &target)
        } else {
            Err(Errno::EXIST)
        };
        match renamed {
            Ok(()) => Ok(Published::Yes),
            Err(error) => {
                let _ = rustix::fs::unlinkat(&side, &staged.name, AtFlags::empty()); // as above
                if error == Errno::EXIST {
                    Ok(Published::EntryChanged)
                } else {
                    Err(Fault::at("replace", &path)(error))
                }
            }
        }
    }

    /// Takes a staged version back.
    pub(super) fn discard(&self, staged: &Staged) {
        if let Ok((side, _)) = self.side() {
            let _ = rustix::fs::unlinkat(&side, &staged.name, AtFlags::empty()); // a left-over is swept at the next start
        }
    }

    /// Makes published names durable: the directory itself, which a flushed file does not cover.
    pub(super) fn sync(&self) -> Result<(), Fault> {
        let unknown = |source: io::Error| Fault::Unknown { path: self.journal.path().to_owned(), source };
        self.handle.sync_all().map_err(unknown)?;
        let (side, _) = self.side()?;
        rustix::fs::fsync(&side).map_err(|error| unknown(error.into()))
    }

    /// Adds text at the end of an entry, durably; nothing is done if there is no such entry.
    /// The cost does not grow with the entry.
    pub(super) fn append(&self, entry: EntryName, text: &[u8]) -> Result<Option<Added>, Fault> {
        let path = self.path(entry);
        let Some(mut file) = self.open_entry(entry, OFlags::RDWR | OFlags::APPEND)? else { return Ok(None) };
        let size = file.metadata().map_err(Fault::at("look at", &path))?.len();
        let mut tail = vec![0; usize::try_from(size.min(TAIL)).unwrap_or_default()];
        file.read_exact_at(&mut tail, size.saturating_sub(TAIL)).map_err(Fault::at("read", &path))?;
        let before = separator(&tail);
        let bytes = [before, text, terminator(text, line_ending(&tail))].concat();

        // One call, so that a reader sees all of it or a beginning, never a mixture.
        match file.write(&bytes) {
            Ok(written) if written == bytes.len() => {}
            Ok(written) => {
                self.take_back(&file, size, written);
                let source = io::Error::from(io::ErrorKind::StorageFull);
                return Err(Fault::Disk { doing: "append to", path, source });
            }
            Err(error) => return Err(Fault::at("append to", &path)(error)),
        }
        let flushed = file.sync_data().map_err(|source| Fault::Unknown { path, source });
        Ok(Some(Added { bytes, text_at: before.len(), flushed }))
    }

    /// Cuts off the beginning of an append that did not fit, if nobody wrote behind it.
    fn take_back(&self, file: &File, size: u64, written: usize) {
        let ours = file.metadata().is_ok_and(|now| now.len() == size + written as u64);
        if ours && let Err(error) = file.set_len(size) {
            tracing::warn!(journal = %self.journal.path().display(), %error, "a short append could not be taken back");
        }
    }

    fn stamp(&self, entry: EntryName) -> Result<Option<Stamp>, Fault> {
        match self.open_entry(entry, OFlags::RDONLY)? {
            Some(file) => file
                .metadata()
                .map(|found| Some(Stamp::of(&found)))
                .map_err(Fault::at("look at", &self.path(entry))),
            None => Ok(None),
        }
    }

    /// The directory for temporary files, on the entries' own file system. Anyone may delete it at
    /// any time, so it is made whenever it is needed.
    fn side(&self) -> Result<(OwnedFd, PathBuf), Fault> {
        let path = side_dir(&self.journal).map_err(|error| Fault::Disk {
            doing: "make",
            path: error.path,
            source: error.source,
        })?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let side = rustix::fs::openat(&self.handle, SIDE_DIR, flags, Mode::empty());
        Ok((side.map_err(Fault::at("open", &path))?, path))
    }

    /// Removes the temporary files that a dead daemon of this machine left. Another machine's are
    /// not ours to judge.
    pub(super) fn sweep(&self) -> Result<usize, Fault> {
        let Ok((side, path)) = self.side() else { return Ok(0) }; // nothing could be left there
        let prefix = format!("{}.", self.machine);
        let mut swept = 0;
        for item in Dir::read_from(&side).map_err(Fault::at("list", &path))? {
            let item = item.map_err(Fault::at("list", &path))?;
            let name = item.file_name().to_string_lossy();
            let ours =
                name.starts_with(&prefix) && Path::new(&*name).extension().is_some_and(|end| end == "tmp");
            if ours && rustix::fs::unlinkat(&side, item.file_name(), AtFlags::empty()).is_ok() {
                swept += 1;
            }
        }
        Ok(swept)
    }
}

impl Stamp {
    fn of(found: &std::fs::Metadata) -> Self {
        let (dev, ino, size) = (found.dev(), found.ino(), found.size());
        Self(dev, ino, size, found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec())
    }
}
