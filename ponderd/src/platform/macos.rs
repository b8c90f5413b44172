//! What macOS has.

#![expect(unsafe_code, reason = "these calls have no safe form")]

use std::ffi::{CString, c_char, c_int};
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd as _, FromRawFd as _, OwnedFd};
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

unsafe extern "C" {
    /// `launch_activate_socket(3)`, in `libSystem` since macOS 10.10.
    fn launch_activate_socket(name: *const c_char, sockets: *mut *mut c_int, count: *mut usize) -> c_int;
}

/// The socket that launchd listens at, which the agent calls `Listener`.
pub(crate) fn passed_in_socket() -> io::Result<OwnedFd> {
    let (mut sockets, mut count) = (ptr::null_mut(), 0);
    // SAFETY: the name ends with NUL, and both results outlive the call.
    let error = unsafe { launch_activate_socket(c"Listener".as_ptr(), &raw mut sockets, &raw mut count) };
    if error != 0 {
        return Err(io::Error::from_raw_os_error(error));
    }
    // SAFETY: after a success there are so many descriptors in the list, which nobody else owns, and the
    // list itself is ours to free.
    let sockets: Vec<OwnedFd> = unsafe {
        let list = std::slice::from_raw_parts(sockets, count);
        let owned = list.iter().map(|&socket| OwnedFd::from_raw_fd(socket)).collect();
        libc::free(sockets.cast());
        owned
    };
    sockets.into_iter().next().ok_or_else(|| io::Error::other("launchd has passed none in"))
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
