//! The log's file: adding to it, flushing it, beginning it anew.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ponder_proto::shown;

use super::LogError;
use super::begin::{Begun, Kind, NAME, OTHER, begin};
use super::frame::{self, BadHeader, HEADER, Header};
use super::record::{Number, Record};
use crate::journal::Fault;
use crate::journal::disk::{Access, Disk, OpenError};

/// How large a log is made in the first place, and by how much it grows, in bytes.
pub(in crate::journal) const STEP: usize = 1024 * 1024;

/// The log that is open.
#[derive(Debug)]
pub(in crate::journal) struct Log<D: Disk> {
    disk: Arc<D>,
    dir: D::Dir,
    path: PathBuf,
    step: usize,
    boot: u64,
    /// The boot in which it was begun. What it says was done may be gone if that is over, also where another
    /// file has to take its place.
    began_in: u64,
    current: Current<D>,
    /// Every record of this log, to begin another file with after a flush has failed.
    records: Vec<(u8, Vec<u8>)>,
    /// Records that are not written to the file yet.
    unwritten: usize,
    flushed: Number,
    /// A write or flush failed. Neither is tried again on the same file: it could succeed with the
    /// bytes gone.
    broken: bool,
    /// The other file may be one that failed: it is removed before another log is begun.
    other_failed: bool,
}

/// The file that is written to.
#[derive(Debug)]
pub(super) struct Current<D: Disk> {
    pub(super) file: D::File,
    pub(super) salt: u64,
    /// Where its first new frame went.
    pub(super) began: usize,
    /// Where the next frame belongs.
    pub(super) end: usize,
    /// Up to where the file is written, with zeros behind the end.
    pub(super) capacity: usize,
}

/// What an opened log held.
#[derive(Debug)]
pub(in crate::journal) struct Logged {
    pub(in crate::journal) records: Vec<(Number, Record)>,
    /// Whether the machine has run ever since: then all that was written is there, flushed or not.
    pub(in crate::journal) same_boot: bool,
    /// Whether there was a log at all.
    pub(in crate::journal) existed: bool,
}

/// What became of records that were to be flushed.
#[derive(Debug)]
pub(in crate::journal) enum NotFlushed {
    /// They are nowhere.
    Refused(Fault),
    /// The system does not say.
    Unknown(Fault),
}

impl From<NotFlushed> for Fault {
    fn from(not: NotFlushed) -> Self {
        let (NotFlushed::Refused(fault) | NotFlushed::Unknown(fault)) = not;
        fault
    }
}

impl<D: Disk> Log<D> {
    /// Opens the log of a state directory, or begins one.
    ///
    /// # Errors
    /// See [`LogError`]: whatever the error, the log is as it was.
    pub(in crate::journal) fn open(
        disk: &Arc<D>,
        state: &Path,
        boot: &str,
        step: usize,
    ) -> Result<(Self, Logged), LogError> {
        let path = state.join(NAME);
        let dir = disk.open_root(state).map_err(Fault::at("open", state))?;
        let boot = digest_of_boot(boot);
        disk.take_back(&dir, OTHER, NAME).map_err(Fault::at("take back", &path))?;
        let found = match disk.open(&dir, NAME, Access::Write) {
            Ok(found) => found,
            Err(OpenError::NotPlain(what)) => return Err(Fault::NotPlain { path, what }.into()),
            Err(OpenError::Io(error)) => return Err(Fault::at("open", &path)(error).into()),
        };
        let Some(file) = found else {
            let begun = begin(&**disk, &dir, Kind { step, boot, reuse: false }, &[]);
            let begun = begun.and_then(|begun| begun.named.map(|()| begun.current));
            let current = begun.map_err(Fault::at("begin", &path))?;
            let log = Self::with(Arc::clone(disk), dir, path, step, boot, current);
            return Ok((log, Logged { records: Vec::new(), same_boot: true, existed: false }));
        };
        let length = disk.stat(&file).map_err(Fault::at("look at", &path))?.length;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let bytes = disk.read(&file, 0, length).map_err(Fault::at("read", &path))?;
        let (header, scan) = read(&bytes, &path)?;
        let current =
            Current { file, salt: header.salt, began: HEADER, end: scan.end, capacity: bytes.len() };
        let mut log = Self::with(Arc::clone(disk), dir, path, step, boot, current);
        log.began_in = header.boot;
        log.records = scan.records.iter().map(|(_, record)| record.encode()).collect();
        log.flushed = scan.next - 1;
        let same_boot = boot != 0 && header.boot == boot;
        // Whether a flush of these files failed only the daemon knows that did it. After another boot
        // they hold what they show; and where a record that nobody was told of still stands behind the
        // end, it must not come to follow a new one.
        (log.broken, log.other_failed) = (same_boot || scan.has_stale, same_boot);
        Ok((log, Logged { records: scan.records, same_boot, existed: true }))
    }

