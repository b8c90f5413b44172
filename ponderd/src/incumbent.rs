//! Which process is the journal's daemon: noted by whoever has the lock, in the state directory, which is
//! ours alone. The endpoint file in the journal is a hint for clients and may be anybody's work.

use std::io;

use ponder_endpoint::{Process, replace};

use crate::journal::StateDir;

/// We are it.
pub(crate) fn note(state: &StateDir) {
    let own = serde_json::to_vec(&Process::of(std::process::id())).map_err(io::Error::from);
    if let Err(error) = own.and_then(|own| replace(&state.daemon(), &own)) {
        tracing::warn!(%error, "a daemon of the service manager could not ask this one to make way");
    }
}

/// Who has noted that last. He may have ended.
#[cfg(unix)]
pub(crate) fn read(state: &StateDir) -> Option<Process> {
    serde_json::from_slice(&std::fs::read(state.daemon()).ok()?).ok()
}
