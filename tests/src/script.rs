//! A client that speaks JSON Lines.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::{Value, json};

use crate::DEADLINE;

/// How much of a line a transcript shows, in characters.
const LONGEST_SHOWN: usize = 2000;

/// A connection to the daemon, with everything that was said on it.
#[derive(Debug)]
pub struct Script {
    stream: UnixStream,
    lines: BufReader<UnixStream>,
    said: Vec<String>,
    number: u64,
}

/// An id for a session or an operation that no other has in this world.
pub fn new_id() -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(1);
    format!("{:016x}{:016x}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed))
}

impl Script {
    /// Connects, and says nothing yet.
    pub fn connect(socket: &Path) -> Self {
        let stream =
            UnixStream::connect(socket).unwrap_or_else(|error| panic!("{}: {error}", socket.display()));
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let lines = BufReader::new(stream.try_clone().unwrap());
        Self { stream, lines, said: Vec::new(), number: 0 }
    }

    /// Connects and introduces itself.
    pub fn hello(socket: &Path) -> Self {
        let mut script = Self::connect(socket);
        let protocol = json!({ "oldest": 1, "newest": 1 });
        script.send(json!({ "op": "hello", "protocol": protocol, "client": "test 1" }));
        script.expect("welcome");
        script
    }

    /// Connects to a daemon that may be dead by now. None if it is.
    pub fn try_hello(socket: &Path) -> Option<Self> {
        let stream = UnixStream::connect(socket).ok()?;
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let lines = BufReader::new(stream.try_clone().unwrap());
        let mut script = Self { stream, lines, said: Vec::new(), number: 0 };
        let protocol = json!({ "oldest": 1, "newest": 1 });
        script.try_send(json!({ "op": "hello", "protocol": protocol, "client": "test 1" }))?;
        script.hear().map(|_| script)
    }

    /// Sends a request and numbers it.
    pub fn send(&mut self, mut request: Value) {
        self.number += 1;
        request["id"] = self.number.into();
        self.send_line(&request.to_string());
    }

    /// Sends a request to a daemon that may be dead by now, and returns its number. None if it is.
    pub fn try_send(&mut self, mut request: Value) -> Option<u64> {
        self.number += 1;
        request["id"] = self.number.into();
        self.try_send_line(&request.to_string()).ok().map(|()| self.number)
    }

    /// Sends a line as it is.
    pub fn send_line(&mut self, line: &str) {
        self.try_send_line(line).unwrap();
    }

    fn try_send_line(&mut self, line: &str) -> io::Result<()> {
        let shown: String = line.chars().take(LONGEST_SHOWN).collect();
        self.said.push(format!("> {shown}"));
        self.stream.write_all(line.as_bytes()).and_then(|()| self.stream.write_all(b"\n"))
    }

    /// The next message, whatever it is. None once the daemon has hung up.
    pub fn hear(&mut self) -> Option<Value> {
        let mut line = String::new();
        let count = match self.lines.read_line(&mut line) {
            // It died with something of ours unread.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => 0,
            Err(error) => panic!("the daemon says nothing: {error}\n{}", self.transcript()),
            Ok(count) => count,
        };
        if count == 0 {
            return None;
        }
        self.said.push(format!("< {}", line.trim_end()));
        Some(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}\n{}", self.transcript())))
    }

    /// Whether the daemon has hung up by now.
    pub fn has_hung_up(&self) -> bool {
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        poll(&mut [PollFd::new(&self.stream, PollFlags::RDHUP)], Some(&now)).unwrap() > 0
    }

    /// Waits for an event; others before it are passed over, except errors.
    pub fn expect(&mut self, event: &str) -> Value {
        loop {
            let message = self
                .hear()
                .unwrap_or_else(|| panic!("the daemon hung up before {event}\n{}", self.transcript()));
            if message["event"] == event {
                return message;
            }
            assert!(message["event"] != "error", "an error came before {event}\n{}", self.transcript());
        }
    }

    /// Waits for an event as [`expect`](Self::expect) does, and answers whether it lives meanwhile.
    pub fn expect_alive(&mut self, event: &str) -> Value {
        loop {
            let message = self
                .hear()
                .unwrap_or_else(|| panic!("the daemon hung up before {event}\n{}", self.transcript()));
            match message["event"].as_str() {
                Some("ping") if event != "ping" => self.send(json!({ "op": "pong" })),
                Some(said) if said == event => return message,
                Some("error") => panic!("an error came before {event}\n{}", self.transcript()),
                _ => {}
            }
        }
    }

    /// Sends a request and waits for an event.
    pub fn ask(&mut self, request: Value, event: &str) -> Value {
        self.send(request);
        self.expect(event)
    }

    /// Sends a request that is refused at once. Returns the refusal.
    pub fn refused(&mut self, request: Value) -> Value {
        self.send(request);
        let answer = self.hear().unwrap_or_else(|| panic!("the daemon hung up\n{}", self.transcript()));
        assert_eq!(answer["event"], "error", "{}", self.transcript());
        answer
    }

    /// Asks for a lease without waiting for the answer. Returns the session's id.
    pub fn acquire(&mut self, entries: &[&str], more: &Value) -> String {
        let session = new_id();
        self.acquire_as(&session, entries, more);
        session
    }

    /// The same for a session that has its id already.
    pub fn acquire_as(&mut self, session: &str, entries: &[&str], more: &Value) {
        let mut request = json!({ "op": "acquire", "session": session, "entries": entries });
        for (name, value) in more.as_object().expect("more fields") {
            request[name] = value.clone();
        }
        self.send(request);
    }

    /// Hands a lease back, and waits until that is done.
    pub fn release(&mut self, session: &str) -> Value {
        self.send(json!({ "op": "release", "session": session, "succeeded": true }));
        self.expect_alive("released")
    }

    /// Everything that was said on this connection.
    pub fn transcript(&self) -> String {
        self.said.join("\n")
    }
}
