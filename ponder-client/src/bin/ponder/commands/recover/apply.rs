//! `ponder recover apply`: a kept draft becomes part of its entry.
//!
//! It is merged under a lease as any command's text would be, and the kept draft is deleted only
//! after the daemon has answered that the entry has the text, durably.

use std::fs;
use std::io;
use std::path::Path;

use ponder_client::Endpoint;
use ponder_endpoint::{Journal, patiently_named};
use ponder_merge::{Merged, merge};
use ponder_proto::{Acquire, CommitPolicy, Draft, EntryName, KeptReason, Mode, Wait, shown};
use serde::Serialize;

use super::by_hand;
use crate::commands::{holder, inside, no_randomness};
use crate::context::Context;
use crate::dates::Now;
use crate::exit::{Exit, Failure};
use crate::hints;
use crate::kept::{self, Kept};
use crate::session::Session;

/// What was done, for programs.
#[derive(Serialize)]
struct Applied<'a> {
    event: &'static str,
    id: &'a str,
    entry: EntryName,
    /// Whether the entry had all of it before.
    unchanged: bool,
    /// Whether the kept draft is gone.
    dropped: bool,
}

/// What an entry and a kept text make together.
enum Together {
    /// The entry has all of it.
    Already,
    Text(Vec<u8>),
    /// A person has to decide, and why.
    Undecided(&'static str),
}

pub(super) fn run(context: &Context, endpoint: &Endpoint, kept: &Kept, wait: Wait) -> Result<Exit, Failure> {
    if kept.is_files() {
        return Err(files_are_yours(endpoint.journal(), kept));
    }
    let mut ours = kept.text()?.ok_or_else(|| super::text_is_gone(kept))?;
    let session = Session::acquire(context, endpoint, request(kept, CommitPolicy::OnExit, "ponder", wait)?)?;
    // While we waited somebody may have saved into it.
    ours = kept.text()?.unwrap_or(ours);
    let Some(draft) = session.drafts.first() else {
        return Err(Failure::new(Exit::Bug, "the daemon granted the lease without a draft"));
    };
    let together = match together(kept, draft, &ours) {
        Ok(Together::Undecided(why)) => {
            session.release(false); // nothing was changed
            return by_hand::run(context, endpoint, kept, why, wait);
        }
        Ok(Together::Already) => Ok(true),
        Ok(Together::Text(text)) => write(Path::new(&path_of(draft)), &text).map(|()| false),
        Err(failure) => Err(failure),
    };
    let unchanged = match together {
        Ok(unchanged) => unchanged,
        Err(failure) => {
            session.release(false);
            return Err(failure);
        }
    };
    let ending = session.release(true);
    if !ending.settled {
        let still = format!("{} is still kept", kept.id());
        context.report.note(&still);
        return Ok(ending.exit.or_worse(Exit::Conflict));
    }
    finish(context, endpoint, kept, &ours, unchanged)
}

/// The request for a lease on the kept text's entry.
pub(super) fn request(
    kept: &Kept,
    commit: CommitPolicy,
    program: &str,
    wait: Wait,
) -> Result<Acquire, Failure> {
    Ok(Acquire {
        session: ponder_client::new_session().map_err(|error| no_randomness(&error))?,
        entries: vec![kept.told.entry],
        mode: Mode::Exclusive,
        wait,
        hold: None,
        commit,
        drafts: true,
        create: true,
        inside: inside(),
        time: Now::read().time,
        holder: holder(program.to_owned(), None, Some(format!("recover {}", kept.id()))),
    })
}

fn path_of(draft: &Draft) -> std::path::PathBuf {
    std::path::PathBuf::from(&draft.path)
}

fn together(kept: &Kept, draft: &Draft, ours: &[u8]) -> Result<Together, Failure> {
    if draft.new {
        return Ok(Together::Text(ours.to_vec())); // there is nothing that it could overwrite
    }
    let path = path_of(draft);
    let theirs = kept::read(&path)?;
    let theirs = theirs.ok_or_else(|| Failure::new(Exit::Conflict, format!("{} is gone", shown(&path))))?;
    Ok(merged(kept.told.why, kept.base(ours).as_deref(), &theirs, ours))
}

fn merged(why: KeptReason, base: Option<&[u8]>, theirs: &[u8], ours: &[u8]) -> Together {
    if theirs == ours {
        return Together::Already;
    }
    if theirs.trim_ascii().is_empty() {
        return Together::Text(ours.to_vec()); // there is nothing to overwrite here, either
    }
    let Some(base) = base else {
        return Together::Undecided("nothing tells which text the two began with");
    };
    // Half of a text looks like one whose end was deleted on purpose.
    if why == KeptReason::CutShort || base.starts_with(ours) {
        return Together::Undecided("the kept text may be the first half of one");
    }
    match merge(base, theirs, ours) {
        Merged::Clean(text) if text == theirs => Together::Already,
        Merged::Clean(text) => Together::Text(text),
        Merged::Conflict => Together::Undecided("both changed the same lines"),
    }
}

/// Puts the text in the draft's place, whole or not at all.
fn write(draft: &Path, text: &[u8]) -> Result<(), Failure> {
    let aside = draft.with_file_name(".recovered"); // hidden: if it is left here, it is nobody's file
    let written = fs::write(&aside, text).and_then(|()| patiently_named(|| fs::rename(&aside, draft)));
    written.map_err(|error: io::Error| {
        let _ = fs::remove_file(&aside); // it may not be there
        Failure::new(Exit::Disk, format!("cannot write {}: {error}; nothing was changed", shown(draft)))
    })
}

/// The entry has the text: the kept draft can go, unless there is more in it.
fn finish(
    context: &Context,
    endpoint: &Endpoint,
    kept: &Kept,
    ours: &[u8],
    unchanged: bool,
) -> Result<Exit, Failure> {
    let (id, entry) = (kept.id(), kept.told.entry);
    let done = if unchanged {
        format!("{entry} had the text of {id} already")
    } else {
        format!("{entry} has the text of {id} now")
    };
    let stays = reason_to_stay(kept, ours);
    if stays.is_none() {
        super::drop_it(context, endpoint, kept).map_err(|failure| {
            let message = format!("{done}, but the kept draft is still there: {}", failure.message);
            Failure { message, ..failure }
        })?;
    }
    if context.report.is_json() {
        let dropped = stays.is_none();
        context.report.event(&Applied { event: "applied", id, entry, unchanged, dropped });
        return Ok(Exit::Done);
    }
    match stays {
        None => super::drop::told(context, kept, &format!("{done}, and the kept draft is gone")),
        Some(why) => {
            let drop = hints::command(endpoint.journal(), &format!("recover drop {id}"));
            context.report.note(&format!("{done}; the kept draft stays, because {why}; {drop} deletes it"));
        }
    }
    Ok(Exit::Done)
}

/// Why a kept draft must not go though its entry has the text that was read.
fn reason_to_stay(kept: &Kept, ours: &[u8]) -> Option<String> {
    if let Some(swap) = kept.swap_file() {
        let swap = shown(&swap);
        return Some(format!("an editor left {swap} beside it, in which text may be that was never saved"));
    }
    let is_as_read = matches!(kept.text(), Ok(Some(text)) if text == ours);
    (!is_as_read).then(|| "somebody has saved into it just now".to_owned())
}

/// Files beside a draft: nobody but the person knows where they belong.
pub(super) fn files_are_yours(journal: &Journal, kept: &Kept) -> Failure {
    let (id, dir) = (kept.id(), shown(kept.dir()));
    let files = kept.files_beside();
    let message = match &files[..] {
        [] => format!(
            "nothing of yours is left in {dir}: {} deletes it",
            hints::command(journal, &format!("recover drop {id}"))
        ),
        [one] => format!("{id} is no text but a file of yours, {}: move it where it belongs", shown(one)),
        several => format!(
            "{id} is no text but {} files of yours in {dir}: move them where they belong",
            several.len()
        ),
    };
    Failure::new(Exit::Conflict, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &[u8] = b"one\ntwo\nthree\nfour\n";

    fn outcome(why: KeptReason, base: Option<&[u8]>, theirs: &str, ours: &str) -> String {
        match merged(why, base, theirs.as_bytes(), ours.as_bytes()) {
            Together::Already => "already".to_owned(),
            Together::Text(text) => String::from_utf8(text).unwrap(),
            Together::Undecided(_) => "undecided".to_owned(),
        }
    }

    #[test]
    fn what_does_not_overlap_is_merged() {
        let of = |theirs, ours| outcome(KeptReason::EntryChanged, Some(BASE), theirs, ours);
        assert_eq!(of("one\ntwo\nthree\n4\n", "1\ntwo\nthree\nfour\n"), "1\ntwo\nthree\n4\n");
        assert_eq!(of("one\n2\nthree\nfour\n", "one\nII\nthree\nfour\n"), "undecided");
        assert_eq!(of("one\n2\nthree\nfour\n", "one\n2\nthree\nfour\n"), "already");
    }

    #[test]
    fn half_of_a_text_never_shortens_an_entry() {
        let theirs = "one\ntwo\nthree\nfour\nfive\n";
        for (why, ours) in [
            (KeptReason::CutShort, "one\ntwo\n"),
            (KeptReason::CutShort, "one\ntwo\nthree\nfour\nhal"),
            (KeptReason::ClientGone, "one\ntw"),
            (KeptReason::DaemonEnded, ""),
        ] {
            assert_eq!(outcome(why, Some(BASE), theirs, ours), "undecided", "{ours:?}");
        }
    }

    #[test]
    fn without_a_base_nothing_is_guessed() {
        assert_eq!(outcome(KeptReason::Unexplained, None, "one\n", "two\n"), "undecided");
        assert_eq!(outcome(KeptReason::Unexplained, None, "one\n", "one\n"), "already");
    }

    #[test]
    fn what_was_there_before_an_entry_was_emptied_comes_back() {
        assert_eq!(outcome(KeptReason::Emptied, None, "\n", "one\n"), "one\n");
        assert_eq!(outcome(KeptReason::Emptied, None, "new\n", "one\n"), "undecided");
    }

    #[test]
    fn a_draft_is_written_whole() {
        let dir = tempfile::tempdir().unwrap();
        let draft = dir.path().join("20261123.md");
        fs::write(&draft, "old\n").unwrap();
        write(&draft, b"new\n").unwrap();
        assert_eq!(fs::read(&draft).unwrap(), b"new\n");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        assert_eq!(write(&dir.path().join("no/draft"), b"x").unwrap_err().exit, Exit::Disk);
    }
}
