//! The frames: a length and a bincode payload. The only module that knows bincode.
//!
//! bincode 2.0.1, configuration `legacy`: little endian, fixed-width integers, enum variants as
//! `u32`, lengths as `u64`. `wincode` writes the same bytes (proved in `golden.rs`), so leaving
//! bincode means changing this file.

use bincode::config::{Configuration, Fixint, Limit, LittleEndian};
use bincode::de::Decoder;
use bincode::error::DecodeError;
pub use bincode::{Decode, Encode};

use crate::{EntryName, ErrorCode, LocalTime, Refusal, Unreadable, limits};

/// Bytes of a frame before its payload: the payload's length, little endian.
pub const HEADER: usize = 4;

/// Without a limit, a frame of 11 bytes that claims a long vector makes bincode allocate until the
/// process aborts; with it, a claim counts before anything is allocated.
fn config() -> Configuration<LittleEndian, Fixint, Limit<{ limits::MESSAGE }>> {
    bincode::config::legacy().with_limit::<{ limits::MESSAGE }>()
}

/// Appends one message as a frame.
///
/// # Errors
/// [`TooLong`] if the payload is over [`limits::MESSAGE`]; `buffer` is then as it was.
pub fn encode<T: Encode>(message: &T, buffer: &mut Vec<u8>) -> Result<(), TooLong> {
    let start = buffer.len();
    buffer.extend_from_slice(&[0; HEADER]);
    let written = bincode::encode_into_std_write(message, buffer, bincode::config::legacy());
    let length = buffer.len() - start - HEADER;
    match (written, u32::try_from(length)) {
        (Ok(_), Ok(header)) if length <= limits::MESSAGE => {
            buffer[start..start + HEADER].copy_from_slice(&header.to_le_bytes());
            Ok(())
        }
        _ => {
            buffer.truncate(start);
            Err(TooLong)
        }
    }
}

/// A message that is longer than the peer would accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message is over {} bytes", limits::MESSAGE)]
pub struct TooLong;

/// The payload's length, from a frame's header.
///
/// # Errors
/// `too_large` if it is over `limit` bytes. What follows then cannot be told apart any more: the
/// connection has to end.
pub fn payload_length(header: [u8; HEADER], limit: usize) -> Result<usize, Unreadable> {
    let length = u32::from_le_bytes(header) as usize;
    if length <= limit {
        return Ok(length);
    }
    let message = format!("a frame of {length} bytes is over the limit of {limit} bytes");
    Err(Unreadable { re: None, refusal: Refusal::new(ErrorCode::TooLarge, message) })
}

/// Reads one message from a whole payload.
pub fn decode<T: Decode<()>>(payload: &[u8]) -> Result<T, Unreadable> {
    let refusal = match bincode::decode_from_slice(payload, config()) {
        Ok((message, read)) if read == payload.len() => return Ok(message),
        Ok((_, read)) => {
            let left = payload.len() - read;
            Refusal::new(ErrorCode::BadRequest, format!("the frame has {left} bytes after its message"))
        }
        Err(error) => refusal_for(error),
    };
    // A request starts with its number, so that even one that cannot be read gets its answer.
    let re = payload.first_chunk().map(|number| u64::from_le_bytes(*number));
    Err(Unreadable { re, refusal })
}

fn refusal_for(error: DecodeError) -> Refusal {
    match error {
        DecodeError::UnexpectedVariant { type_name, found, .. } if type_name.ends_with("Op") => Refusal::new(
            ErrorCode::UnknownOperation,
            format!(
                "there is no operation number {found} in this protocol; is the daemon older than the client?"
            ),
        )
        .field("op"),
        DecodeError::UnexpectedVariant { type_name, found, .. } if type_name.contains("Option<") => {
            let message =
                format!("an optional field starts with 0 or 1, for left out or given, not with {found}");
            Refusal::new(ErrorCode::BadRequest, message)
        }
        DecodeError::UnexpectedVariant { type_name, found, .. } => {
            let name = type_name.rsplit(':').next().unwrap_or(type_name);
            Refusal::new(ErrorCode::BadRequest, format!("{name} has no variant number {found}"))
        }
        DecodeError::UnexpectedEnd { .. } => {
            Refusal::new(ErrorCode::BadRequest, "the frame ends in the middle of its message")
        }
        DecodeError::LimitExceeded => Refusal::new(
            ErrorCode::TooLarge,
            format!("the message claims more than {} bytes", limits::MESSAGE),
        ),
        DecodeError::Utf8 { .. } => {
            Refusal::new(ErrorCode::BadRequest, "a text field of the message is not UTF-8")
        }
        DecodeError::OtherString(message) => Refusal::new(ErrorCode::BadRequest, message),
        _ => Refusal::new(ErrorCode::BadRequest, "the frame is not a message of this protocol"),
    }
}

