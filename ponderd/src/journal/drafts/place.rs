//! Where slots are, and what is noted of each.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ponder_proto::{EntryName, KeptReason, SessionId, Token};
use serde::{Deserialize, Serialize};

use crate::journal::Fault;
use crate::journal::disk::{Access, Disk, Rename};

/// How often a file may change while it is read.
const TRIES: usize = 8;

/// What is known of a slot, as JSON beside it: enough to judge it after the daemon died.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::journal) struct Record {
    pub(in crate::journal) entry: EntryName,
    pub(in crate::journal) session: SessionId,
    pub(super) token: Token,
    /// The boot it was made in: in another one, nobody can have its draft open any more.
    pub(super) boot: String,
    /// When its session ended without releasing it, in seconds since 1970.
    pub(super) ended: Option<i64>,
    /// Why its draft is kept, and since when.
    pub(super) kept: Option<(KeptReason, i64)>,
}

/// Where slots are, and the journal whose entries they are for.
#[derive(Debug)]
pub(in crate::journal) struct Place<D: Disk> {
    pub(super) disk: Arc<D>,
    pub(super) dir: D::Dir,
    pub(super) path: PathBuf,
    pub(super) journal: PathBuf,
    refused: Mutex<Refused>,
}

/// Records, by their file's name, that a full disk did not take: what they say of their slots holds all
/// the same, and whoever reads one next tries to write it.
type Refused = BTreeMap<String, Record>;

impl<D: Disk> Drop for Place<D> {
    fn drop(&mut self) {
        self.write_refused(); // there may be room by now, and nobody comes after us
    }
}

impl<D: Disk> Place<D> {
    pub(super) fn new(disk: Arc<D>, dir: D::Dir, path: PathBuf, journal: PathBuf) -> Self {
        Self { disk, dir, path, journal, refused: Mutex::default() }
    }

    /// A slot's record; nothing if there is none, or only half of one.
    pub(super) fn read_record(&self, name: &str) -> Result<Option<Record>, Fault> {
        let mut refused = self.refused();
        if let Some(record) = refused.get(name).cloned() {
            let _ = self.put_record(&mut refused, name, &record); // the disk may still be full
            return Ok(Some(record));
        }
        drop(refused);
        let json = self.read(&self.dir, name)?;
        Ok(json.and_then(|json| serde_json::from_slice(&json).ok()))
    }

    /// Writes a slot's record.
    pub(super) fn write_record(&self, name: &str, record: &Record) -> io::Result<()> {
        self.put_record(&mut self.refused(), name, record)
    }

    fn put_record(&self, refused: &mut Refused, name: &str, record: &Record) -> io::Result<()> {
        let written = self.replace(name, &serde_json::to_vec(record)?);
        if written.is_ok() {
            refused.remove(name);
        } else {
            refused.insert(name.to_owned(), record.clone());
        }
        written
    }

    /// Removes a slot's record, if there is one: the slot is free.
    pub(super) fn remove_record(&self, name: &str) -> io::Result<()> {
        self.refused().remove(name);
        match self.disk.unlink(&self.dir, name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Tries once more to write what was refused.
    fn write_refused(&self) {
        let mut refused = self.refused();
        for (name, record) in refused.clone() {
            if let Err(error) = self.put_record(&mut refused, &name, &record) {
                tracing::warn!(%error, name, "a slot's record was never written: the next start judges its draft anew");
            }
        }
    }

    fn refused(&self) -> MutexGuard<'_, Refused> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A whole plain file; nothing if there is none.
    pub(super) fn read(&self, dir: &D::Dir, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        let path = Path::new(name);
        let Some(file) =
            self.disk.open(dir, name, Access::Read).map_err(|error| Fault::opening(error, path.into()))?
        else {
            return Ok(None);
        };
        let look = || self.disk.stat(&file).map_err(Fault::at("look at", path));
        let mut seen = look()?;
        for _ in 0..TRIES {
            let length = usize::try_from(seen.length).unwrap_or(usize::MAX);
            let text = self.disk.read(&file, 0, length).map_err(Fault::at("read", path))?;
            let now = look()?;
            if now.is_unchanged(&seen) {
                return Ok(Some(text));
            }
            seen = now; // half of what an editor is writing
        }
        Err(Fault::Unsteady(path.to_owned()))
    }

    /// Writes a file beside the slots, whole. Not flushed: it has to survive the daemon, not the
    /// machine.
    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let fresh = format!("{name}.new");
        let file = match self.disk.create(&self.dir, &fresh, 0o600) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.disk.unlink(&self.dir, &fresh)?; // of a daemon that died here
                self.disk.create(&self.dir, &fresh, 0o600)?
            }
            file => file?,
        };
        self.disk.write(&file, 0, bytes)?;
        self.disk.rename((&self.dir, &fresh), (&self.dir, name), Rename::Replace)
    }
}
