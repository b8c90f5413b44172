//! The bytes of one connection.

use std::collections::BTreeMap;
use std::io;

use interprocess::local_socket::tokio::Stream;
use ponder_proto::{Body, Encoding, ErrorCode, Message, Refusal, SessionId};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::dialogue::{Dialogue, Step};
use super::{PATIENCE, encode};
use crate::owner::Outgoing;

/// Bytes asked of the kernel at once; grows with the message that is being read.
const CHUNK: usize = 1024;

/// Messages that are written in one go, at the most.
const TOGETHER: usize = 64;

/// A client's stream with what was read of it and what is to be written.
///
/// Whoever waits need not read how the queue moves: he may be stopped for an hour and keeps his place. So
/// that is written as it fits, however long that takes, and of what does not fit only the newest of each
/// session is kept. Anything else, an answer above all, has to be read in time.
pub(super) struct Wire {
    stream: Stream,
    dialogue: Dialogue,
    /// What is being written. From one call to the next it holds nothing but places.
    out: Vec<u8>,
    /// Where sessions stand in the queue, to be told when `out` has been written.
    places: BTreeMap<SessionId, Message>,
}

impl Wire {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, dialogue: Dialogue::default(), out: Vec::new(), places: BTreeMap::new() }
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

    /// Reads more, or writes more of the places.
    async fn fill(&mut self) -> io::Result<()> {
        if self.out.is_empty() {
            self.put_places();
        }
        let Self { stream, dialogue, out, .. } = self;
        let buffer = dialogue.buffer();
        if buffer.capacity() - buffer.len() < CHUNK {
            buffer.reserve(buffer.len().max(CHUNK));
        }
        let read = if out.is_empty() {
            stream.read_buf(buffer).await?
        } else {
            let (mut reader, mut writer) = (&*stream, &*stream);
            tokio::select! {
                biased;
                written = writer.write(out) => {
                    out.drain(..written?);
                    return Ok(());
                }
                read = reader.read_buf(buffer) => read?,
            }
        };
        if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    /// Says one thing.
    pub(super) async fn say(&mut self, message: Message) -> io::Result<()> {
        self.put(&message);
        self.flush().await
    }

    /// Says one thing and what else is due by now.
    pub(super) async fn say_all(
        &mut self,
        first: Outgoing,
        more: &mut mpsc::Receiver<Box<Outgoing>>,
    ) -> io::Result<()> {
        let mut has_to_be_read = self.put_or_keep(first);
        for _ in 1..TOGETHER {
            match more.try_recv() {
                Ok(next) => has_to_be_read |= self.put_or_keep(*next),
                Err(_) => break,
            }
        }
        if has_to_be_read { self.flush().await } else { Ok(()) }
    }

    /// Puts a message behind the others, and says whether it has to be read in time. News of a place need not:
    /// it is kept for [`fill`](Self::fill), instead of an older one.
    fn put_or_keep(&mut self, outgoing: Outgoing) -> bool {
        let Outgoing { message, is_news } = outgoing;
        if let Body::Queued { session, .. } = message.body
            && is_news
        {
            self.places.insert(session, message);
            return false;
        }
        self.put_places(); // where a session stood is told before that it got there
        self.put(&message);
        true
    }

    fn put_places(&mut self) {
        for message in std::mem::take(&mut self.places).into_values() {
            self.put(&message);
        }
    }

    fn put(&mut self, message: &Message) {
        if encode(self.dialogue.encoding(), message, &mut self.out).is_err() {
            let refusal = Refusal::new(ErrorCode::TooLarge, "the answer is longer than a message may be");
            let instead = Message { re: message.re, body: Body::Error(refusal) };
            let _ = encode(self.dialogue.encoding(), &instead, &mut self.out); // a short message always fits
        }
    }

    /// A client that does not read its answers for long is given up: it must not hold memory for ever.
    async fn flush(&mut self) -> io::Result<()> {
        let written = timeout(PATIENCE, self.stream.write_all(&self.out)).await;
        self.out.clear();
        written.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }
}
