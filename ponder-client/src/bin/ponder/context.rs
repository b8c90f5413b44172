//! What all commands have in common.

use std::path::PathBuf;

use ponder_client::StartOptions;
use ponder_endpoint::Journal;

use crate::exit::Failure;
use crate::journal_dir;
use crate::report::Report;

/// How this run was asked for, whatever it is to do.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) report: Report,
    /// From `--journal`.
    pub(crate) journal: Option<PathBuf>,
    pub(crate) start: StartOptions,
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
}
