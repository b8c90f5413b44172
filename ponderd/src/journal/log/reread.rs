//! Reading any bytes as a log, and writing again what was read: what the fuzz targets look at.

use std::path::Path;

use super::record::Record;
use super::{LogError, file, print};

/// A log that was read and written again.
#[derive(Debug)]
pub struct Reread {
    /// How many records it holds.
    pub records: usize,
    /// Where the next frame belongs, in bytes from the file's start.
    pub end: usize,
    /// Whether records that nobody was told of stand behind the end.
    pub has_stale: bool,
    /// The same log, written anew with nothing flushed in between.
    pub again: Vec<u8>,
    /// What `ponder doctor --log` says of it.
    pub told: String,
}

/// Reads a log's bytes as the daemon does when it starts. Nothing but memory is touched.
///
/// # Errors
/// As when a log with these bytes is opened.
pub fn reread(bytes: &[u8]) -> Result<Reread, LogError> {
    let path = Path::new(super::begin::NAME);
    let (header, scan) = file::read(bytes, path)?;
    let records: Vec<_> = scan.records.iter().map(|(_, record)| Record::encode(record)).collect();
    let mut again = header.encode().to_vec();
    again.extend(file::encode(header.salt, 0, 0, &records));
    let told = print::listing(path, &scan);
    Ok(Reread { records: records.len(), end: scan.end, has_stale: scan.has_stale, again, told })
}
