//! `ponder recover show`: from the entry to the kept text.

use ponder_client::Endpoint;
use ponder_proto::{EntryName, Text, shown};
use serde::Serialize;

use crate::context::Context;
use crate::diff::Difference;
use crate::exit::{Exit, Failure};
use crate::kept::{self, Kept};
use crate::report;

/// A difference, for programs.
#[derive(Serialize)]
struct Shown<'a> {
    event: &'static str,
    id: &'a str,
    entry: EntryName,
    lines: usize,
    /// As `diff -u` writes it.
    #[serde(flatten)]
    text: Text,
}

pub(super) fn run(context: &Context, endpoint: &Endpoint, kept: &Kept) -> Result<Exit, Failure> {
    let (id, entry, report) = (kept.id(), kept.told.entry, context.report);
    if kept.is_files() {
        return Err(super::apply::files_are_yours(endpoint.journal(), kept));
    }
    let ours = kept.text()?.ok_or_else(|| super::text_is_gone(kept))?;
    let path = endpoint.journal().file_of(entry);
    let theirs = kept::read(&path)?;
    if theirs.is_none() {
        report.note(&format!(
            "there is no entry for {entry} any more: {} is all in the kept draft",
            shown(&path)
        ));
    }
    let theirs = theirs.unwrap_or_default();
    let difference = Difference::of(&theirs, &ours);
    let text = difference.unified(&path, &kept.path, report.colours_results() && !report.is_json());
    if report.is_json() {
        let lines = difference.lines();
        report.event(&Shown { event: "difference", id, entry, lines, text: Text(text) });
    } else if text.is_empty() {
        report.note(&format!("the entry {entry} has the text of {id} already"));
    } else {
        report::print(&text);
    }
    Ok(Exit::Done)
}
