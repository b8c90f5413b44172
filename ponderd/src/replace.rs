//! Small files that are written whole, for the next daemon and not for the next boot.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use ponder_endpoint::OwnerOnly as _;

/// Puts a whole new file, ours alone, in the place of the old one, and returns it, to be added to. Not
/// flushed: it has to survive the daemon, not the machine.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let fresh = path.with_extension("new");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {} // of a daemon that died here
    }
    let mut file = File::options().append(true).create_new(true).owner_only().open(&fresh)?;
    file.write_all(bytes)?;
    fs::rename(&fresh, path)?;
    Ok(file)
}
