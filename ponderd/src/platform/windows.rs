//! What Windows has.

#![expect(unsafe_code, reason = "these calls have no safe form")]

use std::fs::{File, TryLockError};
use std::io;
use std::mem;
use std::os::windows::ffi::OsStrExt as _;
use std::os::windows::fs::{MetadataExt as _, OpenOptionsExt as _, symlink_dir, symlink_file};
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, IntoRawHandle as _, OwnedHandle};
use std::path::{Component, Path, Prefix};
use std::ptr;
use std::slice;

use ponder_endpoint::{is_error, patiently};
use windows_sys::Win32::Foundation::{
    CloseHandle, ERROR_ACCESS_DENIED, ERROR_DISK_FULL, ERROR_INVALID_FUNCTION, ERROR_INVALID_PARAMETER,
    ERROR_LOCK_VIOLATION, ERROR_NOT_SUPPORTED, ERROR_SHARING_VIOLATION, ERROR_SUCCESS, GENERIC_READ,
    GENERIC_WRITE, GetHandleInformation, HANDLE_FLAG_INHERIT, INVALID_HANDLE_VALUE, LocalFree,
};
use windows_sys::Win32::Security::Authorization::{GetSecurityInfo, SE_FILE_OBJECT, SetSecurityInfo};
use windows_sys::Win32::Security::{
    ACL, DACL_SECURITY_INFORMATION, GetSecurityDescriptorControl, PROTECTED_DACL_SECURITY_INFORMATION,
    PSECURITY_DESCRIPTOR, SE_DACL_PROTECTED, UNPROTECTED_DACL_SECURITY_INFORMATION,
};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_ATTRIBUTE_HIDDEN, FILE_ATTRIBUTE_NORMAL, FILE_ATTRIBUTE_NOT_CONTENT_INDEXED,
    FILE_ATTRIBUTE_READONLY, FILE_ATTRIBUTE_SYSTEM, FILE_BASIC_INFO, FILE_FLAG_BACKUP_SEMANTICS,
    FILE_READ_ATTRIBUTES, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE, FILE_TYPE_PIPE,
    FILE_WRITE_ATTRIBUTES, FileBasicInfo, GetFileType, GetVolumeInformationByHandleW,
    LOCKFILE_EXCLUSIVE_LOCK, LOCKFILE_FAIL_IMMEDIATELY, LockFileEx, MoveFileExW, ReOpenFile,
    SetFileInformationByHandle, UnlockFile,
};
use windows_sys::Win32::System::Console::{
    GetStdHandle, STD_ERROR_HANDLE, STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, SetStdHandle,
};
use windows_sys::Win32::System::IO::OVERLAPPED;
use windows_sys::Win32::System::WindowsProgramming::QueryUnbiasedInterruptTime;

/// There are no file leases here, and no signal about them.
pub fn ignore_lease_breaks() {}

/// The largest number of a handle that is looked at: that of the 16,384th.
const LARGEST_HANDLE: usize = 0x1_0000;

/// Closes every pipe that this process was given and that is none of its standard handles.
///
/// A program here inherits all that its starter may hand on, what the starter itself has inherited, too: the
/// pipe of a script's reader, say, who would wait for days for a daemon to close it. What a process opens by
/// itself it does not hand on, but for its working directory, which is no pipe. Called first thing in
/// `main`.
pub fn close_stray_descriptors() {
    // SAFETY: numbers that are no handles are refused by the calls. `main` has opened nothing yet, so that
    // no object in this process owns a handle that may be inherited, but for the standard ones.
    unsafe {
        let standard = [STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE].map(|name| GetStdHandle(name));
        let mut flags = 0;
        // Handles are multiples of four, and small. An inherited one has the number that it had before.
        for number in (4..=LARGEST_HANDLE).step_by(4) {
            let handle = ptr::without_provenance_mut(number);
            let is_ours = GetHandleInformation(handle, &raw mut flags) == 0
                || flags & HANDLE_FLAG_INHERIT == 0
                || standard.contains(&handle);
            if !is_ours && GetFileType(handle) == FILE_TYPE_PIPE {
                CloseHandle(handle);
            }
        }
    }
}

