//! Answers of the writer.

use std::path::PathBuf;

use ponder_proto::{Body, Change, CommitPolicy, Draft, EntryOutcome, KeptDraft, Outcome, Refusal, SessionId};

use super::Owner;
use super::saves::Look;
use super::session::Drafts;
use crate::journal::{Done, DraftKey, Editor, Order, Saved, Sign, Ticket, link_neighbours};
use crate::lease::{Event, Phase, Session};

impl Owner {
    pub(super) fn take_answer(&mut self, done: Done) {
        match done {
            Done::Prepared { session, result } => match result {
                Ok(drafts) => self.prepared(session, &drafts),
                Err(refusal) => self.unprepared(session, refusal),
            },
            Done::Opened { session, ticket, result } => {
                let body = result.map_or_else(Body::Error, |()| Body::Opened { session });
                self.clients.tell(ticket.client, Some(ticket.re), body);
            }
            Done::Saved { session, entry, look, saved } => {
                self.saved(DraftKey { session, entry }, look, saved);
            }
            Done::Committed { session, ticket, entries } => {
                log_outcomes(session, &entries);
                self.clients.tell(ticket.client, Some(ticket.re), Body::Committed { session, entries });
            }
            Done::Finished { session, entries } => self.finished(session, entries),
            Done::Appended { entry, length, operation, ticket, result } => {
                self.appending -= length;
                if let Err(refusal) = &result {
                    tracing::warn!(%entry, error = refusal.message, "an append was refused");
                }
                self.clients.appended(ticket, entry, operation, result);
            }
            Done::Probed => self.told.works(),
            Done::Vacated { session, entries } => self.late_is_vacated(session, entries),
            Done::Kept { kept, ticket } => self.status(kept, ticket),
            Done::Dropped { id, ticket, result } => self.dropped(id, ticket, result),
            Done::Deferred { deferred, ticket } => {
                self.clients.tell(ticket.client, Some(ticket.re), Body::Deferred { entries: deferred });
            }
        }
    }

    fn prepared(&mut self, id: SessionId, made: &[(Draft, PathBuf)]) {
        let Some(detail) = self.details.get_mut(&id) else { return };
        detail.drafts = Drafts::Ready(made.iter().map(|(draft, _)| draft.clone()).collect());
        let was_restored = std::mem::take(&mut detail.restored);
        if self.late.zombie_of(id).is_some() {
            return self.late_is_prepared(id);
        }
        // A session that was ended meanwhile is not told, and its end is ordered already.
        let Some(session) = self.core.session(id) else { return };
        let Phase::Granted(token) = session.phase else { return };
        let commits_saves = session.commits_saves();
        let in_place = session.request.commit == CommitPolicy::InPlace;
        if !in_place {
            self.watch_slots(id, made);
            self.link_neighbours(made);
        }
        tracing::info!(session = %id, %token, drafts = made.len(), was_restored, "granted");
        self.changed(Change::Granted, id);
        self.tell_granted(id, token);
        if was_restored && commits_saves && !in_place {
            // What was saved while there was no daemon.
            for (draft, _) in made {
                self.take_sign(DraftKey { session: id, entry: draft.entry }, Sign::Saved);
            }
        }
    }

    /// Watches for saves. Those of a script are looked at only once its lease was ended by force.
    fn watch_slots(&mut self, session: SessionId, made: &[(Draft, PathBuf)]) {
        let commits_saves = self.core.session(session).is_some_and(Session::commits_saves);
        let Some(watch) = self.watch.as_mut().filter(|_| commits_saves) else { return };
        for (draft, slot) in made {
            if let Err(error) = watch.add(slot, DraftKey { session, entry: draft.entry }) {
                tracing::warn!(%error, "saves of this session are committed only when it ends");
            }
        }
    }

    fn link_neighbours(&self, made: &[(Draft, PathBuf)]) {
        for (_, slot) in made {
            let (journal, slot) = (PathBuf::from(&self.about.journal), slot.clone());
            tokio::task::spawn_blocking(move || {
                if let Err(error) = link_neighbours(&journal, &slot) {
                    tracing::debug!(%error, "a draft does not show its neighbours");
                }
            });
        }
    }

