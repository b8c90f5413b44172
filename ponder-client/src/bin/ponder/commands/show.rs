//! `ponder show`: entries as they are. Reading needs no lease and no daemon; one that runs is asked for
//! what it has acknowledged and not published yet.

use std::io::{self, Read as _};

use ponder_client::{Endpoint, Error};
use ponder_endpoint::{Journal, PlainFileError, read_plain};
use ponder_proto::{Deferred, EntryName, Text, shown};
use serde::Serialize;

use crate::dates::{Now, Which};
use crate::exit::{Exit, Failure};
use crate::report::Report;
use crate::{deferred, report};

use super::{existing, none_exist, today};
use crate::context::Context;

/// Which entries to show.
#[derive(Debug)]
pub(crate) struct Show {
    pub(crate) which: Which,
}

#[derive(Serialize)]
struct Shown {
    event: &'static str,
    entry: EntryName,
    #[serde(flatten)]
    text: Text,
    /// Whether all of it is in the entry's file.
    published: bool,
}

impl Show {
    pub(crate) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let journal = context.open()?;
        let now = Now::read();
        let entries = match self.which {
            Which::Day(day) => vec![day],
            Which::Today => vec![today(&now)?],
            Which::Retro => existing(&journal, now.retro()),
            Which::Reminisce => existing(&journal, now.reminisce()),
        };
        if entries.is_empty() {
            context.report.note(none_exist(self.which));
        }
        let mut reader = Reader::new(context, journal);
        for (number, &entry) in entries.iter().enumerate() {
            let (text, published) = reader.read(entry)?;
            if context.report.is_json() {
                context.report.event(&Shown { event: "entry", entry, text: Text(text), published });
                continue;
            }
            if number > 0 {
                report::print(b"\n");
            }
            report::print(&text);
        }
        Ok(Exit::Done)
    }
}

/// Reads entries, with what is acknowledged and waits for another program's lock behind them.
struct Reader {
    report: Report,
    journal: Journal,
    /// None where no daemon can be asked.
    endpoint: Option<Endpoint>,
    waiting: Vec<Deferred>,
}

/// How often an entry is read again because something that waited for it no longer does.
const ATTEMPTS: usize = 3;

impl Reader {
    fn new(context: &Context, journal: Journal) -> Self {
        let endpoint = Endpoint::of(journal.clone()).ok();
        let mut reader = Self { report: context.report, journal, endpoint, waiting: Vec::new() };
        reader.waiting = reader.ask();
        reader
    }

    /// What waits. Nothing here may keep anybody from reading: a daemon that does not answer is not
    /// asked again.
    fn ask(&mut self) -> Vec<Deferred> {
        let Some(endpoint) = &self.endpoint else { return Vec::new() };
        deferred::ask(endpoint).unwrap_or_else(|error| {
            self.endpoint = None;
            if matches!(error, Error::Silent { .. }) {
                self.report.note(&format!("{error}; text that it has not published yet is not shown"));
            }
            Vec::new()
        })
    }

    /// An entry's text, and whether all of it is in the file.
    fn read(&mut self, entry: EntryName) -> Result<(Vec<u8>, bool), Failure> {
        for _ in 0..ATTEMPTS {
            let text = read(&self.journal, entry);
            let Some(waited) = deferred::of(&self.waiting, entry).cloned() else { return Ok((text?, true)) };
            // What waited before and after was not in the file in between.
            self.waiting = self.ask();
            if deferred::of(&self.waiting, entry) == Some(&waited) {
                let text = if text.as_ref().is_err_and(is_missing) { Vec::new() } else { text? };
                return Ok((deferred::put_behind(text, &waited), false));
            }
        }
        Ok((read(&self.journal, entry)?, true)) // it changes faster than we read
    }
}

fn is_missing(failure: &Failure) -> bool {
    failure.exit == Exit::Failed
}

/// Reads an entry as the daemon would: no symbolic link is followed out of the journal, no FIFO waited for.
fn read(journal: &Journal, entry: EntryName) -> Result<Vec<u8>, Failure> {
    let path = journal.file_of(entry);
    let file_name = shown(&path);
    let failed = |error: io::Error| Failure::new(Exit::Disk, format!("cannot read {file_name}: {error}"));
    let mut file = match read_plain(&path) {
        Ok(Some(file)) => file,
        Ok(None) => {
            let journal = shown(journal.path());
            return Err(Failure::new(Exit::Failed, format!("there is no entry for {entry} in {journal}")));
        }
        Err(PlainFileError::NotPlain(what)) => {
            let message =
                format!("{file_name} is {what}, and an entry is a plain file: put one in its place");
            return Err(Failure::new(Exit::Config, message));
        }
        Err(PlainFileError::Io(error)) => return Err(failed(error)),
    };
    let mut text = Vec::new();
    file.read_to_end(&mut text).map_err(failed)?;
    Ok(text)
}
