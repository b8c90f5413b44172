//! Golden bytes: `golden/frames.txt` pins both encodings, for this build and for every later one.
//!
//! Each sample stands there with its name, its whole frame in hexadecimal and its JSON line. A
//! difference is a red test, because somewhere a program of last year still speaks like this.
//! After a change that is meant (a new operation, a new event; never another form of an old one),
//! write the file anew, look at what changed in it, and commit it with the change:
//!
//! ```text
//! PONDER_BLESS=1 cargo test -p ponder-proto golden
//! git diff proto/golden
//! ```

mod documented;
mod roundtrip;
mod samples;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::sync::OnceLock;

use crate::{Body, Message, Op, Outcome, Request, Wait, frame, line};
use samples::{Said, Sample, Variants, samples};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/frames.txt");

const PREFACE: &str = "\
# What every operation and every message of the protocol looks like, in both encodings.
# Written by a test, read by people: see proto/src/golden.rs before you change a byte of it.
# `frame` is a whole frame in hexadecimal: the payload's length, a space, the payload.
";

/// One paragraph of the golden file.
struct Golden {
    name: String,
    frame: Vec<u8>,
    line: String,
}

/// The golden file, read once; with `PONDER_BLESS=1` it is written from the samples before that.
fn golden() -> &'static [Golden] {
    static GOLDEN: OnceLock<Vec<Golden>> = OnceLock::new();
    GOLDEN.get_or_init(|| {
        if std::env::var_os("PONDER_BLESS").is_some_and(|bless| bless == "1") {
            fs::write(FILE, render(&samples())).expect("the golden file can be written");
        }
        let text = fs::read_to_string(FILE).expect("the golden file is in the repository");
        let text: Vec<&str> =
            text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        text.chunks(3).map(parse).collect()
    })
}

fn parse(paragraph: &[&str]) -> Golden {
    let [name, frame, line] = paragraph else { panic!("not three lines: {paragraph:?}") };
    let hex: String = frame.strip_prefix("frame ").expect("a frame").split(' ').collect();
    let line = line.strip_prefix("line  ").expect("a line");
    Golden { name: (*name).to_owned(), frame: bytes(&hex), line: line.to_owned() }
}

fn render(samples: &[Sample]) -> String {
    samples.iter().fold(PREFACE.to_owned(), |mut text, sample| {
        let frame = sample.frame();
        let (header, payload) = frame.split_at(frame::HEADER);
        let (header, payload) = (hex(header), hex(payload));
        write!(text, "\n{}\nframe {header} {payload}\nline  {}\n", sample.name, sample.line()).unwrap();
        text
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap());
    digits.map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal")).collect()
}

/// Samples and golden paragraphs, side by side.
fn pairs() -> Vec<(Sample, &'static Golden)> {
    let samples = samples();
    let names = |names: Vec<&String>| names.into_iter().cloned().collect::<Vec<_>>();
    assert_eq!(
        names(samples.iter().map(|sample| &sample.name).collect()),
        names(golden().iter().map(|golden| &golden.name).collect()),
        "samples and golden file differ: read proto/src/golden.rs"
    );
    samples.into_iter().zip(golden()).collect()
}

#[test]
fn every_message_is_written_as_it_always_was() {
    for (sample, golden) in pairs() {
        assert_eq!(hex(&sample.frame()), hex(&golden.frame), "the frame of {}", sample.name);
        assert_eq!(sample.line(), golden.line, "the line of {}", sample.name);
    }
}

#[test]
fn what_was_written_long_ago_is_still_read() {
    for (sample, golden) in pairs() {
        let payload = &golden.frame[frame::HEADER..];
        match &sample.said {
            Said::Request(request) => {
                assert_eq!(frame::decode::<Request>(payload).as_ref(), Ok(request), "{}", sample.name);
                assert_eq!(line::decode_request(golden.line.as_bytes()).as_ref(), Ok(request));
            }
            Said::Message(message) => {
                assert_eq!(frame::decode::<Message>(payload).as_ref(), Ok(message), "{}", sample.name);
                assert_eq!(&line::decode::<Message>(golden.line.as_bytes()).unwrap(), message);
            }
        }
    }
}

#[test]
fn wincode_reads_and_writes_the_same_bytes() {
    for (sample, golden) in pairs() {
        let payload = &golden.frame[frame::HEADER..];
        let written = match &sample.said {
            Said::Request(request) => wincode::serialize(request),
            Said::Message(message) => wincode::serialize(message),
        };
        assert_eq!(hex(&written.unwrap()), hex(payload), "{}", sample.name);
        match &sample.said {
            Said::Request(request) => {
                assert_eq!(&wincode::deserialize_exact::<Request>(payload).unwrap(), request);
            }
            Said::Message(message) => {
                assert_eq!(&wincode::deserialize_exact::<Message>(payload).unwrap(), message);
            }
        }
    }
}

#[test]
fn every_variant_has_a_sample() {
    let mut seen = BTreeSet::new();
    for sample in samples() {
        match sample.said {
            Said::Request(request) => {
                seen.insert(request.op.variant());
                if let Op::Acquire(acquire) = request.op {
                    seen.insert(acquire.wait.variant());
                }
            }
            Said::Message(message) => {
                seen.insert(message.body.variant());
                if let Body::Committed { entries, .. } | Body::Released { entries, .. } = message.body {
                    seen.extend(entries.iter().map(|entry| entry.outcome.variant()));
                }
            }
        }
    }
    let all = [Op::NAMES, Body::NAMES, Outcome::NAMES, Wait::NAMES].concat();
    assert_eq!(seen, all.into_iter().collect());
}

#[test]
fn a_wrong_value_is_refused_by_the_name_of_its_field() {
    let mut tried = BTreeSet::new();
    for golden in golden().iter().filter(|golden| golden.name.starts_with("request ")) {
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&golden.line).unwrap();
        for field in object.keys() {
            let mut wrong = object.clone();
            wrong[field] = serde_json::json!([[]]);
            let error = line::decode_request(&serde_json::to_vec(&wrong).unwrap()).unwrap_err();
            assert_eq!(error.refusal.field.as_deref(), Some(field.as_str()), "in {}", golden.line);
            tried.insert(field.clone());
        }
    }
    assert_eq!(tried.len(), line::FIELDS.len() + 2, "with `id` and `op`: {tried:?}");
}
