//! The JSON Lines.

use ponder_proto::{Message, Request, frame, line};
use serde_json::{Value, json};

use crate::frames::{one_line, refused};
use crate::memory;

/// Any bytes as a line, from a client and from a daemon: refused with a short sentence, or a message
/// that both encodings say as it was read.
pub fn lines(bytes: &[u8]) {
    let value: Option<Value> = serde_json::from_slice(bytes).ok();
    // A digit and its comma become a value of 32 bytes, in a list that may just have doubled.
    let most = 160 * bytes.len();
    match memory::within(most, "a line", || line::decode_request(bytes)) {
        Ok(request) => {
            let read = line::decode_request(&one_line(&request));
            assert_eq!(read.as_ref(), Ok(&request), "written and read again");
            let frame = one_frame(&request);
            assert_eq!(frame::decode::<Request>(&frame).as_ref(), Ok(&request), "by way of frames");
            of_a_newer_script(value.expect("a request is JSON"), &request);
        }
        Err(error) => {
            refused(&error);
            let id = value.as_ref().and_then(|value| value.get("id")).and_then(Value::as_u64);
            assert_eq!(error.re, id, "a request that cannot be read has its number all the same");
            assert!(value.is_some() || error.refusal.field.is_none(), "{:?}", error.refusal);
        }
    }
    let said = memory::within(most, "a line", || line::decode::<Message>(bytes));
    if let Ok(message) = said {
        let read: Message = line::decode(&one_line(&message)).expect("what is written can be read");
        assert_eq!(read, message, "written and read again");
        let frame = one_frame(&message);
        assert_eq!(frame::decode::<Message>(&frame).as_ref(), Ok(&message), "by way of frames");
    }
}

/// A field that came later is passed over.
fn of_a_newer_script(mut value: Value, request: &Request) {
    let Some(object) = value.as_object_mut() else { panic!("a request is an object") };
    object.insert("of a later version".to_owned(), json!([{"op": 1}, null]));
    let line = serde_json::to_vec(&value).expect("a value can be written");
    assert_eq!(line::decode_request(&line).as_ref(), Ok(request), "with a field that came later");
}

/// A message as a frame's payload.
fn one_frame<T: frame::Encode>(message: &T) -> Vec<u8> {
    let mut frame = Vec::new();
    frame::encode(message, &mut frame).expect("what was read can be said");
    frame.split_off(frame::HEADER)
}
