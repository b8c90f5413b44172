//! What a dead daemon left.

use ponder_proto::KeptReason;

use super::slot::Slot;
use super::{Fault, Store};

impl Store {
    /// Judges every slot that is still taken: its session is over, since no session outlives its
    /// daemon. Text that is nowhere else becomes a kept draft; what holds nothing new is removed
    /// as soon as no editor can have it open, which only another boot proves.
    pub(super) fn recover(&self) -> Result<(), Fault> {
        let swept = self.directory.sweep()?;
        let mut kept = 0;
        for slot in self.slots.all()? {
            kept += usize::from(self.judge(slot)?);
        }
        tracing::info!(swept, kept, "recovered");
        Ok(())
    }

    /// Returns whether the slot holds a kept draft.
    fn judge(&self, mut slot: Slot) -> Result<bool, Fault> {
        if slot.is_kept() {
            // Whoever has no more use for a kept draft deletes its directory.
            let wanted = slot.dir().exists();
            return if wanted { Ok(true) } else { slot.release().map(|_| false) };
        }
        let text = slot.read_draft()?;
        let entry = self.directory.read(slot.record.entry).ok().flatten();
        let nothing_new = text.as_ref().is_none_or(|text| {
            // The entry may have been written just before the record was: look at it, too.
            slot.has_base(text) || entry.as_ref().is_some_and(|entry| entry.bytes == *text)
        });
        if !nothing_new {
            let why = if slot.is_ended() { KeptReason::SavedLate } else { KeptReason::DaemonEnded };
            slot.mark_kept(why)?;
            return Ok(true);
        }
        if self.slots.is_from_another_boot(&slot) {
            return slot.release().map(|free| !free);
        }
        slot.mark_ended()?;
        Ok(false)
    }
}
