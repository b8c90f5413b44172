//! The writer's state: the open directory, the slots, the sessions that have drafts.

use std::collections::HashMap;
use std::path::PathBuf;

use ponder_endpoint::Journal;
use ponder_proto::{
    CommitPolicy, Draft, EntryName, EntryOutcome, ErrorCode, KeptDraft, KeptReason, Mode, Outcome, Refusal,
    SessionId,
};

use super::content::Expected;
use super::directory::{Directory, Published};
use super::draft::{OpenDraft, OpenSession};
use super::header::header;
use super::operations::Operations;
use super::order::Prepare;
use super::slot::{NewDraft, Slot};
use super::slots::Slots;
use super::{Digest, Editor, Fault, Saved, StateDir};
use crate::lease::Ending;

/// Everything that the writer owns. Its methods block; they are for the writer's thread.
#[derive(Debug)]
pub struct Store {
    pub(super) directory: Directory,
    pub(super) slots: Slots,
    pub(super) sessions: HashMap<SessionId, OpenSession>,
    /// The exclusive session that has an entry's draft: appends are told to it.
    pub(super) drafting: HashMap<EntryName, SessionId>,
    pub(super) operations: Operations,
}

impl Store {
    /// Opens a journal, and puts in order what a dead daemon left.
    ///
    /// # Errors
    /// When the directory or the slots cannot be read: then nothing was changed.
    pub fn open(journal: &Journal, state: &StateDir) -> Result<Self, Fault> {
        let store = Self {
            directory: Directory::open(journal)?,
            slots: Slots::new(state.slots(), journal.path()),
            sessions: HashMap::new(),
            drafting: HashMap::new(),
            operations: Operations::default(),
        };
        store.recover()?;
        Ok(store)
    }

    /// Makes the drafts of a granted session: all, or none. Says where they are, and which
    /// directories they are in.
    pub(super) fn prepare(&mut self, order: &Prepare) -> Result<Vec<(Draft, PathBuf)>, Fault> {
        self.directory.check()?;
        let mut drafts = Vec::new();
        for entry in &order.entries {
            match self.make_draft(order, *entry) {
                Ok(draft) => drafts.extend(draft),
                Err(fault) => {
                    for mut draft in drafts {
                        release_slot(&mut draft);
                    }
                    return Err(fault);
                }
            }
        }
        let told = drafts.iter().map(|draft| (draft.told(), draft.slot.dir())).collect();
        if order.mode == Mode::Exclusive {
            self.drafting.extend(drafts.iter().map(|draft| (draft.entry, order.session)));
        }
        let session = OpenSession { mode: order.mode, commit: order.commit, drafts };
        self.sessions.insert(order.session, session);
        Ok(told)
    }

    fn make_draft(&self, order: &Prepare, entry: EntryName) -> Result<Option<OpenDraft>, Fault> {
        let found = self.directory.read(entry)?;
        let may_create = order.create && order.mode == Mode::Exclusive;
        let (text, expected, header) = match found {
            Some(found) => {
                let expected = Expected::holding(&found.bytes);
                (found.bytes, expected, None)
            }
            None if may_create => {
                let header = header(entry, order.time);
                (header.clone(), Expected::Missing, Some(header))
            }
            None => return Ok(None),
        };
        let (session, token) = (order.session, order.token);
        let read_only = order.mode == Mode::Shared;
        let slot = self.slots.take(&NewDraft { entry, session, token, text: &text, read_only })?;
        Ok(Some(OpenDraft {
            entry,
            slot,
            base: Digest::of(&text),
            base_length: text.len(),
            expected,
            appends: Vec::new(),
            header,
            frozen: false,
        }))
    }

