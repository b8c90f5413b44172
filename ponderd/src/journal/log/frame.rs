//! The log file's bytes: its header, and the frames that records are in.

use sha2::{Digest as _, Sha256};

use super::record::{Number, Record};

/// What every log file begins with.
const MAGIC: &[u8; 8] = b"ponderWL";

/// The format that is written and read. Another one is another version's.
pub(super) const VERSION: u32 = 1;

/// Bytes of the header; the first frame stands behind it.
pub(super) const HEADER: usize = 64;

/// Bytes of a frame before its payload.
const FRAME: usize = 32;

/// Frames begin at multiples of it.
const ALIGNMENT: usize = 8;

/// What the header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Part of every frame's checksum: what an earlier log left in a file that is used again is not
    /// taken for a record of this one.
    pub(super) salt: u64,
    /// A digest of the boot in which the log was begun.
    pub(super) boot: u64,
}

/// Why a header cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BadHeader {
    Newer(u32),
    Damaged(&'static str),
}

impl Header {
    pub(super) fn encode(&self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.salt.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.boot.to_le_bytes());
        let checksum = checksum(&[&bytes[..56]]);
        bytes[56..].copy_from_slice(&checksum);
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, BadHeader> {
        let Some((bytes, _)) = bytes.split_first_chunk::<HEADER>() else {
            return Err(BadHeader::Damaged("it ends within its header"));
        };
        if bytes[..8] != *MAGIC {
            return Err(BadHeader::Damaged("it does not begin as a log does"));
        }
        // Before the checksum: a newer version may compute another one.
        let version = u32::from_le_bytes(array(&bytes[8..12]));
        if version > VERSION {
            return Err(BadHeader::Newer(version));
        }
        if bytes[56..] != checksum(&[&bytes[..56]]) {
            return Err(BadHeader::Damaged("its header's checksum is wrong"));
        }
        if version != VERSION || bytes[12..16] != [0; 4] || bytes[32..56] != [0; 24] {
            return Err(BadHeader::Damaged("its header has fields that no version writes"));
        }
        Ok(Self {
            salt: u64::from_le_bytes(array(&bytes[16..24])),
            boot: u64::from_le_bytes(array(&bytes[24..32])),
        })
    }
}

/// A record as it stands in the file.
///
/// `flushed` is the last number that was known to be durable when this one was written. It tells a
/// torn end, which nobody was told of, from damage in what was acknowledged.
pub(super) fn encode(salt: u64, number: Number, flushed: Number, kind: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0; FRAME];
    // A payload is far below 4 GiB: a text has a limit, and a commit's long text is in a file.
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    frame[..4].copy_from_slice(&length.to_le_bytes());
    frame[4] = kind;
    frame[8..16].copy_from_slice(&number.to_le_bytes());
    frame[16..24].copy_from_slice(&flushed.to_le_bytes());
    let checksum = checksum(&[&salt.to_le_bytes(), &frame[..24], payload]);
    frame[24..].copy_from_slice(&checksum);
    frame.extend_from_slice(payload);
    frame.resize(frame.len().next_multiple_of(ALIGNMENT), 0);
    frame
}

/// All records of a log, and where its end is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Scan {
    pub(super) records: Vec<(Number, Record)>,
    /// Where the next frame belongs.
    pub(super) end: usize,
    pub(super) next: Number,
    /// Behind the end there are records that were never acknowledged: one before them is missing.
    pub(super) has_stale: bool,
}

/// A place in a log that was acknowledged and cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Damage {
    pub(super) at: usize,
    pub(super) why: &'static str,
}

/// Reads the frames behind the header.
pub(super) fn scan(bytes: &[u8], salt: u64) -> Result<Scan, Damage> {
    let mut scan = Scan { records: Vec::new(), end: HEADER, next: 1, has_stale: false };
    while let Some(frame) = Frame::read(bytes, scan.end, salt, |number, _| number == scan.next) {
        let Some(record) = Record::decode(frame.kind, frame.payload) else {
            return Err(Damage { at: scan.end, why: "a record's fields are not what they can be" });
        };
        scan.records.push((frame.number, record));
        scan.end = frame.end;
        scan.next += 1;
    }
    // A later frame that knows the missing one to be durable proves that it was acknowledged.
    let later = (scan.end..bytes.len()).step_by(ALIGNMENT).skip(1);
    let read = |at| {
        // One after the missing one, and not more than there is room for. An old log's text may look
        // like frames at each of its bytes: what cannot be one is not hashed, or this would take minutes.
        let most = scan.next + ((at - scan.end) / FRAME) as Number;
        let may_be = |number, flushed| number > scan.next && number <= most && flushed < number;
        Frame::read(bytes, at, salt, may_be)
    };
    for frame in later.filter_map(read) {
        if frame.flushed >= scan.next {
            return Err(Damage { at: scan.end, why: "a record is damaged, and later ones are not" });
        }
        scan.has_stale = true;
    }
    Ok(scan)
}

