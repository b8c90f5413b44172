//! Drives.

use std::fs::File;
use std::mem;
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::AsRawHandle as _;
use std::path::Path;
use std::ptr;

use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_BACKUP_SEMANTICS, FILE_REMOTE_PROTOCOL_INFO, FileRemoteProtocolInfo,
    GetFileInformationByHandleEx, GetVolumeInformationByHandleW,
};

/// No name of a file system is longer, in units of UTF-16.
const LONGEST: usize = 64;

/// What kind of file system a path is on, by the name that the system has for it; empty if it has none, and
/// `remote` if it is another machine's, which may have any. Nothing if there is nothing at the path.
pub fn file_system_name(path: &Path) -> Option<String> {
    let there = File::options().access_mode(0).custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(path).ok()?;
    if is_remote(&there) {
        return Some("remote".to_owned());
    }
    let mut name = [0_u16; LONGEST];
    let length = u32::try_from(name.len()).unwrap_or_default();
    let nothing = ptr::null_mut;
    // SAFETY: the handle is open, the buffer as long as is said, and nothing else is asked for.
    unsafe {
        let handle = there.as_raw_handle();
        let (serial, longest, flags) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        GetVolumeInformationByHandleW(
            handle,
            nothing(),
            0,
            serial,
            longest,
            flags,
            name.as_mut_ptr(),
            length,
        );
    }
    let end = name.iter().position(|unit| *unit == 0).unwrap_or_default();
    Some(String::from_utf16_lossy(&name[..end]))
}

/// Only of a file of another machine there is a protocol by which it is reached.
fn is_remote(file: &File) -> bool {
    // SAFETY: a structure of numbers, for which zeros are valid.
    let mut found: FILE_REMOTE_PROTOCOL_INFO = unsafe { mem::zeroed() };
    let length = u32::try_from(mem::size_of_val(&found)).unwrap_or_default();
    let into = (&raw mut found).cast();
    // SAFETY: the handle is open, and the structure as long as is said.
    unsafe { GetFileInformationByHandleEx(file.as_raw_handle(), FileRemoteProtocolInfo, into, length) != 0 }
}
