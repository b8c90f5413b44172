//! The log's format, read a second time from its table in `docs/design.md`, without a look at how the
//! daemon reads it. It knows frames, not what the records in them say.

use sha2::{Digest as _, Sha256};

pub(crate) const HEADER: usize = 64;
pub(crate) const FRAME: usize = 32;
const ALIGNMENT: usize = 8;

/// Any bytes as a log whose checksums are right, so that what comes behind them is reached, too: no
/// fuzzer guesses a SHA-256. The salt, the boot and what frames say are as they were; a frame that
/// says more than there is stays as it was.
pub(crate) fn sealed(bytes: &[u8], numbered: bool) -> Vec<u8> {
    let mut log = bytes.to_vec();
    log.resize(log.len().max(HEADER), 0);
    let header = header(number(&log, 16), number(&log, 24));
    log[..HEADER].copy_from_slice(&header);
    let salt = header[16..24].to_vec();
    let mut at = HEADER;
    for next in 1_u64.. {
        let Some(length) = length(&log, at) else { break };
        if numbered {
            log[at + 5..at + 8].fill(0);
            log[at + 8..at + 16].copy_from_slice(&next.to_le_bytes());
        }
        let payload = at + FRAME..at + FRAME + length;
        let checksum = checksum(&[&salt, &log[at..at + 24], &log[payload.clone()]]);
        log[at + 24..at + FRAME].copy_from_slice(&checksum);
        at = payload.end.next_multiple_of(ALIGNMENT);
    }
    log
}

/// The header of a log.
pub(crate) fn header(salt: u64, boot: u64) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..8].copy_from_slice(b"ponderWL");
    header[8] = 1;
    header[16..24].copy_from_slice(&salt.to_le_bytes());
    header[24..32].copy_from_slice(&boot.to_le_bytes());
    let checksum = checksum(&[&header[..56]]);
    header[56..].copy_from_slice(&checksum);
    header
}

/// A frame whose checksum is right.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub(crate) at: usize,
    pub(crate) kind: u8,
    pub(crate) number: u64,
    pub(crate) flushed: u64,
    pub(crate) payload: &'a [u8],
    pub(crate) end: usize,
}

/// What stands in a log with a whole header.
pub(crate) struct Frames<'a> {
    /// Those that follow one another.
    pub(crate) first: Vec<Frame<'a>>,
    pub(crate) end: usize,
    /// Whole ones behind those.
    pub(crate) later: Vec<Frame<'a>>,
}

/// The frames of a log; nothing if its header is none.
pub(crate) fn frames(log: &[u8]) -> Option<Frames<'_>> {
    if log.len() < HEADER || log[..HEADER] != header(number(log, 16), number(log, 24)) {
        return None;
    }
    let (mut first, mut end): (Vec<Frame<'_>>, usize) = (Vec::new(), HEADER);
    while let Some(frame) = frame(log, end).filter(|frame| frame.number == first.len() as u64 + 1) {
        end = frame.end;
        first.push(frame);
    }
    // Between the missing one and a later one there is room for all those in between.
    let (missing, room) = (first.len() as u64 + 1, |at: usize| ((at - end) / FRAME) as u64);
    let is_later = |frame: &Frame<'_>| {
        (missing + 1..=missing + room(frame.at)).contains(&frame.number) && frame.flushed < frame.number
    };
    let places = (end + ALIGNMENT..log.len()).step_by(ALIGNMENT);
    let later = places.filter_map(|at| frame(log, at)).filter(is_later).collect();
    Some(Frames { first, end, later })
}

fn frame(log: &[u8], at: usize) -> Option<Frame<'_>> {
    let length = length(log, at)?;
    let (head, payload) = log[at..at + FRAME + length].split_at(FRAME);
    let (kind, number_of, flushed) = (head[4], number(head, 8), number(head, 16));
    let end = (at + FRAME + length).next_multiple_of(ALIGNMENT);
    let whole = number_of > 0
        && head[5..8] == [0; 3]
        && head[24..] == checksum(&[&log[16..24], &head[..24], payload]);
    whole.then_some(Frame { at, kind, number: number_of, flushed, payload, end })
}

/// The length of the payload of a frame at this place, if there is so much.
fn length(log: &[u8], at: usize) -> Option<usize> {
    let rest = log.get(at..)?;
    let length = u32::from_le_bytes(*rest.first_chunk()?) as usize;
    (length <= rest.len().checked_sub(FRAME)?).then_some(length)
}

fn number(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}

fn checksum(parts: &[&[u8]]) -> [u8; 8] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize()[..8].try_into().expect("a digest is longer")
}
