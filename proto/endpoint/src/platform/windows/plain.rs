//! Plain files, and which one a name leads to.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::AsRawHandle as _;
use std::path::Path;

use winapi_util::file::information;
use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_ID_INFO, FileIdInfo,
    GetFileInformationByHandleEx,
};

use crate::files::patiently;
use crate::plain::PlainFileError;

/// How often another file may get the name while it is opened.
const TRIES: usize = 8;

/// Which file it is: its volume, and its number there.
///
/// # Errors
/// When the file system does not tell.
pub fn file_id(file: &File) -> io::Result<(u64, u64)> {
    let mut found = FILE_ID_INFO::default();
    let length = u32::try_from(size_of_val(&found)).unwrap_or_default();
    let into = (&raw mut found).cast();
    // SAFETY: the handle is open, and the structure as long as is said.
    if unsafe { GetFileInformationByHandleEx(file.as_raw_handle(), FileIdInfo, into, length) } == 0 {
        // NTFS and ReFS know that question; FAT and many a network drive only the older one.
        return information(file).map(|found| (found.volume_serial_number(), found.file_index()));
    }
    let number = u128::from_le_bytes(found.FileId.Identifier);
    let [low, high] = [number, number >> 64].map(|half| u64::try_from(half & u128::from(u64::MAX)));
    // A number of NTFS has 64 bits. Those of ReFS are longer: there the upper half is mixed into the lower one.
    let mixed = high.unwrap_or_default().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Ok((found.VolumeSerialNumber, low.unwrap_or_default() ^ mixed))
}

/// Opens a plain file, or finds nothing there. A link is not followed: it leads out of the journal.
///
/// # Errors
/// When something else is there, or the system refuses.
pub fn open_plain(path: &Path, options: &OpenOptions) -> Result<Option<File>, PlainFileError> {
    let mut look = File::options();
    look.access_mode(0).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS);
    for _ in 0..TRIES {
        let Some(itself) = found(patiently(|| look.open(path)))? else { return Ok(None) };
        let kind = itself.metadata()?.file_type();
        match kind {
            kind if kind.is_file() => {}
            kind if kind.is_symlink() => return Err(PlainFileError::NotPlain("a symbolic link")),
            kind if kind.is_dir() => return Err(PlainFileError::NotPlain("a directory")),
            _ => return Err(PlainFileError::NotPlain("a device or pipe")),
        }
        // In the usual way, too: who opens what stands at a name does not see the text of a file that is only
        // in the cloud just now.
        let Some(file) = found(patiently(|| options.open(path)))? else { continue };
        if file_id(&file)? == file_id(&itself)? {
            return Ok(Some(file));
        }
    }
    Err(io::Error::new(io::ErrorKind::WouldBlock, "it is replaced again and again").into())
}

fn found(opened: io::Result<File>) -> io::Result<Option<File>> {
    match opened {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some),
    }
}

/// Opens a plain file for reading, or finds nothing there.
pub(crate) fn read_plain(path: &Path) -> Result<Option<File>, PlainFileError> {
    open_plain(path, File::options().read(true))
}
