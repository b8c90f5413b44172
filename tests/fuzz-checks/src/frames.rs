//! The bincode frames.

use ponder_proto::frame::{self, Decode, Encode, HEADER};
use ponder_proto::{ErrorCode, Message, Request, Unreadable, limits, line};
use serde::Serialize;

use crate::memory;

/// Any bytes as a frame's payload, from a client and from a daemon: refused with a short sentence, or
/// a message that has these bytes as its only spelling and that JSON Lines can say, too.
pub fn frames(bytes: &[u8]) {
    header(bytes);
    if let Some(request) = payload::<Request>(bytes) {
        let line = one_line(&request);
        assert_eq!(line::decode_request(&line).as_ref(), Ok(&request), "by way of JSON Lines");
    }
    if let Some(message) = payload::<Message>(bytes) {
        let line = one_line(&message);
        let read: Message = line::decode(&line).expect("what the daemon says can be read");
        assert_eq!(read, message, "by way of JSON Lines");
    }
}

/// Whatever the limit, a length is taken as it is or refused.
fn header(bytes: &[u8]) {
    let Some(header) = bytes.first_chunk::<HEADER>() else { return };
    let length = u32::from_le_bytes(*header) as usize;
    for limit in [limits::FIRST_MESSAGE, limits::MESSAGE] {
        match frame::payload_length(*header, limit) {
            Ok(taken) => assert!(taken == length && length <= limit),
            Err(error) => assert!(length > limit && error.refusal.code == ErrorCode::TooLarge),
        }
    }
}

fn payload<T: Decode<()> + Encode>(bytes: &[u8]) -> Option<T> {
    // What a message claims to need may be allocated before it is there, up to the limit on messages.
    let most = limits::MESSAGE + 16 * bytes.len();
    match memory::within(most, "a frame", || frame::decode::<T>(bytes)) {
        Ok(message) => {
            let mut again = Vec::new();
            frame::encode(&message, &mut again).expect("what was read can be written");
            assert_eq!(&again[HEADER..], bytes, "there is one spelling of a message");
            let length = frame::payload_length([again[0], again[1], again[2], again[3]], bytes.len());
            assert_eq!(length, Ok(bytes.len()));
            Some(message)
        }
        Err(error) => {
            refused(&error);
            let number = bytes.first_chunk().map(|number| u64::from_le_bytes(*number));
            assert_eq!(error.re, number, "a request that cannot be read has its number all the same");
            None
        }
    }
}

pub(crate) fn one_line<T: Serialize>(message: &T) -> Vec<u8> {
    let mut line = Vec::new();
    line::encode(message, &mut line).expect("what was read can be said");
    assert_eq!(line.pop(), Some(b'\n'));
    assert!(!line.contains(&b'\n'), "a message is one line");
    line
}

/// A refusal is one of those that reading makes, and no longer than a person reads.
pub(crate) fn refused(error: &Unreadable) {
    let refusal = &error.refusal;
    assert!(
        matches!(refusal.code, ErrorCode::BadRequest | ErrorCode::UnknownOperation | ErrorCode::TooLarge),
        "{refusal:?}"
    );
    let length = refusal.message.chars().count();
    assert!((1..1000).contains(&length), "a sentence of {length} characters");
    assert!(refusal.about.is_none() && refusal.blockers.is_empty());
}
