//! A connection to the daemon, speaking frames.

use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use ponder_proto::{
    Acquire, Body, CommitPolicy, EntryName, Hello, Holder, MAGIC, Message, Mode, Op, PROTOCOL, Request,
    SessionId, SessionState, Wait, frame, limits,
};

/// A connection to the daemon, speaking frames.
pub(crate) struct Daemon {
    stream: UnixStream,
    next: u64,
    /// What has come and was not heard yet.
    come: Vec<u8>,
}

impl Daemon {
    pub(crate) fn connect(socket: &Path) -> Result<Self> {
        let mut daemon = Self { stream: UnixStream::connect(socket)?, next: 0, come: Vec::new() };
        daemon.stream.write_all(&MAGIC)?;
        match daemon.ask(Op::Hello(Hello { protocol: PROTOCOL, client: "bench".to_owned() }))?.0.body {
            Body::Welcome(_) => Ok(daemon),
            other => bail!("not welcome: {other:?}"),
        }
    }

    /// Asks, and returns the answer with the lengths of both messages: for where nothing else is said.
    pub(crate) fn ask(&mut self, op: Op) -> Result<(Message, usize, usize)> {
        let sent = self.send(op)?;
        let mut answer = [0; 4096];
        let length = self.stream.read(&mut answer)?;
        let (message, _) = cut(&answer[..length])?.context("half a frame")?;
        Ok((message, sent, length))
    }

    /// Says something, and returns how long it was.
    pub(crate) fn send(&mut self, op: Op) -> Result<usize> {
        let mut out = Vec::new();
        frame::encode(&Request { id: self.next, op }, &mut out)?;
        self.next += 1;
        self.stream.write_all(&out)?;
        Ok(out.len())
    }

    /// The next of the daemon's messages that is the one waited for; those before it are passed over,
    /// and its questions answered.
    pub(crate) fn hear<T>(&mut self, wanted: impl Fn(Body) -> Option<T>) -> Result<T> {
        loop {
            while let Some(body) = self.one_that_has_come()? {
                if let Body::Error(refusal) = body {
                    bail!("refused: {}", refusal.message);
                }
                if let Some(heard) = wanted(body) {
                    return Ok(heard);
                }
            }
            let mut some = [0; 4096];
            let length = self.stream.read(&mut some)?;
            ensure!(length > 0, "the daemon has ended the connection");
            self.come.extend_from_slice(&some[..length]);
        }
    }

    /// Passes over all that has come, and returns how many messages that was.
    pub(crate) fn pass_over(&mut self) -> Result<usize> {
        self.stream.set_nonblocking(true)?;
        let mut some = vec![0; 1 << 16];
        loop {
            match self.stream.read(&mut some) {
                Ok(0) => bail!("the daemon has ended the connection"),
                Ok(length) => self.come.extend_from_slice(&some[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
        }
        self.stream.set_nonblocking(false)?;
        let mut passed = 0;
        while self.one_that_has_come()?.is_some() {
            passed += 1;
        }
        Ok(passed)
    }

    /// What has come first; whether we live is answered at once.
    fn one_that_has_come(&mut self) -> Result<Option<Body>> {
        let Some((message, length)) = cut(&self.come)? else { return Ok(None) };
        self.come.drain(..length);
        if message.body == Body::Ping {
            self.send(Op::Pong)?;
        }
        Ok(Some(message.body))
    }

    /// How many sessions wait in this daemon.
    pub(crate) fn count_waiting(&mut self) -> Result<usize> {
        self.send(Op::Status)?;
        let report = self.hear(|body| if let Body::Status(report) = body { Some(report) } else { None })?;
        Ok(report.sessions.iter().filter(|who| who.state == SessionState::Queued).count())
    }

    /// The number that the next request will have: never used before on this connection.
    pub(crate) fn next_number(&self) -> u64 {
        self.next
    }
}

/// The first message of some bytes and the length of its frame, if it is whole.
fn cut(bytes: &[u8]) -> Result<Option<(Message, usize)>> {
    let Some(header) = bytes.first_chunk() else { return Ok(None) };
    let payload = frame::payload_length(*header, limits::MESSAGE).map_err(|error| error.refusal)?;
    let end = frame::HEADER + payload;
    let Some(payload) = bytes.get(frame::HEADER..end) else { return Ok(None) };
    Ok(Some((frame::decode(payload).map_err(|error| error.refusal)?, end)))
}

/// A request for a lease that excludes others and touches no file.
pub(crate) fn exclusion(session: SessionId, entry: EntryName) -> Acquire {
    Acquire {
        session,
        entries: vec![entry],
        mode: Mode::Exclusive,
        wait: Wait::Forever,
        hold: None,
        commit: CommitPolicy::OnExit,
        drafts: false,
        create: true,
        inside: None,
        time: None,
        holder: Holder { program: "bench".to_owned(), ..Holder::default() },
    }
}
