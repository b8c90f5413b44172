//! Commits: the texts of drafts become the texts of their entries.
//!
//! A version is made of the entry as it is seen, the appends since the grant behind it. If somebody
//! else wrote to the entry, the two are merged; if they wrote to the same place, the entry keeps
//! theirs and ours becomes a kept draft. The writer publishes a version only if the entry still is
//! what was seen; otherwise another one is made.

use std::time::Duration;

use ponder_proto::{CommitPolicy, EntryName, EntryOutcome, KeptReason, Outcome};

use super::session::OpenSession;
use super::slot::{NewDraft, Next};
use super::weigh::Weighing;
use super::{Drafts, Editor};
use crate::journal::content::separator;
use crate::journal::disk::Disk;
use crate::journal::writer::{Publication, Published};
use crate::journal::{Digest, Fault};

/// How often an entry may change while versions of it are made before one gives up.
const TRIES: u32 = 16;

/// How long another program may hold an entry's lock before one gives up: looks, and the time
/// between them. The draft stays where it is meanwhile.
const LOOKS: u32 = if cfg!(test) { 2 } else { 200 };
const BETWEEN_LOOKS: Duration = Duration::from_millis(if cfg!(test) { 0 } else { 50 });

/// For how many looks an attempt counts that was given up in its middle, for a reason that no look sees: it has
/// taken the writer's time.
const DEAR: u32 = if cfg!(test) { 0 } else { 10 };

/// Waits until something is so, and looks at least once. Says whether it was in time.
fn wait_until(looks: &mut u32, is_so: impl Fn() -> bool) -> bool {
    while *looks < LOOKS {
        *looks += 1;
        std::thread::sleep(BETWEEN_LOOKS);
        if is_so() {
            return true;
        }
    }
    false
}

/// A changed text of a session's draft, by the draft's position.
pub(super) type Changed = (usize, Vec<u8>);

/// What became of an attempt to publish.
enum Attempted {
    Told(Published),
    /// Another program had one of the entries, and has it no more.
    Again,
}

/// A version that is about to be published.
#[derive(Debug)]
pub(super) struct Attempt {
    entry: EntryName,
    digest: Digest,
    length: usize,
    /// How much of the appends since the grant is in it.
    tail: usize,
}

impl Attempt {
    fn of<D: Disk>(publication: &Publication<D>) -> Self {
        let Publication { entry, text, tail, .. } = publication;
        Self { entry: *entry, digest: Digest::of(text), length: text.len(), tail: *tail }
    }

    /// Whether an entry is this version, with the appends behind it that came later.
    fn is_in(&self, found: &[u8], tail: &[u8]) -> bool {
        let Some((version, behind)) = found.split_at_checked(self.length) else { return false };
        let late = tail.get(self.tail..).unwrap_or_default();
        let separator = if late.is_empty() { b"" } else { separator(version) };
        Digest::of(version) == self.digest && behind == [separator, late].concat()
    }
}

impl<D: Disk> Drafts<D> {
    /// Commits changed texts of a session's drafts, and says what became of each.
    ///
    /// An on-exit session's entries are committed all or none: if one of them cannot be, all of
    /// its texts are kept.
    pub(super) fn commit(
        &self,
        session: &mut OpenSession<D>,
        texts: &[Changed],
        editor: Editor,
    ) -> Vec<EntryOutcome> {
        if session.commit == CommitPolicy::OnExit {
            return self.commit_together(session, texts, editor);
        }
        texts.chunks(1).flat_map(|text| self.commit_together(session, text, editor)).collect()
    }

    fn commit_together(
        &self,
        session: &mut OpenSession<D>,
        texts: &[Changed],
        editor: Editor,
    ) -> Vec<EntryOutcome> {
        if texts.is_empty() {
            return Vec::new();
        }
        match self.try_together(session, texts, editor) {
            Ok(outcomes) => outcomes,
            Err(fault) => {
                // Entries and drafts are as they were; the slots stay until the texts are somewhere.
                tracing::warn!(%fault, "a commit failed");
                texts.iter().flat_map(|(at, _)| session.drafts[*at].not_written(&fault)).collect()
            }
        }
    }

