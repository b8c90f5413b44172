//! `ponder show`: entries as they are. Reading needs no lease and no daemon.

use std::io::{self, Read as _};

use ponder_endpoint::{Journal, PlainFileError, open_plain};
use ponder_proto::{EntryName, Text};
use rustix::fs::{CWD, OFlags};
use serde::Serialize;

use crate::dates::{Now, Which};
use crate::exit::{Exit, Failure};
use crate::{outcomes, report};

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
        for (number, &entry) in entries.iter().enumerate() {
            let text = read(&journal, entry)?;
            if context.report.is_json() {
                context.report.event(&Shown { event: "entry", entry, text: Text(text) });
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

/// Reads an entry as the daemon would: no symbolic link is followed, no FIFO waited for.
fn read(journal: &Journal, entry: EntryName) -> Result<Vec<u8>, Failure> {
    let path = journal.entry_path(entry);
    let shown = outcomes::shown(&path);
    let failed = |error: io::Error| Failure::new(Exit::Disk, format!("cannot read {shown}: {error}"));
    let mut file = match open_plain(CWD, &path, OFlags::RDONLY) {
        Ok(Some(file)) => file,
        Ok(None) => {
            let journal = outcomes::shown(journal.path());
            return Err(Failure::new(Exit::Failed, format!("there is no entry for {entry} in {journal}")));
        }
        Err(PlainFileError::NotPlain(what)) => {
            let message = format!("{shown} is {what}, and an entry is a plain file: put one in its place");
            return Err(Failure::new(Exit::Config, message));
        }
        Err(PlainFileError::Io(error)) => return Err(failed(error)),
    };
    let mut text = Vec::new();
    file.read_to_end(&mut text).map_err(failed)?;
    Ok(text)
}
