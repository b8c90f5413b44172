//! How sessions come to their end.

use ponder_proto::{Body, Change, EntryOutcome, ErrorCode, SessionId};

use super::Owner;
use super::refusals::refusal;
use super::session::{Drafts, Then};
use crate::journal::{DraftKey, Editor, Order, Ticket};
use crate::lease::{Ending, Event};
use crate::unix_now;

impl Owner {
    /// A session ends: its drafts are looked at a last time.
    pub(super) fn finish(
        &mut self,
        id: SessionId,
        ending: Ending,
        released: Option<Ticket>,
    ) -> Option<Event> {
        // What an editor that may still run has saved is committed once it has settled.
        let ending = self.late.ending_of(id).unwrap_or(ending);
        let (session, detail) = (self.core.session(id)?, self.details.get_mut(&id)?);
        (detail.since, detail.ending) = (unix_now(), Some(ending));
        detail.released = released.filter(|_| matches!(ending, Ending::Succeeded | Ending::Failed));
        let may_run = matches!(ending, Ending::Died | Ending::Forced(_));
        let commits = session.commits_saves();
        self.changed(Change::Releasing, id);
        let detail = self.details.get(&id)?;
        match &detail.drafts {
            Drafts::Ready(drafts) if may_run && commits && !drafts.is_empty() => {
                self.settle(id, Then::Finish(ending));
            }
            Drafts::Preparing | Drafts::Ready(_) => self.desk.order(Order::Finish { session: id, ending }),
            Drafts::None => {
                self.is_finished(id, Vec::new());
                return Some(Event::Ended { session: id });
            }
        }
        None
    }

    /// Has the drafts of a session looked at until they have settled: its editor may be in the middle of
    /// a save.
    pub(super) fn settle(&mut self, id: SessionId, then: Then) {
        let editor = match then {
            Then::Finish(Ending::Died) => self.late.editor_of(id).unwrap_or(Editor::PerhapsDead),
            Then::Finish(_) | Then::Nothing => Editor::Unknown,
        };
        let Some(detail) = self.details.get_mut(&id) else { return };
        let Drafts::Ready(drafts) = &detail.drafts else { return };
        let entries: Vec<_> = drafts.iter().map(|draft| draft.entry).collect();
        detail.unsettled = Some((then, entries.iter().copied().collect()));
        for entry in entries {
            let draft = DraftKey { session: id, entry };
            let look = self.saves.last_look(draft, editor);
            self.order_save(draft, look);
        }
    }

    /// One of the drafts that something waits for has settled.
    pub(super) fn draft_is_done(&mut self, draft: DraftKey) {
        let Some(detail) = self.details.get_mut(&draft.session) else { return };
        let Some((then, unsettled)) = &mut detail.unsettled else { return };
        unsettled.remove(&draft.entry);
        if unsettled.is_empty() {
            let then = *then;
            detail.unsettled = None;
            if let Then::Finish(ending) = then {
                self.desk.order(Order::Finish { session: draft.session, ending });
            }
        }
    }

    /// The files of a session are done with: whoever has to know is told what became of them.
    pub(super) fn is_finished(&mut self, id: SessionId, entries: Vec<EntryOutcome>) {
        self.saves.forget(id);
        let Some(detail) = self.details.get_mut(&id) else { return };
        let entries = [std::mem::take(&mut detail.outcomes), entries].concat();
        let (ending, released, reattached) =
            (detail.ending, detail.released.take(), detail.reattached.take());
        if self.late.zombie_of(id).is_some() {
            return self.late_is_finished(id, entries);
        }
        if let Some(Ending::Forced(why)) = ending {
            return self.revoked(id, why, entries, reattached);
        }
        if let Some(watch) = &mut self.watch {
            watch.remove(id);
        }
        if let Some(ticket) = reattached {
            self.clients.refuse(ticket, refusal(ErrorCode::StaleToken).field("token"));
        }
        if let Some(ticket) = released {
            self.clients.answer(ticket, Body::Released { session: id, entries });
        }
    }
}
