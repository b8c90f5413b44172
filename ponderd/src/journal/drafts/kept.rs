//! Kept drafts: finding, judging and dropping them.

use std::collections::BTreeSet;

use ponder_proto::{Deferred, ErrorCode, KeptDraft, KeptReason, Refusal, SessionId};

use super::Drafts;
use super::slot::Slot;
use crate::journal::Fault;
use crate::journal::disk::{Access, Disk};

impl<D: Disk> Drafts<D> {
    /// Every draft that is kept: those that are marked, and those that were saved into after their
    /// session had ended.
    pub(in crate::journal) fn list_kept(&self) -> Vec<KeptDraft> {
        let slots = self.slots.all().unwrap_or_else(|error| {
            tracing::warn!(%error, "the slots could not be listed");
            Vec::new()
        });
        slots
            .into_iter()
            .filter(|slot| slot.exists() && (slot.is_kept() || was_saved_late(slot)))
            .map(|slot| slot.as_kept(KeptReason::SavedLate))
            .collect()
    }

    /// The appends that wait for another program's lock.
    pub(in crate::journal) fn list_deferred(&self) -> Vec<Deferred> {
        self.writer.call(|writer| writer.deferred())
    }

    /// Deletes a kept draft, because its owner said so.
    pub(in crate::journal) fn drop_kept(&self, id: &str, open: &[SessionId]) -> Result<(), Refusal> {
        let found = self.slots.find(id).map_err(|fault| fault.refusal())?;
        let kept = found.filter(|slot| slot.is_kept() || was_saved_late(slot));
        let Some(mut slot) = kept else {
            let message = format!("there is no kept draft {id:?}: `ponder recover` lists them");
            return Err(Refusal::new(ErrorCode::BadRequest, message).field("kept"));
        };
        if !slot.is_ended() && open.contains(&slot.record.session) {
            let message = format!("the session of {id} still has it open: close its editor first");
            return Err(Refusal::new(ErrorCode::Busy, message).field("kept"));
        }
        slot.drop_kept().map(drop).map_err(|fault| fault.refusal())
    }

    /// Judges every slot that is still taken at the start and whose session is over: `restored` are
    /// those that go on. Text that is nowhere else becomes a kept draft; what holds nothing new is
    /// removed as soon as no editor can have it open, which another boot proves, or its FIFO.
    pub(in crate::journal) fn recover(&self, restored: &BTreeSet<SessionId>) -> Result<(), Fault> {
        let mut kept = 0;
        let mut in_use = restored.clone();
        for slot in self.slots.all()? {
            let session = slot.record.session;
            if !slot.is_kept()
                && let Err(fault) = slot.put_back()
            {
                tracing::warn!(%fault, "a draft may have another name than its own"); // and is no reason not to start
            }
            if slot.is_ended() || !restored.contains(&session) {
                kept += usize::from(self.judge(slot)?);
                in_use.insert(session);
            }
        }
        if let Some(alive) = &self.alive {
            // One that nobody has open tells nothing more, though its session's draft may be kept.
            let is_over = |session| !restored.contains(&session) && alive.is_deserted(session);
            alive.keep_only(|session| in_use.contains(&session) && !is_over(session));
        }
        tracing::info!(kept, restored = restored.len(), "recovered");
        Ok(())
    }

    /// Returns whether the slot holds a kept draft.
    fn judge(&self, mut slot: Slot<D>) -> Result<bool, Fault> {
        if slot.is_kept() {
            // Whoever has no more use for a kept draft deletes its directory.
            let wanted = slot.exists();
            return if wanted { Ok(true) } else { slot.release().map(|_| false) };
        }
        let text = slot.read_draft()?;
        let nothing_new = text
            .as_ref()
            .is_none_or(|text| slot.has_base(text) || (!slot.is_ended() && self.was_committed(&slot, text)));
        if text.as_ref().is_some_and(|text| !text.is_empty()) && self.is_emptied(slot.record.entry) {
            slot.mark_kept(KeptReason::Emptied)?; // what the draft holds may be the last copy
            return Ok(true);
        }
        if !nothing_new {
            let why = if slot.is_ended() { KeptReason::SavedLate } else { KeptReason::DaemonEnded };
            slot.mark_kept(why)?;
            return Ok(true);
        }
        // Committed right before the daemon died: nothing that was saved since.
        if let Some(text) = text.filter(|text| !slot.has_base(text)) {
            slot.set_base(&text)?;
        }
        let session = slot.record.session;
        let deserted = self.alive.as_ref().is_some_and(|alive| alive.is_deserted(session));
        if deserted || self.slots.is_from_another_boot(&slot) {
            return slot.release().map(|free| !free);
        }
        slot.mark_ended()?;
        Ok(false)
    }

    /// Whether the entry begins with this text: it may have been written just before the slot's
    /// record was, with appends behind it. One that only takes away from the end of its base proves
    /// nothing: the entry may begin with it because it was not committed.
    fn was_committed(&self, slot: &Slot<D>, text: &[u8]) -> bool {
        let takes_away =
            slot.read_base().is_some_and(|base| base.len() > text.len() && base.starts_with(text));
        let opened = self.entries.open(slot.record.entry, Access::Read).ok().flatten();
        let begins = |opened| self.entries.read(&opened).is_ok_and(|entry| entry.starts_with(text));
        !takes_away && opened.is_some_and(begins)
    }
}

fn was_saved_late<D: Disk>(slot: &Slot<D>) -> bool {
    slot.is_ended() && slot.read_draft().is_ok_and(|text| text.is_some_and(|text| !slot.has_base(&text)))
}
