//! `ponder recover`: what was kept aside, and where it goes.

mod apply;
mod by_hand;
mod drop;
mod list;
mod show;

use ponder_client::Endpoint;
use ponder_endpoint::Journal;
use ponder_proto::{Body, Op, Wait};

use crate::context::Context;
use crate::diff::Difference;
use crate::exit::{Exit, Failure};
use crate::kept::{self, Kept};

/// What to do with kept drafts.
#[derive(Debug)]
pub(crate) enum Recover {
    List,
    Show { id: String },
    Apply { id: String, wait: Wait },
    Drop { id: String, yes: bool },
}

impl Recover {
    pub(crate) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let endpoint = Endpoint::of(context.open()?)?;
        let find = |id: &str| kept::find(context, &endpoint, id);
        match self {
            Self::List => list::run(context, &endpoint),
            Self::Show { id } => show::run(context, &endpoint, &find(&id)?),
            Self::Apply { id, wait } => apply::run(context, &endpoint, &find(&id)?, wait),
            Self::Drop { id, yes } => drop::run(context, &endpoint, &find(&id)?, yes),
        }
    }
}

/// How much of a kept text is not as in its entry, in lines.
fn lines_that_differ(journal: &Journal, kept: &Kept, text: &[u8]) -> Result<usize, Failure> {
    let entry = kept::read(&journal.file_of(kept.told.entry))?.unwrap_or_default();
    Ok(Difference::of(&entry, text).lines())
}

/// `1 line differs`, `3 lines differ`.
fn lines_differ(lines: usize) -> String {
    if lines == 1 { "1 line differs".to_owned() } else { format!("{lines} lines differ") }
}

/// `1 file`, `3 files`.
fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

/// A kept draft whose text somebody deleted.
fn text_is_gone(kept: &Kept) -> Failure {
    let path = ponder_proto::shown(&kept.path);
    Failure::new(Exit::Failed, format!("the text of {} is gone: somebody has deleted {path}", kept.id()))
}

/// Has the daemon delete a kept draft.
fn drop_it(context: &Context, endpoint: &Endpoint, kept: &Kept) -> Result<(), Failure> {
    let (_, answer) = endpoint.begin(&Op::Drop { kept: kept.id().to_owned() }, &context.start)?;
    match answer.body {
        dropped @ Body::Dropped { .. } => {
            context.report.event(&dropped);
            Ok(())
        }
        Body::Error(refusal) => Err(refusal.into()),
        _ => Err(Failure::new(Exit::Bug, "the daemon did not answer whether the kept draft is gone")),
    }
}
