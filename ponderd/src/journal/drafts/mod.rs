//! Drafts: what editors and scripts write, until it is the entry's or kept.
//!
//! A session's work is done in the order in which it is told, by one thread at a time; different
//! sessions' at once. It reads, merges and makes new versions; publishing them is the writer's.

mod adopt;
mod alive;
mod commit;
mod desk;
mod header;
mod in_place;
mod kept;
mod links;
mod place;
mod release;
mod session;
mod slot;
mod slots;
mod weigh;

use std::path::PathBuf;
use std::sync::Arc;

use ponder_proto::{CommitPolicy, Draft, EntryName, EntryOutcome, KeptReason, Mode, Outcome, SessionId};

pub use alive::{Alive, Look, Witness};
pub use desk::{Desk, Returned};
pub(in crate::journal) use header::header;
pub use links::link_neighbours;
pub use session::OpenSession;
pub(in crate::journal) use slots::Slots;

use self::commit::Changed;
use self::session::{OpenDraft, failed};
use self::slot::NewDraft;
use super::disk::{Access, Disk};
use super::entries::Entries;
use super::order::Prepare;
use super::writer::Handle;
use super::{Digest, Editor, Fault, Saved};
use crate::lease::Ending;

/// What is needed to work on any session's drafts.
#[derive(Debug)]
pub struct Drafts<D: Disk> {
    pub(in crate::journal) entries: Arc<Entries<D>>,
    pub(in crate::journal) slots: Arc<Slots<D>>,
    pub(in crate::journal) writer: Handle<D>,
    /// None on a simulated disk.
    pub(in crate::journal) alive: Option<Alive>,
}

/// Drafts as the client is told of them, each with its slot's directory.
type Told = Vec<(Draft, PathBuf)>;

impl<D: Disk> Drafts<D> {
    /// Makes the drafts of a granted session: all, or none. Says where they are, and which
    /// directories they are in.
    pub(in crate::journal) fn prepare(&self, order: &Prepare) -> Result<(OpenSession<D>, Told), Fault> {
        let is_late = order.adopt.is_some_and(|of| of != order.session);
        if let Some(alive) = self.alive.as_ref().filter(|_| !is_late)
            && let Err(error) = alive.make(order.session)
        {
            tracing::warn!(%error, "nobody can tell whether this session's editor lives");
        }
        let Prepare { session: id, token, mode, commit, .. } = *order;
        let entries = order.entries.clone();
        if let Some(of) = order.adopt.filter(|_| commit != CommitPolicy::InPlace) {
            return self.adopt(order, of);
        }
        let mut session = OpenSession { id, token, mode, commit, entries, drafts: Vec::new() };
        if commit == CommitPolicy::InPlace {
            let told = self.prepare_in_place(order)?;
            return Ok((session, told));
        }
        for entry in &order.entries {
            match self.make_draft(order, *entry) {
                Ok(draft) => session.drafts.extend(draft),
                Err(fault) => {
                    self.end_tails(&session);
                    session.drafts.iter_mut().for_each(|draft| drop(release_slot(draft)));
                    return Err(fault);
                }
            }
        }
        let drafts = session.drafts.iter();
        let told = drafts.map(|draft| (draft.told(), draft.slot.dir_path())).collect();
        Ok((session, told))
    }

    fn make_draft(&self, order: &Prepare, entry: EntryName) -> Result<Option<OpenDraft<D>>, Fault> {
        let (session, token) = (order.session, order.token);
        let exclusive = order.mode == Mode::Exclusive;
        let seen = self.writer.call(move |writer| {
            if exclusive { writer.begin_tail(entry, session, token) } else { writer.look(entry) }
        })?;
        let made = self.fill_draft(order, entry, seen.opened.as_ref());
        if exclusive && !matches!(made, Ok(Some(_))) {
            self.writer.call(|writer| writer.end_tail(entry, session));
        }
        made
    }

