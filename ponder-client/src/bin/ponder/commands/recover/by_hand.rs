//! Where a merge cannot decide: the entry and the kept text, both in the editor.

use ponder_client::Endpoint;
use ponder_proto::{CommitPolicy, Wait};

use super::apply::request;
use crate::commands::edit;
use crate::context::Context;
use crate::editor::Editor;
use crate::exit::{Exit, Failure};
use crate::kept::Kept;
use crate::session::Session;
use crate::{hints, question};

pub(super) fn run(
    context: &Context,
    endpoint: &Endpoint,
    kept: &Kept,
    why: &str,
    wait: Wait,
) -> Result<Exit, Failure> {
    let (id, entry, report) = (kept.id(), kept.told.entry, context.report);
    if report.is_json() || !question::can_ask() {
        let apply = hints::command(endpoint.journal(), &format!("recover apply {id}"));
        let message = format!(
            "{id} and the entry {entry} cannot be merged, because {why}; nothing was changed: \
             run {apply} in a terminal, and both open in your editor"
        );
        return Err(Failure::new(Exit::Conflict, message));
    }
    let editor = Editor::find()?;
    let session =
        Session::acquire(context, endpoint, request(kept, CommitPolicy::OnSave, &editor.name(), wait)?)?;
    report.note(&format!(
        "{why}, so your editor has both: the first file is {entry}, the second the kept {id}; \
         what you save in the first becomes the entry"
    ));
    let edited = edit::open(context, session, &editor, std::slice::from_ref(&kept.path))?;
    let drop = hints::command(endpoint.journal(), &format!("recover drop {id}"));
    if edited.exit != Exit::Done {
        report.note(&format!("{id} is still kept"));
        return Ok(edited.exit);
    }
    if !edited.changed {
        report.note(&format!("{entry} was left as it is, and {id} is still kept; {drop} deletes it"));
        return Ok(Exit::Conflict);
    }
    let answer = question::ask(&format!("{entry} is saved; delete the kept draft {id} for good?"));
    if let Some(end) = answer.end() {
        report.note(&format!("{id} is still kept; {drop} deletes it"));
        return Ok(end);
    }
    super::drop_it(context, endpoint, kept)?;
    super::drop::told(context, kept, &format!("{id} is deleted"));
    Ok(Exit::Done)
}
