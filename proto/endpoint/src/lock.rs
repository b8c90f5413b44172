//! Being the only daemon, and being the only one that starts it.
//!
//! On Unix both locks are `flock(2)` on directories, on Windows they are files in the state directory.

use std::fs::{File, TryLockError};
use std::io;
#[cfg(unix)]
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use ponder_proto::shown;

use crate::Journal;
use crate::platform::{gate_lock, journal_lock};

/// The right to be a journal's daemon, held for life. It goes with the last descriptor that shares
/// it, so on Unix a client can take it and hand it to the daemon that it starts.
#[derive(Debug)]
pub struct JournalLock(#[cfg_attr(windows, expect(dead_code, reason = "held for its lock"))] File);

/// Why the lock could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody is the journal's daemon, or becomes it.
    #[error("another ponderd owns the journal {}", shown(.0))]
    Taken(PathBuf),
    /// The descriptor that was handed over is not the journal's directory.
    #[error("the lock that was handed over is not on the journal {}", shown(.0))]
    NotTheJournal(PathBuf),
    /// The file system has no locks, or the directory cannot be opened.
    #[error("cannot lock the journal {}: {source}", shown(path))]
    Unusable {
        /// The journal.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl JournalLock {
    /// Takes the lock, or says at once that it is taken.
    pub fn try_take(journal: &Journal) -> Result<Self, LockError> {
        let file = journal_lock(journal)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(LockError::Taken(journal.path().to_owned())),
            Err(TryLockError::Error(source)) => Err(unusable(journal.path(), source)),
        }
    }

    /// Waits until the lock is free and takes it. Returns when the daemon that holds it has ended,
    /// which may be never.
    pub fn take(journal: &Journal) -> Result<Self, LockError> {
        let file = journal_lock(journal)?;
        file.lock().map_err(|source| unusable(journal.path(), source))?;
        Ok(Self(file))
    }

    /// Accepts a lock that another process took and handed over.
    #[cfg(unix)]
    pub fn from_descriptor(descriptor: OwnedFd, journal: &Journal) -> Result<Self, LockError> {
        use std::os::unix::fs::MetadataExt as _;
        let file = File::from(descriptor);
        let identity = |file: &File| file.metadata().map(|found| (found.dev(), found.ino()));
        let of = |file: &File| identity(file).map_err(|source| unusable(journal.path(), source));
        if of(&file)? != of(&journal_lock(journal)?)? {
            return Err(LockError::NotTheJournal(journal.path().to_owned()));
        }
        // A no-op on a descriptor that holds the lock; an error if it was never taken.
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(_) => Err(LockError::Taken(journal.path().to_owned())),
        }
    }

    /// The descriptor, to be handed over. The lock stays as long as any copy of it is open.
    #[cfg(unix)]
    pub fn into_descriptor(self) -> OwnedFd {
        self.0.into()
    }
}

/// The right to start daemons from one runtime directory, held for the moment between "nobody
/// answers" and "a socket is bound": clients that start at once queue here and not in a retry loop.
#[derive(Debug)]
pub struct StartGate(#[expect(dead_code, reason = "held for its lock")] File);

impl StartGate {
    /// Waits for the gate of a runtime directory.
    pub fn enter(runtime_dir: &Path) -> Result<Self, LockError> {
        let file = gate_lock(runtime_dir)?;
        file.lock().map_err(|source| unusable(runtime_dir, source))?;
        Ok(Self(file))
    }
}

fn unusable(path: &Path, source: io::Error) -> LockError {
    LockError::Unusable { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_lock_and_it_can_be_handed_over() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        let lock = JournalLock::try_take(&journal).unwrap();
        assert!(matches!(JournalLock::try_take(&journal), Err(LockError::Taken(_))));
        let lock = JournalLock::from_descriptor(lock.into_descriptor(), &journal).unwrap();
        assert!(matches!(JournalLock::try_take(&journal), Err(LockError::Taken(_))));
        drop(lock);
        JournalLock::try_take(&journal).unwrap();
    }

    #[test]
    fn a_lock_on_something_else_is_refused() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (one, two) = (Journal::open(one.path()).unwrap(), Journal::open(two.path()).unwrap());
        let lock = JournalLock::try_take(&one).unwrap();
        let wrong = JournalLock::from_descriptor(lock.into_descriptor(), &two);
        assert!(matches!(wrong, Err(LockError::NotTheJournal(_))));
    }
}