    fn fill_draft(
        &self,
        order: &Prepare,
        entry: EntryName,
        opened: Option<&super::entries::Opened<D>>,
    ) -> Result<Option<OpenDraft<D>>, Fault> {
        let (text, header) = match opened {
            Some(opened) => (self.entries.read(opened)?, None),
            None if order.create && order.mode == Mode::Exclusive => {
                let header = header(entry, order.time);
                let drafted = header.clone();
                self.writer.call(|writer| writer.set_header(entry, drafted));
                (header.clone(), Some(header))
            }
            None => return Ok(None),
        };
        let (session, token) = (order.session, order.token);
        let read_only = order.mode == Mode::Shared;
        let modified = opened.map(|opened| opened.stat.modified);
        let slot = self.slots.take(&NewDraft { entry, session, token, text: &text, read_only, modified })?;
        Ok(Some(OpenDraft {
            entry,
            slot,
            base: Digest::of(&text),
            unwritten: None,
            doubtful: None,
            header,
            frozen: false,
        }))
    }

    /// Creates the new entries of a session whose editor runs, with their headers.
    pub(in crate::journal) fn open_entries(&self, session: &mut OpenSession<D>) -> Result<(), Fault> {
        if session.commit != CommitPolicy::OnSave {
            return Ok(()); // such a session creates nothing before it commits
        }
        for draft in &session.drafts {
            if let Some(header) = draft.header.clone() {
                let (entry, id, token) = (draft.entry, session.id, session.token);
                // If somebody else created it meanwhile, the first commit finds out.
                self.writer.call(move |writer| writer.create(entry, id, token, header))?;
            }
        }
        Ok(())
    }

    /// Looks at one draft; commits it if it reads as it did the last time.
    pub(in crate::journal) fn save(
        &self,
        session: &mut OpenSession<D>,
        entry: EntryName,
        seen: Option<Digest>,
        editor: Editor,
    ) -> Saved {
        // Only an editor's saves are commits: a script's draft is nobody's business until it ends.
        let Some(at) = session.position(entry).filter(|_| session.commits_saves()) else {
            return Saved::Settled(Vec::new());
        };
        let draft = &session.drafts[at];
        let text = match draft.changed_text() {
            Ok(Some(text)) => text,
            Ok(None) => return Saved::Settled(Vec::new()),
            Err(fault) => return Saved::Settled(vec![failed(entry, &fault)]),
        };
        let digest = Digest::of(&text);
        if seen != Some(digest) {
            return Saved::Unsettled(digest);
        }
        let base_length = || draft.read_base().map_or(0, |base| base.len());
        if editor == Editor::Unknown && text.len() < base_length() {
            return Saved::CutShort(digest);
        }
        Saved::Settled(self.commit(session, &[(at, text)], editor))
    }

    /// Commits all drafts of a session as they are now. Says what became of each.
    pub(in crate::journal) fn commit_now(
        &self,
        session: &mut OpenSession<D>,
        editor: Editor,
    ) -> Vec<EntryOutcome> {
        if session.mode == Mode::Shared {
            return Vec::new(); // snapshots
        }
        let mut texts: Vec<Changed> = Vec::new();
        let mut outcomes = Vec::new();
        for (at, draft) in session.drafts.iter_mut().enumerate() {
            match draft.changed_text() {
                Ok(text) => texts.extend(text.map(|text| (at, text))),
                Err(fault) => outcomes.extend(draft.not_written(&fault)),
            }
        }
        if session.commit == CommitPolicy::OnExit && !outcomes.is_empty() {
            // All or none: what can be read is kept beside what cannot.
            outcomes.extend(texts.iter().map(|(at, _)| session.drafts[*at].keep(KeptReason::DiskFailed)));
        } else {
            outcomes.extend(self.commit(session, &texts, editor));
        }
        for OpenDraft { entry, .. } in &session.drafts {
            if outcomes.iter().all(|told| told.entry != *entry) {
                // Whoever asked relies on what the entry holds, whoever wrote it.
                if session.commit == CommitPolicy::OnExit
                    && let Err(fault) = self.writer.call(|writer| writer.flush_entry(*entry))
                {
                    outcomes.push(failed(*entry, &fault));
                    continue;
                }
                outcomes.push(EntryOutcome { entry: *entry, outcome: Outcome::Unchanged });
            }
        }
        outcomes
    }

