//! A roll of processes: we write ourselves into it, and what we start.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command};

use ponder_endpoint::Process;
use ponder_proto::RawPath;

/// A session's roll, with us in it.
#[derive(Debug)]
pub(crate) struct Alive(File);

impl Alive {
    /// Writes us into the roll.
    ///
    /// # Errors
    /// `NotFound` when the daemon has found that nobody was in it, and closed it.
    pub(in super::super) fn open(path: &RawPath) -> io::Result<Self> {
        let path = PathBuf::from(path);
        let alive = Self(File::options().append(true).open(&path)?);
        alive.enter(std::process::id())?;
        // If the daemon looked before we were in it, it had taken the name away before.
        fs::symlink_metadata(&path)?;
        Ok(alive)
    }

    /// Starts the child, and writes it into the roll. Whoever kills us between the two leaves an editor
    /// that nobody knows of: its draft is kept.
    pub(super) fn spawn(&self, command: &mut Command) -> io::Result<Child> {
        let child = command.spawn()?;
        let _ = self.enter(child.id()); // as long as we live, nobody looks for it
        Ok(child)
    }

    fn enter(&self, pid: u32) -> io::Result<()> {
        let Process { pid, start: Some(start) } = Process::of(pid) else { return Ok(()) }; // it has ended
        (&self.0).write_all(format!("{pid} {start}\n").as_bytes())
    }
}
