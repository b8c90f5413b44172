//! Whether anybody still works on a session's drafts.
//!
//! Each session with drafts has a FIFO. Its client opens it for writing before it starts the editor, and
//! the editor and its children inherit that. So the kernel keeps count for us, over the client's death and
//! the daemon's: reading gives "end of file" when nobody has it open, and "would block" while somebody
//! has (fifo(7)). The end of file proves that they are gone, if it was ever opened; that it is open
//! proves little, since a child may have gone its own ways.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use ponder_proto::SessionId;
use rustix::fs::{CWD, Mode, OFlags, mkfifoat};

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
        match mkfifoat(CWD, self.path(session), Mode::from(0o600)) {
            Ok(()) | Err(rustix::io::Errno::EXIST) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens a session's FIFO for reading, which never blocks. Nothing if there is none.
    pub fn open(&self, session: SessionId) -> io::Result<Option<File>> {
        let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW).bits().cast_signed();
        match File::options().read(true).custom_flags(flags).open(self.path(session)) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether it is known that nobody works on a session's drafts any more. Without a FIFO nobody knows.
    pub(in crate::journal) fn is_deserted(&self, session: SessionId) -> bool {
        self.open(session).is_ok_and(|fifo| fifo.is_some_and(|mut fifo| is_at_end(&mut fifo)))
    }

    /// Removes a session's FIFO.
    pub fn remove(&self, session: SessionId) {
        let _ = fs::remove_file(self.path(session)); // one that stays is removed by the next start
    }

    /// Removes the FIFOs of sessions that are not among these.
    pub(in crate::journal) fn keep_only(&self, is_known: impl Fn(SessionId) -> bool) {
        for item in fs::read_dir(&self.0).into_iter().flatten().flatten() {
            let session: Option<SessionId> = item.file_name().to_str().and_then(|name| name.parse().ok());
            if session.is_none_or(|session| !is_known(session)) {
                let _ = fs::remove_file(item.path()); // as above
            }
        }
    }
}

/// Whether a FIFO that was opened without blocking has no writer. What somebody wrote is nobody's
/// business.
pub fn is_at_end(fifo: &mut File) -> bool {
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

    #[test]
    fn it_is_deserted_when_nobody_has_it_open() {
        let dir = tempfile::tempdir().unwrap();
        let alive = Alive::new(dir.path().to_owned());
        let session = SessionId([7; 16]);
        assert!(!alive.is_deserted(session), "nobody knows");
        alive.make(session).unwrap();
        alive.make(session).unwrap();
        assert!(alive.is_deserted(session));
        let mut editor = std::process::Command::new("cat")
            .stdin(File::options().read(true).write(true).open(alive.path(session)).unwrap())
            .spawn()
            .unwrap();
        assert!(!alive.is_deserted(session));
        editor.kill().unwrap();
        editor.wait().unwrap();
        assert!(alive.is_deserted(session));
        alive.keep_only(|_| false);
        assert!(!alive.path(session).exists());
    }
}
