//! `ponder recover drop`: deletes a kept draft, after a yes.

use ponder_client::Endpoint;
use ponder_proto::shown;

use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::kept::Kept;
use crate::{hints, people, question};

pub(super) fn run(context: &Context, endpoint: &Endpoint, kept: &Kept, yes: bool) -> Result<Exit, Failure> {
    let id = kept.id();
    if kept.is_files() && !kept.files_beside().is_empty() {
        return Err(super::apply::files_are_yours(endpoint.journal(), kept));
    }
    if let Some(who) = &kept.open_in {
        let who = people::name(who);
        let message =
            format!("{who} still has {id} open: drop it when that is closed, or its next save fails");
        return Err(Failure::new(Exit::Busy, message));
    }
    if !yes {
        if context.report.is_json() || !question::can_ask() {
            let command = hints::command(endpoint.journal(), &format!("recover drop --yes {id}"));
            let message = format!("nobody can be asked without a terminal: {command} deletes it for good");
            return Err(Failure::new(Exit::Usage, message));
        }
        let answer = question::ask(&format!("{}\nDelete it for good?", what_would_go(endpoint, kept)?));
        if let Some(end) = answer.end() {
            context.report.note(&format!("{id} is kept"));
            return Ok(end);
        }
    }
    super::drop_it(context, endpoint, kept)?;
    told(context, kept, &format!("{id} is deleted"));
    Ok(Exit::Done)
}

/// Says that it is gone, and which files beside it are not.
pub(super) fn told(context: &Context, kept: &Kept, done: &str) {
    let files = kept.files_beside();
    if files.is_empty() {
        context.report.note(done);
        return;
    }
    let (count, dir) = (super::files(files.len()), shown(kept.dir()));
    context.report.note(&format!("{done}; {count} beside it, yours to move, in\n  {dir}"));
}

/// Which entry, why, and how much.
fn what_would_go(endpoint: &Endpoint, kept: &Kept) -> Result<String, Failure> {
    let (id, told) = (kept.id(), &kept.told);
    let (since, why) = (people::since(told.when), told.why.sentence());
    let head = format!("{id} is a text for {}, kept since {since} because {why}", told.entry);
    let Some(text) = (if kept.is_files() { None } else { kept.text()? }) else {
        return Ok(format!("{head}\n  there is no text in it any more"));
    };
    let lines = super::lines_that_differ(endpoint.journal(), kept, &text)?;
    let size = match lines {
        0 => "the entry has all of it".to_owned(),
        lines => format!(
            "{} from the entry; {} shows them",
            super::lines_differ(lines),
            hints::command(endpoint.journal(), &format!("recover show {id}"))
        ),
    };
    Ok(format!("{head}\n  {size}"))
}
