//! What macOS tells through calls that have no safe form.

#![expect(unsafe_code, reason = "sysctl, confstr, gethostuuid and proc_pidinfo have no safe form")]

use std::ffi::{CStr, OsString};
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;
use std::ptr;

use super::unix::{named_runtime_dir, shared_temporary_dir};
use crate::PrivateDirError;

/// What tells this machine from others (gethostuuid(2)).
pub(crate) fn machine_id() -> Option<Vec<u8>> {
    let mut id = [0; 16];
    let at_once = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the first is a buffer of the 16 bytes that a uuid_t has, and both outlive the call.
    let told = unsafe { libc::gethostuuid(id.as_mut_ptr(), &raw const at_once) };
    (told == 0).then(|| id.to_vec())
}

/// What tells this boot from others: a uuid that the kernel makes when it starts.
pub(crate) fn boot() -> Option<String> {
    let mut text = [0_u8; 64]; // a uuid has 36 characters and its NUL
    let mut length = text.len();
    // SAFETY: the name ends with NUL, `length` says how long the buffer is, and nothing is set.
    let told = unsafe {
        libc::sysctlbyname(
            c"kern.bootsessionuuid".as_ptr(),
            text.as_mut_ptr().cast(),
            &raw mut length,
            ptr::null_mut(),
            0,
        )
    };
    let text = text.get(..length).filter(|_| told == 0)?;
    CStr::from_bytes_until_nul(text).ok()?.to_str().ok().map(str::to_owned)
}

/// Where a user's sockets belong, and how our directory is called there: `$XDG_RUNTIME_DIR`, where
/// somebody set it; otherwise the user's own temporary directory, whatever `TMPDIR` says, because cron
/// and ssh do not set that.
pub(crate) fn runtime_base() -> Result<(PathBuf, String), PrivateDirError> {
    let base = match named_runtime_dir()? {
        Some(base) => Some(base),
        None => own_temporary_dir(),
    };
    base.map_or_else(shared_temporary_dir, |base| Ok((base, "ponder".to_owned())))
}

/// The directory that `getconf DARWIN_USER_TEMP_DIR` prints (confstr(3)).
fn own_temporary_dir() -> Option<PathBuf> {
    let mut path = vec![0_u8; 1024]; // PATH_MAX
    // SAFETY: the buffer is as long as is said.
    let length =
        unsafe { libc::confstr(libc::_CS_DARWIN_USER_TEMP_DIR, path.as_mut_ptr().cast(), path.len()) };
    // With its NUL. 0: there is none; more than there was room for: it was cut.
    if length < 2 || length > path.len() {
        return None;
    }
    path.truncate(length - 1);
    Some(PathBuf::from(OsString::from_vec(path))).filter(|path| path.is_absolute())
}

/// Root is always seen as such.
pub(super) fn hidden_root() -> Option<u32> {
    None
}

/// When a process started, in microseconds since 1970.
pub(crate) fn process_start(pid: u32) -> Option<u64> {
    let info = process_info(pid)?;
    Some(info.pbi_start_tvsec * 1_000_000 + info.pbi_start_tvusec)
}

/// The start of a process in seconds since 1970.
pub(crate) fn process_started(start: u64) -> Option<i64> {
    i64::try_from(start / 1_000_000).ok()
}

/// The name of the program that a process runs, cut to 15 bytes.
pub(crate) fn process_program(pid: u32) -> Option<String> {
    let name = process_info(pid)?.pbi_comm.map(i8::cast_unsigned);
    CStr::from_bytes_until_nul(&name).ok()?.to_str().ok().map(str::to_owned)
}

/// What libproc's `proc_pidinfo` tells.
fn process_info(pid: u32) -> Option<libc::proc_bsdinfo> {
    let pid = i32::try_from(pid).ok()?;
    let mut info = MaybeUninit::<libc::proc_bsdinfo>::uninit();
    let size = i32::try_from(size_of::<libc::proc_bsdinfo>()).ok()?;
    // SAFETY: the buffer is as long as is said, and was filled if the answer is its length.
    unsafe {
        let told = libc::proc_pidinfo(pid, libc::PROC_PIDTBSDINFO, 0, info.as_mut_ptr().cast(), size);
        if told != size {
            return None;
        }
        Some(info.assume_init())
    }
}