/// The offset that stands for a file's end, wherever that is when the bytes are written (`WriteFile`).
pub(crate) const AT_THE_END: u64 = u64::MAX;

/// Gives a file a name that nothing has.
pub(crate) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    let (from, to) = (wide(from), wide(to));
    // SAFETY: both names end with NUL and outlive the call. No flag: nothing is replaced, nothing copied.
    done(unsafe { MoveFileExW(from.as_ptr(), to.as_ptr(), 0) })
}

/// What a file system says that renames as Unix does (`GetVolumeInformation`).
const FILE_SUPPORTS_POSIX_UNLINK_RENAME: u32 = 0x400;

/// Whether a file's system can give its name to another one in one step while somebody has it open.
pub(crate) fn replaces_what_is_open(file: &File) -> io::Result<bool> {
    let mut flags = 0;
    // SAFETY: the handle is open, the number is filled by the call, and nothing else is asked for.
    done(unsafe {
        GetVolumeInformationByHandleW(
            file.as_raw_handle(),
            ptr::null_mut(),
            0,
            ptr::null_mut(),
            ptr::null_mut(),
            &raw mut flags,
            ptr::null_mut(),
            0,
        )
    })?;
    Ok(flags & FILE_SUPPORTS_POSIX_UNLINK_RENAME != 0)
}

/// Makes what happened to the names in a directory durable, as far as the file system lets a directory be
/// flushed: NTFS does, FAT and network drives say in several ways that they do not.
pub(crate) fn sync_names(dir: &Path) -> io::Result<()> {
    let open =
        || File::options().access_mode(GENERIC_WRITE).custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(dir);
    let cannot = [ERROR_ACCESS_DENIED, ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED, ERROR_INVALID_PARAMETER];
    match patiently(open).and_then(|dir| dir.sync_all()) {
        Err(error) if cannot.iter().any(|code| is_error(&error, *code)) => Ok(()),
        flushed => flushed,
    }
}

/// Takes a file's lock until it is closed; says whether it is free.
///
/// Another program's lock is in the way wherever in the file it is. Ours is on one byte behind all that a
/// file can hold: a lock keeps others from reading, here, and they are not to notice that we write. Who
/// locks the whole file finds it.
pub(crate) fn try_lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        // By its own name: that of the standard library asks for a second lock, too, to give back.
        // SAFETY: the handle is open, and the range is the one that was locked.
        Ok(()) => done(unsafe { UnlockFile(file.as_raw_handle(), 0, 0, u32::MAX, u32::MAX) })?,
        Err(TryLockError::WouldBlock) => return Ok(false),
        // A file system without locks has nobody who holds one.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => return Ok(true),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // SAFETY: a structure of numbers and pointers, for which zeros are valid.
    let mut place: OVERLAPPED = unsafe { mem::zeroed() };
    place.Anonymous.Anonymous.Offset = u32::MAX - 1;
    place.Anonymous.Anonymous.OffsetHigh = i32::MAX.cast_unsigned();
    let how = LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY;
    // SAFETY: the handle is open and not overlapped: the structure only says where, and outlives the call.
    match done(unsafe { LockFileEx(file.as_raw_handle(), how, 0, 1, 0, &raw mut place) }) {
        Err(error) if is_error(&error, ERROR_LOCK_VIOLATION) => Ok(false),
        locked => locked.map(|()| true),
    }
}

/// Whoever else has a file open may do with it what he likes.
const SHARE_ALL: u32 = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

/// Opens a file once more that is open for reading, so that it can be flushed: that takes the right to write.
pub(crate) fn open_to_flush(file: &File) -> io::Result<File> {
    let denied = match reopen(file, GENERIC_WRITE, SHARE_ALL) {
        Err(error) if is_error(&error, ERROR_ACCESS_DENIED) => error,
        opened => return opened,
    };
    // Nobody may write to what is read-only. For that moment it is not: nothing is written.
    if !file.metadata()?.permissions().readonly() {
        return Err(denied);
    }
    let held = reopen(file, FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES, SHARE_ALL)?;
    set_read_only(&held, false)?;
    let opened = reopen(file, GENERIC_WRITE, SHARE_ALL);
    set_read_only(&held, true)?;
    opened
}

