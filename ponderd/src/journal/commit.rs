//! Commits: the daemon durably replacing entries by the texts of drafts.
//!
//! An entry is only replaced if it is what we last knew: the committed body, followed by the
//! appends since the grant. Anything else was written by somebody else, is never overwritten, and
//! makes ours a kept draft.

use ponder_proto::{CommitPolicy, EntryName, EntryOutcome, KeptReason, Outcome, SessionId};

use super::content::compose;
use super::directory::{Found, Published, Staged};
use super::draft::OpenDraft;
use super::slot::NewDraft;
use super::store::{kept, not_written};
use super::{Editor, Fault, Store};

/// What is to become of one changed draft.
enum Weighed {
    /// The entry holds this text already.
    Same,
    /// The text is to be kept and not committed.
    Keep(KeptReason),
    /// The entry may be replaced.
    Ready { found: Option<Found>, full: Vec<u8> },
}

impl Store {
    /// Commits changed texts of a session's drafts, and says what became of each.
    ///
    /// An on-exit session's entries are committed all or none: if one of them cannot be, all of
    /// its texts are kept.
    pub(super) fn commit(
        &mut self,
        id: SessionId,
        texts: &[(EntryName, Vec<u8>)],
        editor: Editor,
    ) -> Vec<EntryOutcome> {
        let all_or_none =
            self.sessions.get(&id).is_some_and(|session| session.commit == CommitPolicy::OnExit);
        if all_or_none {
            return self.commit_together(id, texts, editor);
        }
        texts.chunks(1).flat_map(|text| self.commit_together(id, text, editor)).collect()
    }

    fn commit_together(
        &mut self,
        id: SessionId,
        texts: &[(EntryName, Vec<u8>)],
        editor: Editor,
    ) -> Vec<EntryOutcome> {
        let Some(mut session) = self.sessions.remove(&id) else { return Vec::new() };
        let outcomes = self.try_together(&mut session.drafts, texts, editor);
        let outcomes = outcomes.unwrap_or_else(|(at_fault, fault)| {
            // Entry and draft are as they were; the slot stays until the text is somewhere.
            tracing::warn!(entry = %at_fault, %fault, "a commit failed");
            let involved = |draft: &&mut OpenDraft| texts.iter().any(|(entry, _)| *entry == draft.entry);
            let drafts = session.drafts.iter_mut().filter(involved);
            drafts.flat_map(|draft| not_written(draft, &fault)).collect()
        });
        self.sessions.insert(id, session);
        outcomes
    }

    fn try_together(
        &self,
        drafts: &mut [OpenDraft],
        texts: &[(EntryName, Vec<u8>)],
        editor: Editor,
    ) -> Result<Vec<EntryOutcome>, (EntryName, Fault)> {
        let mut weighed = Vec::new();
        for (entry, text) in texts {
            let Some(at) = drafts.iter().position(|draft| draft.entry == *entry) else { continue };
            let what = self.weigh(&drafts[at], text, editor).map_err(|fault| (*entry, fault))?;
            weighed.push((at, text, what));
        }
        let first_reason = weighed.iter().find_map(|(_, _, what)| match what {
            Weighed::Keep(why) => Some(*why),
            _ => None,
        });
        if let Some(why) = first_reason {
            let changed = weighed.iter().filter(|(_, _, what)| !matches!(what, Weighed::Same));
            return Ok(changed.map(|(at, ..)| freeze(&mut drafts[*at], why)).collect());
        }
        self.replace_all(drafts, weighed)
    }

    /// Whether a text may replace its entry.
    fn weigh(&self, draft: &OpenDraft, text: &[u8], editor: Editor) -> Result<Weighed, Fault> {
        self.directory.check()?;
        let found = self.directory.read(draft.entry)?;
        let full = compose(text, &draft.appends);
        let bytes = found.as_ref().map(|found| found.bytes.as_slice());
        if bytes == Some(full.as_slice()) {
            return Ok(Weighed::Same);
        }
        // An entry that is missing was deleted, or never was: a changed draft creates it anew.
        let ours = bytes.is_none() || draft.expected.is(bytes);
        if draft.frozen || !ours {
            return Ok(Weighed::Keep(KeptReason::EntryChanged));
        }
        // What an editor that died in the middle of saving left is the beginning of a new text. It
        // replaces nothing but what it contains.
        let body = bytes.and_then(|bytes| bytes.get(..draft.base_length));
        if editor == Editor::PerhapsDead && !body.is_none_or(|body| text.starts_with(body)) {
            return Ok(Weighed::Keep(KeptReason::CutShort));
        }
        Ok(Weighed::Ready { found, full })
    }

