//! What the console says, and the ends of processes.

use std::io;
use std::os::windows::io::AsHandle as _;
use std::process::Child;
use std::time::Duration;

use ponder_client::{Console, wait_for_any};

use super::{Happening, said, take};
use crate::link::Link;

/// Ctrl-C or Ctrl-Break, or the end of the console, which says each of them to all of its processes: a child has
/// heard it, too.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrived;

impl Arrived {
    /// Whether somebody wants us to leave: each of them does.
    #[expect(clippy::unused_self, reason = "as where there are others")]
    pub(crate) fn asks_to_leave(self) -> bool {
        true
    }

    /// A child has it already.
    #[expect(clippy::unused_self, reason = "as where it has not")]
    pub(crate) fn forward(self, _child: &Child) {}

    /// An editor has it already.
    #[expect(clippy::unused_self, reason = "as where it has not")]
    pub(crate) fn forward_to_editor(self, _editor: &Child) {}
}

/// The one place where all of it is waited for.
pub(crate) struct Happenings {
    console: Console,
    /// How long nothing may happen without that being told.
    patience: Option<Duration>,
}

impl Happenings {
    /// From now on what the console says is a happening.
    pub(crate) fn begin() -> io::Result<Self> {
        Ok(Self { console: Console::listen()?, patience: None })
    }

    /// From now on it is a happening, once, if nothing happens for so long.
    pub(crate) fn notice_silence(&mut self, patience: Duration) {
        self.patience = Some(patience);
    }

    /// Waits for the next happening: from the daemon where the link leads to one, and from the child
    /// if there is one.
    pub(crate) fn next(&mut self, link: &mut Link, mut child: Option<&mut Child>) -> io::Result<Happening> {
        loop {
            if self.console.take() {
                return Ok(Happening::Signal(Arrived));
            }
            if let Some(child) = child.as_deref_mut()
                && let Some(status) = child.try_wait()?
            {
                return Ok(Happening::Exited(status));
            }
            if let Some(happening) = said(link) {
                return Ok(happening);
            }
            let source = link.source()?;
            let from_link = usize::from(source.is_some()); // it comes first
            let mut sources = Vec::with_capacity(3);
            sources.extend(source);
            sources.push(self.console.said());
            sources.extend(child.as_deref().map(|child| child.as_handle()));
            match wait_for_any(&sources, self.patience)? {
                None => {
                    self.patience = None;
                    return Ok(Happening::Silence);
                }
                Some(first) if first < from_link => {
                    if let Some(happening) = take(link) {
                        return Ok(happening);
                    }
                }
                Some(_) => {}
            }
        }
    }
}