    fn try_together(
        &self,
        session: &mut OpenSession<D>,
        texts: &[Changed],
        editor: Editor,
    ) -> Result<Vec<EntryOutcome>, Fault> {
        let (mut tries, mut looks) = (0, 0);
        let mut emptied = None;
        let entries: Vec<_> = texts.iter().map(|(at, _)| session.drafts[*at].entry).collect();
        while tries < TRIES {
            self.once_readable(&entries, &mut looks, || self.end_doubts(session, texts))?;
            let weigh = || self.weigh_all(session, texts, editor);
            let publications = match self.once_readable(&entries, &mut looks, weigh)? {
                Weighing::Ready(publications) => publications,
                Weighing::Keep(why) => {
                    return Ok(texts.iter().map(|(at, _)| session.drafts[*at].freeze(why)).collect());
                }
            };
            if emptied.is_none() {
                emptied = Some(self.keep_emptied(session, texts)?);
            }
            let changed: Vec<_> = publications.iter().map(|publication| publication.entry).collect();
            let attempts: Vec<Attempt> = publications.iter().map(Attempt::of).collect();
            if let Err(fault) = Self::note_next(session, texts, &attempts) {
                for publication in &publications {
                    self.discard(publication);
                }
                return Err(fault);
            }
            let published = self.publish_in_time(session, publications, &mut looks);
            if matches!(published, Err(_) | Ok(Attempted::Told(Published::Locked))) {
                self.go_on_from(attempts, session, texts);
            }
            let Attempted::Told(published) = published? else { continue };
            match published {
                Published::Done => {
                    let committed = self.committed(session, texts, &changed)?;
                    return Ok(emptied.into_iter().flatten().chain(committed).collect());
                }
                Published::Unflushed(fault) => {
                    for (at, text) in texts {
                        let draft = &mut session.drafts[*at];
                        if changed.contains(&draft.entry) {
                            draft.published(text);
                        }
                    }
                    return Err(fault);
                }
                Published::Changed => tries += 1,
                Published::Locked => {
                    return Err(Fault::Locked(self.entries.path(changed[0])));
                }
                Published::Stale => {
                    let why = KeptReason::SavedLate;
                    return Ok(texts.iter().map(|(at, _)| session.drafts[*at].freeze(why)).collect());
                }
            }
        }
        Err(Fault::Unsteady(self.entries.path(entries[0])))
    }

    /// Notes what is about to be published: whoever comes after us may not know that it was.
    fn note_next(session: &OpenSession<D>, texts: &[Changed], attempts: &[Attempt]) -> Result<(), Fault> {
        let drafts = texts.iter().map(|(at, text)| (&session.drafts[*at], text));
        drafts.into_iter().try_for_each(|(draft, text)| {
            let of_entry = attempts.iter().find(|attempt| attempt.entry == draft.entry);
            let Some(Attempt { digest, length, .. }) = of_entry else { return Ok(()) };
            let (version, length) = (*digest, *length);
            draft.slot.note_next(&Next { version, length, text: Digest::of(text), text_length: text.len() })
        })
    }

    /// Where a commit failed though its text is in the entry, because a flush failed after that, the next
    /// one is made of that text: merged as somebody else's it would be there twice. As long as the disk does
    /// not tell whether it is, the draft is doubtful.
    fn go_on_from(&self, attempts: Vec<Attempt>, session: &mut OpenSession<D>, texts: &[Changed]) {
        for attempt in attempts {
            let of_entry = texts.iter().find(|(at, _)| session.drafts[*at].entry == attempt.entry);
            let Some((at, text)) = of_entry else { continue };
            match self.is_in_its_entry(&attempt) {
                Ok(true) => session.drafts[*at].published(text),
                Ok(false) => {}
                Err(_) => session.drafts[*at].doubtful = Some((attempt, text.clone())),
            }
        }
    }

