//! What Windows tells through calls that have no safe form.

#![expect(unsafe_code, reason = "security descriptors, the registry and processes have no safe form")]

mod plain;
mod process;

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::windows::ffi::OsStrExt as _;
use std::os::windows::io::{AsRawHandle as _, BorrowedHandle, FromRawHandle as _, OwnedHandle};
use std::path::{Path, PathBuf};
use std::ptr;
use std::time::{Duration, SystemTime};

use etcetera::BaseStrategy as _;
use windows_registry::LOCAL_MACHINE;
use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_FILE_NOT_FOUND, ERROR_LOCK_VIOLATION, ERROR_SHARING_VIOLATION, ERROR_SUCCESS,
    LocalFree,
};
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, GetSecurityInfo, SE_KERNEL_OBJECT,
};
use windows_sys::Win32::Security::{
    GetTokenInformation, OWNER_SECURITY_INFORMATION, PSID, TOKEN_QUERY, TOKEN_USER, TokenUser,
};
use windows_sys::Win32::System::Pipes::WaitNamedPipeW;
use windows_sys::Win32::System::Registry::{
    HKEY, HKEY_CURRENT_USER, KEY_QUERY_VALUE, REG_OPTION_VOLATILE, RegCloseKey, RegCreateKeyExW,
    RegOpenKeyExW, RegQueryInfoKeyW,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};
use windows_sys::core::PCWSTR;
use windows_sys::w;

use crate::private::plain_dir;
use crate::{Journal, JournalError, LockError, PrivateDirError};

pub(crate) use plain::read_plain;
pub use plain::{file_id, open_plain};
pub(crate) use process::{process_runs, process_start, process_started, wait_for_process};

/// What tells this machine from others: what its installation was given.
pub(crate) fn machine_id() -> Option<Vec<u8>> {
    let key = LOCAL_MACHINE.open(r"SOFTWARE\Microsoft\Cryptography").ok()?;
    Some(key.get_string("MachineGuid").ok()?.into_bytes())
}

/// The machine's name in its network.
pub(crate) fn host_name() -> Vec<u8> {
    env::var_os("COMPUTERNAME").unwrap_or_default().into_encoded_bytes()
}

/// The key that names the boot.
const BOOT: PCWSTR = w!("Software\\ponder\\boot");

/// What tells this boot from others. The system has no such name, so it gets one: the class of a volatile
/// key in the user's registry, which is gone when he logs off or the machine ends, and so are his
/// processes. Who makes the key names the boot; everybody else finds that.
pub(crate) fn boot() -> Option<String> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let new = wide(format!("{:x}-{:x}", since.as_nanos(), std::process::id()));
    let mut key: HKEY = ptr::null_mut();
    let mut class = [0_u16; 64];
    let mut length = u32::try_from(class.len()).ok()?;
    // SAFETY: the names end with NUL; the key is open between the calls; the class' buffer is as long as
    // is said, and nothing else is asked for.
    let told = unsafe {
        let mut opened = RegOpenKeyExW(HKEY_CURRENT_USER, BOOT, 0, KEY_QUERY_VALUE, &raw mut key);
        if opened == ERROR_FILE_NOT_FOUND {
            opened = RegCreateKeyExW(
                HKEY_CURRENT_USER,
                BOOT,
                0,
                new.as_ptr(),
                REG_OPTION_VOLATILE,
                KEY_QUERY_VALUE,
                ptr::null(),
                &raw mut key,
                ptr::null_mut(),
            );
        }
        if opened != ERROR_SUCCESS {
            return None;
        }
        let nothing = || ptr::null_mut();
        let told = RegQueryInfoKeyW(
            key,
            class.as_mut_ptr(),
            &raw mut length,
            ptr::null(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            ptr::null_mut(),
        );
        RegCloseKey(key);
        told
    };
    (told == ERROR_SUCCESS).then(|| String::from_utf16_lossy(until_nul(&class)))
}

/// Whether somebody has a file open, or a part of it locked, in a way that keeps us from it.
pub fn is_in_use(error: &io::Error) -> bool {
    is_error(error, ERROR_SHARING_VIOLATION) || is_error(error, ERROR_LOCK_VIOLATION)
}

/// Whether somebody may have a file open that cannot lose its name therefore.
pub(crate) fn keeps_its_name(error: &io::Error) -> bool {
    is_error(error, ERROR_ACCESS_DENIED)
}

/// Whether an error is the one that Windows numbers so: one of its `ERROR_…`.
pub fn is_error(error: &io::Error, code: u32) -> bool {
    error.raw_os_error() == Some(code.cast_signed())
}

/// Where programs keep their state: `%LOCALAPPDATA%`, which never travels with a profile.
pub(crate) fn state_base() -> Result<PathBuf, JournalError> {
    let base = etcetera::base_strategy::Windows::new().map_err(|_| JournalError::NoHome)?;
    Ok(base.cache_dir())
}

/// Where a user's own things belong that are no journal's, and how our directory is called there.
pub(crate) fn runtime_base() -> Result<(PathBuf, String), PrivateDirError> {
    let base = state_base().map_err(|error| PrivateDirError::Unusable {
        path: PathBuf::from("%LOCALAPPDATA%"),
        source: io::Error::other(error),
    })?;
    Ok((base, "ponder".to_owned()))
}