    fn with(disk: Arc<D>, dir: D::Dir, path: PathBuf, step: usize, boot: u64, current: Current<D>) -> Self {
        let (records, unwritten, flushed) = (Vec::new(), 0, 0);
        let (broken, other_failed) = (false, false);
        let began_in = boot;
        Self {
            disk,
            dir,
            path,
            step,
            boot,
            began_in,
            current,
            records,
            unwritten,
            flushed,
            broken,
            other_failed,
        }
    }

    /// Bytes of records that were added since the log was begun.
    pub(in crate::journal) fn growth(&self) -> usize {
        self.current.end - self.current.began
    }

    /// All records of this log.
    pub(in crate::journal) fn records(&self) -> impl Iterator<Item = (Number, Record)> + '_ {
        let decoded = self.records.iter().map(|(kind, payload)| Record::decode(*kind, payload));
        (1..).zip(decoded).filter_map(|(number, record)| Some((number, record?)))
    }

    /// Puts a record behind the others. It counts after [`Log::flush`].
    pub(in crate::journal) fn add(&mut self, record: &Record) -> Number {
        self.records.push(record.encode());
        self.unwritten += 1;
        self.records.len() as Number
    }

    /// Makes all records durable.
    ///
    /// # Errors
    /// Those that were added since the last flush are forgotten; the log itself stays usable, or
    /// becomes so again when the disk does.
    pub(in crate::journal) fn flush(&mut self) -> Result<(), NotFlushed> {
        let result = if self.broken { self.mend() } else { self.write_and_sync() };
        match result {
            Ok(()) => {
                self.unwritten = 0;
                self.flushed = self.records.len() as Number;
            }
            Err(_) => self.forget_unwritten(),
        }
        result
    }

    fn write_and_sync(&mut self) -> Result<(), NotFlushed> {
        let frames = self.frames();
        self.reserve(frames.len()).map_err(|error| NotFlushed::Refused(self.fault("write", error)))?;
        match self.write(&frames).and_then(|()| self.disk.sync(&self.current.file)) {
            Ok(()) => Ok(()),
            Err(error) => {
                tracing::error!(log = %shown(&self.path), %error, "the log could not be flushed; another file is begun");
                self.broken = true;
                self.mend().map_err(|_| NotFlushed::Unknown(self.unknown(error)))
            }
        }
    }

    /// Writes a record that need not survive the machine. It is written at once: it has to survive
    /// this process.
    ///
    /// # Errors
    /// It is not in the log.
    pub(in crate::journal) fn note(&mut self, record: &Record) -> Result<(), Fault> {
        self.add(record);
        if self.broken {
            return self.flush().map_err(Fault::from);
        }
        let frames = self.frames();
        match self.reserve(frames.len()).and_then(|()| self.write(&frames)) {
            Ok(()) => {
                self.unwritten = 0;
                Ok(())
            }
            Err(error) => {
                tracing::warn!(log = %shown(&self.path), %error, "the log could not be written; another file is begun");
                self.broken = true;
                self.forget_unwritten();
                Err(self.fault("write", error))
            }
        }
    }

    /// Begins a new log with these records alone, numbered from 1.
    ///
    /// # Errors
    /// Then the log goes on as it was.
    pub(in crate::journal) fn begin_anew(&mut self, records: &[Record]) -> Result<(), Fault> {
        let records: Vec<_> = records.iter().map(Record::encode).collect();
        self.take_over(self.boot, &records).map_err(|(_, error)| self.fault("begin", error))?;
        self.began_in = self.boot;
        (self.flushed, self.unwritten) = (records.len() as Number, 0);
        self.records = records;
        Ok(())
    }

    /// Begins another file with all records, as they were numbered, in the place of one that failed.
    fn mend(&mut self) -> Result<(), NotFlushed> {
        let records = std::mem::take(&mut self.records);
        let begun = self.take_over(self.began_in, &records);
        self.records = records;
        begun.map_err(|(has_name, error)| {
            if has_name {
                NotFlushed::Unknown(self.unknown(error))
            } else {
                NotFlushed::Refused(self.fault("write", error))
            }
        })
    }

    /// Begins a file and goes on in it. An error says whether the new file has the log's name
    /// already: the next daemon would read it, unless the machine fails first.
    fn take_over(&mut self, boot: u64, records: &[(u8, Vec<u8>)]) -> Result<(), (bool, io::Error)> {
        let kind = Kind { step: self.step, boot, reuse: !self.other_failed };
        let Begun { current, named } = begin(&*self.disk, &self.dir, kind, records).map_err(|error| {
            self.other_failed = true;
            self.discard_other();
            (false, error)
        })?;
        let old_failed = std::mem::replace(&mut self.broken, named.is_err());
        self.current = current;
        if old_failed || self.broken {
            self.other_failed = true;
            self.discard_other();
        }
        named.map_err(|error| (true, error))
    }

    /// A file that failed is not used again.
    fn discard_other(&mut self) {
        match self.disk.unlink(&self.dir, OTHER) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(log = %shown(&self.path), %error, "the log's other file could not be removed");
            }
            _ => self.other_failed = false,
        }
    }

    /// What is withdrawn stays so: the next flush says it again.
    fn forget_unwritten(&mut self) {
        let mut unwritten = self.records.split_off(self.records.len() - self.unwritten);
        unwritten.retain(|(kind, _)| *kind == Record::WITHDRAWN);
        self.unwritten = unwritten.len();
        self.records.extend(unwritten);
    }

    fn frames(&self) -> Vec<u8> {
        let first = self.records.len() - self.unwritten;
        encode(self.current.salt, self.flushed, first, &self.records[first..])
    }

    /// Makes room, so that what is written into it afterwards is all or not begun.
    fn reserve(&mut self, length: usize) -> io::Result<()> {
        let needed = self.current.end + length;
        if needed > self.current.capacity {
            let capacity = needed.next_multiple_of(self.step);
            let zeros = vec![0; capacity - self.current.capacity];
            self.disk.write(&self.current.file, self.current.capacity as u64, &zeros)?;
            self.current.capacity = capacity;
        }
        Ok(())
    }

    fn write(&mut self, frames: &[u8]) -> io::Result<()> {
        self.disk.write(&self.current.file, self.current.end as u64, frames)?;
        self.current.end += frames.len();
        Ok(())
    }

    fn fault(&self, doing: &'static str, source: io::Error) -> Fault {
        Fault::Disk { doing, path: self.path.clone(), source }
    }

    fn unknown(&self, source: io::Error) -> Fault {
        Fault::Unknown { path: self.path.clone(), source }
    }
}

/// Reads a log's bytes.
pub(super) fn read(bytes: &[u8], path: &Path) -> Result<(Header, frame::Scan), LogError> {
    let damaged = |at, why| LogError::Damaged { path: path.to_owned(), at, why };
    let header = Header::decode(bytes).map_err(|bad| match bad {
        BadHeader::Newer(version) => LogError::Newer { path: path.to_owned(), version },
        BadHeader::Damaged(why) => damaged(0, why),
    })?;
    let scan = frame::scan(bytes, header.salt).map_err(|damage| damaged(damage.at, damage.why))?;
    Ok((header, scan))
}

pub(super) fn encode(salt: u64, flushed: Number, first: usize, records: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let numbered = (first as Number + 1..).zip(records);
    numbered
        .flat_map(|(number, (kind, payload))| frame::encode(salt, number, flushed, *kind, payload))
        .collect()
}

fn digest_of_boot(boot: &str) -> u64 {
    if boot.is_empty() { 0 } else { crate::journal::Digest::of(boot.as_bytes()).short() }
}
