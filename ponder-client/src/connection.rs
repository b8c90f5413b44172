//! One conversation with a daemon, in frames.

use std::io;
use std::time::Duration;

use interprocess::local_socket::Stream;
use ponder_proto::{Body, Hello, MAGIC, Message, Op, PROTOCOL, Request, Unreadable, frame, limits};

use crate::OlderDaemon;
use crate::platform::Wire;

/// A blocking stream of messages. Requests go out in the order in which they are sent; what comes
/// back is read with [`receive`](Self::receive), or with [`fill`](Self::fill) and
/// [`next_message`](Self::next_message) by a program that polls the descriptor itself.
#[derive(Debug)]
pub struct Connection {
    wire: Wire,
    /// Written by [`put`](Self::put) and not sent yet.
    output: Vec<u8>,
    /// Read and not understood yet, from `start`.
    input: Vec<u8>,
    start: usize,
    last_id: u64,
    /// The daemon, where that is an older one that did not make way for a newer.
    older: Option<OlderDaemon>,
    /// A write found that nobody reads any more.
    unheard: bool,
}

/// Why a conversation cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The daemon ended it, or was ended.
    #[error("the daemon closed the connection")]
    Ended,
    /// The daemon ended it and had not read all that was sent: it did nothing about the last
    /// request. Linux tells; elsewhere this may look like [`Ended`](Self::Ended).
    #[error("the daemon closed the connection without listening")]
    Unheard,
    /// The operating system refused.
    #[error("the connection to the daemon failed: {0}")]
    Failed(#[from] io::Error),
    /// What came is no message of this protocol.
    #[error("the daemon's answer cannot be read: {0}")]
    Unreadable(String),
    /// What was to be sent is longer than a message may be.
    #[error(transparent)]
    TooLong(#[from] frame::TooLong),
}

impl Connection {
    pub(crate) fn new(stream: Stream) -> Self {
        Self {
            wire: Wire::new(stream),
            output: MAGIC.to_vec(),
            input: Vec::new(),
            start: 0,
            last_id: 0,
            older: None,
            unheard: false,
        }
    }

    /// The daemon, if it is older than we are and was asked in vain to make way.
    pub fn older_daemon(&self) -> Option<&OlderDaemon> {
        self.older.as_ref()
    }

    pub(crate) fn note_older(&mut self, older: Option<OlderDaemon>) {
        self.older = older;
    }

    /// Puts a request into the next [`send`](Self::send), so that several travel in one write.
    /// Returns its number, which its answers carry as `re`.
    pub fn put(&mut self, op: Op) -> Result<u64, ConnectionError> {
        let id = self.last_id + 1;
        frame::encode(&Request { id, op }, &mut self.output)?;
        self.last_id = id;
        Ok(id)
    }

    /// Puts the introduction every conversation starts with; `status` and `stop` need none.
    pub(crate) fn put_hello(&mut self) -> Result<u64, ConnectionError> {
        let client = concat!("ponder ", env!("CARGO_PKG_VERSION")).to_owned();
        self.put(Op::Hello(Hello { protocol: PROTOCOL, client }))
    }

    /// Sends a request and all that was put before it. Returns its number.
    ///
    /// That the daemon has hung up is not an error here: its last words may still wait to be read,
    /// and reading ends with [`ConnectionError::Unheard`].
    pub fn send(&mut self, op: Op) -> Result<u64, ConnectionError> {
        let id = self.put(op)?;
        self.flush()?;
        Ok(id)
    }

    pub(crate) fn flush(&mut self) -> Result<(), ConnectionError> {
        let written = self.wire.write_all(&self.output);
        self.output.clear();
        match written {
            Err(error) if !is_hang_up(&error) => Err(error.into()),
            Err(_) => {
                self.unheard = true;
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Waits for the next message.
    pub fn receive(&mut self) -> Result<Message, ConnectionError> {
        loop {
            if let Some(message) = self.next_message()? {
                return Ok(message);
            }
            self.fill()?;
        }
    }

    /// Reads once what has arrived. Blocks if that is nothing.
    pub fn fill(&mut self) -> Result<(), ConnectionError> {
        self.input.drain(..self.start);
        self.start = 0;
        let mut chunk = [0; 4096];
        loop {
            match self.wire.read(&mut chunk) {
                Ok(0) if self.unheard => return Err(ConnectionError::Unheard),
                Ok(0) => return Err(ConnectionError::Ended),
                Ok(length) => {
                    self.input.extend_from_slice(&chunk[..length]);
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // How the kernel says that the other end was closed with our bytes unread.
                Err(error) if is_hang_up(&error) => return Err(ConnectionError::Unheard),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The next message that has arrived whole.
    ///
    /// A `ping` is answered here and not returned: whoever gets this far is alive.
    pub fn next_message(&mut self) -> Result<Option<Message>, ConnectionError> {
        while let Some(message) = self.take_message()? {
            if message.body != Body::Ping {
                return Ok(Some(message));
            }
            self.send(Op::Pong)?;
        }
        Ok(None)
    }

    /// Waits until there is something to read, or the end, but not for longer than that. Whether there is.
    /// Take what has arrived already with [`next_message`](Self::next_message) first.
    pub fn wait(&mut self, limit: Duration) -> io::Result<bool> {
        self.wire.wait(limit)
    }

    /// What is set when there is something to read, or the end: to be waited for together with others.
    /// Take what has arrived already with [`next_message`](Self::next_message) first.
    #[cfg(windows)]
    pub fn readable(&mut self) -> io::Result<std::os::windows::io::BorrowedHandle<'_>> {
        self.wire.readable()
    }

    fn take_message(&mut self) -> Result<Option<Message>, ConnectionError> {
        let unread = &self.input[self.start..];
        let Some((header, rest)) = unread.split_first_chunk::<{ frame::HEADER }>() else {
            return Ok(None);
        };
        let unreadable = |error: Unreadable| ConnectionError::Unreadable(error.refusal.message);
        let length = frame::payload_length(*header, limits::MESSAGE).map_err(unreadable)?;
        let Some(payload) = rest.get(..length) else { return Ok(None) };
        let message = frame::decode(payload).map_err(unreadable)?;
        self.start += frame::HEADER + length;
        Ok(Some(message))
    }
}

/// To be polled for reading. Take what has arrived already with
/// [`next_message`](Connection::next_message) first.
#[cfg(unix)]
impl std::os::fd::AsFd for Connection {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.wire.as_fd()
    }
}

fn is_hang_up(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixStream;

    use interprocess::os::unix::uds_local_socket;
    use ponder_proto::{Encoding, Successor};

    use super::*;

    fn stopping() -> Body {
        Body::Stopping { successor: Successor::No }
    }

    fn pair() -> (Connection, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        (Connection::new(Stream::UdSocket(uds_local_socket::Stream::from(ours))), theirs)
    }

    #[test]
    fn hello_and_the_first_request_travel_together() {
        let (mut connection, mut daemon) = pair();
        connection.put_hello().unwrap();
        assert_eq!(connection.send(Op::Status).unwrap(), 2);
        let mut bytes = [0; 4096];
        let length = daemon.read(&mut bytes).unwrap();
        let bytes = &bytes[..length];
        assert_eq!(Encoding::sniff(bytes[0]), Some(Encoding::Frames));
        let mut rest = bytes.strip_prefix(&MAGIC).unwrap();
        for id in [1, 2] {
            let (header, after) = rest.split_first_chunk().unwrap();
            let (payload, after) = after.split_at(frame::payload_length(*header, 4096).unwrap());
            assert_eq!(frame::decode::<Request>(payload).unwrap().id, id);
            rest = after;
        }
        assert!(rest.is_empty());
    }

    #[test]
    fn messages_are_put_together_from_any_pieces() {
        let (mut connection, mut daemon) = pair();
        let mut frames = Vec::new();
        for re in 0..3 {
            frame::encode(&Message { re: Some(re), body: stopping() }, &mut frames).unwrap();
        }
        let (first, second) = frames.split_at(frames.len() / 3 + 5);
        daemon.write_all(first).unwrap();
        assert_eq!(connection.receive().unwrap().re, Some(0));
        assert!(connection.next_message().unwrap().is_none());
        daemon.write_all(second).unwrap();
        drop(daemon);
        assert_eq!(connection.receive().unwrap().re, Some(1));
        assert_eq!(connection.receive().unwrap().re, Some(2));
        assert!(matches!(connection.receive(), Err(ConnectionError::Ended)));
    }

    #[test]
    fn last_words_are_heard_after_a_hang_up() {
        let (mut connection, mut daemon) = pair();
        let mut last = Vec::new();
        frame::encode(&Message { re: None, body: stopping() }, &mut last).unwrap();
        daemon.write_all(&last).unwrap();
        drop(daemon);
        connection.send(Op::Status).unwrap();
        assert_eq!(connection.receive().unwrap().body, stopping());
        assert!(matches!(connection.receive(), Err(ConnectionError::Unheard)));
    }

    #[test]
    fn a_request_that_nobody_read_is_known_to_be_unheard() {
        let (mut connection, mut daemon) = pair();
        connection.send(Op::Status).unwrap();
        daemon.read_exact(&mut [0; MAGIC.len()]).unwrap();
        drop(daemon);
        assert!(matches!(connection.receive(), Err(ConnectionError::Unheard)));
    }

    #[test]
    fn a_ping_is_answered_and_not_told() {
        let (mut connection, mut daemon) = pair();
        let mut frames = Vec::new();
        for body in [Body::Ping, stopping()] {
            frame::encode(&Message { re: None, body }, &mut frames).unwrap();
        }
        daemon.write_all(&frames).unwrap();
        assert_eq!(connection.receive().unwrap().body, stopping());
        let mut said = vec![0; 4096];
        let length = daemon.read(&mut said).unwrap();
        let payload = &said[MAGIC.len() + frame::HEADER..length];
        assert_eq!(frame::decode::<Request>(payload).unwrap().op, Op::Pong);
    }
}
