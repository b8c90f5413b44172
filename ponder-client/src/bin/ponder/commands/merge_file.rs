//! `ponder merge-file`: three files into one, as a merge driver for git. Needs no daemon and no
//! journal.
//!
//! The merge puts first what stands in the file already, and that is OURS: git's `%A`, the text of
//! the branch that is checked out, or of the one onto which commits are replayed. THEIRS, `%B`, is
//! what comes to it, as a draft comes to an entry.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use ponder_endpoint::{OwnerOnly as _, PlainFileError, patiently_named, read_plain};
use ponder_merge::{Merged, merge};
use ponder_proto::{Text, shown};
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::platform::{is_same, sync_names};

use super::no_randomness;
use crate::context::Context;

/// Which files, and where the result goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MergeFile {
    pub(crate) base: PathBuf,
    pub(crate) ours: PathBuf,
    pub(crate) theirs: PathBuf,
    /// To standard output, instead of into `ours`.
    pub(crate) print: bool,
}

/// The merged text, with `--json --print`.
#[derive(Serialize)]
struct Printed {
    event: &'static str,
    #[serde(flatten)]
    text: Text,
}

impl MergeFile {
    pub(crate) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let base = read(&self.base)?;
        let (ours, before) = self.read_ours()?;
        let theirs = read(&self.theirs)?;
        let Merged::Clean(merged) = merge(&base, &ours, &theirs) else { return Err(self.conflict()) };
        if self.print {
            print(context, merged)?;
        } else if merged != ours {
            replace(&self.ours, &before, &merged)?;
        }
        Ok(Exit::Done)
    }

    /// The file that is to be replaced has to be one; printed are the texts of others, too.
    fn read_ours(&self) -> Result<(Vec<u8>, Metadata), Failure> {
        let path = &self.ours;
        let mut file = if self.print {
            File::open(path).map_err(|error| unreadable(path, &error))?
        } else {
            match read_plain(path) {
                Ok(Some(file)) => file,
                Ok(None) => return Err(unreadable(path, &io::ErrorKind::NotFound.into())),
                Err(PlainFileError::NotPlain(what)) => {
                    let message = format!(
                        "{} is {what}, and only a plain file can be replaced: give another, or --print the result",
                        shown(path)
                    );
                    return Err(Failure::new(Exit::Config, message));
                }
                Err(PlainFileError::Io(error)) => return Err(unreadable(path, &error)),
            }
        };
        // Its state first: whatever is written from here on is seen before it is replaced.
        let mut text = Vec::new();
        let read = file.metadata().and_then(|state| file.read_to_end(&mut text).map(|_| state));
        read.map(|state| (text, state)).map_err(|error| unreadable(path, &error))
    }

    fn conflict(&self) -> Failure {
        let (ours, theirs) = (shown(&self.ours), shown(&self.theirs));
        let message = format!(
            "{ours} and {theirs} changed the same lines; {ours} was left as it is: join the two by hand (in a \
             git merge, `git diff --theirs` shows what is missing)"
        );
        Failure::new(Exit::Conflict, message)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let (path, cause) = (shown(path), cause(error));
    Failure::new(Exit::Disk, format!("cannot read {path}: {cause}; name three texts, BASE OURS THEIRS"))
}

/// The cause, in words also where there is no number from the system.
fn cause(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::NotFound {
        "there is no such file".to_owned()
    } else {
        error.to_string()
    }
}

/// Prints the result. A reader that has seen enough is no error; a full disk is.
fn print(context: &Context, merged: Vec<u8>) -> Result<(), Failure> {
    if context.report.is_json() {
        context.report.event(&Printed { event: "merged", text: Text(merged) });
        return Ok(());
    }
    let mut out = io::stdout().lock();
    match out.write_all(&merged).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let message =
                format!("cannot write the merged text to standard output: {error}; it is not whole");
            Err(Failure::new(Exit::Disk, message))
        }
        _ => Ok(()),
    }
}

/// Replaces a file as a whole: whoever reads it sees the old text or the new one, and so does
/// whoever comes after a power cut.
fn replace(path: &Path, before: &Metadata, text: &[u8]) -> Result<(), Failure> {
    let random = ponder_client::new_operation().map_err(|error| no_randomness(&error))?;
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    let fresh = dir.join(format!(".ponder-merge.{random}.tmp"));
    let failed = |error: io::Error| {
        let shown = shown(path);
        Failure::new(Exit::Disk, format!("cannot write {shown}: {error}; it was left as it is"))
    };
    let written = write(&fresh, before, text).map_err(failed).and_then(|()| {
        if !fs::symlink_metadata(path).is_ok_and(|now| is_same(&now, before)) {
            let message =
                format!("{} was changed by another program meanwhile, and left so: try again", shown(path));
            return Err(Failure::new(Exit::Busy, message));
        }
        patiently_named(|| fs::rename(&fresh, path)).map_err(failed)
    });
    if written.is_err() {
        let _ = fs::remove_file(&fresh); // it may not have come to be
        return written;
    }
    sync_names(dir).map_err(|error| {
        let message = format!("cannot flush {}: {error}; look whether it has both texts", shown(path));
        Failure::new(Exit::Disk, message)
    })
}

/// Writes and flushes a new file with the mode of another.
fn write(path: &Path, like: &Metadata, text: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).owner_only().open(path)?;
    file.write_all(text)?;
    file.set_permissions(like.permissions())?;
    file.sync_all()
}
