//! Giving a file the name of another.

use std::fs::{self, File};
use std::io;
use std::os::windows::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use windows_sys::Win32::Foundation::ERROR_ACCESS_DENIED;
use windows_sys::Win32::Storage::FileSystem::{DELETE, FILE_READ_ATTRIBUTES, FILE_WRITE_ATTRIBUTES};

use super::{ITSELF, is_error, patiently, patiently_named};
use crate::platform;

/// How the name ends under which a file waits while another takes its place. It is one that is kept when a
/// daemon has died in between (`staging::OLD`).
const AWAY: &str = ".away.old.tmp";

/// Gives a file the name of another in one step, whoever has that open. Whether a read-only one may go is
/// not asked here.
pub(super) fn replace(from: &Path, to: &Path) -> io::Result<()> {
    as_writable(to, || rename_over(from, to))
}

/// Takes a name from a file or link.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path)?.file_type().is_symlink_dir() {
        return fs::remove_dir(path);
    }
    as_writable(path, || patiently_named(|| fs::remove_file(path)))
}

/// Does something with a file's name that not every system lets one do with a read-only file. The attribute
/// is the file's and not the name's: what has other names, or keeps this one, has it again afterwards.
fn as_writable(path: &Path, does: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let found = fs::symlink_metadata(path);
    if !found.is_ok_and(|found| found.is_file() && found.permissions().readonly()) {
        return does();
    }
    let access = FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES;
    let held = patiently(|| File::options().access_mode(access).custom_flags(ITSELF).open(path))?;
    platform::set_read_only(&held, false)?;
    let done = does();
    let _ = platform::set_read_only(&held, true); // it may be gone
    done
}

fn rename_over(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if is_error(&error, ERROR_ACCESS_DENIED) && only_what_is_closed_is_replaced(from, to) => {
            change_places(from, to)
        }
        Err(_) => patiently_named(|| fs::rename(from, to)),
        Ok(()) => Ok(()),
    }
}

/// Whether a rename was refused because its file system (FAT, some network drives, all before Windows 10)
/// cannot replace what is open, and nobody keeps us from giving the new file its name.
fn only_what_is_closed_is_replaced(from: &Path, to: &Path) -> bool {
    let open =
        |path, access| patiently(|| File::options().access_mode(access).custom_flags(ITSELF).open(path));
    let refuses = |there| platform::replaces_what_is_open(&there).is_ok_and(|replaces| !replaces);
    open(to, 0).is_ok_and(refuses) && open(from, DELETE).is_ok()
}

/// Lets two files change places: for an instant nothing has the second name, and a daemon that is killed
/// then leaves it to the next one. What was replaced is found under the first name, as after an exchange.
fn change_places(from: &Path, to: &Path) -> io::Result<()> {
    let away = away(from);
    patiently_named(|| platform::rename_new(to, &away))?;
    if let Err(error) = patiently_named(|| platform::rename_new(from, to)) {
        // Who has made another one meanwhile keeps it, and the next daemon keeps ours.
        return Err(
            patiently_named(|| platform::rename_new(&away, to)).map_or_else(io::Error::other, |()| error)
        );
    }
    // It has its name, whatever becomes of the other one: that is kept at the latest by the next daemon.
    let _ = patiently_named(|| platform::rename_new(&away, from));
    Ok(())
}

/// Ends or undoes what a daemon has left that died when one of the two had no name.
pub(super) fn take_back(from: &Path, to: &Path) -> io::Result<()> {
    let away = away(from);
    match patiently_named(|| platform::rename_new(&away, to)) {
        // The other one has the name: it came that far.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            patiently_named(|| fs::remove_file(&away))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        taken => taken,
    }
}

/// Where a file waits while another takes its place.
fn away(from: &Path) -> PathBuf {
    let mut away = from.as_os_str().to_owned();
    away.push(AWAY);
    away.into()
}
