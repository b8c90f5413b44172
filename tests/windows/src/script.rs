//! A script's conversation with the daemon: JSON Lines over the pipe, with nothing but a file.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;

use serde_json::{Value, json};

/// A conversation.
#[derive(Debug)]
pub struct Script {
    pipe: BufReader<File>,
    last: u64,
    heard: Vec<String>,
}

impl Script {
    /// A connection on which nothing was said.
    pub fn connect(pipe: &Path) -> Self {
        let pipe = File::options().read(true).write(true).open(pipe).unwrap();
        Self { pipe: BufReader::new(pipe), last: 0, heard: Vec::new() }
    }

    /// A connection after hello.
    pub fn hello(pipe: &Path) -> Self {
        let mut script = Self::connect(pipe);
        let hello = json!({ "op": "hello", "protocol": { "oldest": 1, "newest": 1 }, "client": "a test" });
        script.ask(hello, "welcome");
        script
    }

    /// Sends bytes as they are.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        self.pipe.get_mut().write_all(bytes).unwrap();
    }

    /// Sends a request and returns its number.
    pub fn send(&mut self, mut request: Value) -> u64 {
        self.last += 1;
        request["id"] = self.last.into();
        self.send_bytes(format!("{request}\n").as_bytes());
        self.last
    }

    /// The next thing that is said; none at the end. A ping is answered.
    pub fn hear(&mut self) -> Option<Value> {
        loop {
            let mut line = String::new();
            let length = self.pipe.read_line(&mut line).unwrap_or(0);
            if length == 0 {
                return None;
            }
            self.heard.push(line.clone());
            let said: Value = serde_json::from_str(&line).unwrap();
            if said["event"] != "ping" {
                return Some(said);
            }
            self.send(json!({ "op": "pong" }));
        }
    }

    /// Hears on until that event.
    pub fn expect(&mut self, event: &str) -> Value {
        while let Some(said) = self.hear() {
            if said["event"] == event {
                return said;
            }
        }
        panic!("the daemon hung up before {event}: {:#?}", self.heard);
    }

    /// Sends a request and hears on until that event.
    pub fn ask(&mut self, request: Value, event: &str) -> Value {
        self.send(request);
        self.expect(event)
    }

    /// Asks for an entry, with what else the request is to have. The session.
    pub fn acquire(&mut self, day: &str, more: &Value) -> String {
        let session = format!("{:032x}", std::process::id() as usize * 1_000_003 + unique());
        let mut request = json!({
            "op": "acquire", "session": session, "entries": [day], "holder": { "program": "a test" },
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            request[name] = value.clone();
        }
        self.send(request);
        session
    }
}

fn unique() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static LAST: AtomicUsize = AtomicUsize::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}
