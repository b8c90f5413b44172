//! What changed drafts are to be for their entries as those are now: a version, merged where somebody else
//! wrote to the entry, too; or kept aside.

use ponder_merge::{Merged, merge};
use ponder_proto::KeptReason;
use sha2::{Digest as _, Sha256};

use super::commit::Changed;
use super::session::{OpenDraft, OpenSession};
use super::{Drafts, Editor};
use crate::journal::Fault;
use crate::journal::content::compose;
use crate::journal::disk::Disk;
use crate::journal::entries::Opened;
use crate::journal::staging::NotStaged;
use crate::journal::writer::{Publication, Seen, Version};

/// What is to become of one changed draft.
enum Weighed<D: Disk> {
    /// The entry holds this text already.
    Same,
    /// The text is to be kept and not committed.
    Keep(KeptReason),
    /// The entry may be replaced.
    Ready(Box<Publication<D>>),
}

/// What became of all changed drafts of a commit.
pub(super) enum Weighing<D: Disk> {
    Keep(KeptReason),
    Ready(Vec<Publication<D>>),
}

impl<D: Disk> Drafts<D> {
    /// Weighs all texts: each gets a version, or all are kept.
    pub(super) fn weigh_all(
        &self,
        session: &OpenSession<D>,
        texts: &[Changed],
        editor: Editor,
    ) -> Result<Weighing<D>, Fault> {
        let mut ready: Vec<Publication<D>> = Vec::new();
        let discard =
            |ready: &[Publication<D>]| ready.iter().for_each(|publication| self.discard(publication));
        for (at, text) in texts {
            match self.weigh(&session.drafts[*at], text, editor) {
                Ok(Weighed::Same) => {}
                Ok(Weighed::Ready(publication)) => ready.push(*publication),
                Ok(Weighed::Keep(why)) => {
                    discard(&ready);
                    return Ok(Weighing::Keep(why));
                }
                Err(fault) => {
                    discard(&ready);
                    return Err(fault);
                }
            }
        }
        Ok(Weighing::Ready(ready))
    }

    pub(super) fn discard(&self, publication: &Publication<D>) {
        if let Version::Staged(staged) = &publication.version {
            self.entries.discard(&staged.side, &staged.name);
        }
    }

    /// What a text is to be for its entry as it is now.
    fn weigh(&self, draft: &OpenDraft<D>, text: &[u8], editor: Editor) -> Result<Weighed<D>, Fault> {
        let entry = draft.entry;
        let seen = self.writer.call(|writer| writer.look(entry))?;
        let found = seen.opened.as_ref().map(|opened| self.entries.read(opened)).transpose()?;
        if draft.frozen {
            return Ok(Weighed::Keep(KeptReason::EntryChanged));
        }
        let ours = compose(text, &seen.tail);
        let base = draft.read_base();
        let full = match (&found, &base) {
            // An entry that is missing was deleted, or never was: a changed draft creates it anew.
            // One that suddenly is empty was not deleted by anybody.
            (None, _) => ours,
            (Some(found), _) if found.is_empty() => ours,
            (Some(found), _) if *found == ours => return Ok(Weighed::Same),
            (Some(found), Some(base)) => {
                let expected = compose(base, &seen.tail);
                match merge(&expected, found, &ours) {
                    Merged::Clean(full) => full,
                    Merged::Conflict => return Ok(Weighed::Keep(KeptReason::EntryChanged)),
                }
            }
            // The base is gone, when the disk was full, say. Its digest is not.
            (Some(found), None) if draft.is_base_with(found, &seen.tail) => ours,
            (Some(_), None) => return Ok(Weighed::Keep(KeptReason::EntryChanged)),
        };
        if found.as_ref() == Some(&full) {
            return Ok(Weighed::Same);
        }
        // What an editor that died in the middle of saving left is the beginning of a new text. It
        // replaces nothing but what it contains.
        let contains = |base: &Vec<u8>| found.is_none() || text.starts_with(base);
        if editor == Editor::PerhapsDead && !base.as_ref().is_none_or(contains) {
            return Ok(Weighed::Keep(KeptReason::CutShort));
        }
        self.version(draft, seen, found, full)
    }

    /// Makes a version of an entry that was seen.
    fn version(
        &self,
        draft: &OpenDraft<D>,
        seen: Seen<D>,
        found: Option<Vec<u8>>,
        text: Vec<u8>,
    ) -> Result<Weighed<D>, Fault> {
        let Seen { opened, tail, added } = seen;
        if let Some(opened) = &opened {
            Self::is_writable(opened)?;
        }
        let version = match self.entries.stage(&text, opened.as_ref()) {
            Ok(staged) => Version::Staged(staged),
            Err(NotStaged::OnlyInPlace) => Version::InPlace { old: found.clone().unwrap_or_default() },
            Err(NotStaged::Fault(fault)) => return Err(fault),
        };
        let base = found.map(Sha256::new_with_prefix);
        let (entry, tail) = (draft.entry, tail.len());
        Ok(Weighed::Ready(Box::new(Publication { entry, seen: opened, base, tail, added, text, version })))
    }

    /// An exchange would ask the directory and not the file. Whoever write-protected it has meant it.
    fn is_writable(opened: &Opened<D>) -> Result<(), Fault> {
        if opened.stat.mode & 0o200 != 0 {
            return Ok(());
        }
        let source = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        Err(Fault::Disk { doing: "replace the write-protected", path: opened.place.path.clone(), source })
    }
}
