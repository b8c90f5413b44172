//! A log's records for people, without anybody's text.

use std::fmt::Write as _;
use std::path::Path;

use ponder_proto::shown;

use super::frame::Scan;
use super::record::{Number, Record, Way};
use super::{LogError, file};
use crate::journal::Fault;

/// Says what each record of a log is, one line each. Texts are told by their length alone.
///
/// # Errors
/// Like opening the log, and nothing is changed either way.
pub fn print(path: &Path) -> Result<String, LogError> {
    let bytes = std::fs::read(path).map_err(Fault::at("read", path))?;
    let (_, scan) = file::read(&bytes, path)?;
    Ok(listing(path, &scan))
}

pub(super) fn listing(path: &Path, scan: &Scan) -> String {
    let mut text = format!("{}: {} bytes, {} records\n", shown(path), scan.end, scan.records.len());
    for (number, record) in &scan.records {
        let _ = writeln!(text, "{number:>6}  {}", told(record)); // writing to a String cannot fail
    }
    text
}

fn told(record: &Record) -> String {
    match record {
        Record::Append(append) => {
            let operation = &append.operation;
            let place = append
                .plan
                .as_ref()
                .map_or_else(|| "a new file".to_owned(), |plan| format!("offset {}", plan.offset));
            format!(
                "append {}: {} bytes, to {place}, operation {}",
                operation.entry,
                append.text.len(),
                operation.id
            )
        }
        Record::Began(places) => {
            let at = places.iter().map(|(number, at)| format!("{number} at {}", at.offset));
            format!("publishing {}", at.collect::<Vec<_>>().join(", "))
        }
        Record::Published(numbers) => format!("published {}", joined(numbers)),
        Record::Commit(commit) => {
            let parts = commit.parts.iter().map(|part| {
                let way = match &part.way {
                    Way::File { name, .. } => format!("as {name}"),
                    Way::InPlace { .. } => "in place".to_owned(),
                };
                format!("{}: {} bytes {way}", part.entry, part.length)
            });
            format!("commit under {}, {}", commit.token, parts.collect::<Vec<_>>().join(", "))
        }
        Record::Withdrawn(number) => format!("withdrawn {number}"),
        Record::Displaced(displaced) => {
            format!(
                "displaced version of {}: {} bytes in {}",
                displaced.entry, displaced.length, displaced.name
            )
        }
        Record::Operations(operations) => format!("{} operations of earlier logs", operations.len()),
        Record::Waiting(numbers) => format!("waiting for a lock: {}", joined(numbers)),
        Record::Settling => "entries are being flushed".to_owned(),
        Record::Flushing { entry, is_over: false } => format!("{entry} is being flushed"),
        Record::Flushing { entry, is_over: true } => format!("{entry} was flushed"),
    }
}

fn joined(numbers: &[Number]) -> String {
    numbers.iter().map(Number::to_string).collect::<Vec<_>>().join(", ")
}
