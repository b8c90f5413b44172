//! What all commands have in common.

use std::cell::Cell;
use std::path::PathBuf;

use ponder_client::{Connection, StartOptions};
use ponder_endpoint::Journal;

use crate::exit::Failure;
use crate::report::Report;
use crate::{journal_dir, people};

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
        self.report.detail(&format!("the journal is {}", journal.path().display()));
        Ok(journal)
    }

    /// The journal, if there is one.
    pub(crate) fn open(&self) -> Result<Journal, Failure> {
        Ok(Journal::open(&journal_dir::resolve(self.journal.as_deref())?)?)
    }

    /// How the daemon is to be started by whoever is about to write: the first time, one that is older
    /// than we are is asked to make way.
    pub(crate) fn newest(&self) -> StartOptions {
        let upgrade = !self.looked_for_older.replace(true);
        StartOptions { upgrade, ..self.start.clone() }
    }

    /// Says that the daemon is older, and did not make way.
    pub(crate) fn tell_if_older(&self, connection: &Connection) {
        let Some(version) = connection.older_daemon() else { return };
        let version = people::printable(version);
        let own = env!("CARGO_PKG_VERSION");
        self.report.note(&format!(
            "the daemon is version {version}, this is {own}; `ponder daemon restart` when it suits"
        ));
    }
}
