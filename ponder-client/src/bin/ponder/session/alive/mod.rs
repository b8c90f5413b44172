//! The witness by which the daemon sees that somebody still works on a session's drafts.

#[cfg(unix)]
mod fifo;
#[cfg(windows)]
mod roll;

use std::io;
use std::process::{Child, Command};

#[cfg(unix)]
pub(super) use fifo::Alive;
#[cfg(windows)]
pub(super) use roll::Alive;

/// Starts a session's child.
pub(super) fn spawn(alive: Option<&Alive>, command: &mut Command) -> io::Result<Child> {
    match alive {
        Some(alive) => alive.spawn(command),
        None => command.spawn(),
    }
}
