//! `ponder doctor`: whether everything is as it has to be, and what to do where it is not.

mod around;
mod daemon;
mod directories;
mod log;

use std::fmt::Write as _;
use std::path::Path;

use ponder_client::Endpoint;
use ponder_endpoint::{Journal, JournalError};
use serde::Serialize;

use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::hints;
use crate::journal_dir;
use crate::report::{self, Report};

/// What to look at.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Doctor {
    /// Everything, on a page.
    Everything,
    /// The records of the write-ahead log.
    Log,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    event: &'static str,
    /// What was looked at, in a word.
    about: &'static str,
    /// What a script that found only this would exit with.
    exit: Exit,
    message: String,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// What mends it, or what to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl Finding {
    /// Nothing to do.
    fn good(about: &'static str, message: impl Into<String>) -> Self {
        let (event, exit) = ("finding", Exit::Done);
        Self { event, about, exit, message: message.into(), detail: None, next: None }
    }

    /// Something is wrong, and there is something to do about it.
    fn bad(about: &'static str, failure: Failure, next: impl Into<String>) -> Self {
        let Failure { exit, message } = failure;
        Self { exit, ..Self::good(about, message) }.next(next)
    }

    fn detail(self, detail: String) -> Self {
        Self { detail: Some(detail), ..self }
    }

    fn next(self, next: impl Into<String>) -> Self {
        Self { next: Some(next.into()), ..self }
    }
}

/// The widest word that something is about, and two spaces.
const COLUMN: usize = 9;

impl Doctor {
    pub(crate) fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Everything => everything(context),
            Self::Log => log::print(context, &context.open()?),
        }
    }
}

fn everything(context: &Context) -> Result<Exit, Failure> {
    let path = journal_dir::resolve(context.journal.as_deref())?;
    let mut worst = Exit::Done;
    for finding in findings(&path) {
        tell(context.report, &finding);
        worst = worst.or_worse(finding.exit);
    }
    Ok(worst)
}

fn findings(path: &Path) -> Vec<Finding> {
    let journal = match Journal::open(path) {
        Ok(journal) => journal,
        Err(error) => {
            let next = match &error {
                JournalError::Missing(_) => "ponder, which makes it with its first entry".to_owned(),
                JournalError::Unusable { path, .. } => format!("chmod u+rwx {}", hints::typed(path)),
                _ => "point PONDER_DIR or --journal to a directory of yours".to_owned(),
            };
            return vec![Finding::bad("journal", error.into(), next)];
        }
    };
    let mut findings = vec![directories::journal(&journal), directories::state(&journal)];
    findings.push(log::check(&journal));
    match Endpoint::found(journal.clone()) {
        Ok(endpoint) => {
            findings.push(around::socket(&endpoint));
            findings.extend(daemon::daemon(&endpoint));
        }
        Err(error) => {
            let next = "mend that directory, or set XDG_RUNTIME_DIR to a short one of yours";
            findings.push(Finding::bad("daemon", error.into(), next));
            findings.push(daemon::left(&journal));
        }
    }
    findings.extend(around::stale(&journal));
    findings.extend([around::service(&journal), around::editor(), around::clock(&journal)]);
    findings
}

fn tell(report: Report, finding: &Finding) {
    if report.is_json() {
        return report.event(finding);
    }
    let about = report.heading(&format!("{:COLUMN$}", finding.about));
    let mut text = format!("{about}{}\n", finding.message);
    if let Some(detail) = &finding.detail {
        let _ = writeln!(text, "{:COLUMN$}{detail}", ""); // writing to a String cannot fail
    }
    if let Some(next) = &finding.next {
        let _ = writeln!(text, "{:COLUMN$}-> {next}", ""); // as above
    }
    report::print(text.as_bytes());
}
