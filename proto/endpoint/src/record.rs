//! The endpoint file: how a client with another environment still finds the daemon.

use std::fs;
use std::io;
use std::path::PathBuf;

use ponder_proto::{ProtocolRange, RawPath};
use serde::{Deserialize, Serialize};

use crate::platform::close;
use crate::{Journal, PrivateDirError, machine, private_dir};

/// The one directory that ponder makes in a journal. It ignores itself for git, and anyone may
/// delete it at any time.
pub const SIDE_DIR: &str = ".ponder";

/// What a running daemon writes to `.ponder/endpoint.<machine>.json`.
///
/// A client that derives another socket path than the daemon did (no `XDG_RUNTIME_DIR` under cron,
/// say) reads it here. It is a hint and never trusted: the socket's peer has to be the same user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The daemon's socket.
    pub socket: RawPath,
    /// Its process id.
    pub pid: u32,
    /// Another number for every start of a daemon.
    pub instance: String,
    /// The protocols it speaks.
    pub protocol: ProtocolRange,
}

/// Why the endpoint file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}", path.display())]
pub struct RecordError {
    /// The file or its directory.
    pub path: PathBuf,
    /// Why not.
    pub source: io::Error,
}

/// Makes a journal's `.ponder` directory, or finds it.
pub fn side_dir(journal: &Journal) -> Result<PathBuf, RecordError> {
    let dir = journal.path().join(SIDE_DIR);
    let private = match private_dir(&dir) {
        // git, cp and sync tools make directories as the umask says. It is ours: set it right.
        Err(PrivateDirError::Open { .. }) => {
            close(&dir).map_err(|source| PrivateDirError::Unusable { path: dir.clone(), source })
        }
        other => other,
    };
    private.map_err(|error| match error {
        PrivateDirError::Unusable { path, source } => RecordError { path, source },
        planted => RecordError { path: dir.clone(), source: io::Error::other(planted) },
    })?;
    let ignore = dir.join(".gitignore");
    if !ignore.exists() {
        fs::write(&ignore, "*\n").map_err(|source| RecordError { path: ignore, source })?;
    }
    Ok(dir)
}

impl Record {
    fn path(journal: &Journal) -> PathBuf {
        journal.path().join(SIDE_DIR).join(format!("endpoint.{}.json", machine()))
    }

    /// Writes the record, whole: readers see the old one or the new one.
    pub fn write(&self, journal: &Journal) -> Result<(), RecordError> {
        side_dir(journal)?;
        let path = Self::path(journal);
        let failed = |source| RecordError { path: path.clone(), source };
        let json = serde_json::to_vec(self).map_err(|error| failed(error.into()))?;
        let fresh = path.with_extension("json.new");
        fs::write(&fresh, json).map_err(failed)?;
        fs::rename(&fresh, &path).map_err(failed)
    }

    /// The record of this machine's daemon, if there is a readable one.
    pub fn read(journal: &Journal) -> Option<Self> {
        serde_json::from_slice(&fs::read(Self::path(journal)).ok()?).ok()
    }

    /// Removes the record if it is still this one.
    pub fn remove(&self, journal: &Journal) {
        if Self::read(journal).as_ref() == Some(self) {
            let _ = fs::remove_file(Self::path(journal)); // only a hint: a stale one does no harm
        }
    }

    /// The daemon's socket, as a path.
    pub fn socket(&self) -> PathBuf {
        PathBuf::from(&self.socket)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_record_is_found_until_it_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        assert_eq!(Record::read(&journal), None);
        let record = |pid| Record {
            socket: RawPath::from("/run/user/1000/ponder/x.sock"),
            pid,
            instance: "1".to_owned(),
            protocol: ponder_proto::PROTOCOL,
        };
        record(1).write(&journal).unwrap();
        record(2).remove(&journal);
        assert_eq!(Record::read(&journal), Some(record(1)));
        record(1).remove(&journal);
        assert_eq!(Record::read(&journal), None);
        assert_eq!(fs::read(dir.path().join(".ponder/.gitignore")).unwrap(), b"*\n");
    }

    #[test]
    fn a_side_directory_that_a_sync_tool_made_is_set_right() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        let side = side_dir(&journal).unwrap();
        fs::set_permissions(&side, fs::Permissions::from_mode(0o755)).unwrap();
        side_dir(&journal).unwrap();
        assert_eq!(fs::metadata(side).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
