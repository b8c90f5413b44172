//! The endpoint file: how a client with another environment still finds the daemon.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use ponder_proto::{ProtocolRange, RawPath, shown};
use serde::{Deserialize, Serialize};

use crate::platform::close;
use crate::socket::could_be_ours;
use crate::{Journal, OwnerOnly as _, PrivateDirError, machine, private_dir, read_plain, replace};

/// The one directory that ponder makes in a journal. It ignores itself for git, and anyone may
/// delete it at any time.
pub const SIDE_DIR: &str = ".ponder";

/// No record is longer, in bytes: a socket's path has about a hundred.
const LONGEST: u64 = 16 * 1024;

/// What a running daemon writes to `.ponder/endpoint.<machine>.json`.
///
/// A client that derives another socket path than the daemon did (no `XDG_RUNTIME_DIR` under cron,
/// say) reads it here. It is a hint and never trusted: others may write into a journal, through a sync tool
/// or in a repository. So the socket has to be one that a daemon of this journal would have bound
/// ([`Record::socket_of`]), and its peer has to be the same user.
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
#[error("cannot write {}: {source}", shown(path))]
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
    match create(&ignore).and_then(|mut file| file.write_all(b"*\n")) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        written => written.map_err(|source| RecordError { path: ignore, source })?,
    }
    Ok(dir)
}

/// Makes a file of ours alone. What is there already is not written to, wherever it leads.
fn create(path: &Path) -> io::Result<File> {
    File::options().write(true).create_new(true).owner_only().open(path)
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
        replace(&path, &json).map(drop).map_err(failed)
    }

    /// The record of this machine's daemon, if there is a readable one. Neither a link is followed nor a
    /// FIFO waited for, and no more is read than a record can have.
    pub fn read(journal: &Journal) -> Option<Self> {
        let file = read_plain(&Self::path(journal)).ok()??;
        let mut json = Vec::new();
        file.take(LONGEST).read_to_end(&mut json).ok()?;
        serde_json::from_slice(&json).ok()
    }

    /// Removes the record if it is still this one.
    pub fn remove(&self, journal: &Journal) {
        if Self::read(journal).as_ref() == Some(self) {
            let _ = fs::remove_file(Self::path(journal)); // only a hint: a stale one does no harm
        }
    }

    /// The socket, if it is one that a daemon of ours would have bound for this journal: under the
    /// journal's name, in a directory that nobody else reaches into, and no link to another one. So a
    /// record from elsewhere leads neither to another journal's daemon nor to whatever else listens.
    pub fn socket_of(&self, journal: &Journal) -> Option<PathBuf> {
        Some(self.socket()).filter(|socket| could_be_ours(socket, journal))
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
    fn only_a_socket_that_this_journals_daemon_would_have_bound_is_gone_to() {
        use std::os::unix::net::UnixListener;
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let journal = Journal::open_or_create(&at("journal")).unwrap();
        let own = format!("{}.sock", journal.id());
        for place in ["private", "linked", "open"] {
            private_dir(&at(place)).unwrap();
            drop(UnixListener::bind(at(place).join(&own)).unwrap());
        }
        fs::set_permissions(at("open"), fs::Permissions::from_mode(0o750)).unwrap();
        std::os::unix::fs::symlink(at("private"), at("link")).unwrap();
        drop(UnixListener::bind(at("private").join("0123456789abcdef.sock")).unwrap());
        fs::remove_file(at("linked").join(&own)).unwrap();
        std::os::unix::fs::symlink(at("private").join(&own), at("linked").join(&own)).unwrap();
        private_dir(&at("file")).unwrap();
        fs::write(at("file").join(&own), "").unwrap();

        let socket_of = |path: PathBuf| {
            let record = Record {
                socket: RawPath::from(path.as_path()),
                pid: 1,
                instance: "1".to_owned(),
                protocol: ponder_proto::PROTOCOL,
            };
            record.socket_of(&journal)
        };
        let bound = at("private").join(&own);
        assert_eq!(socket_of(bound.clone()), Some(bound));
        for place in ["linked", "link", "open", "file", "nowhere"] {
            assert_eq!(socket_of(at(place).join(&own)), None, "{place}");
        }
        for other in [at("private/0123456789abcdef.sock"), PathBuf::new(), PathBuf::from("/")] {
            assert_eq!(socket_of(other), None);
        }
    }

    #[test]
    fn what_a_sync_tool_planted_is_neither_read_nor_written_through() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open_or_create(&dir.path().join("journal")).unwrap();
        let (mine, record) = (dir.path().join("mine"), Record::path(&journal));
        fs::write(&mine, "mine\n").unwrap();
        private_dir(&journal.path().join(SIDE_DIR)).unwrap();
        let plant = |path: PathBuf| std::os::unix::fs::symlink(&mine, path).unwrap();
        plant(record.with_extension("json.new"));
        plant(journal.path().join(SIDE_DIR).join(".gitignore"));
        plant(record.clone());
        let own = Record {
            socket: RawPath::from("/run/user/1000/ponder/x.sock"),
            pid: 1,
            instance: "1".to_owned(),
            protocol: ponder_proto::PROTOCOL,
        };
        fs::write(&mine, serde_json::to_vec(&own).unwrap()).unwrap();
        assert_eq!(Record::read(&journal), None, "a link");
        fs::write(&mine, "mine\n").unwrap();
        own.write(&journal).unwrap();
        assert_eq!(fs::read(&mine).unwrap(), b"mine\n");
        assert_eq!(Record::read(&journal), Some(own));

        fs::remove_file(&record).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, &record, rustix::fs::Mode::from(0o600)).unwrap();
        assert_eq!(Record::read(&journal), None, "a FIFO");
        fs::remove_file(&record).unwrap();
        File::create(&record).unwrap().set_len(1 << 40).unwrap();
        assert_eq!(Record::read(&journal), None, "a terabyte");
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
