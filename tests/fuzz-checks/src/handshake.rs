//! A connection, from its first byte on.

use ponder_proto::{
    Body, Encoding, ErrorCode, MAGIC, Message, Op, PROTOCOL, Request, frame, limits, line, negotiate,
};
use ponderd::connection::dialogue::{Dialogue, Step};

use crate::memory;

/// The first byte says in which pieces the others arrive, at a connection that was just opened.
///
/// However they are cut, the same follows from them, and that is what a plain reading of the whole
/// finds: nothing is asked of the owner before hello but `status` and `stop`, every request is passed
/// or answered under its own number, and after the end nothing is read any more.
pub fn handshake(bytes: &[u8]) {
    let Some((&cut, bytes)) = bytes.split_first() else { return };
    let whole = converse(&[bytes]);
    let pieces = pieces(cut, bytes);
    assert_eq!(converse(&pieces), whole, "in {} pieces", pieces.len());
    assert_eq!(whole, expected(bytes), "as the whole is read");
}

/// What came of a conversation, in an order and form that can be compared.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    /// Bytes of neither encoding. The connection ends.
    Stranger,
    Passed(Request),
    /// The protocol that was agreed upon.
    Welcome(u64, u32),
    Refused(Option<u64>, ErrorCode),
    End(Option<u64>, ErrorCode),
}

fn converse(pieces: &[&[u8]]) -> Vec<Heard> {
    let length: usize = pieces.iter().map(|piece| piece.len()).sum();
    // A frame may claim as much as a message may have; a line's values are larger than it is.
    memory::within(limits::MESSAGE + 256 * length, "a conversation", || listen(pieces))
}

/// As `connection` does it, without the socket.
fn listen(pieces: &[&[u8]]) -> Vec<Heard> {
    let (mut dialogue, mut heard, mut sniffed) = (Dialogue::default(), Vec::new(), false);
    for piece in pieces {
        dialogue.buffer().extend_from_slice(piece);
        if !sniffed {
            match dialogue.sniff() {
                None => continue,
                Some(Ok(encoding)) => assert_eq!(encoding, dialogue.encoding()),
                Some(Err(refusal)) => {
                    assert_eq!(refusal.code, ErrorCode::BadRequest);
                    return vec![Heard::Stranger];
                }
            }
            sniffed = true;
        }
        while let Some(step) = dialogue.next() {
            let (message, ends) = match step {
                Step::Pass(request) => {
                    assert!(dialogue.is_introduced());
                    heard.push(Heard::Passed(request));
                    continue;
                }
                Step::Answer(message) => (message, false),
                Step::End(message) => (message, true),
            };
            heard.push(answer(message, ends));
            if ends {
                return heard;
            }
        }
    }
    heard
}

fn answer(message: Message, ends: bool) -> Heard {
    match (message.body, message.re, ends) {
        (Body::Welcome(welcome), Some(re), false) => Heard::Welcome(re, welcome.protocol),
        (Body::Error(refusal), re, false) => Heard::Refused(re, refusal.code),
        (Body::Error(refusal), re, true) => Heard::End(re, refusal.code),
        (body, re, _) => panic!("{re:?} is answered by {body:?}"),
    }
}

/// What has to come of these bytes: read with all of them in sight, one message after the other.
fn expected(bytes: &[u8]) -> Vec<Heard> {
    let encoding = match bytes.first() {
        None => return vec![],
        Some(b'{') => Encoding::Lines,
        Some(_) if bytes.starts_with(&MAGIC) => Encoding::Frames,
        Some(_) if MAGIC.starts_with(bytes) => return vec![],
        Some(_) => return vec![Heard::Stranger],
    };
    let mut rest = if encoding == Encoding::Frames { &bytes[MAGIC.len()..] } else { bytes };
    let (mut heard, mut introduced, mut limit) = (Vec::new(), false, limits::FIRST_MESSAGE);
    loop {
        let cut = match encoding {
            Encoding::Lines => cut_line(rest, limit),
            Encoding::Frames => cut_frame(rest, limit),
        };
        let (message, after) = match cut {
            Cut::Message(message, after) => (message, after),
            Cut::Incomplete => return heard,
            Cut::TooLong => {
                heard.push(Heard::End(None, ErrorCode::TooLarge));
                return heard;
            }
        };
        rest = after;
        let read = match encoding {
            Encoding::Lines => line::decode_request(message),
            Encoding::Frames => frame::decode::<Request>(message),
        };
        let one = match read {
            Err(error) => Heard::Refused(error.re, error.refusal.code),
            Ok(Request { id, op: Op::Hello(hello) }) => match negotiate(hello.protocol, PROTOCOL) {
                Ok(protocol) => Heard::Welcome(id, protocol),
                Err(refusal) => Heard::End(Some(id), refusal.code),
            },
            Ok(request) if introduced || matches!(request.op, Op::Status | Op::Stop) => {
                Heard::Passed(request)
            }
            Ok(request) => Heard::End(Some(request.id), ErrorCode::HelloFirst),
        };
        introduced |= matches!(one, Heard::Welcome(..));
        if matches!(one, Heard::Welcome(..) | Heard::Passed(_)) {
            limit = limits::MESSAGE;
        }
        let ends = matches!(one, Heard::End(..));
        heard.push(one);
        if ends {
            return heard;
        }
    }
}

enum Cut<'a> {
    /// A message and what stands behind it.
    Message(&'a [u8], &'a [u8]),
    Incomplete,
    TooLong,
}

fn cut_line(bytes: &[u8], limit: usize) -> Cut<'_> {
    let mut parts = bytes.splitn(2, |&byte| byte == b'\n');
    match (parts.next(), parts.next()) {
        (Some(line), _) if line.len() > limit => Cut::TooLong,
        (Some(line), Some(after)) => Cut::Message(line, after),
        _ => Cut::Incomplete,
    }
}

fn cut_frame(bytes: &[u8], limit: usize) -> Cut<'_> {
    let Some((header, rest)) = bytes.split_first_chunk::<{ frame::HEADER }>() else { return Cut::Incomplete };
    let length = u32::from_le_bytes(*header) as usize;
    if length > limit {
        return Cut::TooLong;
    }
    rest.split_at_checked(length).map_or(Cut::Incomplete, |(payload, after)| Cut::Message(payload, after))
}

/// Pieces of up to 1, 2, 4 ... 128 bytes, by three bits of `cut`; the other bits choose among those.
fn pieces(cut: u8, mut bytes: &[u8]) -> Vec<&[u8]> {
    let longest = 1_usize << (cut & 7);
    let mut state = u32::from(cut);
    let mut pieces = Vec::new();
    while !bytes.is_empty() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let length = 1 + (state >> 24) as usize % longest;
        let (piece, rest) = bytes.split_at(length.min(bytes.len()));
        pieces.push(piece);
        bytes = rest;
    }
    pieces
}
