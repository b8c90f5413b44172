//! Conversations: recorded, and held once more.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use ponder_proto::{MAGIC, Message, Request, frame, line};
use ponder_tests::{DEADLINE, World};
use serde_json::{Value, json};

/// How it is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Lines,
    Frames,
}

impl Encoding {
    pub(crate) const BOTH: [Self; 2] = [Self::Lines, Self::Frames];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Frames => "frames",
        }
    }

    fn message(self, message: &[u8]) -> Value {
        match self {
            Self::Lines => serde_json::from_slice(message).unwrap(),
            Self::Frames => {
                let message: Message = frame::decode(&message[frame::HEADER..]).unwrap();
                serde_json::to_value(message).unwrap()
            }
        }
    }

    fn request(self, request: &[u8]) -> Value {
        match self {
            Self::Lines => serde_json::from_slice(request).unwrap(),
            Self::Frames => {
                let request: Request = frame::decode(&request[frame::HEADER..]).unwrap();
                serde_json::to_value(request).unwrap()
            }
        }
    }
}

/// Bytes that one side said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Client(Vec<u8>),
    Daemon(Vec<u8>),
}

const SESSION: &str = "000000000000000000000000000000c3";
const OTHER: &str = "000000000000000000000000000000d4";
const OPERATION: &str = "0000000000000000000000000000e501";

/// What a client says, each with the event by which it is answered. `TOKEN` is that of its lease.
fn requests() -> Vec<(Value, &'static str)> {
    let holder = json!({ "program": "a script", "command": "a script -x", "purpose": "to be recorded" });
    let acquire = |session: &str, wait: Value, more: &[&str]| {
        let entries: Vec<&str> = ["20261123.md"].iter().chain(more).copied().collect();
        json!({
            "op": "acquire", "session": session, "entries": entries, "mode": "exclusive", "wait": wait,
            "commit": "on_exit", "drafts": true, "create": true, "time": "14:30:45", "holder": holder
        })
    };
    let append =
        json!({ "op": "append", "entry": "20261124.md", "text": "captured", "operation": OPERATION });
    let token = json!("TOKEN");
    vec![
        (json!({ "op": "status" }), "status"),
        (
            json!({ "op": "hello", "protocol": { "oldest": 1, "newest": 1 }, "client": "a script 1" }),
            "welcome",
        ),
        (acquire(SESSION, json!("forever"), &["20261125.md"]), "granted"),
        (json!({ "op": "opened", "session": SESSION }), "opened"),
        (append.clone(), "appended"),
        (append, "appended"),
        (json!({ "op": "commit", "session": SESSION, "token": token }), "committed"),
        (acquire(OTHER, json!("none"), &[]), "error"),
        (acquire(OTHER, json!({ "millis": 600_000 }), &[]), "queued"),
        (json!({ "op": "cancel", "session": OTHER }), "cancelled"),
        (json!({ "op": "pong" }), ""),
        (json!({ "op": "deferred" }), "deferred"),
        (json!({ "op": "history" }), "history"),
        (json!({ "op": "status" }), "status"),
        (json!({ "op": "break", "token": "1.1", "now": true, "by": holder }), "error"),
        (json!({ "op": "drop", "kept": "20261123.7" }), "error"),
        (json!({ "op": "reattach", "session": OTHER, "token": token }), "error"),
        (json!({ "op": "release", "session": SESSION, "succeeded": true }), "released"),
        (json!({ "op": "restart", "for_version": "0.0.1" }), "error"),
        (json!({ "op": "subscribe" }), "status"),
        (json!({ "op": "stop" }), "stopping"),
    ]
}

/// Holds the conversation and writes it down.
pub(crate) fn record(encoding: Encoding, file: &Path) {
    let world = World::new();
    let mut talk = Talk::begin(&world, encoding);
    let mut token = None;
    for (id, (mut request, answer)) in (1..).zip(requests()) {
        request["id"] = id.into();
        let text = request.to_string().replace("TOKEN", token.as_deref().unwrap_or("TOKEN"));
        talk.say(&match encoding {
            Encoding::Lines => text.into_bytes(),
            Encoding::Frames => frame_of(&text),
        });
        if !answer.is_empty() {
            let heard = encoding.message(&talk.hear_answer(id));
            assert_eq!(heard["event"], answer, "to {request}: {heard}");
            token = token.or(heard["token"].as_str().map(str::to_owned));
        }
    }
    let text = talk.said.iter().fold(String::new(), |mut text, said| {
        let (who, bytes) = match said {
            Said::Client(bytes) => ('>', bytes),
            Said::Daemon(bytes) => ('<', bytes),
        };
        let written = match encoding {
            Encoding::Lines => String::from_utf8(bytes.clone()).unwrap(),
            Encoding::Frames => bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")),
        };
        writeln!(text, "{who} {written}").unwrap();
        text
    });
    fs::write(file, text).unwrap();
}

/// What was written down. Frames begin with the magic, as the first that the client says.
pub(crate) fn read(encoding: Encoding, file: &Path) -> Vec<Said> {
    let text = fs::read_to_string(file).unwrap();
    let parse = |line: &str| {
        let (who, written) = line.split_once(' ').unwrap();
        let bytes = match encoding {
            Encoding::Lines => written.as_bytes().to_vec(),
            Encoding::Frames => {
                let pairs = written.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap());
                pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
            }
        };
        if who == ">" { Said::Client(bytes) } else { Said::Daemon(bytes) }
    };
    text.lines().map(parse).collect()
}

