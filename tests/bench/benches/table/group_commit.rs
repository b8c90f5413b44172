//! The peers of many writers: a bare group-commit loop, alone and behind a bare socket.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::oneshot;

use crate::appends::{EACH, WRITERS};

/// What a record of a line takes in the log: its frame and its fields.
const RECORD: usize = 256;

/// What an append and its answer take on the socket.
const MESSAGE: usize = 128;

/// What this disk gives at best: writers hand records to one thread, which writes all that have come
/// into a prepared file, flushes once, and answers.
pub(crate) fn in_one_process(path: &Path) -> Result<Duration> {
    let file = prepared(path, WRITERS * EACH)?;
    let (records, inbox) = channel();
    let start = Instant::now();
    thread::scope(|scope| {
        let flusher = scope.spawn(move || {
            flush_groups(&file, &inbox, |answer: std::sync::mpsc::Sender<()>| {
                let _ = answer.send(()); // its writer has what it wanted
            })
        });
        for _ in 0..WRITERS {
            let records = records.clone();
            scope.spawn(move || {
                let (answer, answered) = channel();
                for _ in 0..EACH {
                    if records.send(answer.clone()).is_err() || answered.recv().is_err() {
                        break;
                    }
                }
            });
        }
        drop(records);
        flusher.join().unwrap_or_else(|_| Err(std::io::Error::other("the flusher ended by a bug")))
    })?;
    Ok(start.elapsed() / (WRITERS * EACH))
}

/// A file with room for so many records: a flush of it has no length to write.
fn prepared(path: &Path, records: u32) -> std::io::Result<File> {
    let mut file = File::create(path)?;
    file.write_all(&vec![0; RECORD * records as usize])?;
    file.sync_all()?;
    Ok(file)
}

/// Writes and flushes what has come, until nobody can send any more.
fn flush_groups<T>(file: &File, inbox: &Receiver<T>, answer: impl Fn(T)) -> std::io::Result<()> {
    let mut end = 0;
    while let Ok(first) = inbox.recv() {
        let group: Vec<_> = std::iter::once(first).chain(inbox.try_iter()).collect();
        file.write_all_at(&vec![1; RECORD * group.len()], end)?;
        end += (RECORD * group.len()) as u64;
        file.sync_data()?;
        group.into_iter().for_each(&answer);
    }
    Ok(())
}

/// The same loop in a process of its own, behind a socket.
pub(crate) struct LogServer {
    server: Child,
    socket: std::path::PathBuf,
}

impl LogServer {
    pub(crate) fn start(socket: &Path, log: &Path) -> Result<Self> {
        let mut server = Command::new(std::env::current_exe()?)
            .arg("play-log-server")
            .args([socket, log])
            .stdout(Stdio::piped())
            .spawn()?;
        // It says one byte when it listens.
        server.stdout.take().context("a pipe was asked for")?.read_exact(&mut [0])?;
        Ok(Self { server, socket: socket.to_owned() })
    }

    /// All writers over connections that are open; the time for one record.
    pub(crate) fn many_writers(&self) -> Result<Duration> {
        let streams: Vec<UnixStream> =
            (0..WRITERS).map(|_| UnixStream::connect(&self.socket)).collect::<std::io::Result<_>>()?;
        let start = Instant::now();
        thread::scope(|scope| {
            let ask = |mut stream: UnixStream| -> std::io::Result<()> {
                let mut message = [1; MESSAGE];
                (0..EACH).try_for_each(|_| {
                    stream.write_all(&message)?;
                    stream.read_exact(&mut message)
                })
            };
            let writers: Vec<_> =
                streams.into_iter().map(|stream| scope.spawn(move || ask(stream))).collect();
            writers.into_iter().try_for_each(|writer| match writer.join() {
                Ok(done) => Ok(done?),
                Err(_) => bail!("a writer ended by a bug"),
            })
        })?;
        Ok(start.elapsed() / (WRITERS * EACH))
    }
}

impl Drop for LogServer {
    fn drop(&mut self) {
        let _ = self.server.kill(); // it never ends by itself
        let _ = self.server.wait();
    }
}

/// The peer: one thread for the sockets, one for the disk, and nothing else done.
pub(crate) fn log_server(socket: &str, log: &str) -> Result<()> {
    // More rounds than there are: it writes on where it has ended.
    let file = prepared(Path::new(log), WRITERS * EACH * 20)?;
    let (records, inbox) = channel::<oneshot::Sender<()>>();
    thread::spawn(move || {
        flush_groups(&file, &inbox, |answer| {
            let _ = answer.send(()); // its writer has what it wanted
        })
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::UnixListener::bind(socket)?;
        std::io::stdout().write_all(b".")?;
        std::io::stdout().flush()?;
        loop {
            let (mut stream, _) = listener.accept().await?;
            let records = records.clone();
            tokio::spawn(async move {
                let mut message = [0; MESSAGE];
                while stream.read_exact(&mut message).await.is_ok() {
                    let (answer, answered) = oneshot::channel();
                    if records.send(answer).is_err() || answered.await.is_err() {
                        break;
                    }
                    if stream.write_all(&message).await.is_err() {
                        break;
                    }
                }
            });
        }
    })
}
