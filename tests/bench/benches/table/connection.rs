//! A connection to the daemon, speaking frames.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use ponder_proto::{Body, Hello, MAGIC, Message, Op, PROTOCOL, Request, frame, limits};

/// A connection to the daemon, speaking frames.
pub(crate) struct Daemon {
    stream: UnixStream,
    next: u64,
}

impl Daemon {
    pub(crate) fn connect(socket: &Path) -> Result<Self> {
        let mut daemon = Self { stream: UnixStream::connect(socket)?, next: 0 };
        daemon.stream.write_all(&MAGIC)?;
        match daemon.ask(Op::Hello(Hello { protocol: PROTOCOL, client: "bench".to_owned() }))?.0.body {
            Body::Welcome(_) => Ok(daemon),
            other => bail!("not welcome: {other:?}"),
        }
    }

    /// Asks, and returns the answer with the lengths of both messages.
    pub(crate) fn ask(&mut self, op: Op) -> Result<(Message, usize, usize)> {
        let mut out = Vec::new();
        frame::encode(&Request { id: self.next, op }, &mut out)?;
        self.next += 1;
        self.stream.write_all(&out)?;
        let mut answer = [0; 4096];
        let length = self.stream.read(&mut answer)?;
        let header = *answer.first_chunk().context("half a frame")?;
        let payload = frame::payload_length(header, limits::MESSAGE).map_err(|error| error.refusal)?;
        let message =
            frame::decode(&answer[frame::HEADER..frame::HEADER + payload]).map_err(|error| error.refusal)?;
        Ok((message, out.len(), length))
    }

    /// The number that the next request will have: never used before on this connection.
    pub(crate) fn next_number(&self) -> u64 {
        self.next
    }
}
