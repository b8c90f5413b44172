//! The daemon's write-ahead log, as `ponderd` itself reads it.

use std::fs;
use std::io;
use std::process::{Command, Output, Stdio};

use ponder_client::daemon_program;
use ponder_endpoint::Journal;
use ponder_proto::{Text, printable, shown};
use serde::Serialize;

use super::Finding;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::hints;
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
    let length = path.as_ref().ok().and_then(|path| fs::metadata(path).ok()).map(|found| found.len());
    let Some(length) = length else {
        return Finding::good("log", "there is none yet, the first daemon begins it");
    };
    match read(journal) {
        Ok(printed) => {
            let records = printed.split(|&byte| byte == b'\n').count().saturating_sub(2);
            let records = if records == 1 { "1 record".to_owned() } else { format!("{records} records") };
            Finding::good("log", format!("{} KiB, can be read, {records}", length.div_ceil(1024)))
        }
        Err(failure) => {
            let next = match failure.exit {
                Exit::Config => hints::bare_command(journal, "doctor --log"),
                _ => "install ponder and ponderd of one version, one beside the other".to_owned(),
            };
            Finding::bad("log", failure, next)
        }
    }
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
    let exit = if status.code() == Some(78) { Exit::Config } else { Exit::NoDaemon };
    let message = if said.is_empty() { format!("{} ended with {status}", shown(&program)) } else { said };
    Err(Failure::new(exit, message))
}