    fn unprepared(&mut self, id: SessionId, refusal: Refusal) {
        tracing::warn!(session = %id, error = refusal.message, "no drafts could be made");
        if let Some(detail) = self.details.get_mut(&id) {
            detail.drafts = Drafts::None;
            if std::mem::take(&mut detail.restored) {
                self.desk.order(Order::Vacate { session: id }); // what is in its drafts is kept
            }
            if let Some(ticket) = detail.asked {
                self.clients.refuse(ticket, refusal);
            }
        }
        self.handle(Event::Unprepared { session: id });
    }

    /// Has the writer look at a draft.
    pub(super) fn order_save(&mut self, draft: DraftKey, look: Look) {
        let DraftKey { session, entry } = draft;
        // One that seems to have outlived its save may have died meanwhile, without a client to tell.
        let is_left = look.editor != Editor::Alive || self.may_be_left(session);
        let editor = if is_left { look.editor } else { Editor::PerhapsDead };
        self.desk.order(Order::Save { session, entry, seen: look.seen, editor, look: look.number });
    }

    fn saved(&mut self, draft: DraftKey, look: u64, saved: Saved) {
        let current = self.saves.is_current(draft, look);
        match saved {
            Saved::Unsettled(seen) if current => {
                if !self.saves.unsettled(draft, seen) {
                    self.draft_is_done(draft); // looked at often enough: its slot is the kept draft
                }
            }
            Saved::CutShort(seen) if current => self.saves.cut_short(draft, seen),
            Saved::Settled(outcomes) => {
                self.tell_committed(draft.session, outcomes);
                if current {
                    match self.saves.settled(draft) {
                        Some(look) => self.order_save(draft, look),
                        None => self.draft_is_done(draft),
                    }
                }
            }
            Saved::Unsettled(_) | Saved::CutShort(_) => {} // a newer look is under way
        }
    }

    /// Tells an editor's client, unasked, what became of a save.
    fn tell_committed(&mut self, session: SessionId, entries: Vec<EntryOutcome>) {
        if entries.is_empty() {
            return;
        }
        log_outcomes(session, &entries);
        if let Some(detail) = self.details.get_mut(&session).filter(|detail| detail.ending.is_some()) {
            detail.outcomes.extend(entries);
            return;
        }
        self.tell_holder(session, Body::Committed { session, entries });
    }

    fn finished(&mut self, id: SessionId, entries: Vec<EntryOutcome>) {
        log_outcomes(id, &entries);
        self.is_finished(id, entries);
        self.handle(Event::Ended { session: id });
    }

    fn dropped(&mut self, kept: String, ticket: Ticket, result: Result<(), Refusal>) {
        let body = match result {
            Ok(()) => {
                tracing::info!(draft = kept, pid = self.clients.pid(ticket.client), "dropped");
                Body::Dropped { kept }
            }
            Err(refusal) => Body::Error(refusal),
        };
        self.clients.tell(ticket.client, Some(ticket.re), body);
    }

    fn status(&mut self, kept: Vec<KeptDraft>, ticket: Ticket) {
        let report = self.report(kept);
        self.clients.tell(ticket.client, Some(ticket.re), Body::Status(report));
    }
}

pub(super) fn log_outcomes(session: SessionId, outcomes: &[EntryOutcome]) {
    for EntryOutcome { entry, outcome } in outcomes {
        match outcome {
            Outcome::Unchanged => {}
            Outcome::Committed => tracing::info!(%session, %entry, "committed"),
            Outcome::Kept(kept) => {
                tracing::warn!(%session, %entry, draft = kept.id, "kept: {}", kept.why.sentence());
            }
            Outcome::Failed(refusal) => {
                tracing::warn!(%session, %entry, error = refusal.message, "not committed");
            }
        }
    }
}