/// Sets or takes away the attribute that lets nobody write to a file.
pub(crate) fn set_read_only(file: &File, read_only: bool) -> io::Result<()> {
    let flags = file.metadata()?.file_attributes();
    let others = flags & !FILE_ATTRIBUTE_READONLY;
    set_flags(file, if read_only { others | FILE_ATTRIBUTE_READONLY } else { others })
}

/// What a new version of a file takes over from the old one.
const OWN_FLAGS: u32 = FILE_ATTRIBUTE_READONLY
    | FILE_ATTRIBUTE_HIDDEN
    | FILE_ATTRIBUTE_SYSTEM
    | FILE_ATTRIBUTE_NOT_CONTENT_INDEXED;

/// Gives a file those attributes of another that are a user's to set.
pub(crate) fn copy_flags(from: &File, to: &File) -> io::Result<()> {
    let (theirs, own) = (from.metadata()?.file_attributes() & OWN_FLAGS, to.metadata()?.file_attributes());
    if own & OWN_FLAGS == theirs { Ok(()) } else { set_flags(to, own & !OWN_FLAGS | theirs) }
}

fn set_flags(file: &File, flags: u32) -> io::Result<()> {
    // Times that are zero stay as they are. No attribute at all has a name of its own.
    let flags = if flags == 0 { FILE_ATTRIBUTE_NORMAL } else { flags };
    let told = FILE_BASIC_INFO { FileAttributes: flags, ..FILE_BASIC_INFO::default() };
    let length = u32::try_from(size_of_val(&told)).unwrap_or_default();
    // SAFETY: the handle is open, and the structure as long as is said.
    done(unsafe {
        SetFileInformationByHandle(file.as_raw_handle(), FileBasicInfo, (&raw const told).cast(), length)
    })
}

/// Opens a file once more, in another way.
fn reopen(file: &File, access: u32, sharing: u32) -> io::Result<File> {
    // SAFETY: the handle is open; the new one, if there is one, is ours to close.
    let again = unsafe { ReOpenFile(file.as_raw_handle(), access, sharing, 0) };
    if again == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it was just opened, and nobody else has it.
    Ok(unsafe { File::from_raw_handle(again) })
}

/// Whether no process has a file open for writing, by opening it again in a way that allows nobody to: the
/// system refuses that if somebody has.
#[expect(clippy::unnecessary_wraps, reason = "as where a system may not tell")]
pub(crate) fn nobody_writes(file: &File) -> io::Result<Option<bool>> {
    match reopen(file, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE) {
        Ok(_) => Ok(Some(true)),
        Err(error) if is_error(&error, ERROR_SHARING_VIOLATION) => Ok(Some(false)),
        Err(_) => Ok(None),
    }
}

/// Who may do what with a file, and the memory that it stands in.
struct AccessList {
    list: *mut ACL,
    /// It takes nothing over from its directory.
    is_protected: bool,
    descriptor: PSECURITY_DESCRIPTOR,
}

impl AccessList {
    /// Nothing where the file system has none.
    fn of(file: &File) -> Option<Self> {
        let mut list: *mut ACL = ptr::null_mut();
        let mut descriptor = ptr::null_mut();
        let (mut control, mut revision) = (0, 0);
        // SAFETY: the handle is open; the list points into the descriptor, which is freed with it.
        let told = unsafe {
            let told = GetSecurityInfo(
                file.as_raw_handle(),
                SE_FILE_OBJECT,
                DACL_SECURITY_INFORMATION,
                ptr::null_mut(),
                ptr::null_mut(),
                &raw mut list,
                ptr::null_mut(),
                &raw mut descriptor,
            );
            told == ERROR_SUCCESS
                && GetSecurityDescriptorControl(descriptor, &raw mut control, &raw mut revision) != 0
        };
        let is_protected = control & SE_DACL_PROTECTED != 0;
        let found = Self { list, is_protected, descriptor };
        (told && !list.is_null()).then_some(found)
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: the list is there as long as we are, and says how long it is.
        unsafe { slice::from_raw_parts(self.list.cast(), (*self.list).AclSize.into()) }
    }
}