    /// Reads all drafts a last time, and commits or keeps what changed.
    pub(in crate::journal) fn finish(
        &self,
        mut session: OpenSession<D>,
        ending: Ending,
    ) -> Vec<EntryOutcome> {
        if session.commit == CommitPolicy::InPlace {
            self.forget_alive(session.id);
            return self.finish_in_place(session.id, &session.entries);
        }
        let released = matches!(ending, Ending::Succeeded | Ending::Failed);
        let deserted = !matches!(ending, Ending::Forced(_));
        let mut outcomes = match (session.mode, session.commit) {
            (Mode::Shared, _) => Vec::new(),
            // The saves of an editor that may still run were committed as they settled.
            (_, CommitPolicy::OnSave) if !released => Vec::new(),
            (_, CommitPolicy::OnExit) if ending != Ending::Succeeded => keep_changed(&mut session, ending),
            (_, CommitPolicy::OnSave) if ending == Ending::Failed => {
                self.commit_now(&mut session, Editor::PerhapsDead)
            }
            _ => self.commit_now(&mut session, Editor::Alive),
        };
        self.end_tails(&session);
        let snapshot = session.mode == Mode::Shared;
        for mut draft in session.drafts {
            outcomes.extend(self.keep_what_somebody_emptied(&mut draft));
            let gone_wrong = draft.slot.is_kept();
            if snapshot || (deserted && !gone_wrong) {
                outcomes.extend(release_slot(&mut draft));
            } else if let Err(error) = draft.slot.mark_ended() {
                tracing::warn!(slot = draft.slot.id(), %error, "the slot's record could not be written");
            }
        }
        if deserted {
            self.forget_alive(session.id);
        }
        outcomes
    }

    /// Nobody needs to know any more whether somebody works on a session's drafts.
    fn forget_alive(&self, session: SessionId) {
        if let Some(alive) = &self.alive {
            alive.remove(session);
        }
    }

    /// An entry that suddenly is empty was not deleted by anybody: a draft of its text is the last copy.
    fn keep_what_somebody_emptied(&self, draft: &mut OpenDraft<D>) -> Option<EntryOutcome> {
        if draft.slot.is_kept() || !self.is_emptied(draft.entry) {
            return None;
        }
        let has_text = draft.slot.read_draft().is_ok_and(|text| text.is_some_and(|text| !text.is_empty()));
        has_text.then(|| draft.keep(KeptReason::Emptied))
    }

    fn is_emptied(&self, entry: EntryName) -> bool {
        let opened = self.entries.open(entry, Access::Read).ok().flatten();
        opened.is_some_and(|opened| opened.stat.length == 0)
    }

    /// From here on the appends are part of the entries' bodies.
    fn end_tails(&self, session: &OpenSession<D>) {
        if !session.may_commit() {
            return;
        }
        self.writer.call(|writer| {
            session.drafts.iter().for_each(|draft| writer.end_tail(draft.entry, session.id));
        });
    }
}

/// Keeps the changed drafts of an on-exit session that did not succeed.
fn keep_changed<D: Disk>(session: &mut OpenSession<D>, ending: Ending) -> Vec<EntryOutcome> {
    let why = match ending {
        Ending::Failed | Ending::Succeeded => KeptReason::CommandFailed,
        Ending::Died => KeptReason::ClientGone,
        Ending::Forced(_) => KeptReason::Revoked,
    };
    let mut outcomes = Vec::new();
    for draft in &mut session.drafts {
        match draft.changed_text() {
            Ok(Some(_)) => outcomes.push(draft.keep(why)),
            Ok(None) => {}
            Err(fault) => outcomes.extend(draft.not_written(&fault)),
        }
    }
    outcomes
}

/// Frees a draft's slot. Tells if it stays, for what the user put there.
fn release_slot<D: Disk>(draft: &mut OpenDraft<D>) -> Option<EntryOutcome> {
    match draft.slot.release() {
        Ok(true) => None,
        Ok(false) => Some(draft.keep(KeptReason::FilesBeside)),
        Err(error) => {
            tracing::warn!(slot = draft.slot.id(), %error, "a slot could not be released; it stays as a kept draft");
            None
        }
    }
}
