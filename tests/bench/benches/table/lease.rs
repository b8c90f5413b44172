//! Acquire and release on an open connection, against two bare echoes.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use ponder_proto::{Body, EntryName, Op, SessionId};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::connection::{Daemon, exclusion};
use crate::stats::{Pairs, Row};
use crate::world::World;

const ROUNDS: usize = 30;
const EACH: u32 = 500;

pub(crate) fn acquire_and_release(world: &World) -> Result<Row> {
    world.on_one_processor(|| against_echoes(world))
}

fn against_echoes(world: &World) -> Result<Row> {
    world.start_daemon()?;
    let mut daemon = Daemon::connect(&world.socket()?)?;
    let mut echo = Echo::start(&world.path("echo.sock"))?;
    let mut pairs = Pairs::default();
    for round in 0..=ROUNDS {
        let (ours, sizes) = daemon.time_leases()?;
        let theirs = echo.time_pairs(sizes)?;
        if round > 0 {
            pairs.add(ours, theirs); // the first round warms up
        }
    }
    Ok(pairs.row(
        "acquire + release on an open connection",
        "two echoes through a tokio Unix socket, on the same processor",
        "≤ 1.5 ×",
    ))
}

impl Daemon {
    fn time_leases(&mut self) -> Result<(Duration, [(usize, usize); 2])> {
        let entry: EntryName = "20260101".parse()?;
        let mut sizes = [(0, 0); 2];
        let start = Instant::now();
        for _ in 0..EACH {
            let session = SessionId(u128::from(self.next_number()).to_be_bytes());
            let (granted, out, back) = self.ask(Op::Acquire(exclusion(session, entry)))?;
            sizes[0] = (out, back);
            if !matches!(granted.body, Body::Granted { .. }) {
                bail!("not granted: {granted:?}");
            }
            let (released, out, back) = self.ask(Op::Release { session, succeeded: true })?;
            sizes[1] = (out, back);
            if !matches!(released.body, Body::Released { .. }) {
                bail!("not released: {released:?}");
            }
        }
        Ok((start.elapsed() / EACH, sizes))
    }
}

/// A connection to an echo server in a process of its own.
struct Echo {
    stream: UnixStream,
    server: std::process::Child,
}

impl Echo {
    fn start(socket: &Path) -> Result<Self> {
        let mut server = Command::new(std::env::current_exe()?)
            .arg("play-echo-server")
            .arg(socket)
            .stdout(std::process::Stdio::piped())
            .spawn()?;
        // It says one byte when it listens.
        server.stdout.take().context("a pipe was asked for")?.read_exact(&mut [0])?;
        Ok(Self { stream: UnixStream::connect(socket)?, server })
    }

    /// Two echoes for each lease, as long as its messages.
    fn time_pairs(&mut self, sizes: [(usize, usize); 2]) -> Result<Duration> {
        let mut buffer = vec![1; 4096];
        let start = Instant::now();
        for _ in 0..EACH {
            for (out, back) in sizes {
                let length = out.max(back);
                self.stream.write_all(&buffer[..length])?;
                self.stream.read_exact(&mut buffer[..length])?;
            }
        }
        Ok(start.elapsed() / EACH)
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        let _ = self.server.kill(); // it may have ended with the connection
        let _ = self.server.wait();
    }
}

/// The peer: what a tokio server on one thread costs if it does nothing at all.
pub(crate) fn echo_server(socket: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::UnixListener::bind(socket)?;
        std::io::stdout().write_all(b".")?;
        std::io::stdout().flush()?;
        let (mut stream, _) = listener.accept().await?;
        let mut buffer = vec![0; 4096];
        loop {
            match stream.read(&mut buffer).await? {
                0 => return Ok(()),
                length => stream.write_all(&buffer[..length]).await?,
            }
        }
    })
}
