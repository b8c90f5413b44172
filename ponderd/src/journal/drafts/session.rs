//! Sessions that are open, and their drafts.

use ponder_proto::{
    CommitPolicy, Draft, EntryName, EntryOutcome, KeptReason, Mode, Outcome, RawPath, SessionId, Token,
};

use super::commit::Attempt;
use super::slot::Slot;
use crate::journal::disk::Disk;
use crate::journal::{Digest, Fault};

/// A granted session with drafts.
#[derive(Debug)]
pub struct OpenSession<D: Disk> {
    pub(super) id: SessionId,
    pub(super) token: Token,
    pub(super) mode: Mode,
    pub(super) commit: CommitPolicy,
    pub(super) entries: Vec<EntryName>,
    pub(super) drafts: Vec<OpenDraft<D>>,
}

/// A draft and what is known of its entry.
#[derive(Debug)]
pub(super) struct OpenDraft<D: Disk> {
    pub(super) entry: EntryName,
    pub(super) slot: Slot<D>,
    /// The digest of the draft's last committed text, or of the one it started with.
    pub(super) base: Digest,
    /// The text that the entry was made of, if that is not the base in the slot.
    pub(super) unwritten: Option<Vec<u8>>,
    /// A version of it that may have become the entry, and the text that it was made of.
    pub(super) doubtful: Option<(Attempt, Vec<u8>)>,
    /// The header that the entry gets when it is created, if it did not exist at the grant.
    pub(super) header: Option<Vec<u8>>,
    /// Once a text of the draft overlapped with what somebody else wrote, the base stays frozen: the
    /// slot is the kept draft, and later saves only change that.
    pub(super) frozen: bool,
}

impl<D: Disk> OpenDraft<D> {
    /// As the client is told.
    pub(super) fn told(&self) -> Draft {
        let path = RawPath::from(self.slot.draft_path().as_path());
        Draft { entry: self.entry, path, new: self.header.is_some() }
    }

    /// The draft's text now, if it differs from the base. Nothing where it is the base, or gone.
    pub(super) fn changed_text(&self) -> Result<Option<Vec<u8>>, Fault> {
        let text = self.slot.read_draft()?;
        Ok(text.filter(|text| self.unwritten.is_some() || Digest::of(text) != self.base))
    }

    /// Whether an entry is the base with the appends since the grant behind it, and nothing else.
    pub(super) fn is_base_with(&self, entry: &[u8], tail: &[u8]) -> bool {
        let Some(body) = entry.strip_suffix(tail) else { return false };
        let bodies =
            [body, body.strip_suffix(b"\n").unwrap_or(body), body.strip_suffix(b"\r\n").unwrap_or(body)];
        bodies.iter().any(|body| Digest::of(body) == self.base)
    }

    /// The text is in the entry now.
    pub(super) fn committed(&mut self, text: &[u8]) {
        (self.base, self.unwritten) = (Digest::of(text), None);
        if let Err(error) = self.slot.set_base(text) {
            // Only a worse guess after a crash: the draft would be compared with the entry itself.
            tracing::warn!(slot = self.slot.id(), %error, "the slot's record could not be written");
            self.unwritten = Some(text.to_vec());
        }
    }

    /// The text is in the entry, and whether it is on the disk nobody knows: it has to be committed once
    /// more, and what becomes of the entry meanwhile was made of it.
    pub(super) fn published(&mut self, text: &[u8]) {
        self.unwritten = Some(text.to_vec());
    }

    /// The draft's last committed text, or the one it started with; nothing if it is gone.
    pub(super) fn read_base(&self) -> Option<Vec<u8>> {
        self.unwritten.clone().or_else(|| self.slot.read_base())
    }

    /// Marks the draft as kept, durably; the slot it is in stays where it is.
    pub(super) fn keep(&mut self, why: KeptReason) -> EntryOutcome {
        if let Err(error) = self.slot.mark_kept(why) {
            tracing::warn!(slot = self.slot.id(), %error, "the slot's record could not be written");
        }
        if let Err(error) = self.slot.flush() {
            tracing::warn!(slot = self.slot.id(), %error, "a kept draft could not be flushed; its editor's save is there");
        }
        EntryOutcome { entry: self.entry, outcome: Outcome::Kept(self.slot.as_kept(why)) }
    }

    /// Keeps the draft, and commits nothing more of its session to this entry.
    pub(super) fn freeze(&mut self, why: KeptReason) -> EntryOutcome {
        self.frozen = true;
        self.keep(why)
    }

    /// The text did not become the entry's for a fault's sake: the draft stays.
    pub(super) fn not_written(&mut self, fault: &Fault) -> [EntryOutcome; 2] {
        [failed(self.entry, fault), self.keep(KeptReason::DiskFailed)]
    }
}

impl<D: Disk> OpenSession<D> {
    /// Whether each settled save of a draft is a commit.
    pub(super) fn commits_saves(&self) -> bool {
        self.commit.commits_saves(self.mode)
    }

    /// Whether its entries' appends are collected for it: it may commit to them.
    pub(super) fn may_commit(&self) -> bool {
        self.mode == Mode::Exclusive
    }

    pub(super) fn position(&self, entry: EntryName) -> Option<usize> {
        self.drafts.iter().position(|draft| draft.entry == entry)
    }
}

pub(super) fn failed(entry: EntryName, fault: &Fault) -> EntryOutcome {
    EntryOutcome { entry, outcome: Outcome::Failed(fault.refusal()) }
}