impl Drop for AccessList {
    fn drop(&mut self) {
        // SAFETY: it is ours, or null, which is left alone.
        unsafe { LocalFree(self.descriptor) };
    }
}

/// Gives a file the access list of another, if it has not the same one from their directory already: who may
/// change a file on a network drive may not always change that.
pub(crate) fn copy_access_list(from: &File, to: &File) -> io::Result<()> {
    let Some(list) = AccessList::of(from) else { return Ok(()) };
    let is_alike = |own: &AccessList| (own.bytes(), own.is_protected) == (list.bytes(), list.is_protected);
    if AccessList::of(to).as_ref().is_some_and(is_alike) {
        return Ok(());
    }
    let inherits = if list.is_protected {
        PROTECTED_DACL_SECURITY_INFORMATION
    } else {
        UNPROTECTED_DACL_SECURITY_INFORMATION
    };
    // SAFETY: the handle is open, and the list is there until the end of this function.
    let told = unsafe {
        SetSecurityInfo(
            to.as_raw_handle(),
            SE_FILE_OBJECT,
            DACL_SECURITY_INFORMATION | inherits,
            ptr::null_mut(),
            ptr::null_mut(),
            list.list,
            ptr::null(),
        )
    };
    if told == ERROR_SUCCESS { Ok(()) } else { Err(io::Error::from_raw_os_error(told.cast_signed())) }
}

/// Milliseconds since the boot; they stand still while the machine sleeps.
pub(crate) fn awake_since_boot() -> u64 {
    let mut time = 0;
    // SAFETY: the call fills the number, in units of 100 ns.
    unsafe { QueryUnbiasedInterruptTime(&raw mut time) };
    time / 10_000
}

/// Puts a log in the place of standard error, and closes what that was: whoever reads it sees the end.
pub(crate) fn replace_stderr(log: &File) -> io::Result<()> {
    let log: OwnedHandle = log.try_clone()?.into();
    // SAFETY: standard error is this process's own, and nobody writes to it at this moment: there is one
    // thread that could. The log's handle is given away to it.
    unsafe {
        let before = GetStdHandle(STD_ERROR_HANDLE);
        done(SetStdHandle(STD_ERROR_HANDLE, log.into_raw_handle()))?;
        if !before.is_null() && before != INVALID_HANDLE_VALUE {
            CloseHandle(before);
        }
    }
    Ok(())
}

/// Shows a file or directory at another name, by a symbolic link. That takes developer mode, or an
/// administrator.
pub(crate) fn show(target: &Path, at: &Path) -> io::Result<()> {
    if target.is_dir() { symlink_dir(target, at) } else { symlink_file(target, at) }
}

/// A full disk, in the system's words.
pub(crate) fn disk_full() -> io::Error {
    io::Error::from_raw_os_error(ERROR_DISK_FULL.cast_signed())
}

fn done(result: i32) -> io::Result<()> {
    if result != 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// No path is longer that the system takes as it is, in units of UTF-16 ("Maximum Path Length Limitation").
const LONG: usize = 247;

/// As the system wants its text: UTF-16 that ends with NUL. A longer path gets the prefix of those that are
/// taken word for word, as the standard library gives it to them.
fn wide(path: &Path) -> Vec<u16> {
    let text: Vec<u16> = path.as_os_str().encode_wide().collect();
    let (drive, network) = (r"\\?\", r"\\?\UNC");
    let (prefix, rest) = match path.components().next() {
        Some(Component::Prefix(found)) if text.len() > LONG => match found.kind() {
            Prefix::Disk(_) => (drive, &text[..]),
            Prefix::UNC(..) => (network, &text[1..]), // of the two backslashes that it begins with
            _ => ("", &text[..]),
        },
        _ => ("", &text[..]),
    };
    prefix.encode_utf16().chain(rest.iter().copied()).chain([0]).collect()
}

/// A file's rights are those of its directory.
pub(crate) fn close_new_files() {}
