//! Beginning a log's file: whole and flushed before it gets the log's name.

use std::io;

use super::file::{Current, encode};
use super::frame::Header;
use crate::journal::disk::{Access, Disk, Rename};

/// The log.
pub(super) const NAME: &str = "log";

/// The file in which the next log is begun, or what is left of the last one: its blocks are
/// allocated already, so that a flush need not wait for the file system to note new ones.
pub(super) const OTHER: &str = "log.other";

/// What kind of file is begun.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) step: usize,
    pub(super) boot: u64,
    /// Whether the other file may be written over.
    pub(super) reuse: bool,
}

/// A file that was begun.
pub(super) struct Begun<D: Disk> {
    pub(super) current: Current<D>,
    /// It has the log's name; whether that is durable.
    pub(super) named: io::Result<()>,
}

/// Writes a log with these records into the other file, flushes it, and gives it the log's name.
pub(super) fn begin<D: Disk>(
    disk: &D,
    dir: &D::Dir,
    kind: Kind,
    records: &[(u8, Vec<u8>)],
) -> io::Result<Begun<D>> {
    let Kind { step, boot, reuse } = kind;
    let header = Header { salt: u64::from_ne_bytes(crate::random_bytes()), boot };
    let mut image = header.encode().to_vec();
    image.extend(encode(header.salt, 0, 0, records));
    let (file, length) = other_file(disk, dir, step, reuse)?;
    let end = image.len();
    let capacity = if length > end { length } else { end.next_multiple_of(step) };
    if length <= end {
        image.resize(capacity, 0);
    } // else what lies behind is an earlier log's, written with another salt
    disk.write(&file, 0, &image)?;
    disk.sync(&file)?;
    match disk.rename((dir, OTHER), (dir, NAME), Rename::Exchange) {
        // There is no log yet, or this file system cannot exchange names.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            disk.rename((dir, OTHER), (dir, NAME), Rename::Replace)?;
        }
        renamed => renamed?,
    }
    let current = Current { file, salt: header.salt, began: end, end, capacity };
    Ok(Begun { current, named: disk.sync_dir(dir) })
}

/// The file that is to become the log, and its length. One that grew large is not used again.
fn other_file<D: Disk>(disk: &D, dir: &D::Dir, step: usize, reuse: bool) -> io::Result<(D::File, usize)> {
    if reuse && let Ok(Some(file)) = disk.open(dir, OTHER, Access::Write) {
        let length = usize::try_from(disk.stat(&file)?.length).unwrap_or(usize::MAX);
        if length <= step * 4 {
            return Ok((file, length));
        }
    }
    match disk.unlink(dir, OTHER) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    Ok((disk.create(dir, OTHER, 0o600)?, 0))
}