impl<C> bincode::Decode<C> for EntryName {
    fn decode<D: Decoder<Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        Self::from_number(u32::decode(decoder)?).map_err(|error| DecodeError::OtherString(error.to_string()))
    }
}
bincode::impl_borrow_decode!(EntryName);

impl<C> bincode::Decode<C> for LocalTime {
    fn decode<D: Decoder<Context = C>>(decoder: &mut D) -> Result<Self, DecodeError> {
        Self::from_seconds(u32::decode(decoder)?).map_err(|error| DecodeError::OtherString(error.to_string()))
    }
}
bincode::impl_borrow_decode!(LocalTime);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Acquire, Op, Request, Text};

    #[test]
    fn a_length_bomb_is_refused_before_anything_is_allocated() {
        // Number 0, operation Append, an entry, and a text that claims 2^63 bytes.
        let mut bomb = vec![0; 8];
        bomb.extend_from_slice(&6_u32.to_le_bytes());
        bomb.extend_from_slice(&20_261_123_u32.to_le_bytes());
        bomb.extend_from_slice(&(1_u64 << 63).to_le_bytes());
        let error = decode::<Request>(&bomb).unwrap_err();
        assert_eq!(error.refusal.code, ErrorCode::TooLarge);
        // The eleven bytes of the bincode issue: a lone vector with a huge length.
        let error =
            decode::<Vec<u64>>(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0]).unwrap_err();
        assert_eq!(error.refusal.code, ErrorCode::TooLarge);
    }

    #[test]
    fn an_unknown_operation_is_named_with_its_number() {
        let mut payload = 7_u64.to_le_bytes().to_vec();
        payload.extend_from_slice(&99_u32.to_le_bytes());
        let error = decode::<Request>(&payload).unwrap_err();
        assert_eq!((error.re, error.refusal.code), (Some(7), ErrorCode::UnknownOperation));
        assert!(error.refusal.message.contains("99"));
    }

    #[test]
    fn a_day_that_does_not_exist_is_refused() {
        let mut payload = vec![0; 8];
        payload.extend_from_slice(&6_u32.to_le_bytes());
        payload.extend_from_slice(&20_261_332_u32.to_le_bytes());
        payload.extend_from_slice(&[0; 16]);
        let error = decode::<Request>(&payload).unwrap_err();
        assert!(error.refusal.message.contains("20261332"), "{}", error.refusal.message);
    }

    #[test]
    fn bytes_after_the_message_are_refused() {
        let mut frame = Vec::new();
        encode(&Request { id: 1, op: Op::Status }, &mut frame).unwrap();
        frame.push(0);
        assert!(decode::<Request>(&frame[HEADER..]).is_err());
    }

    #[test]
    fn a_message_over_the_limit_is_not_written() {
        let mut buffer = b"before".to_vec();
        assert_eq!(encode(&Text(vec![0; limits::MESSAGE]), &mut buffer), Err(TooLong));
        assert_eq!(buffer, b"before");
        assert!(payload_length(u32::MAX.to_le_bytes(), limits::MESSAGE).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_decoder_panic(bytes: Vec<u8>) {
            let _ = decode::<Request>(&bytes);
            let _ = decode::<Acquire>(&bytes);
            let _ = decode::<crate::Message>(&bytes);
        }
    }
}
