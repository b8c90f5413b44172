//! What macOS has.

#![expect(unsafe_code, reason = "these calls have no safe form")]

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::ptr;

/// There are no file leases here, and no signal about them.
pub fn ignore_lease_breaks() {}

/// Whether no process has a file open for writing: this system does not tell.
#[expect(clippy::unnecessary_wraps, reason = "as where it does")]
pub(crate) fn nobody_writes(_file: &File) -> io::Result<Option<bool>> {
    Ok(None)
}

/// Makes a FIFO for the owner alone.
pub(crate) fn make_fifo(path: &Path) -> io::Result<()> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: the path ends with NUL and outlives the call.
    done(unsafe { libc::mkfifo(path.as_ptr(), 0o600) })
}

/// Whether a socket may listen: this system does not tell (`SO_ACCEPTCONN`), only that nobody is at the
/// other end.
pub(crate) fn listens(socket: impl AsFd) -> io::Result<bool> {
    match rustix::net::getpeername(socket) {
        Ok(_) => Ok(false),
        Err(rustix::io::Errno::NOTCONN | rustix::io::Errno::INVAL) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// Milliseconds since the boot; they stand still while the machine sleeps, which those of
/// `CLOCK_MONOTONIC` do not on this system.
pub(crate) fn awake_since_boot() -> u64 {
    let mut now = MaybeUninit::<libc::timespec>::uninit();
    // SAFETY: the call fills the structure, unless it fails; it knows the clock since macOS 10.12.
    let now = unsafe {
        if libc::clock_gettime(libc::CLOCK_UPTIME_RAW, now.as_mut_ptr()) != 0 {
            return 0;
        }
        now.assume_init()
    };
    now.tv_sec.unsigned_abs() * 1000 + now.tv_nsec.unsigned_abs() / 1_000_000
}

/// Makes what happened to the names in a directory durable, in the disk's own cache, too (fcntl(2),
/// `F_FULLFSYNC`): fsync(2) leaves it there.
pub(crate) fn sync_dir(dir: impl AsFd) -> io::Result<()> {
    Ok(rustix::fs::fcntl_fullfsync(dir)?)
}

/// Makes everything durable that was written to a directory's file system: what sync(2) has handed to the
/// disk is behind us when the disk has emptied its cache.
pub(crate) fn sync_file_system(dir: impl AsFd) -> io::Result<()> {
    rustix::fs::sync();
    sync_dir(dir)
}

/// Gives a file the extended attributes and the access list of another (copyfile(3)).
pub(crate) fn copy_extended(from: &File, to: &File) -> io::Result<()> {
    let what = libc::COPYFILE_ACL | libc::COPYFILE_XATTR;
    // SAFETY: both descriptors are open, and no state is kept.
    done(unsafe { libc::fcopyfile(from.as_raw_fd(), to.as_raw_fd(), ptr::null_mut(), what) })
}

fn done(result: i32) -> io::Result<()> {
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
