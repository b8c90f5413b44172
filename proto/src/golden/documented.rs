//! `docs/protocol.md` tells the truth: its examples are the golden ones, its tables are the code's.

use std::fs;

use serde_json::Value;

use super::samples::ERROR_CODES;
use super::{bytes, golden};
use crate::{MAGIC, Message, PROTOCOL, Request, limits, line};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/protocol.md");

/// From here on the examples are a recorded session, not golden ones.
const RECORDED: &str = "## A whole conversation";

fn document() -> String {
    fs::read_to_string(FILE).expect("docs/protocol.md is in the repository")
}

/// The lines of all code blocks of a language.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}");
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        match (inside, line) {
            (false, line) => inside = line == fence,
            (true, "```") => inside = false,
            (true, line) => found.push(line),
        }
    }
    found
}

fn is_golden(example: &str) -> bool {
    golden().iter().any(|golden| golden.line == example)
}

/// The operation, event or code that a line of JSON names.
fn named(line: &str, key: &str) -> String {
    let value: Value = serde_json::from_str(line).unwrap();
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {line}")).to_owned()
}

/// Checks that a table has the row for something numbered.
fn assert_row(text: &str, number: usize, name: &str) {
    assert!(
        text.contains(&format!("\n| {number} | `{name}` |")),
        "docs/protocol.md: | {number} | `{name}` |"
    );
}

#[test]
fn every_example_is_a_message() {
    let text = document();
    let examples = blocks(&text, "json");
    assert!(!examples.is_empty());
    for example in examples {
        let request = line::decode_request(example.as_bytes()).map(|request: Request| request.op);
        let message = line::decode::<Message>(example.as_bytes());
        assert!(request.is_ok() || message.is_ok(), "{example}\n{request:?}\n{message:?}");
    }
}

#[test]
fn every_example_before_the_recorded_session_is_golden() {
    let text = document();
    let (reference, _) = text.split_once(RECORDED).expect("the section for the recorded session");
    for example in blocks(reference, "json") {
        assert!(is_golden(example), "not in proto/golden/frames.txt: {example}");
    }
}

#[test]
fn every_operation_and_event_has_its_row_and_its_example() {
    let text = document();
    let examples = blocks(&text, "json");
    for golden in golden() {
        let request = golden.name.starts_with("request ");
        // A request's number takes eight bytes; a message's one or nine, by whether it is an answer.
        let at = if request || golden.frame[4] == 1 { 4 + 8 + usize::from(!request) } else { 4 + 1 };
        let number = u32::from_le_bytes(*golden.frame[at..].first_chunk().unwrap());
        let key = if request { "op" } else { "event" };
        let name = named(&golden.line, key);
        assert_row(&text, usize::try_from(number).unwrap(), &name);
        let shown = |example: &&str| example.contains(&format!(r#""{key}":"{name}""#));
        assert!(examples.iter().any(shown), "docs/protocol.md has no example of {key} {name}");
    }
}

#[test]
fn every_error_code_has_its_row() {
    let text = document();
    for (number, code) in ERROR_CODES.iter().enumerate() {
        let code = serde_json::to_value(code).unwrap();
        assert_row(&text, number, code.as_str().unwrap());
    }
}

#[test]
fn the_limits_are_those_of_the_code() {
    let text = document();
    let limits = [
        ("MESSAGE", limits::MESSAGE),
        ("TEXT", limits::TEXT),
        ("FIRST_MESSAGE", limits::FIRST_MESSAGE),
        ("ENTRIES", limits::ENTRIES),
        ("HOLDER_TEXT", limits::HOLDER_TEXT),
        ("SESSIONS_PER_CONNECTION", limits::SESSIONS_PER_CONNECTION),
        ("SESSIONS", limits::SESSIONS),
        ("CONNECTIONS", limits::CONNECTIONS),
        ("OUTBOX", limits::OUTBOX),
    ];
    for (name, value) in limits {
        let row = format!("| `{name}` | {} |", with_commas(value));
        assert!(text.contains(&row), "docs/protocol.md: {row}");
    }
    let source = include_str!("../limits.rs");
    assert_eq!(source.matches("pub const ").count(), limits.len(), "a limit is missing in this test");
    assert!(text.contains(&format!("protocol {}", PROTOCOL.newest)));
}

fn with_commas(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|g| str::from_utf8(g).unwrap()).collect();
    groups.join(",")
}

/// Every line of the worked example is `bytes  meaning`, two spaces between them.
#[test]
fn the_worked_example_is_the_magic_and_a_golden_frame() {
    let text = document();
    let hex: String = blocks(&text, "hex")
        .into_iter()
        .map(|line| line.split_once("  ").map_or(line, |(bytes, _)| bytes).replace(' ', ""))
        .collect();
    let shown = bytes(&hex);
    let frame = shown.strip_prefix(&MAGIC).expect("it starts with the magic");
    assert!(golden().iter().any(|golden| golden.frame == frame), "not in the golden file: {hex}");
}
