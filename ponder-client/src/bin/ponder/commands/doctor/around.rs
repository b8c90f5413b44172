//! What is around the daemon: its socket, its service, the editor, the clock.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use ponder_client::Endpoint;
use ponder_endpoint::{Journal, Record, SIDE_DIR, machine};
use ponder_proto::{printable, shown};

use super::Finding;
use crate::clock::local_now;
use crate::commands::service::{self, State};
use crate::editor::Editor;
use crate::exit::{Exit, Failure};
use crate::hints;
use crate::platform::{Listening, Owner, listening};

/// A file that lies in `.ponder` for longer than this is nobody's any more.
const STALE: Duration = Duration::from_secs(24 * 3600);

/// Where the daemon listens.
pub(super) fn socket(endpoint: &Endpoint) -> Finding {
    let path = endpoint.socket();
    match listening(path) {
        Listening::Nobody => {
            return Finding::good("socket", format!("{}: not there, nobody listens", shown(path)));
        }
        Listening::NoSocket => {
            let message = format!("{} is no socket", shown(path));
            return Finding::bad("socket", Failure::new(Exit::NotYours, message), hints::put_aside(path));
        }
        Listening::Somebody(Owner::Foreign { owner, you }) => {
            let message = format!("{} belongs to user {owner}, not to you (user {you})", shown(path));
            let next = format!("rm -f {}", hints::typed(path));
            return Finding::bad("socket", Failure::new(Exit::NotYours, message), next);
        }
        Listening::Somebody(_) => {}
    }
    let finding = Finding::good("socket", shown(path));
    let journal = endpoint.journal();
    match Record::read(journal).and_then(|record| record.socket_of(journal)) {
        Some(other) if other != *path => finding
            .detail(format!("a daemon that was started in another environment is at {}", shown(&other))),
        _ => finding,
    }
}

/// Whether a service manager runs the daemon, and how that goes.
pub(super) fn service(journal: &Journal) -> Finding {
    match service::state(journal) {
        Ok(None) => Finding::good("service", "none; the daemon starts by itself when it is needed"),
        Ok(Some(State { told, has_failed, next })) => {
            let mut lines = told.lines().map(str::to_owned);
            let exit = if has_failed { Exit::NoDaemon } else { Exit::Done };
            let finding = Finding::good("service", lines.next().unwrap_or_default());
            Finding { exit, detail: lines.next(), next, ..finding }
        }
        Err(failure) => {
            let next = match failure.exit {
                Exit::Config => "export HOME, as a login sets it".to_owned(),
                _ => hints::bare_command(journal, "service status"),
            };
            Finding::bad("service", failure, next)
        }
    }
}

/// Which editor would be started, and how.
pub(super) fn editor() -> Finding {
    match Editor::find() {
        Ok(editor) => Finding::good("editor", printable(&editor.command_line())),
        Err(failure) => {
            let next = "export EDITOR=vim, or whatever you like, in your shell's start-up file";
            Finding::bad("editor", failure, next)
        }
    }
}

/// Whether entries get the right day.
pub(super) fn clock(journal: &Journal) -> Finding {
    let told = local_now().strftime("%Y-%m-%d %H:%M, UTC %:z").to_string();
    let now = SystemTime::now();
    let newest = newest(journal.path());
    let ahead = newest.and_then(|newest| newest.duration_since(now).ok());
    match ahead.filter(|ahead| *ahead > STALE) {
        Some(ahead) => {
            let days = ahead.as_secs() / STALE.as_secs();
            let message = format!("{told}; something in the journal was written {days} days later than that");
            Finding::good("clock", message).next("set the clock, or find out which machine's was wrong")
        }
        None => Finding::good("clock", told),
    }
}

fn newest(dir: &Path) -> Option<SystemTime> {
    let items = fs::read_dir(dir).ok()?.flatten();
    items.filter_map(|item| item.metadata().ok()?.modified().ok()).max()
}

/// What daemons that were killed, here or on another machine, have left in the journal.
pub(super) fn stale(journal: &Journal) -> Vec<Finding> {
    let dir = journal.path().join(SIDE_DIR);
    let now = SystemTime::now();
    let is_stale = |item: &fs::DirEntry| {
        let age = item.metadata().ok().and_then(|found| now.duration_since(found.modified().ok()?).ok());
        age.is_some_and(|age| age > STALE)
    };
    let stale = fs::read_dir(&dir).into_iter().flatten().flatten().filter(is_stale);
    let names = stale.map(|item| item.file_name().to_string_lossy().into_owned());
    let own = format!("{}.", machine());
    let (ours, theirs): (Vec<_>, Vec<_>) =
        names.filter(|name| name.strip_suffix(".tmp").is_some()).partition(|name| name.starts_with(&own));
    let found = |count: usize, whose: &str| {
        let files = if count == 1 { "1 file of".to_owned() } else { format!("{count} files of") };
        Finding::good("stale", format!("{files} {whose} machine, older than a day, in {}", shown(&dir)))
    };
    let mut findings = Vec::new();
    if !ours.is_empty() {
        let finding =
            found(ours.len(), "this").detail("a daemon that starts takes up what is in those".into());
        findings.push(finding.next(hints::bare_command(journal, "daemon restart")));
    }
    if !theirs.is_empty() {
        let detail = "only a daemon there takes up what is in those, and knows whether that is needed";
        let finding = found(theirs.len(), "another").detail(detail.into());
        findings.push(finding.next("if that machine writes here no more, look into them and delete them"));
    }
    findings
}
