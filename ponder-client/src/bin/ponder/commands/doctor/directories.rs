//! The journal's directory and those of its state: whose they are, and what they are on.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use ponder_endpoint::{Journal, PrivateDirError, base_dir, is_private};
use ponder_proto::shown;

use super::Finding;
use crate::exit::{Exit, Failure};
use crate::file_systems::{FileSystem, Flush};
use crate::hints;
use crate::platform::{Owner, owner, try_writing_into};

const ANOTHER_JOURNAL: &str = "point PONDER_DIR to a directory of yours";

const ANOTHER_STATE: &str = "set XDG_STATE_HOME to a directory of yours";

/// The journal's directory.
pub(super) fn journal(journal: &Journal) -> Finding {
    let path = journal.path();
    if let Err(error) = try_writing_into(path) {
        return closed("journal", path, &error, ANOTHER_JOURNAL);
    }
    let finding = on_its_file_system("journal", path);
    with_others(path, finding.unwrap_or_else(|| Finding::good("journal", shown(path))))
}

/// What others can do in a journal. Who shares one means that, so that only what lets everybody or its owner
/// write there is wrong; a group is trusted with what it may write.
fn with_others(path: &Path, finding: Finding) -> Finding {
    const OTHERS_WRITE: u32 = 0o002;
    let Ok(found) = fs::metadata(path) else { return finding };
    let at = shown(path);
    let (exit, message, next) = match owner(&found) {
        Owner::Ours => return finding,
        Owner::Foreign { owner, you } => (
            Exit::NotYours,
            format!("{at} belongs to user {owner}, not to you (user {you}): he can read and write all of it"),
            ANOTHER_JOURNAL.to_owned(),
        ),
        Owner::Open { mode } => {
            let close = format!("chmod 700 {}", hints::typed(path));
            if mode & OTHERS_WRITE != 0 {
                (Exit::NotYours, format!("anybody can write into {at} (mode {mode:03o})"), close)
            } else {
                let message = format!("others can reach into {at} (mode {mode:03o}), which may be meant");
                (Exit::Done, message, close)
            }
        }
    };
    Finding { exit, message, ..finding }.next(next)
}

/// Where drafts and the log are.
pub(super) fn state(journal: &Journal) -> Finding {
    let path = match journal.state_dir() {
        Ok(path) => path,
        Err(error) => return Finding::bad("state", error.into(), "export HOME, or XDG_STATE_HOME"),
    };
    // `<base>/ponder/<id>`; what is not there yet is made.
    let checked = path.ancestors().nth(2).map(|base| base_dir(base, ANOTHER_STATE));
    if let Some(Err(error)) = checked
        && error.is_not_ours_alone()
    {
        return not_private(&error);
    }
    // Those that the daemon refuses unless they are its user's alone.
    let all = path.parent().unwrap_or(&path);
    for dir in [all, &path, &path.join("slots"), &path.join("alive")] {
        match is_private(dir) {
            Err(PrivateDirError::Unusable { source, .. }) if source.kind() == ErrorKind::NotFound => {}
            Err(error) => return not_private(&error),
            Ok(()) => {}
        }
    }
    let there = path.ancestors().find(|dir| dir.exists()).unwrap_or(&path);
    if let Err(error) = try_writing_into(there) {
        return closed("state", there, &error, ANOTHER_STATE);
    }
    if there != path {
        return Finding::good("state", format!("{}: not there yet, the first daemon makes it", shown(&path)));
    }
    on_its_file_system("state", &path).unwrap_or_else(|| Finding::good("state", shown(&path)))
}

/// A directory of the state that is not ours alone, or cannot be looked at.
fn not_private(error: &PrivateDirError) -> Finding {
    let next = match error {
        PrivateDirError::Open { path, .. } => format!("chmod 700 {}", hints::typed(path)),
        PrivateDirError::NotADirectory { path, .. } => hints::put_aside(path),
        PrivateDirError::Unusable { path, source } if source.kind() == ErrorKind::PermissionDenied => {
            let_into(path)
        }
        _ => ANOTHER_STATE.to_owned(),
    };
    let exit = if error.is_not_ours_alone() { Exit::NotYours } else { Exit::Config };
    Finding::bad("state", Failure::new(exit, error.to_string()), next)
}

/// What lets us at a path of the state that cannot be looked at: the nearest directory above it that can.
pub(super) fn let_into(path: &Path) -> String {
    let above = path.ancestors().skip(1).find_map(|dir| Some((dir, fs::symlink_metadata(dir).ok()?)));
    match above {
        Some((dir, found)) if !matches!(owner(&found), Owner::Foreign { .. }) && !cfg!(windows) => {
            format!("chmod u+rwx {}", hints::typed(dir))
        }
        _ => ANOTHER_STATE.to_owned(),
    }
}

/// A directory in which nothing can be made.
fn closed(about: &'static str, path: &Path, error: &io::Error, elsewhere: &str) -> Finding {
    let is_foreign = || fs::metadata(path).is_ok_and(|found| matches!(owner(&found), Owner::Foreign { .. }));
    let typed = hints::typed(path);
    let (why, next) = match error.kind() {
        ErrorKind::ReadOnlyFilesystem => (
            "it is mounted read-only".to_owned(),
            format!("mount its file system for writing, which `df {typed}` names; or {elsewhere}"),
        ),
        _ if cfg!(windows) || is_foreign() => (error.to_string(), elsewhere.to_owned()),
        _ => (error.to_string(), format!("chmod u+wx {typed}")),
    };
    let message = format!("{}: nothing can be written there: {why}", shown(path));
    Finding::bad(about, Failure::new(Exit::Config, message), next)
}

/// A directory, and what its file system can be trusted with. None if that cannot be asked.
fn on_its_file_system(about: &'static str, path: &Path) -> Option<Finding> {
    let found = FileSystem::at(path)?;
    let finding = Finding::good(about, shown(path)).detail(format!("{}: {}", found.name, found.told()));
    Some(match (found.flush, about) {
        (Flush::Memory, "journal") => finding.next("put the journal on a disk, and point PONDER_DIR there"),
        (Flush::Memory, _) => finding.next("set XDG_STATE_HOME to a directory on a disk"),
        _ => finding,
    })
}
