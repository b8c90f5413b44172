//! What the doctor looks at.

use std::fs;
use std::path::Path;
use std::time::Duration;

use ponder_client::{Endpoint, Error};
use ponder_endpoint::{Journal, JournalLock, LockError, base_dir};
use ponder_proto::{Body, Op, StatusReport, printable, shown};

use super::Finding;
use crate::exit::{Exit, Failure};
use crate::file_systems::{FileSystem, Flush};
use crate::platform::{Owner, can_write_into, owner};
use crate::{deferred, hints, kept, lock_holders, people};

/// How long a daemon may take to say how it is.
const PATIENCE: Duration = Duration::from_secs(5);

/// The journal's directory.
pub(super) fn journal(journal: &Journal) -> Finding {
    let path = journal.path();
    if !can_write_into(path) {
        let message = format!("{}: nothing can be written there", shown(path));
        let next = format!("chmod u+wx {}", hints::typed(path));
        return Finding::bad("journal", Failure::new(Exit::Config, message), next);
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
            "point PONDER_DIR to a directory of yours".to_owned(),
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
    let elsewhere = "set XDG_STATE_HOME to a directory of yours";
    let checked = path.ancestors().nth(2).map(|base| base_dir(base, elsewhere));
    if let Some(Err(error)) = checked
        && error.is_not_ours_alone()
    {
        return Finding::bad("state", Failure::new(Exit::NotYours, error.to_string()), elsewhere);
    }
    let Ok(found) = fs::symlink_metadata(&path) else {
        return Finding::good("state", format!("{}: not there yet, the first daemon makes it", shown(&path)));
    };
    match owner(&found) {
        Owner::Foreign { owner, you } => {
            let message = format!("{} belongs to user {owner}, not to you (user {you})", shown(&path));
            return Finding::bad("state", Failure::new(Exit::NotYours, message), elsewhere);
        }
        Owner::Open { mode } => {
            let message = format!("others can reach into {} (mode {mode:03o})", shown(&path));
            let next = format!("chmod 700 {}", hints::typed(&path));
            return Finding::bad("state", Failure::new(Exit::NotYours, message), next);
        }
        Owner::Ours => {}
    }
    on_its_file_system("state", &path).unwrap_or_else(|| Finding::good("state", shown(&path)))
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

/// The daemon, and what it knows of.
pub(super) fn daemon(endpoint: &Endpoint) -> Vec<Finding> {
    let status = match endpoint.ask_running(Op::Status, PATIENCE) {
        Ok(Some(Body::Status(status))) => status,
        Ok(_) => return not_running(endpoint),
        Err(error) => return vec![unanswered(endpoint, error)],
    };
    vec![
        running(endpoint.journal(), &status),
        kept_drafts(endpoint.journal(), status.kept.len()),
        waiting(endpoint),
    ]
}

/// One that cannot be spoken with.
fn unanswered(endpoint: &Endpoint, error: Error) -> Finding {
    let silent = matches!(error, Error::Silent { .. });
    let failure = Failure::from(error);
    let next = match failure.exit {
        _ if silent => {
            "look what the process ponderd is doing; `kill` it if it hangs, nothing acknowledged is lost"
                .into()
        }
        Exit::NotYours => "unset XDG_RUNTIME_DIR, or set it to a directory of yours".into(),
        Exit::Versions => "install ponder and ponderd of one version, one beside the other".into(),
        _ => hints::bare_command(endpoint.journal(), "daemon restart"),
    };
    Finding::bad("daemon", failure, next)
}

fn running(journal: &Journal, status: &StatusReport) -> Finding {
    let daemon = &status.daemon;
    let version = printable(&daemon.version);
    let since = people::since(daemon.started);
    let finding =
        Finding::good("daemon", format!("ponderd {version} (pid {}) runs since {since}", daemon.pid));
    if daemon.version == env!("CARGO_PKG_VERSION") {
        return finding;
    }
    let (own, stop) = (env!("CARGO_PKG_VERSION"), hints::command(journal, "daemon stop"));
    finding.next(format!("this is ponder {own}: {stop}, and the next command starts that version"))
}

fn not_running(endpoint: &Endpoint) -> Vec<Finding> {
    let journal = endpoint.journal();
    let daemon = match JournalLock::try_take(journal) {
        Ok(_) => Finding::good("daemon", "none runs; it starts by itself when it is needed"),
        Err(LockError::Taken(_)) => {
            let message = "a process owns the journal and does not answer: it is just starting or ending, \
                           or was started with another XDG_RUNTIME_DIR";
            let next = "look again; if it stays so, look for the process ponderd";
            Finding::bad("daemon", Failure::new(Exit::NoDaemon, message), next)
        }
        Err(error) => {
            let next =
                format!("chmod u+rx {}, or put it on a file system with locks", hints::typed(journal.path()));
            Finding::bad("daemon", Failure::new(Exit::NoDaemon, error.to_string()), next)
        }
    };
    vec![daemon, kept_drafts(journal, kept::waiting(journal))]
}

fn kept_drafts(journal: &Journal, count: usize) -> Finding {
    let message = match count {
        0 => return Finding::good("kept", "no text is kept aside"),
        1 => "1 kept draft is waiting".to_owned(),
        several => format!("{several} kept drafts are waiting"),
    };
    Finding::bad("kept", Failure::new(Exit::Conflict, message), hints::bare_command(journal, "recover"))
}

fn waiting(endpoint: &Endpoint) -> Finding {
    let waiting = match deferred::ask(endpoint) {
        Ok(waiting) => waiting,
        Err(error) => {
            let next = hints::bare_command(endpoint.journal(), "status");
            return Finding::bad("waiting", error.into(), next);
        }
    };
    let Some(first) = waiting.first() else {
        return Finding::good("waiting", "no text waits for another program's lock");
    };
    let appends: u32 = waiting.iter().map(|deferred| deferred.appends).sum();
    let holds = lock_holders::told(&lock_holders::of(&endpoint.journal().file_of(first.entry)));
    let entry = first.entry;
    let what = if appends == 1 { "1 append waits".to_owned() } else { format!("{appends} appends wait") };
    Finding::good("waiting", format!("{what}, durably: {holds} holds the lock on {entry}"))
        .next(hints::bare_command(endpoint.journal(), "status"))
}
