//! Requests that can be read and make no sense, in both encodings.

use ponder_proto::limits::{ENTRIES, SESSIONS_PER_CONNECTION, TEXT};
use ponder_proto::{Body, ErrorCode};
use ponder_tests::{
    Bystanders, Raw, Script, World, assert_refused, assert_sentence, hello, new_id, request, tree,
};
use serde_json::{Value, json};

const DAY: &str = "20261123";

/// Sends a line and returns its answer.
fn answer(script: &mut Script, line: &str) -> Value {
    script.send_line(line);
    script.hear().unwrap_or_else(|| panic!("the daemon hung up\n{}", script.transcript()))
}

/// Sends lines that are refused, each with this code, field and words; the connection goes on and
/// nothing is changed.
fn refused(lines: &[(&str, &str, Option<&str>, &str)]) {
    let world = World::new();
    let others = Bystanders::of(&world);
    let mut script = world.script();
    let before = tree(&world.path("journal"));
    for (line, code, field, part) in lines {
        let message = answer(&mut script, line);
        assert_refused(&message, code, &[part]);
        assert_eq!(message["field"].as_str(), *field, "{line}: {message}");
        assert_eq!(message["re"].as_u64(), line.contains(r#""id":7"#).then_some(7), "{line}: {message}");
    }
    script.ask(json!({ "op": "status" }), "status");
    assert_eq!(tree(&world.path("journal")), before);
    others.go_on(&world);
}

#[test]
fn what_is_no_request_is_refused() {
    refused(&[
        ("", "bad_request", None, "the line is not JSON"),
        ("{", "bad_request", None, "the line is not JSON"),
        ("{} {}", "bad_request", None, "the line is not JSON"),
        ("nonsense", "bad_request", None, "the line is not JSON"),
        ("\u{0}\u{1}", "bad_request", None, "the line is not JSON"),
        (r#"["status"]"#, "bad_request", None, "a request is a JSON object"),
        ("7", "bad_request", None, "a request is a JSON object"),
        (r#"{"id":-7,"op":"status"}"#, "bad_request", Some("id"), "whole number"),
        (r#"{"id":"7","op":"status"}"#, "bad_request", Some("id"), "whole number"),
        (r#"{"id":7}"#, "bad_request", Some("op"), "`op` is missing"),
        (r#"{"id":7,"op":8}"#, "bad_request", Some("op"), "no text"),
        (r#"{"id":7,"op":"dance"}"#, "unknown_operation", Some("op"), "there is no operation \"dance\""),
        (r#"{"id":7,"op":"Status"}"#, "unknown_operation", Some("op"), "\"Status\""),
        (r#"{"id":7,"op":"append"}"#, "bad_request", Some("entry"), "entry"),
        (r#"{"id":7,"op":"append","entry":"20261123"}"#, "bad_request", Some("text"), "text"),
        (r#"{"id":7,"op":"cancel"}"#, "bad_request", Some("session"), "session"),
        (
            r#"{"id":7,"op":"cancel","session":"xyz"}"#,
            "bad_request",
            Some("session"),
            "32 hexadecimal digits",
        ),
        (r#"{"id":7,"op":"cancel","session":12}"#, "bad_request", Some("session"), "session"),
    ]);
}

#[test]
fn deep_nesting_is_refused() {
    let line = format!("{{\"op\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    refused(&[(&line, "bad_request", None, "the line is not JSON")]);
}

#[test]
fn contradicting_fields_are_refused() {
    let session = "0".repeat(32);
    let acquire = |more: &str| format!(r#"{{"id":7,"op":"acquire","session":"{session}",{more}}}"#);
    let both = r#"{"id":7,"op":"append","entry":"20261123","text":"a","text_b64":"Yg=="}"#;
    refused(&[
        (both, "bad_request", Some("text"), "give one, not both"),
        (
            r#"{"id":7,"op":"append","entry":"20261123","text":""}"#,
            "bad_request",
            Some("text"),
            "no text to append",
        ),
        (
            r#"{"id":7,"op":"append","entry":"20261123","text_b64":"?"}"#,
            "bad_request",
            Some("text_b64"),
            "base64",
        ),
        (r#"{"id":7,"op":"append","entry":"20261123","text":7}"#, "bad_request", Some("text"), "text"),
        (
            r#"{"id":7,"op":"append","entry":"20261123","text":"a","time":"25:00:00"}"#,
            "bad_request",
            Some("time"),
            "25:00:00",
        ),
        (
            r#"{"id":7,"op":"append","entry":"20261123","text":"a","operation":"1"}"#,
            "bad_request",
            Some("operation"),
            "32 hexadecimal digits",
        ),
        (
            &acquire(r#""entries":[]"#),
            "bad_request",
            Some("entries"),
            "a session has 1 to 366 entries, not 0",
        ),
        (&acquire(r#""entries":"20261123""#), "bad_request", Some("entries"), "entries"),
        (&acquire(r#""entries":["20261123"],"mode":"both""#), "bad_request", Some("mode"), "both"),
        (&acquire(r#""entries":["20261123"],"wait":"soon""#), "bad_request", Some("wait"), "soon"),
        (&acquire(r#""entries":["20261123"],"wait":{"millis":-1}"#), "bad_request", Some("wait"), "-1"),
        (&acquire(r#""entries":["20261123"],"commit":"never""#), "bad_request", Some("commit"), "never"),
        (&acquire(r#""entries":["20261123"],"drafts":"no""#), "bad_request", Some("drafts"), "no"),
    ]);
}

#[test]
fn a_field_that_is_given_twice_never_applies_both() {
    let world = World::new();
    let others = Bystanders::of(&world);
    let mut script = world.script();
    let line = r#"{"id":7,"op":"append","entry":"20261123","entry":"20261124","text":"a","text":"b"}"#;
    let said = answer(&mut script, line);
    let texts = [world.text("20261123"), world.text("20261124")].concat();
    if said["event"] == "error" {
        assert_refused(&said, "bad_request", &[]);
        assert_eq!(texts, "", "refused, and applied");
    } else {
        assert_eq!(said["event"], "appended", "{said}");
        let count = |text: &str| texts.lines().filter(|line| *line == text).count();
        assert_eq!(count("a") + count("b"), 1, "{texts}");
    }
    others.go_on(&world);
}

#[test]
fn json_that_is_not_utf_8_is_refused() {
    let world = World::new();
    let others = Bystanders::of(&world);
    let mut raw = Raw::connect(&world.socket());
    raw = raw.send(b"{\"op\":\"hello\",\"protocol\":{\"oldest\":1,\"newest\":1}}\n");
    assert_eq!(raw.line()["event"], "welcome");
    for text in [&b"caf\xe9"[..], b"\xff\xfe", b"\xed\xa0\x80"] {
        let line = [br#"{"id":7,"op":"append","entry":"20261123","text":""#, text, b"\"}\n"].concat();
        raw = raw.send(&line);
        assert_refused(&raw.line(), "bad_request", &["the line is not JSON"]);
    }
    assert!(!world.entry(DAY).exists());
    // The way that there is for such text.
    raw = raw.send(b"{\"op\":\"append\",\"entry\":\"20261123\",\"text_b64\":\"Y2Fm6Qo=\"}\n");
    assert_eq!(raw.line()["event"], "appended");
    let bytes = std::fs::read(world.entry(DAY)).unwrap();
    assert!(bytes.ends_with(b"\n\ncaf\xe9\n"));
    others.go_on(&world);
}

#[test]
fn a_text_over_its_limit_is_refused_and_one_of_just_the_limit_is_not() {
    let world = World::new();
    let others = Bystanders::of(&world);
    let mut script = world.script();
    let append = |length: usize| json!({ "op": "append", "entry": DAY, "text": "x".repeat(length) });
    script.send(append(TEXT + 1));
    assert_refused(&script.hear().unwrap(), "too_large", &["4194305 bytes", "split them"]);
    assert!(!world.entry(DAY).exists());
    script.ask(append(TEXT), "appended");
    assert!(world.text(DAY).len() > TEXT);

    let length = TEXT as u64 + 1;
    let payload = [&request(2, 6)[..], &20_261_124_u32.to_le_bytes(), &length.to_le_bytes()].concat();
    let payload = [&payload[..], &vec![b'x'; TEXT + 1], &[0, 0]].concat();
    let mut raw = Raw::introduced(&world.socket()).frame(&payload);
    assert_eq!(raw.refusal().code, ErrorCode::TooLarge);
    assert!(!world.entry("20261124").exists());
    others.go_on(&world);
}

/// That many days, each another one.
fn days(count: usize) -> Vec<String> {
    (0..count)
        .map(|day| format!("{:04}{:02}{:02}.md", 1000 + day / 336, day / 28 % 12 + 1, day % 28 + 1))
        .collect()
}

#[test]
fn a_session_has_as_many_entries_as_it_may() {
    let world = World::new();
    let others = Bystanders::of(&world);
    let mut script = world.script();
    let (some, one_too_many) = (days(ENTRIES), days(ENTRIES + 1));
    let ask = |entries: &[String]| json!({ "op": "acquire", "session": new_id(), "entries": entries, "drafts": false });
    let refusal = script.refused(ask(&one_too_many));
    assert_refused(&refusal, "too_large", &["1 to 366 entries, not 367"]);
    assert_eq!(refusal["field"], "entries");
    script.ask(ask(&some), "granted");
    others.go_on(&world);
}

#[test]
fn a_connection_has_as_many_sessions_as_it_may() {
    let world = World::new();
    let others = Bystanders::of(&world);
    let mut script = world.script();
    let mut sessions = Vec::new();
    for day in days(SESSIONS_PER_CONNECTION) {
        sessions.push(script.acquire(&[&day], &json!({ "drafts": false })));
        script.expect("granted");
    }
    script.acquire(&["20261124"], &json!({ "drafts": false }));
    let refusal = script.hear().unwrap();
    assert_refused(&refusal, "busy", &["too many sessions", "close some"]);
    assert_eq!(refusal["blockers"], Value::Null);
    // Another connection has its own; and one that is over makes room.
    let mut other = world.script();
    other.acquire(&["20261124"], &json!({ "drafts": false }));
    other.expect("granted");
    script.ask(json!({ "op": "release", "session": sessions[5], "succeeded": true }), "released");
    script.acquire(&["20261125"], &json!({ "drafts": false }));
    script.expect("granted");
    others.go_on(&world);
}

#[test]
fn hello_comes_first() {
    let world = World::new();
    let others = Bystanders::of(&world);
    let socket = world.socket();
    for op in ["acquire", "cancel", "opened", "commit", "release", "append"] {
        let mut script = Script::connect(&socket);
        let (id, token) = (new_id(), "1.1");
        script.send(json!({
            "op": op, "session": id, "entries": [DAY], "token": token, "succeeded": true, "entry": DAY, "text": "a",
        }));
        assert_refused(&script.hear().unwrap(), "hello_first", &["say hello first", "\"op\":\"hello\""]);
        assert_eq!(script.hear(), None, "the connection goes on");
    }
    let mut raw = Raw::frames(&socket).frame(&[&request(2, 2)[..], &[7; 16]].concat());
    assert_eq!(raw.refusal().code, ErrorCode::HelloFirst);
    raw.ends();
    assert!(!world.entry(DAY).exists());
    others.go_on(&world);
}

#[test]
fn a_protocol_that_we_do_not_speak_is_refused_and_says_who_is_older() {
    let world = World::new();
    let others = Bystanders::of(&world);
    let socket = world.socket();
    let speak = |oldest: u32, newest: u32| {
        let mut script = Script::connect(&socket);
        script.send(json!({ "op": "hello", "protocol": { "oldest": oldest, "newest": newest } }));
        (script.hear().unwrap(), script)
    };
    for (oldest, newest, part) in [
        (2, 9, "the daemon is older"),
        (u32::MAX, u32::MAX, "the daemon is older"),
        (0, 0, "the client is older"),
        (9, 1, "the wrong way round"),
    ] {
        let (said, mut script) = speak(oldest, newest);
        assert_refused(&said, "protocol_mismatch", &[part, &format!("protocols {oldest} to {newest}")]);
        assert_eq!(said["field"], "protocol");
        assert_eq!(script.hear(), None, "the connection goes on");

        let mut raw = Raw::frames(&socket).frame(&hello(oldest, newest));
        let refusal = raw.refusal();
        assert_eq!(refusal.code, ErrorCode::ProtocolMismatch);
        assert_sentence(&refusal.message, &[part]);
        raw.ends();
    }
    assert_eq!(speak(1, 9).0["protocol"], 1, "one that speaks ours, too, is welcome");
    others.go_on(&world);
}

#[test]
fn frames_that_are_no_requests_are_refused() {
    let world = World::new();
    let others = Bystanders::of(&world);
    let mut raw = Raw::introduced(&world.socket());
    let append = |end: &[u8]| {
        let start = [&request(5, 6)[..], &20_261_123_u32.to_le_bytes(), &1_u64.to_le_bytes(), b"x"].concat();
        [&start, end].concat()
    };
    let acquire = |mode: u32| {
        let start =
            [&request(6, 1)[..], &[7; 16], &1_u64.to_le_bytes(), &20_261_123_u32.to_le_bytes()].concat();
        [&start[..], &mode.to_le_bytes()].concat()
    };
    let release = [&request(7, 5)[..], &[7; 16], &[2]].concat();
    let text = [&request(8, 0)[..], &[1, 0, 0, 0, 1, 0, 0, 0], &1_u64.to_le_bytes(), b"\xff"].concat();
    let nothing = [&request(9, 6)[..], &20_261_123_u32.to_le_bytes(), &[0; 10]].concat();
    let nowhere = [&request(10, 1)[..], &[7; 16], &[0; 21], &[1, 1, 0, 0], &[0; 11]].concat();
    for (payload, code, part) in [
        (Vec::new(), ErrorCode::BadRequest, "ends in the middle"),
        (request(4, 17), ErrorCode::UnknownOperation, "no operation number 17"),
        (request(4, u32::MAX), ErrorCode::UnknownOperation, "no operation number 4294967295"),
        (append(&[0, 0, 0]), ErrorCode::BadRequest, "1 bytes after its message"),
        (append(&[0, 1, 0, 0, 9, 0]), ErrorCode::BadRequest, "time of day"),
        (acquire(2), ErrorCode::BadRequest, "2"),
        (release, ErrorCode::BadRequest, "is not"),
        (text, ErrorCode::BadRequest, "not UTF-8"),
        (nothing, ErrorCode::BadRequest, "no text to append"),
        (nowhere, ErrorCode::BadRequest, "1 to 366 entries, not 0"),
    ] {
        raw = raw.frame(&payload);
        let message = raw.message();
        assert_eq!(message.re, payload.first().map(|id| u64::from(*id)));
        let Body::Error(refusal) = message.body else { panic!("{message:?}") };
        assert_eq!(refusal.code, code, "{refusal}");
        assert_sentence(&refusal.message, &[part]);
    }
    assert!(!world.entry(DAY).exists());
    others.go_on(&world);
}
