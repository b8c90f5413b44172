//! A FIFO, which the child inherits.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use ponder_proto::RawPath;
use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::{FdFlags, fcntl_setfd};

/// Open in this process and in what it starts. Whoever is killed has closed it.
#[derive(Debug)]
pub(crate) struct Alive(File);

impl Alive {
    /// Opens the FIFO.
    ///
    /// # Errors
    /// `NotFound` when the daemon has found that nobody had it open, and has taken its name away.
    pub(in super::super) fn open(path: &RawPath) -> io::Result<Self> {
        let path = PathBuf::from(path);
        let alive = Self::find(&path)?;
        alive.has_its_name(&path)?;
        Ok(alive)
    }

    /// Opens the FIFO for writing. For reading as well: so the call neither blocks nor fails where
    /// the daemon has just ended and nobody reads, and the next one finds us there.
    fn find(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NOCTTY;
        let fifo: OwnedFd = rustix::fs::open(path, flags, Mode::empty())?;
        let kind = FileType::from_raw_mode(rustix::fs::fstat(&fifo)?.st_mode);
        if kind != FileType::Fifo {
            return Err(io::Error::other("it is no FIFO"));
        }
        Ok(Self(File::from(fifo)))
    }

    /// Opening is two steps: the kernel finds the name, and a moment later counts who has it open. A daemon
    /// that looks in between sees nobody. It takes the name away before it looks for the last time, so
    /// whom it did not see finds no name here.
    fn has_its_name(&self, path: &Path) -> io::Result<()> {
        let (named, ours) = (rustix::fs::lstat(path)?, rustix::fs::fstat(&self.0)?);
        if (named.st_dev, named.st_ino) == (ours.st_dev, ours.st_ino) {
            Ok(())
        } else {
            Err(io::ErrorKind::NotFound.into()) // somebody has made another one since
        }
    }

    /// Starts the child with it, and nothing else: what is started later, as a daemon, must not have
    /// it. No other thread starts anything meanwhile.
    pub(super) fn spawn(&self, command: &mut Command) -> io::Result<Child> {
        fcntl_setfd(&self.0, FdFlags::empty())?;
        let child = command.spawn();
        fcntl_setfd(&self.0, FdFlags::CLOEXEC)?;
        child
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::process::Stdio;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::fs::CWD;

    use super::super::spawn;
    use super::*;

    fn fifo(dir: &Path) -> PathBuf {
        let path = dir.join("alive");
        rustix::fs::mkfifoat(CWD, &path, Mode::from(0o600)).unwrap();
        path
    }

    fn opened(path: &Path) -> Alive {
        Alive::open(&RawPath::from(path)).unwrap()
    }

    /// What the daemon would see: whether somebody has it open for writing.
    fn is_open(reader: &mut File) -> bool {
        match reader.read(&mut [0]) {
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
            Ok(length) => length > 0,
        }
    }

    /// Waits until nobody has it open. Other tests start children, too, and one of theirs may have it
    /// for a moment.
    fn is_closed_soon(reader: &File) -> bool {
        let limit = Timespec { tv_sec: 20, tv_nsec: 0 };
        let mut sources = [PollFd::new(reader, PollFlags::empty())];
        poll(&mut sources, Some(&limit)).unwrap() == 1 && sources[0].revents().contains(PollFlags::HUP)
    }

    #[test]
    fn the_child_has_it_and_its_end_shows() {
        let dir = tempfile::tempdir().unwrap();
        let path = fifo(dir.path());
        let alive = opened(&path); // without a reader
        let reader = rustix::fs::open(&path, OFlags::RDONLY | OFlags::NONBLOCK, Mode::empty()).unwrap();
        let mut reader = File::from(reader);
        assert!(is_open(&mut reader));
        let mut cat = Command::new("cat");
        let mut child = spawn(Some(&alive), cat.stdin(Stdio::piped()).stdout(Stdio::null())).unwrap();
        drop(alive);
        assert!(is_open(&mut reader), "the child has it");
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(is_closed_soon(&reader), "nobody has");
    }

    #[test]
    fn what_is_started_otherwise_does_not_have_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = fifo(dir.path());
        let alive = opened(&path);
        spawn(Some(&alive), &mut Command::new("true")).unwrap().wait().unwrap();
        let reader = rustix::fs::open(&path, OFlags::RDONLY | OFlags::NONBLOCK, Mode::empty()).unwrap();
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        drop(alive);
        assert!(is_closed_soon(&File::from(reader)), "the child must not have it");
        drop(child.stdin.take());
        child.wait().unwrap();
    }

    #[test]
    fn who_was_not_seen_when_he_opened_it_finds_that_it_is_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = fifo(dir.path());
        let alive = Alive::find(&path).unwrap();
        alive.has_its_name(&path).unwrap();
        std::fs::rename(&path, dir.path().join("closed")).unwrap();
        let is_over =
            || alive.has_its_name(&path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
        assert!(is_over(), "the name was taken away");
        fifo(dir.path());
        assert!(is_over(), "another one has it");
    }

    #[test]
    fn what_is_no_fifo_is_not_opened() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, "").unwrap();
        assert!(Alive::open(&RawPath::from(path.as_path())).is_err());
    }
}
