//! What all Unix systems have.

#![expect(unsafe_code, reason = "closing descriptors by number has no safe form")]

use std::fs::{self, File};
use std::io;
use std::os::fd::BorrowedFd;
use std::path::Path;

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

/// Makes what happened to the names in a directory durable.
pub(crate) fn sync_names(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Puts a log in the place of standard error: whoever reads what that was sees its end.
pub(crate) fn replace_stderr(log: &File) -> io::Result<()> {
    Ok(rustix::stdio::dup2_stderr(log)?)
}

/// Shows a file or directory at another name, by a symbolic link.
pub(crate) fn show(target: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

/// A full disk, in the system's words.
pub(crate) fn disk_full() -> io::Error {
    rustix::io::Errno::NOSPC.into()
}

/// What this process makes from here on is for its owner alone, whatever the umask of its starter says.
pub(crate) fn close_new_files() {
    rustix::process::umask(rustix::fs::Mode::from(0o077));
}
