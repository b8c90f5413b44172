//! Unix.

use std::env;
use std::ffi::OsStr;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use interprocess::local_socket::Stream;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::Access;

/// A stream that blocks.
#[derive(Debug)]
pub(crate) struct Wire(Stream);

impl Wire {
    pub(crate) fn new(stream: Stream) -> Self {
        Self(stream)
    }

    pub(crate) fn read(&mut self, chunk: &mut [u8]) -> io::Result<usize> {
        (&self.0).read(chunk)
    }

    pub(crate) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        (&self.0).write_all(bytes)
    }

    /// Whether there is something to read, or the end, within that time.
    pub(crate) fn wait(&mut self, limit: Duration) -> io::Result<bool> {
        let deadline = Instant::now() + limit;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let limit = Timespec {
                tv_sec: left.as_secs().cast_signed(),
                tv_nsec: std::ffi::c_long::from(left.subsec_nanos().cast_signed()),
            };
            match poll(&mut [PollFd::new(self, PollFlags::IN)], Some(&limit)) {
                Err(rustix::io::Errno::INTR) => {}
                ready => return Ok(ready? > 0),
            }
        }
    }
}

impl AsFd for Wire {
    fn as_fd(&self) -> BorrowedFd<'_> {
        let Stream::UdSocket(stream) = &self.0;
        stream.as_fd()
    }
}

/// A name with a slash is a path.
pub(crate) fn find_program(name: &OsStr) -> Option<PathBuf> {
    if name.as_bytes().contains(&b'/') {
        return Some(PathBuf::from(name)).filter(|path| is_executable(path));
    }
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(name)).find(|path| is_executable(path))
}

fn is_executable(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, Access::EXEC_OK).is_ok()
}