    /// Creates the new entries of a session whose editor runs, with their headers.
    pub(super) fn open_entries(&mut self, id: SessionId) -> Result<(), Fault> {
        let Some(session) = self.sessions.get_mut(&id) else { return Ok(()) };
        if session.commit == CommitPolicy::OnExit {
            return Ok(()); // such a session creates nothing before it commits
        }
        for draft in &mut session.drafts {
            let Some(header) = draft.header.as_ref().filter(|_| draft.expected.is(None)) else { continue };
            let staged = self.directory.stage(draft.entry, header, None)?;
            // If somebody else created it meanwhile, the first commit finds out.
            if self.directory.publish(&staged)? == Published::Yes {
                draft.expected = Expected::holding(header);
                self.directory.sync()?;
            }
        }
        Ok(())
    }

    /// Looks at one draft; commits it if it reads as it did the last time.
    pub(super) fn save(
        &mut self,
        id: SessionId,
        entry: EntryName,
        seen: Option<Digest>,
        editor: Editor,
    ) -> Saved {
        // Only an editor's saves are commits: a script's draft is nobody's business until it ends.
        let session = self.sessions.get_mut(&id).filter(|session| session.commits_saves());
        let Some(draft) = session.and_then(|session| session.draft(entry)) else {
            return Saved::Settled(Vec::new());
        };
        let text = match draft.changed_text() {
            Ok(Some(text)) => text,
            Ok(None) => return Saved::Settled(Vec::new()),
            Err(fault) => return Saved::Settled(vec![failed(entry, &fault)]),
        };
        let (digest, base_length) = (Digest::of(&text), draft.base_length);
        if seen != Some(digest) {
            return Saved::Unsettled(digest);
        }
        if editor == Editor::Unknown && text.len() < base_length {
            return Saved::CutShort(digest);
        }
        Saved::Settled(self.commit(id, &[(entry, text)], editor))
    }

    /// Commits all drafts of a session as they are now. Says what became of each.
    pub(super) fn commit_now(&mut self, id: SessionId, editor: Editor) -> Vec<EntryOutcome> {
        let Some(session) = self.sessions.get_mut(&id) else { return Vec::new() };
        if session.mode == Mode::Shared {
            return Vec::new(); // snapshots
        }
        let mut texts = Vec::new();
        let mut outcomes = Vec::new();
        for draft in &mut session.drafts {
            match draft.changed_text() {
                Ok(text) => texts.extend(text.map(|text| (draft.entry, text))),
                Err(fault) => outcomes.extend(not_written(draft, &fault)),
            }
        }
        if session.commit == CommitPolicy::OnExit && !outcomes.is_empty() {
            // All or none: what can be read is kept beside what cannot.
            let readable =
                session.drafts.iter_mut().filter(|draft| texts.iter().any(|text| text.0 == draft.entry));
            outcomes.extend(readable.map(|draft| kept(draft, KeptReason::DiskFailed)));
        } else {
            outcomes.extend(self.commit(id, &texts, editor));
        }
        let drafts = self.sessions.get(&id).map_or(&[][..], |session| &session.drafts);
        for OpenDraft { entry, .. } in drafts {
            if outcomes.iter().all(|told| told.entry != *entry) {
                outcomes.push(EntryOutcome { entry: *entry, outcome: Outcome::Unchanged });
            }
        }
        outcomes
    }

    /// Reads all drafts a last time, commits or keeps what changed, and forgets the session.
    pub(super) fn finish(&mut self, id: SessionId, ending: Ending) -> Vec<EntryOutcome> {
        let Some(session) = self.sessions.get(&id) else { return Vec::new() };
        let released = matches!(ending, Ending::Succeeded | Ending::Failed);
        let mut outcomes = match (session.mode, session.commit) {
            (Mode::Shared, _) => Vec::new(),
            // The saves of an editor that may still run were committed as they settled.
            (_, CommitPolicy::OnSave) if !released => Vec::new(),
            (_, CommitPolicy::OnExit) if ending != Ending::Succeeded => self.keep_changed(id, ending),
            (_, CommitPolicy::OnSave) if ending == Ending::Failed => self.commit_now(id, Editor::PerhapsDead),
            _ => self.commit_now(id, Editor::Alive),
        };
        let Some(session) = self.sessions.remove(&id) else { return outcomes };
        let snapshot = session.mode == Mode::Shared;
        for mut draft in session.drafts {
            if self.drafting.get(&draft.entry) == Some(&id) {
                self.drafting.remove(&draft.entry);
            }
            let gone_wrong = draft.slot.is_kept();
            if snapshot || (released && !gone_wrong) {
                outcomes.extend(release_slot(&mut draft));
            } else if let Err(error) = draft.slot.mark_ended() {
                tracing::warn!(slot = draft.slot.id(), %error, "the slot's record could not be written");
            }
        }
        outcomes
    }

