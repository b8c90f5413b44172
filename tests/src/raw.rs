//! A client that sends what no client would.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;

use ponder_proto::{Body, MAGIC, Message, Refusal, frame};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::Value;

use crate::DEADLINE;

/// A connection on which any bytes are sent.
#[derive(Debug)]
pub struct Raw {
    stream: UnixStream,
    input: BufReader<UnixStream>,
}

impl Raw {
    /// Connects, and says nothing yet.
    pub fn connect(socket: &Path) -> Self {
        let stream = UnixStream::connect(socket).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.set_write_timeout(Some(DEADLINE)).unwrap();
        let input = BufReader::new(stream.try_clone().unwrap());
        Self { stream, input }
    }

    /// Connects and chooses frames.
    pub fn frames(socket: &Path) -> Self {
        Self::connect(socket).send(&MAGIC)
    }

    /// Connects, chooses frames and says hello.
    pub fn introduced(socket: &Path) -> Self {
        let mut raw = Self::frames(socket).frame(&hello(1, 1));
        let welcome = raw.message();
        assert!(matches!(welcome.body, Body::Welcome(_)), "{welcome:?}");
        raw
    }

    /// Sends bytes. That the daemon has hung up meanwhile is no error: its last words are what
    /// counts.
    #[must_use]
    pub fn send(self, bytes: &[u8]) -> Self {
        match (&self.stream).write_all(bytes) {
            Err(error) if !matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => {
                panic!("the daemon does not take {} bytes: {error}", bytes.len())
            }
            _ => self,
        }
    }

    /// Sends a payload with its length before it.
    #[must_use]
    pub fn frame(self, payload: &[u8]) -> Self {
        let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
        self.send(&[&length, payload].concat())
    }

    /// Sends nothing any more, and stays to listen.
    #[must_use]
    pub fn fall_silent(self) -> Self {
        self.stream.shutdown(Shutdown::Write).unwrap();
        self
    }

    /// The next message, in frames.
    pub fn message(&mut self) -> Message {
        let mut header = [0; frame::HEADER];
        self.input.read_exact(&mut header).expect("a message");
        let mut payload = vec![0; u32::from_le_bytes(header) as usize];
        self.input.read_exact(&mut payload).expect("a whole message");
        frame::decode(&payload).unwrap_or_else(|error| panic!("{}", error.refusal))
    }

    /// The next message, in frames, is a refusal.
    pub fn refusal(&mut self) -> Refusal {
        match self.message().body {
            Body::Error(refusal) => refusal,
            other => panic!("no refusal but {other:?}"),
        }
    }

    /// The next message, in JSON.
    pub fn line(&mut self) -> Value {
        let mut line = Vec::new();
        self.input.read_until(b'\n', &mut line).unwrap();
        serde_json::from_slice(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    /// Waits until the daemon has hung up, without reading what it said.
    pub fn wait_for_hang_up(&self) {
        let limit = Timespec { tv_sec: DEADLINE.as_secs().cast_signed(), tv_nsec: 0 };
        let count = poll(&mut [PollFd::new(&self.stream, PollFlags::RDHUP)], Some(&limit)).unwrap();
        assert!(count > 0, "the daemon does not hang up");
    }

    /// Everything up to the end of the connection, which has to come.
    pub fn rest(mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        match self.input.read_to_end(&mut rest) {
            // A socket that is closed with bytes unread is reset, after what was said on it.
            Err(error) if error.kind() != ErrorKind::ConnectionReset => {
                panic!("the daemon does not hang up: {error}")
            }
            _ => rest,
        }
    }

    /// The connection ends here, and nothing more is said.
    pub fn ends(self) {
        let rest = self.rest();
        assert!(rest.is_empty(), "more was said: {:?}", String::from_utf8_lossy(&rest));
    }
}

/// The start of a request's payload, from the byte tables: its number and its operation's.
pub fn request(id: u64, operation: u32) -> Vec<u8> {
    [&id.to_le_bytes()[..], &operation.to_le_bytes()].concat()
}

/// The payload of a hello.
pub fn hello(oldest: u32, newest: u32) -> Vec<u8> {
    let client = b"test";
    let length = (client.len() as u64).to_le_bytes();
    [&request(1, 0)[..], &oldest.to_le_bytes(), &newest.to_le_bytes(), &length, client].concat()
}
