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
        let put_aside = |slot: &Slot<D>| matches!(slot.record.kept, Some((KeptReason::Emptied, _)));
        let own = slots.into_iter().filter(|slot| slot.record.session == of && !put_aside(slot));
        for slot in own.filter(Slot::exists) {
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
        let based = found.and_then(|found| {
            found.as_deref().map_or(Ok(()), |found| find_base(&mut slot, found)).map(|()| found)
        });
        let found = based.inspect_err(|_| self.writer.call(|writer| writer.end_tail(entry, session)))?;
        let base = slot.read_base();
        let header = if found.is_none() { base.clone() } else { None };
        // What is saved late is merged: others have had the entry meanwhile.
        if exclusive && order.adopt == Some(session) {
            self.restore_tail(entry, found.as_deref(), base.as_deref(), header.as_deref());
        }
        // Nothing that the entry holds is known to be made of a base that is gone: it is like an empty one.
        let base = Digest::of(base.as_deref().unwrap_or_default());
        let frozen = matches!(slot.record.kept, Some((why, _)) if why != KeptReason::DiskFailed);
        Ok(OpenDraft { entry, slot, base, unwritten: None, doubtful: None, header, frozen })
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

/// Where the daemon died right after it had published a version, the text in that is the base. If nobody
/// can tell any more what that was, there is none: then nothing that the entry holds is replaced.
fn find_base<D: Disk>(slot: &mut Slot<D>, entry: &[u8]) -> Result<(), Fault> {
    let Some(next) = slot.read_next() else { return Ok(()) };
    let begins = |text: &[u8], length: usize, digest: Digest| {
        text.get(..length).is_some_and(|text| Digest::of(text) == digest)
    };
    let base = slot.read_base();
    // A version that is less than the base is the beginning of an entry to which it was not published.
    let is_as_it_was = base.as_ref().is_some_and(|base| base.len() >= next.length && entry.starts_with(base));
    if is_as_it_was || !begins(entry, next.length, next.version) {
        return Ok(()); // it was not published, or is not there any more
    }
    if base.is_some_and(|base| Digest::of(&base) == next.text) {
        return Ok(());
    }
    let draft = slot.read_draft()?.filter(|draft| Digest::of(draft) == next.text);
    let kept = slot.record.kept;
    if begins(entry, next.text_length, next.text) {
        slot.set_base(&entry[..next.text_length])?;
    } else if let Some(draft) = draft {
        slot.set_base(&draft)?;
    } else {
        slot.forget_base()?;
    }
    slot.record.kept = kept; // a draft is kept for a reason that still holds
    Ok(())
}
