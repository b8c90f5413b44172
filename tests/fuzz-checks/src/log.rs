//! The write-ahead log.

use ponderd::journal::{LogError, Reread, reread_log};

use crate::memory;
use crate::wal::{self, FRAME, Frame, Frames, HEADER};

/// Any bytes as a log, once as they are and twice with their checksums made right.
///
/// What is accepted is what a second reader of the format finds, and writing it gives the same
/// records; what is refused is damaged where that is said. A log that is cut holds a part of its
/// records from the first one on, and one with a wrong bit never another record.
pub fn log(bytes: &[u8]) {
    let _ = read(bytes);
    for numbered in [false, true] {
        let sealed = wal::sealed(bytes, numbered);
        let _ = read(&sealed);
        let chosen = chosen(bytes);
        cut(&sealed, chosen);
        turned(&sealed, chosen);
    }
}

/// Reads a log; nothing if it is refused. Either way it has to be right.
fn read(log: &[u8]) -> Option<Reread> {
    // A number in a list has eight bytes and is told in up to twenty; a record is larger than its frame.
    let result = memory::within(64 * log.len(), "a log", || reread_log(log));
    let frames = wal::frames(log);
    match (&result, &frames) {
        (Ok(read), Some(frames)) => accepted(log, read, frames),
        (Ok(_), None) => panic!("accepted without a header"),
        (Err(LogError::Damaged { at, .. }), Some(frames)) => refused(*at, frames),
        (Err(LogError::Damaged { at, .. }), None) => assert_eq!(*at, 0, "the header is damaged"),
        (Err(LogError::Newer { version, .. }), None) => {
            assert!(log.starts_with(b"ponderWL") && log[8..12] == version.to_le_bytes() && *version > 1);
        }
        (Err(error), _) => panic!("{error}"),
    }
    result.ok()
}

fn accepted(log: &[u8], read: &Reread, frames: &Frames<'_>) {
    assert_eq!((read.records, read.end), (frames.first.len(), frames.end));
    assert_eq!(read.has_stale, !frames.later.is_empty());
    for later in &frames.later {
        let lost = read.records as u64 + 1;
        assert!(
            later.flushed < lost,
            "record {} knows {lost} to be flushed, and it is not there",
            later.number
        );
    }
    assert!(read.told.lines().count() > read.records, "every record is told");

    let again = wal::frames(&read.again).expect("what is written has a header");
    assert_eq!(read.again[..HEADER], log[..HEADER]);
    assert_eq!((again.end, again.later.len()), (read.again.len(), 0));
    let says = |frame: &Frame<'_>| (frame.at, frame.kind, frame.number, frame.payload.to_vec(), frame.end);
    assert!(again.first.iter().map(says).eq(frames.first.iter().map(says)), "the same records are written");
    let third = reread_log(&read.again).expect("what is written can be read");
    assert_eq!(third.again, read.again);
    assert_eq!(third.told, read.told);
}

/// It is refused for a whole frame that says what no record says, or because of a later record that
/// knows the missing one.
fn refused(at: usize, frames: &Frames<'_>) {
    let missing = frames.first.len() as u64 + 1;
    let unreadable = frames.first.iter().any(|frame| frame.at == at);
    let known = at == frames.end && frames.later.iter().any(|later| later.flushed >= missing);
    assert!(unreadable || known, "nothing is wrong at {at}");
}

/// The file ends before its end.
fn cut(log: &[u8], chosen: usize) {
    let cut = chosen % log.len();
    let (whole, part) = (reread_log(log), read(&log[..cut]));
    if let (Ok(whole), Some(part)) = (whole, part) {
        assert!(part.records <= whole.records);
        assert!(whole.again.starts_with(&part.again), "cut at {cut}, it holds other records");
    }
}

/// One bit is another one.
fn turned(log: &[u8], chosen: usize) {
    let Ok(whole) = reread_log(log) else { return };
    let bit = chosen % (log.len() * 8);
    let mut other = log.to_vec();
    other[bit / 8] ^= 1 << (bit % 8);
    let Some(read) = read(&other) else { return };
    if bit / 8 >= whole.end {
        // What was torn may be whole again by this.
        assert!(read.again.starts_with(&whole.again), "with bit {bit} turned, an earlier record is another");
        return;
    }
    assert!(whole.again.starts_with(&read.again), "with bit {bit} turned, it holds other records");
    let frames = wal::frames(log).expect("it has been read");
    let hit = |frame: &Frame<'_>| (frame.at..frame.at + FRAME + frame.payload.len()).contains(&(bit / 8));
    let left = frames.first.iter().position(hit).unwrap_or(whole.records);
    assert_eq!(read.records, left, "the records before it are left");
}

/// A number that depends on all of the bytes.
fn chosen(bytes: &[u8]) -> usize {
    bytes.iter().fold(7, |sum: usize, &byte| sum.wrapping_mul(31).wrapping_add(byte.into()))
}