    /// Finds out, before anything is made of drafts that are doubtful, what their entries have of them.
    fn end_doubts(&self, session: &mut OpenSession<D>, texts: &[Changed]) -> Result<(), Fault> {
        for (at, _) in texts {
            let draft = &mut session.drafts[*at];
            if let Some((attempt, text)) = draft.doubtful.take() {
                match self.is_in_its_entry(&attempt) {
                    Ok(true) => draft.published(&text),
                    Ok(false) => {}
                    Err(fault) => {
                        draft.doubtful = Some((attempt, text));
                        return Err(fault);
                    }
                }
            }
        }
        Ok(())
    }

    fn is_in_its_entry(&self, attempt: &Attempt) -> Result<bool, Fault> {
        let entry = attempt.entry;
        let seen = self.writer.call(move |writer| writer.look(entry))?;
        let Some(opened) = &seen.opened else { return Ok(false) };
        Ok(attempt.is_in(&self.entries.read(opened)?, &seen.tail))
    }

    /// Publishes. If another program has one of the entries, waits for a while until it has not: then another
    /// version has to be made, which nobody needs before.
    fn publish_in_time(
        &self,
        session: &OpenSession<D>,
        publications: Vec<Publication<D>>,
        looks: &mut u32,
    ) -> Result<Attempted, Fault> {
        let (id, token) = (session.id, session.token);
        let entries: Vec<EntryName> = publications.iter().map(|publication| publication.entry).collect();
        let published = self.writer.call(|writer| writer.publish(id, token, publications))?;
        if !matches!(published, Published::Locked) {
            return Ok(Attempted::Told(published));
        }
        let is_free = || !self.writer.call(|writer| entries.iter().any(|entry| writer.is_locked(*entry)));
        if is_free() {
            *looks += DEAR;
        }
        Ok(if wait_until(looks, is_free) { Attempted::Again } else { Attempted::Told(Published::Locked) })
    }

    /// Does something with entries as soon as other programs let them be read.
    fn once_readable<T>(
        &self,
        entries: &[EntryName],
        looks: &mut u32,
        mut what: impl FnMut() -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        // Without the writer, and without patience: others need not wait for this.
        let are_free = || !entries.iter().any(|entry| self.entries.is_kept(*entry));
        loop {
            match what() {
                Err(fault @ Fault::Locked(_)) => {
                    if are_free() {
                        *looks += DEAR;
                    }
                    if !wait_until(looks, are_free) {
                        return Err(fault);
                    }
                }
                done => return done,
            }
        }
    }

    /// Tells the drafts, and keeps what was emptied.
    fn committed(
        &self,
        session: &mut OpenSession<D>,
        texts: &[Changed],
        changed: &[EntryName],
    ) -> Result<Vec<EntryOutcome>, Fault> {
        let mut outcomes = Vec::new();
        for (at, text) in texts {
            let draft = &mut session.drafts[*at];
            let entry = draft.entry;
            if changed.contains(&entry) {
                draft.committed(text);
                outcomes.push(EntryOutcome { entry, outcome: Outcome::Committed });
            } else {
                // Somebody else wrote the same: ours may go once theirs is on the disk.
                self.writer.call(|writer| writer.flush_entry(entry))?;
                draft.committed(text);
                outcomes.push(EntryOutcome { entry, outcome: Outcome::Unchanged });
            }
        }
        Ok(outcomes)
    }

    /// An empty draft where there was text is committed, but the text is kept first.
    fn keep_emptied(&self, session: &OpenSession<D>, texts: &[Changed]) -> Result<Vec<EntryOutcome>, Fault> {
        let mut outcomes = Vec::new();
        for (at, _) in texts.iter().filter(|(_, text)| text.is_empty()) {
            let draft = &session.drafts[*at];
            let Some(base) = draft.read_base().filter(|base| !base.is_empty()) else { continue };
            let (entry, why) = (draft.entry, KeptReason::Emptied);
            let (id, token) = (session.id, session.token);
            let new = NewDraft { entry, session: id, token, text: &base, read_only: false, modified: None };
            let slot = self.slots.keep(&new, why)?;
            outcomes.push(EntryOutcome { entry, outcome: Outcome::Kept(slot.as_kept(why)) });
        }
        Ok(outcomes)
    }
}
