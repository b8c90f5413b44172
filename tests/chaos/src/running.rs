//! Programs that are run, and what they say and when.
//!
//! Their output is read until they end, and not until it ends: an editor that outlives its client has it
//! open still.

use std::io::{ErrorKind, Read};
use std::os::fd::AsFd;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::clock::{Moment, SECOND, now};

/// How long anything may take. Nobody waits for anybody for that long.
const LIMIT: Moment = 150 * SECOND;

/// A program that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) pid: u32,
    pub(crate) from: Moment,
    pub(crate) to: Moment,
    /// None if a signal ended it.
    pub(crate) exit: Option<i32>,
    /// The whole lines of its standard output, and when they were read.
    pub(crate) lines: Vec<(Moment, String)>,
    /// What it wrote to standard error.
    pub(crate) errors: String,
    /// It did not end, and was killed.
    pub(crate) hung: bool,
}

/// One of its outputs.
struct Stream<R> {
    source: R,
    open: bool,
    bytes: Vec<u8>,
}

impl<R: Read + AsFd> Stream<R> {
    fn new(source: R) -> Result<Self> {
        fcntl_setfl(&source, OFlags::NONBLOCK)?;
        Ok(Self { source, open: true, bytes: Vec::new() })
    }

    /// Reads what there is.
    fn fill(&mut self) -> Result<()> {
        let mut buffer = [0; 8192];
        while self.open {
            match self.source.read(&mut buffer) {
                Ok(0) => self.open = false,
                Ok(count) => self.bytes.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn take_lines(&mut self, lines: &mut Vec<(Moment, String)>) {
        let at = now();
        while let Some(end) = self.bytes.iter().position(|byte| *byte == b'\n') {
            let rest = self.bytes.split_off(end + 1);
            let line = std::mem::replace(&mut self.bytes, rest);
            lines.push((at, String::from_utf8_lossy(&line).trim_end().to_owned()));
        }
    }
}

/// Runs a program to its end.
pub(crate) fn run(mut command: Command) -> Result<Ran> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let from = now();
    let mut child = command.spawn().with_context(|| command.get_program().display().to_string())?;
    let mut out = Stream::new(child.stdout.take().context("a pipe")?)?;
    let mut err = Stream::new(child.stderr.take().context("a pipe")?)?;
    let pidfd = pidfd_open(Pid::from_child(&child), PidfdFlags::empty())?;
    let (mut lines, mut hung) = (Vec::new(), false);
    loop {
        let mut sources = vec![PollFd::new(&pidfd, PollFlags::IN)];
        if out.open {
            sources.push(PollFd::new(&out.source, PollFlags::IN));
        }
        if err.open {
            sources.push(PollFd::new(&err.source, PollFlags::IN));
        }
        let _ = poll(&mut sources, Some(&Timespec { tv_sec: 1, tv_nsec: 0 })); // it is looked at in any case
        let has_ended = !sources[0].revents().is_empty();
        drop(sources);
        out.fill()?;
        err.fill()?;
        out.take_lines(&mut lines);
        if has_ended {
            break;
        }
        if now() > from + LIMIT {
            hung = true;
            child.kill()?;
        }
    }
    let status = child.wait()?;
    let errors = String::from_utf8_lossy(&err.bytes).into_owned();
    Ok(Ran { pid: child.id(), from, to: now(), exit: status.code(), lines, errors, hung })
}
