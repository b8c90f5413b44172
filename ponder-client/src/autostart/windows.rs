//! Waiting until the daemon listens.

use std::env;
use std::io::Read as _;
use std::os::windows::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use ponder_endpoint::{Journal, JournalLock};
use windows_sys::Win32::System::Threading::{CREATE_NEW_PROCESS_GROUP, DETACHED_PROCESS};

use super::{StartOptions, command, reason};
use crate::Error;
use crate::platform::keep_standard_handles;

/// A daemon that was started, and serves or has ended.
#[derive(Debug)]
pub(crate) struct Starting {
    child: Child,
    said: Vec<u8>,
}

impl Starting {
    /// Starts `ponderd`, without a window, and waits until it serves or has said why it cannot: it lets go
    /// of its standard error then. The lock was to find out that there is no other daemon, and to keep
    /// others from starting one meanwhile there is the gate.
    pub(crate) fn spawn(
        program: PathBuf,
        journal: &Journal,
        _socket: &Path,
        lock: JournalLock,
        options: &StartOptions,
    ) -> Result<Self, Error> {
        drop(lock);
        keep_standard_handles();
        let mut command = command(&program, journal, options);
        // Nothing of the user's is kept busy by a daemon that has nothing to do there.
        command.current_dir(env::var_os("SystemRoot").unwrap_or_else(|| "\\".into()));
        command.creation_flags(DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP);
        let spawned = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.map_err(|source| Error::NotStarted { program, source })?;
        let mut said = Vec::new();
        if let Some(mut stderr) = child.stderr.take() {
            let _ = stderr.read_to_end(&mut said); // what was heard until then is told
        }
        Ok(Self { child, said })
    }

    /// Why the daemon ended, if it said so.
    pub(crate) fn reason(mut self) -> Option<Error> {
        reason(&self.said, None)?;
        let code = self.child.wait().ok().and_then(|status| status.code());
        reason(&self.said, code)
    }
}
