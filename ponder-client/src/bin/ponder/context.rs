//! What all commands have in common.

use std::cell::Cell;
use std::path::PathBuf;

use ponder_client::{Connection, OlderDaemon, StartOptions};
use ponder_endpoint::Journal;
use ponder_proto::{printable, shown};

use crate::exit::Failure;
use crate::hints;
use crate::journal_dir;
use crate::report::Report;

/// How this run was asked for, whatever it is to do.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) report: Report,
    /// From `--journal`.
    pub(crate) journal: Option<PathBuf>,
    pub(crate) start: StartOptions,
    /// An older daemon was asked to make way, or none was found: once is enough.
    pub(crate) looked_for_older: Cell<bool>,
}

impl Context {
    /// The journal, made if there is none yet.
    pub(crate) fn open_or_create(&self) -> Result<Journal, Failure> {
        let journal = Journal::open_or_create(&journal_dir::resolve(self.journal.as_deref())?)?;
        self.report.detail(&format!("the journal is {}", shown(journal.path())));
        Ok(journal)
    }

    /// The journal, if there is one.
    pub(crate) fn open(&self) -> Result<Journal, Failure> {
        Ok(Journal::open(&journal_dir::resolve(self.journal.as_deref())?)?)
    }

    /// The journal, whether it is there or not. Nothing is made.
    pub(crate) fn named(&self) -> Result<Journal, Failure> {
        Ok(Journal::named(&journal_dir::resolve(self.journal.as_deref())?)?)
    }

    /// How the daemon is to be started by whoever is about to write: the first time, one that is older
    /// than we are is asked to make way.
    pub(crate) fn newest(&self) -> StartOptions {
        let upgrade = !self.looked_for_older.replace(true);
        StartOptions { upgrade, ..self.start.clone() }
    }

    /// Says that the daemon is older, and did not make way.
    pub(crate) fn tell_if_older(&self, journal: &Journal, connection: &Connection) {
        if let Some(daemon) = connection.older_daemon() {
            self.report.note(&older_sentence(journal, daemon));
        }
    }
}

/// That a daemon is older than we are, and what helps: it knows best, if it has given a reason to stay.
fn older_sentence(journal: &Journal, daemon: &OlderDaemon) -> String {
    let (version, own) = (printable(&daemon.version), env!("CARGO_PKG_VERSION"));
    let which = format!("the daemon is version {version}, this is {own}");
    match &daemon.reason {
        Some(reason) => format!("{which}, and it stays: {}", printable(reason)),
        None => format!("{which}; {} when it suits", hints::command(journal, "daemon restart")),
    }
}

#[cfg(test)]
mod tests {
    use ponder_client::Error;
    use ponder_proto::{Append, Body, ErrorCode, Op, OperationId, Successor, Text};

    use super::*;
    use crate::fake_daemon::{Peer, Place, acquire, entry, granted, silent};

    fn context() -> Context {
        let start = StartOptions::default();
        Context { report: silent(), journal: None, start, looked_for_older: Cell::new(false) }
    }

    fn append() -> (Op, Body) {
        let (entry, operation) = (entry(), OperationId([9; 16]));
        let text = Text::from("x");
        let append = Append { entry, text, operation: Some(operation), time: None };
        (Op::Append(append), Body::Appended { entry, operation, repeated: false })
    }

    fn restart() -> Op {
        Op::Restart { for_version: Some(env!("CARGO_PKG_VERSION").to_owned()) }
    }

    /// What is told of the daemon that answered, if it is an older one.
    fn begin(context: &Context, place: &Place, op: &Op) -> Result<Option<String>, Error> {
        let (connection, _) = place.endpoint.begin(op, &context.newest())?;
        Ok(connection.older_daemon().map(|daemon| older_sentence(place.endpoint.journal(), daemon)))
    }

    #[test]
    fn an_older_daemon_that_stays_is_worked_with_and_asked_once() {
        for (code, told) in [
            (ErrorCode::Busy, ", and it stays: no"),
            (ErrorCode::NotNewer, ", and it stays: no"),
            (ErrorCode::UnknownOperation, " daemon restart` when it suits"),
        ] {
            let place = Place::new();
            let daemon = place.daemon(move |listener| {
                let mut client = Peer::accept_as(&listener, "0.0.1");
                Peer::accept(&listener).refuse(&restart(), code);
                let (op, appended) = append();
                client.answer(&op, appended);
                let mut client = Peer::accept_as(&listener, "0.0.1");
                let (op, appended) = append();
                client.answer(&op, appended);
            });
            let context = context();
            let which = format!("the daemon is version 0.0.1, this is {}", env!("CARGO_PKG_VERSION"));
            let said = begin(&context, &place, &append().0).unwrap().expect("it is told");
            assert!(said.starts_with(&which) && said.ends_with(told), "{code:?}: {said}");
            let journal = format!("`ponder --journal {}", place.endpoint.journal().path().display());
            assert_eq!(said.contains(&journal), code == ErrorCode::UnknownOperation, "{said}");
            assert_eq!(begin(&context, &place, &append().0).unwrap(), None, "it is not asked again");
            daemon.join().unwrap();
        }
    }

    #[test]
    fn an_older_daemon_that_makes_way_is_waited_for() {
        let acquire = Op::Acquire(acquire(ponder_proto::CommitPolicy::OnSave));
        for (op, answer) in [append(), (acquire, granted(Vec::new()))] {
            let place = Place::new();
            let asked = op.clone();
            let daemon = place.daemon(move |listener| {
                let client = Peer::accept_as(&listener, "0.0.1");
                Peer::accept(&listener).answer(&restart(), Body::Stopping { successor: Successor::Yes });
                drop(client);
                Peer::accept(&listener).answer(&asked, answer);
            });
            assert_eq!(begin(&context(), &place, &op).unwrap(), None);
            daemon.join().unwrap();
        }
    }
}