    /// Stages all new versions, then publishes them, then flushes the directory once.
    fn replace_all(
        &self,
        drafts: &mut [OpenDraft],
        weighed: Vec<(usize, &Vec<u8>, Weighed)>,
    ) -> Result<Vec<EntryOutcome>, (EntryName, Fault)> {
        let mut outcomes = Vec::new();
        let mut staged: Vec<(usize, &Vec<u8>, Vec<u8>, Staged)> = Vec::new();
        for (at, text, what) in weighed {
            let draft = &mut drafts[at];
            let entry = draft.entry;
            let Weighed::Ready { found, full } = what else {
                // Somebody else wrote the same: ours may go once theirs is on the disk.
                self.directory.flush(entry).map_err(|fault| (entry, fault))?;
                outcomes.push(EntryOutcome { entry, outcome: Outcome::Unchanged });
                draft.committed(text, &compose(text, &draft.appends));
                continue;
            };
            let prepared = self
                .keep_emptied(draft, text, found.as_ref())
                .and_then(|emptied| Ok((emptied, self.directory.stage(entry, &full, found.as_ref())?)));
            match prepared {
                Ok((emptied, version)) => {
                    outcomes.extend(emptied);
                    staged.push((at, text, full, version));
                }
                Err(fault) => {
                    for (.., version) in &staged {
                        self.directory.discard(version);
                    }
                    return Err((entry, fault));
                }
            }
        }
        self.publish_all(drafts, staged, &mut outcomes)?;
        Ok(outcomes)
    }

    /// Publishes all staged versions, or none if one of the entries was changed in the meantime. The
    /// first failure ends it; what was published until then stays.
    fn publish_all(
        &self,
        drafts: &mut [OpenDraft],
        staged: Vec<(usize, &Vec<u8>, Vec<u8>, Staged)>,
        outcomes: &mut Vec<EntryOutcome>,
    ) -> Result<(), (EntryName, Fault)> {
        let Some(first) = staged.first().map(|(at, ..)| drafts[*at].entry) else { return Ok(()) };
        if !staged.iter().all(|(.., version)| self.directory.is_current(version)) {
            for (at, .., version) in &staged {
                self.directory.discard(version);
                outcomes.push(freeze(&mut drafts[*at], KeptReason::EntryChanged));
            }
            return Ok(());
        }
        let mut broken = None;
        for (at, text, full, version) in staged {
            let draft = &mut drafts[at];
            let entry = draft.entry;
            if let Some(fault) = &broken {
                self.directory.discard(&version);
                outcomes.extend(not_written(draft, fault));
                continue;
            }
            match self.directory.publish(&version) {
                Ok(Published::Yes) => {
                    draft.committed(text, &full);
                    outcomes.push(EntryOutcome { entry, outcome: Outcome::Committed });
                }
                Ok(Published::EntryChanged) => outcomes.push(freeze(draft, KeptReason::EntryChanged)),
                Err(fault) => {
                    tracing::warn!(%entry, %fault, "a commit failed");
                    outcomes.extend(not_written(draft, &fault));
                    broken = Some(fault);
                }
            }
        }
        self.directory.sync().map_err(|fault| (first, fault))
    }

    /// An empty draft where there was text is committed, but the text is kept first.
    fn keep_emptied(
        &self,
        draft: &OpenDraft,
        text: &[u8],
        found: Option<&Found>,
    ) -> Result<Option<EntryOutcome>, Fault> {
        let Some(body) = found.and_then(|found| found.bytes.get(..draft.base_length)) else {
            return Ok(None);
        };
        if !text.is_empty() || body.is_empty() {
            return Ok(None);
        }
        let record = &draft.slot.record;
        let (session, token) = (record.session, record.token);
        let new = NewDraft { entry: draft.entry, session, token, text: body, read_only: false };
        let slot = self.slots.keep(&new, KeptReason::Emptied)?;
        let outcome = Outcome::Kept(slot.as_kept(KeptReason::Emptied));
        Ok(Some(EntryOutcome { entry: draft.entry, outcome }))
    }
}

/// Keeps a draft, and commits nothing more of its session to this entry.
fn freeze(draft: &mut OpenDraft, why: KeptReason) -> EntryOutcome {
    draft.frozen = true;
    kept(draft, why)
}
