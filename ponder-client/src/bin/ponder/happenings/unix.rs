//! Signals, and `poll(2)`.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::net::UnixStream;
use std::process::Child;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
use signal_hook::iterator::backend::SignalDelivery;
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::low_level::siginfo::Origin;

use super::{Happening, said, take};
use crate::link::Link;

/// A signal that arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrived {
    number: i32,
    /// The terminal sent it, to the whole foreground group: the child has it already.
    from_terminal: bool,
}

impl Arrived {
    /// Whether somebody wants us to leave (`SIGINT`, `SIGTERM`, `SIGHUP`, `SIGQUIT`).
    pub(crate) fn asks_to_leave(self) -> bool {
        LEAVING.contains(&self.number)
    }

    /// Gives the signal to a child that still runs, unless the terminal has.
    pub(crate) fn forward(self, child: &Child) {
        let keyboard = matches!(self.number, SIGINT | SIGQUIT);
        if keyboard && self.from_terminal {
            return;
        }
        if let Some(signal) = Signal::from_named_raw(self.number) {
            let _ = kill_process(Pid::from_child(child), signal); // it may have ended just now
        }
    }

    /// Gives the signal to an editor: its keyboard is its own, the rest is ours to pass on.
    pub(crate) fn forward_to_editor(self, editor: &Child) {
        if matches!(self.number, SIGTERM | SIGHUP) && !self.from_terminal {
            self.forward(editor);
        }
    }
}

const LEAVING: [i32; 4] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT];
const PASSED_ON: [i32; 2] = [SIGUSR1, SIGUSR2];

/// The signals and the one place where they are waited for.
pub(crate) struct Happenings {
    signals: SignalDelivery<UnixStream, WithOrigin>,
    arrived: VecDeque<Origin>,
    /// How long nothing may happen without that being told.
    patience: Option<Duration>,
}

impl Happenings {
    /// From now on signals are happenings.
    ///
    /// They get handlers and are not ignored, because a child would inherit that; for the same
    /// reason a signal that was ignored before (`nohup`, a background job) stays so.
    pub(crate) fn begin() -> io::Result<Self> {
        let ignored = ignored_signals();
        let wanted = LEAVING.iter().chain(&PASSED_ON).filter(|&&signal| ignored & (1 << (signal - 1)) == 0);
        Self::of(wanted.chain(&[SIGCHLD]))
    }

    /// Without signals to leave: those are for the tests' own process.
    #[cfg(test)]
    pub(crate) fn of_children() -> io::Result<Self> {
        Self::of(&[SIGCHLD])
    }

    fn of<'a>(signals: impl IntoIterator<Item = &'a i32>) -> io::Result<Self> {
        let (read, write) = UnixStream::pair()?;
        let signals = SignalDelivery::with_pipe(read, write, WithOrigin::default(), signals)?;
        Ok(Self { signals, arrived: VecDeque::new(), patience: None })
    }

    /// From now on it is a happening, once, if nothing happens for so long.
    pub(crate) fn notice_silence(&mut self, patience: Duration) {
        self.patience = Some(patience);
    }

    /// Waits for the next happening: from the daemon where the link leads to one, and from the child
    /// if there is one.
    pub(crate) fn next(&mut self, link: &mut Link, mut child: Option<&mut Child>) -> io::Result<Happening> {
        loop {
            if let Some(happening) = self.next_signal(child.as_deref_mut())? {
                return Ok(happening);
            }
            if let Some(happening) = said(link) {
                return Ok(happening);
            }
            match self.wait(link)? {
                Woken::Signal => continue,
                Woken::Link => {}
                Woken::Nothing => {
                    self.patience = None;
                    return Ok(Happening::Silence);
                }
            }
            if let Some(happening) = take(link) {
                return Ok(happening);
            }
        }
    }

    /// The next signal that arrived. `SIGCHLD` only makes us look: it may be about the daemon that
    /// we started.
    fn next_signal(&mut self, mut child: Option<&mut Child>) -> io::Result<Option<Happening>> {
        while let Some(origin) = self.arrived.pop_front() {
            if origin.signal != SIGCHLD {
                let from_terminal = origin.process.is_none();
                return Ok(Some(Happening::Signal(Arrived { number: origin.signal, from_terminal })));
            }
            if let Some(child) = child.as_deref_mut()
                && let Some(status) = child.try_wait()?
            {
                return Ok(Some(Happening::Exited(status)));
            }
        }
        Ok(None)
    }

    /// Sleeps until something can be read; collects signals.
    fn wait(&mut self, link: &Link) -> io::Result<Woken> {
        let mut sources = Vec::with_capacity(2);
        sources.push(PollFd::new(self.signals.get_read(), PollFlags::IN));
        sources.extend(link.source().map(|source| PollFd::from_borrowed_fd(source, PollFlags::IN)));
        let limit = self.patience.and_then(|patience| Timespec::try_from(patience).ok());
        match poll(&mut sources, limit.as_ref()) {
            Ok(0) => return Ok(Woken::Nothing),
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => return Ok(Woken::Signal),
            Err(error) => return Err(error.into()),
        }
        let ready = |source: &PollFd<'_>| !source.revents().is_empty();
        let (signalled, comes) = (ready(&sources[0]), sources.get(1).is_some_and(ready));
        drop(sources);
        if signalled {
            self.arrived.extend(self.signals.pending());
        }
        Ok(if comes { Woken::Link } else { Woken::Signal })
    }
}

/// What ended a sleep.
enum Woken {
    /// Something comes of the link.
    Link,
    Signal,
    /// It was long enough.
    Nothing,
}

/// The signals that this process was started to ignore, bit 0 for signal 1. Asking the kernel
/// itself takes `sigaction(2)`, which has no safe form; where there is no /proc, none.
fn ignored_signals() -> u64 {
    let mut status = [0; 4096]; // three times what it has, for one read
    let read = File::open("/proc/self/status").and_then(|mut file| file.read(&mut status));
    let status = String::from_utf8_lossy(&status[..read.unwrap_or(0)]);
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
