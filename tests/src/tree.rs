//! What is on the disk: made, changed and compared.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

/// Everything at and below a path, links not followed: what it is, its mode, and its content.
pub fn tree(path: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![path.to_owned()];
    while let Some(path) = open.pop() {
        let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
        let (kind, mode) = (metadata.file_type(), metadata.permissions().mode() & 0o7777);
        let content = if kind.is_dir() {
            // One that is closed to us is compared as that.
            open.extend(fs::read_dir(&path).into_iter().flatten().map(|item| item.unwrap().path()));
            "directory".to_owned()
        } else if kind.is_symlink() {
            format!("link to {}", fs::read_link(&path).unwrap().display())
        } else if kind.is_fifo() || kind.is_socket() {
            "FIFO or socket".to_owned()
        } else {
            String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()
        };
        found.insert(path, format!("{mode:04o} {content}"));
    }
    found
}

/// Makes a directory with this mode, whatever the umask.
pub fn mkdir(path: &Path, mode: u32) {
    fs::create_dir(path).unwrap();
    chmod(path, mode);
}

/// Writes a file.
pub fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
}

/// Makes a symbolic link.
pub fn link(target: &Path, at: &Path) {
    symlink(target, at).unwrap();
}

/// Sets a mode.
pub fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A mode's permission bits.
pub fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}
