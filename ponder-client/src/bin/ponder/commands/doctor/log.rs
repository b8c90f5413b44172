//! The daemon's write-ahead log, as `ponderd` itself reads it.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use ponder_client::daemon_program;
use ponder_endpoint::{Journal, PlainFileError, read_plain};
use ponder_proto::{Text, printable, shown};
use serde::Serialize;

use super::Finding;
use super::directories::let_into;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::hints;
use crate::platform::{Owner, owner};
use crate::report;

/// A line of what `ponderd` prints.
#[derive(Serialize)]
struct Line {
    event: &'static str,
    #[serde(flatten)]
    text: Text,
}

/// `ponder doctor --log`.
pub(super) fn print(context: &Context, journal: &Journal) -> Result<Exit, Failure> {
    let printed = read(journal)?;
    for line in printed.split_inclusive(|&byte| byte == b'\n') {
        if context.report.is_json() {
            let text = Text(line.trim_ascii_end().to_vec());
            context.report.event(&Line { event: "log_line", text });
        } else {
            report::print(line);
        }
    }
    Ok(Exit::Done)
}

/// Whether the log can be read, and how large it is.
pub(super) fn check(journal: &Journal) -> Finding {
    let path = journal.state_dir().map(|state| state.join("log"));
    let length = match path.as_deref().map(|path| read_plain(path).map_err(|error| (path, error))) {
        Ok(Ok(Some(file))) => file.metadata().map_or(0, |found| found.len()),
        Ok(Err((path, error))) => return unreadable(path, &error),
        Ok(Ok(None)) | Err(_) => {
            return Finding::good("log", "there is none yet, the first daemon begins it");
        }
    };
    match read(journal) {
        Ok(printed) => {
            let records = printed.split(|&byte| byte == b'\n').count().saturating_sub(2);
            let records = if records == 1 { "1 record".to_owned() } else { format!("{records} records") };
            Finding::good("log", format!("{} KiB, can be read, {records}", length.div_ceil(1024)))
        }
        Err(failure) => {
            let next = match failure.exit {
                Exit::Config | Exit::Disk => hints::bare_command(journal, "doctor --log"),
                _ => "install ponder and ponderd of one version, one beside the other".to_owned(),
            };
            Finding::bad("log", failure, next)
        }
    }
}

/// What is where the log should be, and cannot be read. The daemon does not get any further, either.
fn unreadable(path: &Path, error: &PlainFileError) -> Finding {
    let (at, typed) = (shown(path), hints::typed(path));
    let denied = match error {
        PlainFileError::NotPlain(what) => {
            let failure = Failure::new(Exit::Config, format!("{at} is {what}, and no log"));
            return Finding::bad("log", failure, hints::put_aside(path));
        }
        PlainFileError::Io(error) => error.kind() == ErrorKind::PermissionDenied,
    };
    let next = match fs::symlink_metadata(path).map(|found| owner(&found)) {
        Ok(Owner::Foreign { you, .. }) if denied => format!("sudo chown {you} {typed}"),
        _ if cfg!(windows) => "close the program that has it open, or look who may read it".to_owned(),
        Ok(_) if denied => format!("chmod u+rw {typed}"),
        Err(_) if denied => let_into(path),
        _ => format!("look for trouble with the disk (`dmesg` tells of it), which `df {typed}` names"),
    };
    Finding::bad("log", Failure::new(Exit::Disk, format!("cannot read {at}: {error}")), next)
}

/// What `ponderd --print-log` prints. It takes no lock and changes nothing.
fn read(journal: &Journal) -> Result<Vec<u8>, Failure> {
    let program = daemon_program()?;
    let started = Command::new(&program)
        .arg("--journal")
        .arg(journal.path())
        .arg("--print-log")
        .stdin(Stdio::null())
        .output();
    let failed =
        |error: io::Error| Failure::new(Exit::NoDaemon, format!("cannot start {}: {error}", shown(&program)));
    let Output { status, stdout, stderr } = started.map_err(failed)?;
    if status.success() {
        return Ok(stdout);
    }
    if status.code() == Some(2) {
        let message =
            format!("{} is older than this ponder and cannot print its log: install both", shown(&program));
        return Err(Failure::new(Exit::Versions, message));
    }
    let said = printable(String::from_utf8_lossy(&stderr).trim_end());
    let exit = match status.code() {
        Some(78) => Exit::Config,
        Some(69) => Exit::Disk,
        _ => Exit::NoDaemon,
    };
    let message = if said.is_empty() { format!("{} ended with {status}", shown(&program)) } else { said };
    Err(Failure::new(exit, message))
}
