//! JSON Lines: one object a line, for scripts.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::frame::TooLong;
use crate::{ErrorCode, Refusal, Request, Unreadable, limits};

/// Appends one message as a line.
///
/// # Errors
/// [`TooLong`] if the line is over [`limits::MESSAGE`]; `buffer` is then as it was.
pub fn encode<T: Serialize>(message: &T, buffer: &mut Vec<u8>) -> Result<(), TooLong> {
    let start = buffer.len();
    let written = serde_json::to_writer(&mut *buffer, message);
    if written.is_err() || buffer.len() - start > limits::MESSAGE {
        buffer.truncate(start);
        return Err(TooLong);
    }
    buffer.push(b'\n');
    Ok(())
}

/// Reads a request from one line, without its line feed.
///
/// Unknown fields are passed over, so that a newer script can speak to an older daemon.
pub fn decode_request(line: &[u8]) -> Result<Request, Unreadable> {
    let bad = |re, code, message: String, field: Option<&str>| {
        let refusal = Refusal::new(code, message);
        Unreadable { re, refusal: field.map_or(refusal.clone(), |field| refusal.field(field)) }
    };
    let value: Value = serde_json::from_slice(line)
        .map_err(|error| bad(None, ErrorCode::BadRequest, format!("the line is not JSON: {error}"), None))?;
    if !value.is_object() {
        return Err(bad(None, ErrorCode::BadRequest, "a request is a JSON object".to_owned(), None));
    }
    let re = value.get("id").and_then(Value::as_u64);
    if value.get("id").is_some() && re.is_none() {
        let message = "`id` is a whole number from 0 to 18446744073709551615";
        return Err(bad(None, ErrorCode::BadRequest, message.to_owned(), Some("id")));
    }
    let Some(op) = value.get("op").and_then(Value::as_str).map(str::to_owned) else {
        let message = "`op` is missing: name the operation, as in {\"op\":\"status\"}";
        return Err(bad(re, ErrorCode::BadRequest, message.to_owned(), Some("op")));
    };
    serde_json::from_value(value).map_err(|error| {
        let message = error.to_string();
        if message.starts_with(&format!("unknown variant `{op}`")) {
            return bad(re, ErrorCode::UnknownOperation, format!("there is no operation {op:?}"), Some("op"));
        }
        bad(re, ErrorCode::BadRequest, message.clone(), quoted_field(&message))
    })
}

/// Reads a message from one line, without its line feed.
pub fn decode<T: DeserializeOwned>(line: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(line)
}

/// serde names a missing field in the middle of its sentence.
fn quoted_field(message: &str) -> Option<&str> {
    message.split_once("field `")?.1.split_once('`').map(|(field, _)| field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Op;

    fn error(line: &str) -> Unreadable {
        decode_request(line.as_bytes()).unwrap_err()
    }

    #[test]
    fn a_bare_acquire_is_enough() {
        let line = format!(r#"{{"op":"acquire","session":"{}","entries":["20261123"]}}"#, "0".repeat(32));
        let Op::Acquire(acquire) = decode_request(line.as_bytes()).unwrap().op else { panic!("{line}") };
        assert!(acquire.drafts && acquire.create && acquire.inside.is_none());
    }

    #[test]
    fn errors_name_the_field_and_the_request() {
        assert_eq!(error("[]").refusal.code, ErrorCode::BadRequest);
        assert_eq!(error("{").refusal.code, ErrorCode::BadRequest);
        assert_eq!(error(r#"{"id":-1,"op":"status"}"#).refusal.field.as_deref(), Some("id"));
        assert_eq!(error(r#"{"id":3}"#).refusal.field.as_deref(), Some("op"));
        let unknown = error(r#"{"id":4,"op":"format_disk"}"#);
        assert_eq!((unknown.re, unknown.refusal.code), (Some(4), ErrorCode::UnknownOperation));
        let missing = error(r#"{"id":5,"op":"append","entry":"20261123"}"#);
        assert_eq!((missing.re, missing.refusal.field.as_deref()), (Some(5), Some("text")));
        for name in ["../../etc/passwd", "20261332.md", "/etc/passwd", "20261123.md\\u0000"] {
            let line = format!(r#"{{"op":"append","text":"x","entry":"{name}"}}"#);
            let message = error(&line).refusal.message;
            assert!(message.contains("is not an entry"), "{message}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_decoder_panic(bytes: Vec<u8>) {
            let _ = decode_request(&bytes);
        }
    }
}