/// The same bytes are said, but for the token, which is this daemon's; the answers are the same, but for
/// what depends on the moment and the machine. They may say more: JSON objects get new fields.
pub(crate) fn is_answered_as_it_was(encoding: Encoding, file: &Path) {
    let world = World::new();
    let mut talk = Talk::begin(&world, encoding);
    let mut tokens: Option<(String, String)> = None;
    let mut asked = String::new();
    for said in read(encoding, file).into_iter().skip(usize::from(encoding == Encoding::Frames)) {
        match said {
            Said::Client(bytes) => {
                asked = encoding.request(&bytes).to_string();
                talk.say(&match &tokens {
                    Some((old, new)) => with_token(encoding, &bytes, old, new),
                    None => bytes,
                });
            }
            Said::Daemon(bytes) => {
                let then = encoding.message(&bytes);
                let now = encoding.message(&talk.hear_answer(then["re"].as_u64().unwrap()));
                assert!(says_at_least(&now, &then), "{asked} was answered by\n{then}\nand is now by\n{now}");
                if let (None, Some(old)) = (&tokens, then["token"].as_str()) {
                    tokens = Some((old.to_owned(), now["token"].as_str().unwrap().to_owned()));
                }
            }
        }
    }
}

fn with_token(encoding: Encoding, bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    let bytes_of = |token: &str| match encoding {
        Encoding::Lines => format!("\"{token}\"").into_bytes(),
        Encoding::Frames => {
            let numbers = token.split('.').map(|number| number.parse::<u64>().unwrap().to_le_bytes());
            numbers.flatten().collect()
        }
    };
    let (old, new) = (bytes_of(old), bytes_of(new));
    match bytes.windows(old.len()).position(|window| window == old) {
        Some(at) => [&bytes[..at], &new, &bytes[at + old.len()..]].concat(),
        None => bytes.to_vec(),
    }
}

/// What is another one each time, or in each version: moments, processes, places, and sentences.
const CHANGING: [&str; 17] = [
    "token",
    "instance",
    "pid",
    "since",
    "started",
    "version",
    "when",
    "boot",
    "uid",
    "terminal",
    "alive",
    "path",
    "journal",
    "state",
    "message",
    "capabilities",
    "life",
];

/// Whether everything that was said then is said now.
fn says_at_least(now: &Value, then: &Value) -> bool {
    match (now, then) {
        (Value::Object(now), Value::Object(then)) => then.iter().all(|(name, then)| {
            let known = now.get(name);
            let is_there = known.is_some_and(|known| known.is_null() == then.is_null());
            is_there && (CHANGING.contains(&name.as_str()) || says_at_least(&now[name], then))
        }),
        (Value::Array(now), Value::Array(then)) => {
            now.len() == then.len() && now.iter().zip(then).all(|(now, then)| says_at_least(now, then))
        }
        _ => now == then,
    }
}

/// A conversation with a daemon of a new world.
struct Talk {
    encoding: Encoding,
    stream: UnixStream,
    input: BufReader<UnixStream>,
    said: Vec<Said>,
}

impl Talk {
    fn begin(world: &World, encoding: Encoding) -> Self {
        world.ponder(&["daemon", "start"]).run().ok();
        let stream = UnixStream::connect(world.socket()).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let input = BufReader::new(stream.try_clone().unwrap());
        let mut talk = Self { encoding, stream, input, said: Vec::new() };
        if encoding == Encoding::Frames {
            talk.say(&MAGIC);
        }
        talk
    }

    fn say(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
        if self.encoding == Encoding::Lines {
            self.stream.write_all(b"\n").unwrap();
        }
        self.said.push(Said::Client(bytes.to_vec()));
    }

    /// The next answer to that request. What was not asked for is passed over: a ping, say.
    fn hear_answer(&mut self, id: u64) -> Vec<u8> {
        loop {
            let bytes = match self.encoding {
                Encoding::Lines => {
                    let mut line = Vec::new();
                    self.input.read_until(b'\n', &mut line).unwrap();
                    line.strip_suffix(b"\n").expect("a whole line").to_vec()
                }
                Encoding::Frames => read_frame(&mut self.input).expect("a whole frame"),
            };
            if self.encoding.message(&bytes)["re"] == id {
                self.said.push(Said::Daemon(bytes.clone()));
                return bytes;
            }
        }
    }
}

/// A whole frame, with its header. None at the end.
pub(crate) fn read_frame(input: &mut impl std::io::Read) -> Option<Vec<u8>> {
    let mut bytes = vec![0; frame::HEADER];
    input.read_exact(&mut bytes).ok()?;
    let length = u32::from_le_bytes(bytes[..].try_into().unwrap()) as usize;
    input.take(length as u64).read_to_end(&mut bytes).ok()?;
    (bytes.len() == frame::HEADER + length).then_some(bytes)
}

/// A request that is written as a line, as a frame.
fn frame_of(text: &str) -> Vec<u8> {
    let request = line::decode_request(text.as_bytes()).unwrap_or_else(|error| panic!("{}", error.refusal));
    let mut bytes = Vec::new();
    frame::encode(&request, &mut bytes).unwrap();
    bytes
}
