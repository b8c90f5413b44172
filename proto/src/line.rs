//! JSON Lines: one object a line, for scripts.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::frame::TooLong;
use crate::{
    CommitPolicy, EntryName, ErrorCode, Holder, LocalTime, Mode, OperationId, ProtocolRange, Refusal,
    Request, SessionId, Token, Unreadable, Wait, limits,
};

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
    let bad = |re, message: &str, field| Err(unreadable(re, ErrorCode::BadRequest, message, field));
    let value: Value = match serde_json::from_slice(line) {
        Ok(value) => value,
        Err(error) => return bad(None, &format!("the line is not JSON: {error}"), None),
    };
    let Some(object) = value.as_object() else {
        return bad(None, "a request is a JSON object", None);
    };
    let re = object.get("id").and_then(Value::as_u64);
    if object.contains_key("id") && re.is_none() {
        return bad(None, "`id` is a whole number from 0 to 18446744073709551615", Some("id"));
    }
    let Some(op) = object.get("op").and_then(Value::as_str) else {
        return bad(
            re,
            "`op` is missing or no text: name the operation, as in {\"op\":\"status\"}",
            Some("op"),
        );
    };
    Request::deserialize(&value).map_err(|error| {
        let message = error.to_string();
        if let Some(field) = culprit(object, &message) {
            let message = format!("field `{field}`: {message}");
            return unreadable(re, ErrorCode::BadRequest, &message, Some(field));
        }
        if message.starts_with(&format!("unknown variant `{op}`")) {
            let message = format!("there is no operation {op:?}");
            return unreadable(re, ErrorCode::UnknownOperation, &message, Some("op"));
        }
        unreadable(re, ErrorCode::BadRequest, &message, missing_field(&message))
    })
}

fn unreadable(re: Option<u64>, code: ErrorCode, message: &str, field: Option<&str>) -> Unreadable {
    let refusal = Refusal::new(code, shortened(message));
    Unreadable { re, refusal: field.map_or(refusal.clone(), |field| refusal.field(field)) }
}

/// A sentence may quote a value of megabytes, and its end says what to do: the middle goes.
fn shortened(message: &str) -> String {
    const EACH_END: usize = 200;
    let length = message.chars().count();
    if length <= 3 * EACH_END {
        return message.to_owned();
    }
    let head: String = message.chars().take(EACH_END).collect();
    let tail: String = message.chars().skip(length - EACH_END).collect();
    format!("{head} ... {tail}")
}

/// Tries to read one field's value.
type Reads = fn(&Value) -> Result<(), serde_json::Error>;

fn reads<T: DeserializeOwned>(value: &Value) -> Result<(), serde_json::Error> {
    T::deserialize(value).map(drop)
}

/// The type of every field of every operation.
pub(crate) const FIELDS: &[(&str, Reads)] = &[
    ("protocol", reads::<ProtocolRange>),
    ("client", reads::<String>),
    ("session", reads::<SessionId>),
    ("entries", reads::<Vec<EntryName>>),
    ("mode", reads::<Mode>),
    ("wait", reads::<Wait>),
    ("hold", reads::<Option<u64>>),
    ("commit", reads::<CommitPolicy>),
    ("drafts", reads::<bool>),
    ("create", reads::<bool>),
    ("inside", reads::<Option<SessionId>>),
    ("time", reads::<Option<LocalTime>>),
    ("holder", reads::<Holder>),
    ("token", reads::<Token>),
    ("succeeded", reads::<bool>),
    ("entry", reads::<EntryName>),
    ("text", reads::<Option<String>>),
    ("text_b64", reads::<Option<String>>),
    ("operation", reads::<Option<OperationId>>),
    ("kept", reads::<String>),
    ("now", reads::<bool>),
    ("by", reads::<Holder>),
    ("for_version", reads::<Option<String>>),
];

/// The field that an error is about: the one whose value alone gives the same error. serde itself
/// forgets the name on its way through an object with a tag.
fn culprit(object: &Map<String, Value>, message: &str) -> Option<&'static str> {
    let blamed = |&(name, reads): &(&'static str, Reads)| {
        let error = reads(object.get(name)?).err()?;
        (error.to_string() == message).then_some(name)
    };
    FIELDS.iter().find_map(blamed)
}

/// Reads a message from one line, without its line feed.
pub fn decode<T: DeserializeOwned>(line: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(line)
}

/// serde names a missing field in the middle of its sentence.
fn missing_field(message: &str) -> Option<&str> {
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

    #[test]
    fn a_value_is_never_taken_for_the_operation() {
        let line = format!(
            r#"{{"op":"acquire","session":"{}","entries":["20261123"],"mode":"acquire"}}"#,
            "0".repeat(32)
        );
        let error = error(&line).refusal;
        assert_eq!((error.code, error.field.as_deref()), (ErrorCode::BadRequest, Some("mode")));
    }

    #[test]
    fn a_refusal_does_not_send_a_huge_value_back() {
        let line = format!(r#"{{"op":"append","entry":"{}","text":"x"}}"#, "é".repeat(100_000));
        let message = error(&line).refusal.message;
        assert!(message.len() < 1000 && message.ends_with("from year 1 to 9999"), "{message}");
        assert!(error(&format!(r#"{{"op":"{}"}}"#, "x".repeat(100_000))).refusal.message.len() < 1000);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_decoder_panic(bytes: Vec<u8>) {
            let _ = decode_request(&bytes);
        }
    }
}