    /// Keeps the changed drafts of an on-exit session that did not succeed.
    fn keep_changed(&mut self, id: SessionId, ending: Ending) -> Vec<EntryOutcome> {
        let why = match ending {
            Ending::Failed | Ending::Succeeded => KeptReason::CommandFailed,
            Ending::Orphaned => KeptReason::ClientGone,
            Ending::Drained => KeptReason::DaemonEnded,
        };
        let Some(session) = self.sessions.get_mut(&id) else { return Vec::new() };
        let mut outcomes = Vec::new();
        for draft in &mut session.drafts {
            match draft.changed_text() {
                Ok(Some(_)) => outcomes.push(kept(draft, why)),
                Ok(None) => {}
                Err(fault) => outcomes.extend(not_written(draft, &fault)),
            }
        }
        outcomes
    }

    /// Every draft that is kept: those that are marked, and those that were saved into after their
    /// session had ended.
    pub(super) fn list_kept(&self) -> Vec<KeptDraft> {
        let slots = self.slots.all().unwrap_or_else(|error| {
            tracing::warn!(%error, "the slots could not be listed");
            Vec::new()
        });
        let saved_late = |slot: &Slot| {
            slot.is_ended()
                && slot.read_draft().is_ok_and(|text| text.is_some_and(|text| !slot.has_base(&text)))
        };
        slots
            .into_iter()
            .filter(|slot| slot.dir().exists() && (slot.is_kept() || saved_late(slot)))
            .map(|slot| slot.as_kept(KeptReason::SavedLate))
            .collect()
    }
}

/// A draft whose text did not become the entry's for a fault's sake: it stays.
pub(super) fn not_written(draft: &mut OpenDraft, fault: &Fault) -> [EntryOutcome; 2] {
    [failed(draft.entry, fault), kept(draft, KeptReason::DiskFailed)]
}

/// Frees a draft's slot. Tells if it stays, for what the user put there.
fn release_slot(draft: &mut OpenDraft) -> Option<EntryOutcome> {
    match draft.slot.release() {
        Ok(true) => None,
        Ok(false) => Some(kept(draft, KeptReason::FilesBeside)),
        Err(error) => {
            tracing::warn!(slot = draft.slot.id(), %error, "a slot could not be released; it stays as a kept draft");
            None
        }
    }
}

/// Marks a draft as kept; the slot it is in stays where it is.
pub(super) fn kept(draft: &mut OpenDraft, why: KeptReason) -> EntryOutcome {
    if let Err(error) = draft.slot.mark_kept(why) {
        tracing::warn!(slot = draft.slot.id(), %error, "the slot's record could not be written");
    }
    EntryOutcome { entry: draft.entry, outcome: Outcome::Kept(draft.slot.as_kept(why)) }
}

fn failed(entry: EntryName, fault: &Fault) -> EntryOutcome {
    EntryOutcome { entry, outcome: Outcome::Failed(fault.refusal()) }
}

/// The refusal for an operation's id that was used for something else.
pub(super) fn operation_reused() -> Refusal {
    let message = "this operation id was used for another text or entry: choose a new one at random";
    Refusal::new(ErrorCode::OperationReused, message).field("operation")
}
