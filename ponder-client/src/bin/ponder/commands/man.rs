//! `ponder man`: the manual, of both programs and every command.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ponder_proto::{RawPath, shown};
use serde::Serialize;

use super::completions::published;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::report;

/// What to do with the manual.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Man {
    /// Print the page `ponder`(1).
    Print,
    /// Write every page into this directory.
    Write(PathBuf),
}

/// What `--json` says.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Said {
    Page { text: &'static str },
    Written { path: RawPath },
}

macro_rules! pages {
    ($($name:literal),* $(,)?) => {
        &[$(($name, published!("man/man1/", $name))),*]
    };
}

/// Every page: its file's name and its text. The one of `ponder` itself is the first.
pub(crate) const PAGES: &[(&str, &str)] = pages![
    "ponder.1",
    "ponder-edit.1",
    "ponder-append.1",
    "ponder-show.1",
    "ponder-status.1",
    "ponder-lease.1",
    "ponder-break.1",
    "ponder-merge-file.1",
    "ponder-recover.1",
    "ponder-recover-list.1",
    "ponder-recover-show.1",
    "ponder-recover-apply.1",
    "ponder-recover-drop.1",
    "ponder-daemon.1",
    "ponder-daemon-start.1",
    "ponder-daemon-stop.1",
    "ponder-daemon-restart.1",
    "ponder-daemon-status.1",
    "ponder-service.1",
    "ponder-service-install.1",
    "ponder-service-uninstall.1",
    "ponder-service-print.1",
    "ponder-service-status.1",
    "ponder-doctor.1",
    "ponder-completions.1",
    "ponder-man.1",
    "ponderd.1",
];

impl Man {
    pub(crate) fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Print => print(context),
            Self::Write(dir) => write(context, &dir)?,
        }
        Ok(Exit::Done)
    }
}

fn print(context: &Context) {
    let (_, text) = PAGES[0];
    if context.report.is_json() {
        context.report.event(&Said::Page { text });
    } else {
        report::print(text.as_bytes());
    }
}

fn write(context: &Context, dir: &Path) -> Result<(), Failure> {
    let cannot = |path: &Path, error: &io::Error| {
        let message =
            format!("cannot write {}: {error}; name a directory that you may write to", shown(path));
        Failure::new(Exit::Disk, message)
    };
    fs::create_dir_all(dir).map_err(|error| cannot(dir, &error))?;
    for (name, text) in PAGES {
        let path = dir.join(name);
        fs::write(&path, text).map_err(|error| cannot(&path, &error))?;
        if context.report.is_json() {
            context.report.event(&Said::Written { path: RawPath::from(path.as_path()) });
        }
    }
    context.report.note(&format!("{} pages are in {}", PAGES.len(), shown(dir)));
    Ok(())
}
