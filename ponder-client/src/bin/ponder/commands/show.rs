//! `ponder show`: entries as they are. Reading needs no lease and no daemon.

use std::fs;
use std::io;

use ponder_endpoint::Journal;
use ponder_proto::{EntryName, Text};
use serde::Serialize;

use crate::dates::{Now, Which};
use crate::exit::{Exit, Failure};
use crate::report;

use super::{Context, existing, none_exist, today};

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

fn read(journal: &Journal, entry: EntryName) -> Result<Vec<u8>, Failure> {
    let path = journal.entry_path(entry);
    fs::read(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Failure::new(
            Exit::Failed,
            format!("there is no entry for {entry} in {}", journal.path().display()),
        ),
        _ => Failure::new(Exit::Disk, format!("cannot read {}: {error}", path.display())),
    })
}
