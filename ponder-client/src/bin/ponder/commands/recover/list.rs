//! `ponder recover list`.

use ponder_client::Endpoint;
use ponder_endpoint::Journal;
use ponder_proto::{KeptDraft, printable, shown};
use serde::Serialize;

use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::kept::{self, Kept};
use crate::{hints, people, report};

/// One kept draft, for programs.
#[derive(Serialize)]
struct Listed<'a> {
    event: &'static str,
    #[serde(flatten)]
    kept: &'a KeptDraft,
    #[serde(flatten)]
    size: Size,
}

/// How much there is of it.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Size {
    /// Lines that are not as in the entry.
    Lines(usize),
    /// Files that somebody put beside a draft.
    Files(usize),
    /// It cannot be compared.
    Unknown(String),
}

pub(super) fn run(context: &Context, endpoint: &Endpoint) -> Result<Exit, Failure> {
    let (all, journal) = (kept::all(context, endpoint)?, endpoint.journal());
    for kept in &all {
        let size = size(journal, kept);
        if context.report.is_json() {
            context.report.event(&Listed { event: "kept", kept: &kept.told, size });
        } else {
            report::print(told(context, kept, &size).as_bytes());
        }
    }
    if context.report.is_json() {
        return Ok(Exit::Done);
    }
    if all.is_empty() {
        context.report.note("nothing is kept aside");
    } else {
        let show = hints::command(journal, "recover show ID");
        context.report.note(&format!("go on with {show}, `apply ID` or `drop ID`"));
    }
    Ok(Exit::Done)
}

fn size(journal: &Journal, kept: &Kept) -> Size {
    if kept.is_files() {
        return Size::Files(kept.files_beside().len());
    }
    let compared = kept.text().and_then(|text| {
        let text = text.ok_or_else(|| super::text_is_gone(kept))?;
        super::lines_that_differ(journal, kept, &text)
    });
    // One that cannot be read keeps nobody from seeing the others.
    compared.map_or_else(|failure| Size::Unknown(failure.message), Size::Lines)
}

fn told(context: &Context, kept: &Kept, size: &Size) -> String {
    let KeptDraft { id, entry, why, when, .. } = &kept.told;
    let size = match size {
        Size::Lines(lines) => super::lines_differ(*lines),
        Size::Files(count) => super::files(*count),
        Size::Unknown(why) => why.clone(),
    };
    let head = context.report.heading(&printable(id));
    let open = kept.open_in.as_ref().map(|who| format!("; {} still has it open", people::name(who)));
    let (since, why, path) = (people::since(*when), why.sentence(), shown(&kept.path));
    format!("{head}  {entry}, since {since}; {size}{}\n  because {why}\n  {path}\n", open.unwrap_or_default())
}
