//! The state directory: where this machine keeps what belongs to a journal but not into it.

use std::path::{Path, PathBuf};

use ponder_endpoint::{PrivateDirError, base_dir, private_dir, private_dirs};

use super::Fault;
use crate::platform;

/// A state directory that exists and is ours alone.
#[derive(Clone, Debug)]
pub struct StateDir(PathBuf);

impl StateDir {
    /// Makes the directory and its parents, or checks the ones that are there.
    pub fn make(path: &Path) -> Result<Self, StateDirError> {
        let parent = path.parent().unwrap_or(path);
        let base = parent.parent().unwrap_or(parent);
        let slots = path.join("slots");
        let known = slots.ancestors().find(|dir| dir.exists()).unwrap_or(path).to_owned();
        // Before, so that nothing is made in somebody's hands; and after, since he may have been quicker.
        let hint = "set XDG_STATE_HOME to a directory of yours";
        base_dir(base, hint)?;
        private_dirs(base).map_err(Fault::at("make", base))?;
        base_dir(base, hint)?;
        let alive = path.join("alive");
        for dir in [parent, path, &slots, &alive] {
            private_dir(dir)?;
        }
        sync_names(&slots, &known)?;
        Ok(Self(path.to_owned()))
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where the slots are.
    pub fn slots(&self) -> PathBuf {
        self.0.join("slots")
    }

    /// Where the FIFOs of sessions are.
    pub fn alive(&self) -> PathBuf {
        self.0.join("alive")
    }

    /// Where sessions are written down.
    pub fn lease_table(&self) -> PathBuf {
        self.0.join("leases")
    }

    /// Where the daemon writes down which process it is.
    pub fn daemon(&self) -> PathBuf {
        self.0.join("daemon")
    }

    /// Where leases that were ended by force are written down.
    pub fn history(&self) -> PathBuf {
        self.0.join("history")
    }

    /// The log file of a daemon that has no terminal.
    pub fn log_file(&self) -> PathBuf {
        self.0.join("ponderd.log")
    }
}

/// Makes the names of new directories durable, from `known` down to `last`: what is acknowledged is in
/// a log, which a power cut must not take with the directory it is in.
fn sync_names(last: &Path, known: &Path) -> Result<(), Fault> {
    for dir in last.ancestors().skip(1).take_while(|dir| dir.starts_with(known)) {
        platform::sync_names(dir).map_err(Fault::at("flush", dir))?;
    }
    Ok(())
}

/// Why there is no state directory.
#[derive(Debug, thiserror::Error)]
pub enum StateDirError {
    /// It could not be made.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// It is not ours alone.
    #[error(transparent)]
    Private(#[from] PrivateDirError),
}
