//! The way to a directory, and who could lead it elsewhere: whoever can exchange a directory above ours, or
//! a link on the way, gets what we write there.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{self, Component, Path, PathBuf};

use super::hidden_root;
use crate::PrivateDirError;

/// How many links the kernel follows on one way (`path_resolution(7)`).
const MOST_LINKS: usize = 40;

/// Makes sure that nobody but us and root can put something else in the place of what we make in a
/// directory: not in it, and in none that the way there leads through. Links are followed where they are
/// ours or root's, and lie where nobody else exchanges them: a home on another disk is no trick.
pub(crate) fn is_no_trap(path: &Path, hint: &'static str) -> Result<(), PrivateDirError> {
    let found = leads_there(path, hint)?;
    let you = you();
    if found.uid() != you && found.uid() != 0 {
        return Err(PrivateDirError::NotYours { path: path.to_owned(), owner: found.uid(), you, hint });
    }
    Ok(())
}

/// The same, but the directory may be one of a root that cannot be told from others. What is there.
///
/// Every name is looked at where the kernel would, so that each directory is seen that could lead
/// elsewhere: those above the path, and those that its links lead through.
pub(super) fn leads_there(path: &Path, hint: &'static str) -> Result<Metadata, PrivateDirError> {
    let unusable = |at: &Path| {
        let path = at.to_owned();
        move |source| PrivateDirError::Unusable { path, source }
    };
    let trust = Trust { you: you(), hidden_root: hidden_root(), hint };
    let mut ahead = names(&path::absolute(path).map_err(unusable(path))?);
    let mut at = PathBuf::from("/");
    let mut links = 0;
    trust.dir(&at, &fs::symlink_metadata(&at).map_err(unusable(&at))?)?;
    while let Some(name) = ahead.pop() {
        if name == ".." {
            at.pop();
            continue;
        }
        let next = at.join(name);
        let found = fs::symlink_metadata(&next).map_err(unusable(&next))?;
        if !found.is_symlink() {
            trust.dir(&next, &found)?;
            at = next;
            continue;
        }
        trust.owner(&next, &found)?;
        links += 1;
        if links > MOST_LINKS {
            return Err(unusable(path)(io::Error::from(rustix::io::Errno::LOOP)));
        }
        let target = fs::read_link(&next).map_err(unusable(&next))?;
        if target.is_absolute() {
            at = PathBuf::from("/");
        }
        ahead.extend(names(&target));
    }
    fs::symlink_metadata(&at).map_err(unusable(&at))
}

/// The names of a path, the last one first.
fn names(path: &Path) -> Vec<OsString> {
    let is_name = |part: &Component<'_>| matches!(part, Component::Normal(_) | Component::ParentDir);
    path.components().rev().filter(is_name).map(|part| part.as_os_str().to_owned()).collect()
}

fn you() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Who may say where the way leads: us and root.
struct Trust {
    you: u32,
    hidden_root: Option<u32>,
    hint: &'static str,
}

impl Trust {
    /// A group that may write is trusted, since many systems give each user one.
    fn dir(&self, path: &Path, found: &Metadata) -> Result<(), PrivateDirError> {
        const OTHERS_WRITE: u32 = 0o002;
        const STICKY: u32 = 0o1000;
        self.owner(path, found)?;
        let mode = found.mode() & 0o7777;
        if mode & OTHERS_WRITE != 0 && mode & STICKY == 0 {
            return Err(PrivateDirError::Exchangeable { path: path.to_owned(), mode, hint: self.hint });
        }
        Ok(())
    }

    fn owner(&self, path: &Path, found: &Metadata) -> Result<(), PrivateDirError> {
        let (owner, Self { you, hidden_root, hint }) = (found.uid(), self);
        if owner == *you || owner == 0 || Some(owner) == *hidden_root {
            return Ok(());
        }
        Err(PrivateDirError::NotYours { path: path.to_owned(), owner, you: *you, hint })
    }
}
