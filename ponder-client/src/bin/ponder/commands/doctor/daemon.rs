//! The daemon, and what it knows of.

use std::time::Duration;

use ponder_client::{Endpoint, Error};
use ponder_endpoint::{Journal, JournalLock, LockError};
use ponder_proto::{Body, Op, StatusReport, printable};

use super::Finding;
use crate::exit::{Exit, Failure};
use crate::{deferred, hints, kept, lock_holders, people};

/// How long a daemon may take to say how it is.
const PATIENCE: Duration = Duration::from_secs(5);

/// How it is, and what it says.
pub(super) fn daemon(endpoint: &Endpoint) -> Vec<Finding> {
    let status = match endpoint.ask_running(Op::Status, PATIENCE) {
        Ok(Some(Body::Status(status))) => status,
        Ok(_) => return not_running(endpoint),
        Err(error) => return vec![unanswered(endpoint, error), left(endpoint.journal())],
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
    // On Windows it is a file, which would be made; where there is none nobody has locked it.
    let is_free = || journal.state_dir().is_ok_and(|state| !state.join("lock").exists());
    if cfg!(windows) && is_free() {
        return vec![none(), left(journal)];
    }
    let daemon = match JournalLock::try_take(journal) {
        Ok(_) => none(),
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
    vec![daemon, left(journal)]
}

fn none() -> Finding {
    Finding::good("daemon", "none runs; it starts by itself when it is needed")
}

/// Kept drafts, as far as they are found without a daemon.
pub(super) fn left(journal: &Journal) -> Finding {
    kept_drafts(journal, kept::waiting(journal))
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
