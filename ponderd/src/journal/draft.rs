//! Sessions that are open, and their drafts.

use ponder_proto::{CommitPolicy, Draft, EntryName, Mode, RawPath};

use super::content::Expected;
use super::slot::Slot;
use super::{Digest, Fault};

/// A granted session with drafts.
#[derive(Debug)]
pub(super) struct OpenSession {
    pub(super) mode: Mode,
    pub(super) commit: CommitPolicy,
    pub(super) drafts: Vec<OpenDraft>,
}

/// A draft and what its entry is believed to be.
#[derive(Debug)]
pub(super) struct OpenDraft {
    pub(super) entry: EntryName,
    pub(super) slot: Slot,
    /// The draft's last committed text, or the one it started with.
    pub(super) base: Digest,
    /// That text's length in bytes: in the entry, the body is so long and the appends follow it.
    pub(super) base_length: usize,
    /// What the entry's file holds if only we wrote it.
    pub(super) expected: Expected,
    /// The appends since the grant, in order, each ending its line.
    pub(super) appends: Vec<u8>,
    /// The header that the entry gets when it is created, if it did not exist at the grant.
    pub(super) header: Option<Vec<u8>>,
    /// Once the entry turned out to be changed by somebody else, the base stays frozen: the slot
    /// is the kept draft, and later saves only change that.
    pub(super) frozen: bool,
}

impl OpenDraft {
    /// As the client is told.
    pub(super) fn told(&self) -> Draft {
        let path = RawPath::from(self.slot.draft_path().as_path());
        Draft { entry: self.entry, path, new: self.header.is_some() }
    }

    /// The draft's text now, if it differs from the base. Nothing where it is the base, or gone.
    pub(super) fn changed_text(&self) -> Result<Option<Vec<u8>>, Fault> {
        let text = self.slot.read_draft()?;
        Ok(text.filter(|text| Digest::of(text) != self.base))
    }

    /// The whole text `full` is the entry's now, and `text` its body.
    pub(super) fn committed(&mut self, text: &[u8], full: &[u8]) {
        self.base = Digest::of(text);
        self.base_length = text.len();
        self.expected = Expected::holding(full);
        if let Err(error) = self.slot.set_base(self.base) {
            // Only a worse guess after a crash: the draft would be compared with the entry itself.
            tracing::warn!(slot = self.slot.id(), %error, "the slot's record could not be written");
        }
    }
}

impl OpenSession {
    /// Whether each settled save of a draft is a commit.
    pub(super) fn commits_saves(&self) -> bool {
        self.commit.commits_saves(self.mode)
    }

    pub(super) fn draft(&mut self, entry: EntryName) -> Option<&mut OpenDraft> {
        self.drafts.iter_mut().find(|draft| draft.entry == entry)
    }
}
