//! Handing over the socket and the lock.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use ponder_endpoint::{Journal, JournalLock, bind};

use super::{StartOptions, command, reason};
use crate::Error;

/// A daemon that was started and has not answered yet.
#[derive(Debug)]
pub(crate) struct Starting(Child);

impl Starting {
    /// Starts `ponderd` and hands it what makes it the journal's daemon.
    pub(crate) fn spawn(
        program: PathBuf,
        journal: &Journal,
        socket: &Path,
        lock: JournalLock,
        options: &StartOptions,
    ) -> Result<Self, Error> {
        let listener = bind(socket, &lock)?;
        command(&program, journal, options)
            .current_dir("/") // no file system is kept busy by a daemon that has nothing to do there
            .stdin(listener)
            .stdout(lock.into_descriptor())
            .stderr(Stdio::piped())
            .spawn()
            .map(Self)
            .map_err(|source| Error::NotStarted { program, source })
    }

    /// Why the daemon ended, if it said so: waits until it has let go of its standard error, which
    /// it does when it ends or when it serves.
    pub(crate) fn reason(mut self) -> Option<Error> {
        let mut said = Vec::new();
        self.0.stderr.take()?.read_to_end(&mut said).ok()?;
        reason(&said, None)?;
        let code = self.0.wait().ok().and_then(|status| status.code());
        reason(&said, code)
    }
}
