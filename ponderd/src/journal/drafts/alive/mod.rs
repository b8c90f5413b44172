//! Whether anybody still works on a session's drafts.
//!
//! Each session with drafts has a witness: a file, which its client opens before it starts the editor. On
//! Unix it is a FIFO, whose other end shows when the last one has closed it; on Windows it says which
//! processes those are. Both tell over the client's death and the daemon's. That somebody is there proves
//! little, since a child may have gone its own ways. That nobody is there proves that they are gone, if
//! nobody is about to come: a client may sleep for long between its grant and its editor's start. So before
//! that is believed the name is taken away, and whoever comes later finds that the lease is over instead of
//! a draft that is another session's by then.

#[cfg(unix)]
mod fifo;
#[cfg(windows)]
mod roll;

use std::fs;
use std::io;
use std::path::PathBuf;

use ponder_endpoint::patiently_named;
use ponder_proto::SessionId;

#[cfg(unix)]
use fifo as system;
#[cfg(windows)]
use roll as system;

pub use system::Witness;

/// The directory of the witnesses.
#[derive(Clone, Debug)]
pub struct Alive(PathBuf);

impl Alive {
    /// The witnesses in this directory, which exists and is ours alone.
    pub fn new(dir: PathBuf) -> Self {
        Self(dir)
    }

    /// A session's witness.
    pub fn path(&self, session: SessionId) -> PathBuf {
        self.0.join(session.to_string())
    }

    /// Makes a session's witness; one that is there already is as good.
    pub(in crate::journal) fn make(&self, session: SessionId) -> io::Result<()> {
        match system::make(&self.path(session)) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }

    /// Whether a session's witness is there for its client to open.
    pub fn is_there(&self, session: SessionId) -> bool {
        self.path(session).exists()
    }

    /// Looks for those who work on a session's drafts. If there is nobody, there never will be anybody.
    pub fn look(&self, session: SessionId) -> Look {
        let Ok(Some(mut witness)) = self.open(session) else { return Look::Unknown };
        if !witness.sees_nobody() {
            return Look::Somebody(witness);
        }
        let (path, closed) = (self.path(session), self.closed(session));
        match patiently_named(|| fs::rename(&path, &closed)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Look::Unknown,
            _ => {} // it was closed before
        }
        if witness.sees_nobody() {
            return Look::Nobody;
        }
        // He came at this very moment. Who has it open needs no name, and one that is gone tells nothing.
        let _ = patiently_named(|| fs::rename(&closed, &path));
        Look::Somebody(witness)
    }

    /// Whether somebody has a session's witness open just now.
    pub fn sees_somebody(&self, session: SessionId) -> bool {
        self.open(session).is_ok_and(|found| found.is_some_and(|mut witness| !witness.sees_nobody()))
    }

    /// Opens a session's witness, which never blocks. Nothing if there is none.
    fn open(&self, session: SessionId) -> io::Result<Option<Witness>> {
        for path in [self.path(session), self.closed(session)] {
            match Witness::open(&path) {
                Ok(witness) => return Ok(Some(witness)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Where a session's witness is when nobody may open it any more.
    fn closed(&self, session: SessionId) -> PathBuf {
        self.0.join(format!("{session}{CLOSED}"))
    }

    /// Whether it is known that nobody works on a session's drafts any more. Without a witness nobody knows.
    pub(in crate::journal) fn is_deserted(&self, session: SessionId) -> bool {
        matches!(self.look(session), Look::Nobody)
    }

    /// Removes a session's witness.
    pub fn remove(&self, session: SessionId) {
        // One that stays is removed by the next start.
        let _ = fs::remove_file(self.path(session));
        let _ = fs::remove_file(self.closed(session));
    }

    /// Removes the witnesses of sessions that are not among these.
    pub(in crate::journal) fn keep_only(&self, is_known: impl Fn(SessionId) -> bool) {
        for item in fs::read_dir(&self.0).into_iter().flatten().flatten() {
            let name = item.file_name();
            let session: Option<SessionId> =
                name.to_str().and_then(|name| name.strip_suffix(CLOSED).unwrap_or(name).parse().ok());
            match session {
                Some(session) if is_known(session) => {}
                Some(session) => self.remove(session), // whichever name it has by now
                None => _ = fs::remove_file(item.path()), // as there
            }
        }
    }
}

/// Who works on a session's drafts.
#[derive(Debug)]
pub enum Look {
    /// Nobody any more.
    Nobody,
    /// Somebody: this tells when he is gone.
    Somebody(Witness),
    /// There is no witness, or it cannot be read.
    Unknown,
}

/// What the name of a witness ends with that nobody may open any more.
const CLOSED: &str = ".closed";

#[cfg(test)]
mod tests {
    use super::*;

    fn in_the_hands_of_cat(alive: &Alive, session: SessionId) -> std::process::Child {
        let fifo = fs::File::options().read(true).write(true).open(alive.path(session)).unwrap();
        std::process::Command::new("cat").stdin(fifo).spawn().unwrap()
    }

    #[test]
    fn it_is_deserted_when_nobody_has_it_open() {
        let dir = tempfile::tempdir().unwrap();
        let alive = Alive::new(dir.path().to_owned());
        let session = SessionId([7; 16]);
        assert!(!alive.is_deserted(session), "nobody knows");
        alive.make(session).unwrap();
        alive.make(session).unwrap();
        let mut editor = in_the_hands_of_cat(&alive, session);
        assert!(alive.sees_somebody(session) && !alive.is_deserted(session));
        editor.kill().unwrap();
        editor.wait().unwrap();
        assert!(alive.is_deserted(session) && !alive.sees_somebody(session));
        assert!(alive.is_deserted(session), "and stays so");
        alive.keep_only(|known| known == session);
        assert!(alive.is_deserted(session));
        alive.keep_only(|_| false);
        assert!(!alive.is_deserted(session), "forgotten");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn who_is_found_deserted_while_they_are_tidied_up_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let alive = Alive::new(dir.path().to_owned());
        for number in 0..40 {
            alive.make(SessionId([number; 16])).unwrap();
        }
        fs::write(dir.path().join("something else"), "").unwrap();
        alive.keep_only(|session| !alive.is_deserted(session));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn who_comes_after_it_was_found_deserted_cannot_open_it() {
        let dir = tempfile::tempdir().unwrap();
        let alive = Alive::new(dir.path().to_owned());
        let session = SessionId([7; 16]);
        alive.make(session).unwrap();
        assert!(alive.is_there(session));
        assert!(alive.is_deserted(session), "it was never opened");
        assert!(!alive.is_there(session));
        alive.remove(session);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
