//! Drafts that are there already: a session's of the daemon before this one, and what an editor still
//! saves after its lease was ended by force.

use ponder_proto::{EntryName, EntryOutcome, KeptReason, Mode, Outcome, SessionId};

use super::session::{OpenDraft, OpenSession, failed};
use super::slot::Slot;
use super::{Drafts, Told};
use crate::journal::disk::Disk;
use crate::journal::order::Prepare;
use crate::journal::{Digest, Fault};

impl<D: Disk> Drafts<D> {
    /// Takes the slots of a session into a granted one: the same, or one that is to commit what was saved
    /// late. An entry without a slot has no draft.
    pub(super) fn adopt(&self, order: &Prepare, of: SessionId) -> Result<(OpenSession<D>, Told), Fault> {
        let Prepare { session: id, token, mode, commit, .. } = *order;
        let entries = order.entries.clone();
        let mut session = OpenSession { id, token, mode, commit, entries, drafts: Vec::new() };
        let slots = self.slots.all()?;
        for slot in slots.into_iter().filter(|slot| slot.record.session == of && slot.exists()) {
            let entry = slot.record.entry;
            if order.entries.contains(&entry) && session.position(entry).is_none() {
                let draft = self.adopt_slot(order, slot).inspect_err(|_| self.end_tails(&session))?;
                session.drafts.push(draft);
            }
        }
        if of == id {
            // Where the daemon before this one died before it had made them all.
            for &entry in &order.entries {
                if session.position(entry).is_none() {
                    let made = self.make_draft(order, entry).inspect_err(|_| self.end_tails(&session))?;
                    session.drafts.extend(made);
                }
            }
        }
        let drafts = session.drafts.iter();
        let told = drafts.map(|draft| (draft.told(), draft.slot.dir_path())).collect();
        Ok((session, told))
    }

    fn adopt_slot(&self, order: &Prepare, mut slot: Slot<D>) -> Result<OpenDraft<D>, Fault> {
        let (entry, session, token) = (slot.record.entry, order.session, order.token);
        let exclusive = order.mode == Mode::Exclusive;
        let seen = self.writer.call(|writer| {
            if exclusive { writer.begin_tail(entry, session, token) } else { writer.look(entry) }
        })?;
        let found = seen.opened.as_ref().map(|opened| self.entries.read(opened)).transpose();
        let found = found.inspect_err(|_| self.writer.call(|writer| writer.end_tail(entry, session)))?;
        let next = found.as_deref().and_then(|found| slot.next_base(found).map(|length| &found[..length]));
        if let Some(next) = next.filter(|next| !slot.has_base(next)) {
            // Committed right before the daemon died. A draft is kept for a reason that still holds.
            let kept = slot.record.kept;
            slot.set_base(next)?;
            slot.record.kept = kept;
        }
        let base = slot.read_base();
        let header = if found.is_none() { base.clone() } else { None };
        // What is saved late is merged: others have had the entry meanwhile.
        if exclusive && order.adopt == Some(session) {
            self.restore_tail(entry, found.as_deref(), base.as_deref(), header.as_deref());
        }
        // Nothing that the entry holds is known to be made of a base that is gone: it is like an empty one.
        let base = Digest::of(base.as_deref().unwrap_or_default());
        let frozen = matches!(slot.record.kept, Some((why, _)) if why != KeptReason::DiskFailed);
        Ok(OpenDraft { entry, slot, base, unwritten: None, header, frozen })
    }

    /// What stands behind the base in an entry was appended, as far as anybody can tell: it stays behind
    /// the draft, as it would have under the daemon that took it.
    fn restore_tail(
        &self,
        entry: EntryName,
        found: Option<&[u8]>,
        base: Option<&[u8]>,
        header: Option<&[u8]>,
    ) {
        let added = found.zip(base).and_then(|(found, base)| found.strip_prefix(base));
        self.writer.call(|writer| {
            if let Some(header) = header {
                writer.set_header(entry, header.to_vec());
            }
            if let (Some(added), Some(base)) = (added, base) {
                writer.restore_tail(entry, base, added);
            }
        });
    }

    /// Frees the slots of a session whose lease was ended by force, now that nobody works on them any
    /// more. What was saved into them since stays, as kept drafts.
    pub(in crate::journal) fn vacate(&self, session: SessionId) -> Vec<EntryOutcome> {
        let slots = self.slots.all().unwrap_or_default();
        let own = slots.into_iter().filter(|slot| slot.record.session == session);
        own.filter_map(|mut slot| {
            let (entry, was_kept) = (slot.record.entry, slot.is_kept());
            let released = if was_kept { Ok(false) } else { slot.release() };
            match released {
                Ok(true) => None,
                Ok(false) => {
                    let kept = slot.as_kept(KeptReason::SavedLate);
                    Some(EntryOutcome { entry, outcome: Outcome::Kept(kept) })
                }
                Err(fault) => Some(failed(entry, &fault)),
            }
        })
        .collect()
    }
}
