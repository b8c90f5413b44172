//! `ponder`, `ponder edit`: entries in an editor.

use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use ponder_client::Endpoint;
use ponder_endpoint::Journal;
use ponder_proto::{Acquire, CommitPolicy, EntryName, Mode, Wait};

use crate::dates::{Now, Which};
use crate::editor::Editor;
use crate::exit::{Exit, Failure};
use crate::session::{Manner, Session};

use super::{existing, holder, inside, no_randomness, none_exist, today};
use crate::context::Context;
use crate::{hints, kept};

/// An editor that is back sooner than this has probably handed the file to a window.
const AT_ONCE: Duration = Duration::from_secs(1);

/// What to edit, and how long to wait for it.
#[derive(Debug)]
pub(crate) struct Edit {
    pub(crate) which: Which,
    pub(crate) wait: Wait,
    /// In the entry's own file, without a draft.
    pub(crate) in_place: bool,
}

impl Edit {
    pub(crate) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let now = Now::read();
        let (editor, journal, entries) = match self.which {
            Which::Today | Which::Day(_) => {
                let day = if let Which::Day(day) = self.which { day } else { today(&now)? };
                // The editor first: without one no directory is made.
                (Editor::find()?, context.open_or_create()?, vec![day])
            }
            Which::Retro | Which::Reminisce => {
                let journal = context.open_or_create()?;
                let days = if self.which == Which::Retro { now.retro() } else { now.reminisce() };
                let entries = existing(&journal, days);
                if entries.is_empty() {
                    context.report.note(none_exist(self.which));
                    return Ok(Exit::Done);
                }
                (Editor::find()?, journal, entries)
            }
        };
        self.edit(context, journal, entries, &editor, &now)
    }

    fn edit(
        &self,
        context: &Context,
        journal: Journal,
        entries: Vec<EntryName>,
        editor: &Editor,
        now: &Now,
    ) -> Result<Exit, Failure> {
        let acquire = Acquire {
            session: ponder_client::new_session().map_err(|error| no_randomness(&error))?,
            entries,
            mode: Mode::Exclusive,
            wait: self.wait,
            hold: None,
            commit: if self.in_place { CommitPolicy::InPlace } else { CommitPolicy::OnSave },
            drafts: true,
            create: matches!(self.which, Which::Today | Which::Day(_)),
            inside: inside(),
            time: now.time,
            holder: holder(editor.name(), Some(editor.command_line()), None),
        };
        let endpoint = Endpoint::of(journal)?;
        let session = Session::acquire(context, &endpoint, acquire)?;
        if session.drafts.is_empty() {
            let ending = session.release(false);
            context.report.note(none_exist(self.which));
            return Ok(ending.exit);
        }
        tell_what_waits(context, endpoint.journal());
        if self.in_place {
            context.report.note(IN_PLACE);
        }
        Ok(open(context, session, editor, &[])?.exit)
    }
}

/// What somebody gives up who wants the entry's own path.
const IN_PLACE: &str = "in place: nothing can be kept aside, others may see half of a save, and a save of the \
    whole file hides what was appended meanwhile until it is put back at the end";

/// Says that kept drafts wait, in one line, if some do.
fn tell_what_waits(context: &Context, journal: &Journal) {
    if context.report.is_quiet() {
        return;
    }
    let (what, them) = match kept::waiting(journal) {
        0 => return,
        1 => ("1 kept draft is waiting".to_owned(), "it"),
        several => (format!("{several} kept drafts are waiting"), "them"),
    };
    context.report.note(&format!("{what}: {} lists {them}", hints::command(journal, "recover")));
}

/// How an editor's session ended.
pub(super) struct Edited {
    pub(super) exit: Exit,
    /// Whether anything was committed or kept.
    pub(super) changed: bool,
}

/// Runs the editor on the drafts, and on the files `beside` them, and hands the lease back.
pub(super) fn open(
    context: &Context,
    mut session: Session<'_>,
    editor: &Editor,
    beside: &[PathBuf],
) -> Result<Edited, Failure> {
    let started = Instant::now();
    let paths = [&session.paths()[..], beside].concat();
    let mut command = editor.command(&paths);
    command.env("PONDER_SESSION", session.id.to_string());
    let mut child = match session.spawn(&mut command) {
        Ok(child) => child,
        Err(error) => {
            session.release(false);
            return Err(Failure::new(Exit::Failed, editor.not_started(&error)));
        }
    };
    session.opened();
    let status = session.attend(&mut child, Manner::Editor)?;
    let was_quick = started.elapsed() < AT_ONCE;
    let ending = session.release(ended_by_itself(status));
    let edited = |exit| Ok(Edited { exit, changed: ending.changed });
    if !status.success() {
        let saved = if ending.changed && ending.exit == Exit::Done {
            "; what it had saved is in the journal"
        } else {
            ""
        };
        context.report.trouble(&format!("the editor {:?} failed ({status}){saved}", editor.name()));
        return edited(ending.exit.or_worse(Exit::Failed));
    }
    if was_quick && !ending.changed && ending.exit == Exit::Done {
        context.report.note(&format!(
            "{0:?} was back at once and nothing was changed; if it opened a window of its own, \
             add the flag that makes it wait, as in PONDER_EDITOR=\"{0} --wait\"",
            editor.name()
        ));
    }
    edited(ending.exit)
}

/// Whether an editor ended by itself: an exit code is one it chose, above 128 it tells for another
/// that it ran (a shell does) that it was killed.
fn ended_by_itself(status: ExitStatus) -> bool {
    status.code().is_some_and(|code| code <= 128)
}
