//! The bytes of one connection.

use std::io;

use interprocess::local_socket::tokio::Stream;
use ponder_proto::{Body, Encoding, ErrorCode, Message, Refusal};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::dialogue::{Dialogue, Step};
use super::{PATIENCE, encode};

/// Bytes asked of the kernel at once; grows with the message that is being read.
const CHUNK: usize = 1024;

/// Messages that are written in one go, at the most.
const TOGETHER: usize = 64;

/// A client's stream with what was read of it and what is to be written.
pub(super) struct Wire {
    stream: Stream,
    dialogue: Dialogue,
    out: Vec<u8>,
}

impl Wire {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, dialogue: Dialogue::default(), out: Vec::new() }
    }

    /// Reads until the encoding shows, or that there is none.
    pub(super) async fn sniff(&mut self) -> io::Result<Result<(), Refusal>> {
        loop {
            if let Some(sniffed) = self.dialogue.sniff() {
                return Ok(sniffed.map(drop));
            }
            self.fill().await?;
        }
    }

    /// The encoding that showed.
    pub(super) fn encoding(&self) -> Encoding {
        self.dialogue.encoding()
    }

    /// Whether the client may take its time from here on.
    pub(super) fn is_introduced(&self) -> bool {
        self.dialogue.is_introduced()
    }

    /// What follows from the next message. Nothing is lost when this is dropped half-way.
    pub(super) async fn next(&mut self) -> io::Result<Step> {
        loop {
            if let Some(step) = self.dialogue.next() {
                return Ok(step);
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> io::Result<()> {
        let buffer = self.dialogue.buffer();
        if buffer.capacity() - buffer.len() < CHUNK {
            buffer.reserve(buffer.len().max(CHUNK));
        }
        match self.stream.read_buf(buffer).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// Says one thing.
    pub(super) async fn say(&mut self, message: Message) -> io::Result<()> {
        self.put(&message);
        self.flush().await
    }

    /// Says one thing and what else is due by now.
    pub(super) async fn say_all(
        &mut self,
        first: Message,
        more: &mut mpsc::Receiver<Box<Message>>,
    ) -> io::Result<()> {
        self.put(&first);
        for _ in 1..TOGETHER {
            match more.try_recv() {
                Ok(message) => self.put(&message),
                Err(_) => break,
            }
        }
        self.flush().await
    }

    fn put(&mut self, message: &Message) {
        if encode(self.dialogue.encoding(), message, &mut self.out).is_err() {
            let refusal = Refusal::new(ErrorCode::TooLarge, "the answer is longer than a message may be");
            let instead = Message { re: message.re, body: Body::Error(refusal) };
            let _ = encode(self.dialogue.encoding(), &instead, &mut self.out); // a short message always fits
        }
    }

    /// A client that does not read for long is given up: it must not hold memory for ever.
    async fn flush(&mut self) -> io::Result<()> {
        let written = timeout(PATIENCE, self.stream.write_all(&self.out)).await;
        self.out.clear();
        written.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }
}
