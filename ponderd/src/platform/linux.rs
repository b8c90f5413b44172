//! What Linux has.

#![expect(unsafe_code, reason = "file leases have no safe form")]

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd as _, OwnedFd};
use std::path::Path;

use rustix::fs::{CWD, Mode, XattrFlags, flistxattr, mkfifoat};
use rustix::io::Errno;

/// Ignores the signal by which the kernel tells that a file lease is in somebody's way (SIGIO, which
/// would end the process): they are given back at once anyway.
pub fn ignore_lease_breaks() {
    // SAFETY: no handler is installed; ignoring a signal touches no memory of ours.
    unsafe { libc::signal(libc::SIGIO, libc::SIG_IGN) };
}

/// Whether no process has a file open for writing, by asking for a read lease on it (fcntl(2),
/// "Leases"): the kernel grants one only then. `None` where it grants none at all: on a file of
/// somebody else's, or on a file system without leases.
///
/// The file has to be open for reading only.
pub(crate) fn nobody_writes(file: &File) -> io::Result<Option<bool>> {
    // SAFETY: both calls take an open descriptor and an integer; no memory is shared.
    let taken = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, libc::F_RDLCK) };
    if taken == 0 {
        // SAFETY: as above. It is only given back: a lease that is kept would have to be answered.
        unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, libc::F_UNLCK) };
        return Ok(Some(true));
    }
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        Some(libc::EAGAIN) => Ok(Some(false)),
        Some(libc::EACCES | libc::EINVAL | libc::ENOLCK | libc::EOPNOTSUPP) => Ok(None),
        _ => Err(error),
    }
}

/// Makes a FIFO for the owner alone.
pub(crate) fn make_fifo(path: &Path) -> io::Result<()> {
    Ok(mkfifoat(CWD, path, Mode::from(0o600))?)
}

/// The socket that the service manager listens at: our standard input, which is given up
/// (systemd.exec(5), `StandardInput=socket`).
pub(crate) fn passed_in_socket() -> io::Result<OwnedFd> {
    let stdin = io::stdin();
    if !rustix::net::sockopt::socket_acceptconn(&stdin)? {
        return Err(io::Error::other("it does not listen"));
    }
    let socket = stdin.as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(socket)
}

/// Milliseconds since the boot; they stand still while the machine sleeps.
pub(crate) fn awake_since_boot() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let (seconds, nanos) = (now.tv_sec.unsigned_abs(), now.tv_nsec.unsigned_abs());
    seconds * 1000 + nanos / 1_000_000
}

/// Makes what happened to the names in a directory durable.
pub(crate) fn sync_dir(dir: impl AsFd) -> io::Result<()> {
    Ok(rustix::fs::fsync(dir)?)
}

/// Makes everything durable that was written to a directory's file system.
pub(crate) fn sync_file_system(dir: impl AsFd) -> io::Result<()> {
    Ok(rustix::fs::syncfs(dir)?)
}

/// Gives a file the extended attributes of another.
///
/// The access list is one of them (`system.posix_acl_access`). What belongs to the system and not to
/// the user (`security.*`, `trusted.*`) is copied where that is allowed.
pub(crate) fn copy_extended(from: &File, to: &File) -> io::Result<()> {
    let Some(names) = whole(|buffer| flistxattr(from, buffer))? else { return Ok(()) };
    for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let value = match whole(|buffer| rustix::fs::fgetxattr(from, name, buffer)) {
            Ok(value) => value.unwrap_or_default(),
            Err(error) if error.raw_os_error() == Some(Errno::NODATA.raw_os_error()) => continue,
            Err(error) => return Err(error),
        };
        let copied = rustix::fs::fsetxattr(to, name, &value, XattrFlags::empty());
        let users = name.starts_with(b"user.") || name.starts_with(b"system.posix_acl");
        if let Err(error) = copied
            && users
        {
            return Err(error.into());
        }
    }
    Ok(())
}

/// Calls with a larger buffer until the answer fits; nothing where the file system has no extended
/// attributes.
fn whole(call: impl Fn(&mut [u8]) -> rustix::io::Result<usize>) -> io::Result<Option<Vec<u8>>> {
    let mut buffer = vec![0; 256];
    loop {
        match call(&mut buffer) {
            Ok(length) => {
                buffer.truncate(length);
                return Ok(Some(buffer));
            }
            // The system's limit for a value is 64 KiB.
            Err(Errno::RANGE) if buffer.len() < 1024 * 1024 => buffer = vec![0; buffer.len() * 4],
            Err(Errno::NOTSUP | Errno::NOSYS) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
}
