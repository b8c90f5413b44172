//! A client that speaks JSON Lines, for which a daemon that misbehaves is a finding and no panic.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use ponder_tests::DEADLINE;
use serde_json::{Value, json};

/// A connection.
#[derive(Debug)]
pub(crate) struct Client {
    stream: UnixStream,
    lines: BufReader<UnixStream>,
    number: u64,
}

impl Client {
    /// Connects and introduces itself.
    pub(crate) fn connect(socket: &Path) -> Result<Self> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(DEADLINE))?;
        let lines = BufReader::new(stream.try_clone()?);
        let mut client = Self { stream, lines, number: 0 };
        let protocol = json!({ "oldest": 1, "newest": 1 });
        client.ask(json!({ "op": "hello", "protocol": protocol, "client": "crash 1" }))?;
        Ok(client)
    }

    /// Sends a request and waits for its answer; that it has to wait in a queue is none.
    pub(crate) fn ask(&mut self, mut request: Value) -> Result<Value> {
        self.number += 1;
        request["id"] = self.number.into();
        self.stream.write_all((request.to_string() + "\n").as_bytes())?;
        loop {
            let message = self.hear()?;
            if message["re"] != self.number || message["event"] == "queued" {
                continue;
            }
            if message["event"] == "error" {
                let text = |field: &str| message[field].as_str().unwrap_or_default().to_owned();
                bail!("the daemon refused {}: {}: {}", request["op"], text("code"), text("message"));
            }
            return Ok(message);
        }
    }

    /// Waits for a message that is no answer.
    pub(crate) fn unasked(&mut self, event: &str) -> Result<Value> {
        loop {
            let message = self.hear()?;
            if message["event"] == event && message["re"].is_null() {
                return Ok(message);
            }
        }
    }

    fn hear(&mut self) -> Result<Value> {
        let mut line = String::new();
        let count = self.lines.read_line(&mut line).context("the daemon does not answer")?;
        if count == 0 {
            bail!("the daemon hung up");
        }
        serde_json::from_str(&line).context("the daemon's answer is no JSON")
    }
}