struct Frame<'a> {
    number: Number,
    flushed: Number,
    kind: u8,
    payload: &'a [u8],
    end: usize,
}

impl<'a> Frame<'a> {
    /// The frame at this place, if there is one and its number and the last flushed one are right.
    fn read(bytes: &'a [u8], at: usize, salt: u64, may_be: impl Fn(Number, Number) -> bool) -> Option<Self> {
        let (head, rest) = bytes.get(at..)?.split_first_chunk::<FRAME>()?;
        let number = u64::from_le_bytes(array(&head[8..16]));
        let flushed = u64::from_le_bytes(array(&head[16..24]));
        if head[5..8] != [0; 3] || !may_be(number, flushed) {
            return None; // most of what is no frame ends here, before anything is computed
        }
        let length = usize::try_from(u32::from_le_bytes(array(&head[..4]))).ok()?;
        let payload = rest.get(..length)?;
        if head[24..] != checksum(&[&salt.to_le_bytes(), &head[..24], payload]) {
            return None;
        }
        let end = (at + FRAME + length).next_multiple_of(ALIGNMENT);
        Some(Self { number, flushed, kind: head[4], payload, end })
    }
}

/// The first 64 bits of a SHA-256.
fn checksum(parts: &[&[u8]]) -> [u8; 8] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    array(&hash.finalize()[..8])
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(bytes);
    array
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: u64 = 99;

    /// A log of withdrawals, flushed after each number in `flushed_after`.
    fn log(count: u64, flushed_after: &[u64]) -> (Vec<u8>, Vec<usize>) {
        let mut bytes = Header { salt: SALT, boot: 1 }.encode().to_vec();
        let mut starts = Vec::new();
        for number in 1..=count {
            let flushed = flushed_after.iter().copied().filter(|flush| *flush < number).max().unwrap_or(0);
            let (kind, payload) = Record::Withdrawn(number * 10).encode();
            starts.push(bytes.len());
            bytes.extend(encode(SALT, number, flushed, kind, &payload));
        }
        bytes.resize(bytes.len() + 4096, 0);
        (bytes, starts)
    }

    fn numbers(bytes: &[u8]) -> Result<Vec<Number>, Damage> {
        scan(bytes, SALT).map(|scan| scan.records.iter().map(|(number, _)| *number).collect())
    }

    #[test]
    fn a_torn_end_is_dropped_and_damage_before_it_is_not() {
        let (whole, starts) = log(5, &[3]);
        assert_eq!(numbers(&whole), Ok(vec![1, 2, 3, 4, 5]));
        for (index, start) in starts.iter().enumerate() {
            let number = index as u64 + 1;
            let mut bytes = whole.clone();
            bytes[start + 33] ^= 1;
            if number > 3 {
                // Never flushed: what is behind it was not acknowledged, either.
                assert_eq!(numbers(&bytes), Ok((1..number).collect()), "{number}");
            } else {
                assert_eq!(numbers(&bytes).unwrap_err().at, *start, "{number}");
            }
        }
    }

    #[test]
    fn a_log_that_is_cut_anywhere_is_read_up_to_there() {
        let (whole, starts) = log(3, &[]);
        for length in HEADER..whole.len() {
            let complete = starts[1..].iter().filter(|start| **start <= length).count();
            let found = numbers(&whole[..length]).unwrap().len();
            assert!(found == complete || found == complete + 1, "{length}");
        }
    }

    /// It took the daemon minutes to start: the checksum of half of the file, for each of its words.
    #[test]
    fn a_text_that_looks_like_frames_everywhere_is_passed_over_quickly() {
        let (mut bytes, _) = log(1, &[]);
        let word = 2 * 1024 * 1024_u64;
        bytes.extend(std::iter::repeat_n(word.to_le_bytes(), 512 * 1024).flatten());
        let start = std::time::Instant::now();
        assert_eq!(numbers(&bytes), Ok(vec![1]));
        assert!(start.elapsed() < std::time::Duration::from_secs(20));
    }

    #[test]
    fn frames_of_another_salt_are_not_ours() {
        let (bytes, _) = log(3, &[]);
        assert_eq!(scan(&bytes, SALT + 1).unwrap().records, []);
    }

    #[test]
    fn every_bit_of_a_header_counts() {
        let header = Header { salt: 5, boot: 6 };
        let bytes = header.encode();
        assert_eq!(Header::decode(&bytes), Ok(header));
        for bit in 0..HEADER * 8 {
            let mut bytes = bytes;
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(Header::decode(&bytes).is_err(), "bit {bit}");
        }
        let mut newer = bytes;
        newer[8] = 2;
        assert_eq!(Header::decode(&newer), Err(BadHeader::Newer(2)));
    }
}
