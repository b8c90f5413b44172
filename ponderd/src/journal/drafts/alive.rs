//! Whether anybody still works on a session's drafts.
//!
//! Each session with drafts has a FIFO. Its client opens it for writing before it starts the editor, and
//! the editor and its children inherit that. So the kernel keeps count for us, over the client's death and
//! the daemon's: reading gives "end of file" when nobody has it open, and "would block" while somebody
//! has (fifo(7)). That it is open proves little, since a child may have gone its own ways. The end of file
//! proves that they are gone, if nobody is about to open it: a client may sleep for long between its grant
//! and its editor's start. So before that is believed the name is taken away, and whoever comes later finds
//! that the lease is over instead of a draft that is another session's by then.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use ponder_proto::SessionId;
use rustix::fs::OFlags;

use crate::platform::make_fifo;

/// The directory of the FIFOs.
#[derive(Clone, Debug)]
pub struct Alive(PathBuf);

impl Alive {
    /// The FIFOs in this directory, which exists and is ours alone.
    pub fn new(dir: PathBuf) -> Self {
        Self(dir)
    }

    /// A session's FIFO.
    pub fn path(&self, session: SessionId) -> PathBuf {
        self.0.join(session.to_string())
    }

    /// Makes a session's FIFO; one that is there already is as good.
    pub(in crate::journal) fn make(&self, session: SessionId) -> io::Result<()> {
        match make_fifo(&self.path(session)) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }

    /// Whether a session's FIFO is there for its client to open.
    pub fn is_there(&self, session: SessionId) -> bool {
        self.path(session).exists()
    }

    /// Looks for those who work on a session's drafts. If there is nobody, there never will be anybody.
    pub fn look(&self, session: SessionId) -> Look {
        let Ok(Some(mut fifo)) = self.open(session) else { return Look::Unknown };
        if !is_at_end(&mut fifo) {
            return Look::Somebody(fifo);
        }
        let (path, closed) = (self.path(session), self.closed(session));
        match fs::rename(&path, &closed) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Look::Unknown,
            _ => {} // it was closed before
        }
        if is_at_end(&mut fifo) {
            return Look::Nobody;
        }
        // He came at this very moment. Who has it open needs no name, and one that is gone tells nothing.
        let _ = fs::rename(&closed, &path);
        Look::Somebody(fifo)
    }

    /// Whether somebody has a session's FIFO open just now.
    pub fn sees_somebody(&self, session: SessionId) -> bool {
        self.open(session).is_ok_and(|fifo| fifo.is_some_and(|mut fifo| !is_at_end(&mut fifo)))
    }

    /// Opens a session's FIFO for reading, which never blocks. Nothing if there is none.
    fn open(&self, session: SessionId) -> io::Result<Option<File>> {
        let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW).bits().cast_signed();
        for path in [self.path(session), self.closed(session)] {
            match File::options().read(true).custom_flags(flags).open(path) {
                Ok(file) => return Ok(Some(file)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Where a session's FIFO is when nobody may open it any more.
    fn closed(&self, session: SessionId) -> PathBuf {
        self.0.join(format!("{session}{CLOSED}"))
    }

    /// Whether it is known that nobody works on a session's drafts any more. Without a FIFO nobody knows.
    pub(in crate::journal) fn is_deserted(&self, session: SessionId) -> bool {
        matches!(self.look(session), Look::Nobody)
    }

    /// Removes a session's FIFO.
    pub fn remove(&self, session: SessionId) {
        // One that stays is removed by the next start.
        let _ = fs::remove_file(self.path(session));
        let _ = fs::remove_file(self.closed(session));
    }

    /// Removes the FIFOs of sessions that are not among these.
    pub(in crate::journal) fn keep_only(&self, is_known: impl Fn(SessionId) -> bool) {
        for item in fs::read_dir(&self.0).into_iter().flatten().flatten() {
            let name = item.file_name();
            let session: Option<SessionId> =
                name.to_str().and_then(|name| name.strip_suffix(CLOSED).unwrap_or(name).parse().ok());
            if session.is_none_or(|session| !is_known(session)) {
                let _ = fs::remove_file(item.path()); // as above
            }
        }
    }
}

/// Who works on a session's drafts.
#[derive(Debug)]
pub enum Look {
    /// Nobody any more.
    Nobody,
    /// Somebody: the end of this file is his.
    Somebody(File),
    /// There is no FIFO, or it cannot be read.
    Unknown,
}

/// What the name of a FIFO ends with that nobody may open any more.
const CLOSED: &str = ".closed";

/// Whether a FIFO that was opened without blocking has no writer. What somebody wrote is nobody's
/// business.
fn is_at_end(fifo: &mut File) -> bool {
    let mut bytes = [0; 512];
    loop {
        match fifo.read(&mut bytes) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_the_hands_of_cat(alive: &Alive, session: SessionId) -> std::process::Child {
        let fifo = File::options().read(true).write(true).open(alive.path(session)).unwrap();
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
