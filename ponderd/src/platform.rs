//! What needs the operating system's raw interface: the only module with `unsafe`.

#![expect(unsafe_code, reason = "closing descriptors by number and file leases have no safe form")]

use std::fs;
use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd};

/// Closes every descriptor above standard error.
///
/// A script that starts the first `ponder` may have descriptors open for its own purposes (a lock,
/// a pipe whose end it waits for); a daemon that inherited them would hold them for days. Called
/// first thing in `main`, before this process has opened anything itself.
pub fn close_stray_descriptors() {
    let Ok(open) = fs::read_dir("/dev/fd") else { return };
    let numbers: Vec<i32> = open
        .flatten()
        .filter_map(|item| item.file_name().to_str()?.parse().ok())
        .filter(|fd| *fd > 2)
        .collect();
    for number in numbers {
        // SAFETY: `main` has opened nothing yet, so no object in this process owns the descriptor.
        // The listing's own is among the numbers but closed by now, which is asked first.
        unsafe {
            if rustix::io::fcntl_getfd(BorrowedFd::borrow_raw(number)).is_ok() {
                rustix::io::close(number);
            }
        }
    }
}

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
/// The descriptor has to be open for reading only.
///
/// # Errors
/// What the system says otherwise.
pub fn nobody_writes(file: BorrowedFd<'_>) -> io::Result<Option<bool>> {
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