/// Makes a directory. Who may do what with it, it takes over from the one that it is in.
pub(crate) fn make_private_dir(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

/// Makes a directory and its parents, as far as they are not there.
pub(crate) fn make_private_dirs(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// There are no rights here that a sync tool would have given to everybody.
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
pub(crate) fn close(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Makes sure that `path` is a directory and no link to one.
pub(crate) fn is_ours(path: &Path, _hint: &'static str) -> Result<fs::Metadata, PrivateDirError> {
    plain_dir(path)
}

/// What lies in a directory of a user's profile, he and the administrators can exchange, and nobody else.
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
pub(crate) fn is_no_trap(_path: &Path, _hint: &'static str) -> Result<(), PrivateDirError> {
    Ok(())
}

/// A directory is as closed as the one that it is in.
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
pub(crate) fn is_closed(_path: &Path, _found: &fs::Metadata) -> Result<(), PrivateDirError> {
    Ok(())
}

/// A file's rights are those of its directory.
pub(crate) fn for_owner_only(_options: &mut OpenOptions) {}

/// What is locked by a journal's daemon: a file in the state directory, where no sync tool comes. A
/// directory cannot be locked here.
pub(crate) fn journal_lock(journal: &Journal) -> Result<File, LockError> {
    let dir = journal.state_dir().map_err(|error| LockError::Unusable {
        path: journal.path().to_owned(),
        source: io::Error::other(error),
    })?;
    lock_file(&dir, "lock")
}

/// What is locked by who starts a daemon.
pub(crate) fn gate_lock(runtime_dir: &Path) -> Result<File, LockError> {
    lock_file(runtime_dir, "gate")
}

fn lock_file(dir: &Path, name: &str) -> Result<File, LockError> {
    let path = dir.join(name);
    let open = || {
        fs::create_dir_all(dir)?;
        File::options().read(true).write(true).create(true).truncate(false).open(&path)
    };
    open().map_err(|source| LockError::Unusable { path: path.clone(), source })
}

/// Our own user's security identifier, as `S-1-5-…`.
pub(crate) fn own_user() -> io::Result<String> {
    // Eight bytes each, so that they are aligned: a TOKEN_USER and the longest identifier behind it.
    let mut buffer = [0_u64; 16];
    let mut length = u32::try_from(size_of_val(&buffer)).unwrap_or(0);
    // SAFETY: the token's handle is ours from the call that opens it; the buffer is as long as is said,
    // aligned for what is written into it, and outlives the identifier that points into it.
    unsafe {
        let mut token = ptr::null_mut();
        if OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) == 0 {
            return Err(io::Error::last_os_error());
        }
        let token = OwnedHandle::from_raw_handle(token);
        let into = buffer.as_mut_ptr().cast();
        if GetTokenInformation(token.as_raw_handle(), TokenUser, into, length, &raw mut length) == 0 {
            return Err(io::Error::last_os_error());
        }
        let user = buffer.as_ptr().cast::<TOKEN_USER>();
        text_of((*user).User.Sid)
    }
}

/// The security identifier of who owns a pipe.
pub(crate) fn owner(pipe: BorrowedHandle<'_>) -> io::Result<String> {
    let mut owner: PSID = ptr::null_mut();
    let mut descriptor = ptr::null_mut();
    // SAFETY: the handle is open; the owner points into the descriptor, which is ours to free, and is read
    // before that.
    unsafe {
        let told = GetSecurityInfo(
            pipe.as_raw_handle(),
            SE_KERNEL_OBJECT,
            OWNER_SECURITY_INFORMATION,
            &raw mut owner,
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null_mut(),
            &raw mut descriptor,
        );
        if told != ERROR_SUCCESS {
            return Err(io::Error::from_raw_os_error(told.cast_signed()));
        }
        let owner = text_of(owner);
        LocalFree(descriptor);
        owner
    }
}

/// Waits until a pipe has an instance to spare, or for so long.
pub(crate) fn wait_for_pipe(path: &Path, patience: Duration) -> io::Result<()> {
    let path = wide(path);
    let millis = u32::try_from(patience.as_millis()).unwrap_or(u32::MAX - 1).max(1);
    // SAFETY: the name ends with NUL and outlives the call.
    if unsafe { WaitNamedPipeW(path.as_ptr(), millis) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// A security identifier as text.
///
/// # Safety
/// It has to be a valid one.
unsafe fn text_of(sid: PSID) -> io::Result<String> {
    let mut text = ptr::null_mut();
    // SAFETY: the caller vouches for the identifier; the text ends with NUL and is ours to free.
    unsafe {
        if ConvertSidToStringSidW(sid, &raw mut text) == 0 {
            return Err(io::Error::last_os_error());
        }
        let mut length = 0;
        while *text.add(length) != 0 {
            length += 1;
        }
        let owned = String::from_utf16_lossy(std::slice::from_raw_parts(text, length));
        LocalFree(text.cast());
        Ok(owned)
    }
}

/// As the system wants its text: UTF-16 that ends with NUL.
fn wide(text: impl AsRef<std::ffi::OsStr>) -> Vec<u16> {
    text.as_ref().encode_wide().chain([0]).collect()
}

fn until_nul(text: &[u16]) -> &[u16] {
    text.split(|unit| *unit == 0).next().unwrap_or_default()
}
