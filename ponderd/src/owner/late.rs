//! What is saved after a lease was ended by force.
//!
//! The editor of such a session may live on, and save. Its slot stays, and is watched: a save there has
//! the daemon itself ask for a lease on the entry, in line like anybody else, and merge the draft under
//! that. It ends when the client releases the session all the same, or when nobody works on the drafts any
//! more. An on-exit session commits nothing; what changed in its drafts is kept.

use std::collections::HashMap;

use ponder_proto::{Acquire, Body, CommitPolicy, EntryOutcome, Forced, Holder, Mode, SessionId, Wait};

use super::Owner;
use super::alive::Seen;
use super::writer_answers::log_outcomes;
use crate::journal::{DraftKey, Editor, Order, Sign, Ticket};
use crate::lease::{ClientId, Ending, Event};

/// The daemon itself, where it asks for a lease: the number of no connection.
pub(super) const DAEMON: ClientId = ClientId(u64::MAX);

/// Sessions that were ended by force and whose drafts may still be written to.
#[derive(Debug, Default)]
pub(super) struct Late {
    zombies: HashMap<SessionId, Zombie>,
    /// The daemon's own sessions, and whose drafts each is to commit.
    own: HashMap<SessionId, SessionId>,
}

#[derive(Debug)]
struct Zombie {
    request: Acquire,
    /// The connection of its client, while that lives.
    client: Option<ClientId>,
    /// What its client was told.
    told: Body,
    /// The daemon's session that commits its drafts.
    own: Option<SessionId>,
    /// It was saved again meanwhile.
    again: bool,
    /// Nobody works on its drafts any more, or its client says so.
    ended: bool,
    /// Its client says that the editor ended by itself.
    succeeded: bool,
    /// Who released it, and waits to be told what became of its texts.
    released: Option<Ticket>,
    entries: Vec<EntryOutcome>,
}

impl Late {
    /// Whether this session was ended by force, and may still be written to.
    pub(super) fn knows(&self, session: SessionId) -> bool {
        self.zombies.contains_key(&session)
    }

    /// Whose drafts one of the daemon's own sessions is to commit.
    pub(super) fn zombie_of(&self, own: SessionId) -> Option<SessionId> {
        self.own.get(&own).copied()
    }

    /// How one of the daemon's own sessions ends: as its zombie's would.
    pub(super) fn ending_of(&self, own: SessionId) -> Option<Ending> {
        let zombie = self.zombies.get(self.own.get(&own)?)?;
        Some(if zombie.ended { Ending::Died } else { Ending::Forced(Forced::Expired) })
    }

    /// What is known of the editor whose drafts one of the daemon's own sessions is to commit.
    pub(super) fn editor_of(&self, own: SessionId) -> Option<Editor> {
        let zombie = self.zombies.get(self.own.get(&own)?)?;
        Some(if zombie.succeeded { Editor::Alive } else { Editor::PerhapsDead })
    }

    /// What the client of a session that was ended by force was told.
    pub(super) fn told(&self, session: SessionId) -> Option<Body> {
        self.zombies.get(&session).map(|zombie| zombie.told.clone())
    }
}

impl Owner {
    /// A session with drafts was ended by force.
    pub(super) fn late_begins(&mut self, request: &Acquire, told: Body) {
        let id = request.session;
        let client = self.core.session(id).and_then(|session| session.client);
        let zombie = Zombie {
            request: request.clone(),
            client,
            told,
            own: None,
            again: false,
            ended: false,
            succeeded: false,
            released: None,
            entries: Vec::new(),
        };
        self.late.zombies.insert(id, zombie);
        // Without a client that lives, the FIFO alone tells when it is over.
        if self.watchers.watch(id) == Seen::Nobody && client.is_none() {
            self.late_is_over(id, None, false);
        }
    }

    /// A connection ended: what of its sessions nobody works on any more is over.
    pub(super) fn late_client_is_gone(&mut self, client: ClientId) {
        let of_client = self.late.zombies.iter_mut().filter(|(_, zombie)| zombie.client == Some(client));
        let gone: Vec<SessionId> = of_client.map(|(id, zombie)| (*id, zombie.client = None).0).collect();
        for session in gone {
            if self.watchers.watch(session) == Seen::Nobody {
                self.late_is_over(session, None, false);
            }
        }
    }

    /// Somebody did something to a draft.
    pub(super) fn take_sign(&mut self, draft: DraftKey, sign: Sign) {
        let Some(zombie) = self.late.zombies.get_mut(&draft.session) else {
            if let Some(look) = self.saves.sign(draft, sign) {
                self.order_save(draft, look);
            }
            return;
        };
        if let Some(own) = zombie.own {
            zombie.again |= sign == Sign::Saved;
            self.sign_own(DraftKey { session: own, ..draft }, sign);
        } else if sign == Sign::Saved {
            self.commit_late(draft.session);
        }
    }

    /// The look that one of the daemon's own sessions takes has to know that it may see half of a save, and
    /// to be taken again after one.
    fn sign_own(&mut self, draft: DraftKey, sign: Sign) {
        let settles = self.details.get(&draft.session).is_some_and(|own| own.unsettled.is_some());
        match self.saves.sign(draft, sign) {
            Some(look) if settles => self.order_save(draft, look),
            Some(_) => self.saves.pass_over(draft), // it is looked at once it is prepared
            None => {}
        }
    }

    /// A session that was ended by force is over for good: its client released it, or nobody is left.
    pub(super) fn late_is_over(&mut self, session: SessionId, released: Option<Ticket>, succeeded: bool) {
        let Some(zombie) = self.late.zombies.get_mut(&session) else { return };
        (zombie.ended, zombie.succeeded) = (true, zombie.succeeded || succeeded);
        zombie.released = released.or(zombie.released);
        if zombie.own.is_some() {
            zombie.again = true;
        } else {
            self.commit_late(session);
        }
    }

    /// Asks for a lease to commit what was saved late.
    fn commit_late(&mut self, session: SessionId) {
        let Some(zombie) = self.late.zombies.get_mut(&session) else { return };
        if !zombie.request.commit.commits_saves(zombie.request.mode) {
            if zombie.ended {
                self.desk.order(Order::Vacate { session });
            }
            return;
        }
        let own = SessionId(crate::random_bytes());
        zombie.own = Some(own);
        let program = &zombie.request.holder.program;
        let request = Acquire {
            session: own,
            entries: zombie.request.entries.clone(),
            mode: Mode::Exclusive,
            wait: Wait::Forever,
            hold: None,
            commit: CommitPolicy::OnSave,
            drafts: true,
            create: false,
            inside: None,
            time: None,
            holder: Holder {
                program: "ponderd".to_owned(),
                purpose: Some(format!("what {program} saved after its lease had ended")),
                ..Holder::default()
            },
        };
        self.late.own.insert(own, session);
        self.handle(Event::Acquire { client: DAEMON, request });
    }

    /// One of the daemon's own sessions has its drafts: they are committed, and that was all.
    pub(super) fn late_is_prepared(&mut self, own: SessionId) {
        self.handle(Event::Release { client: DAEMON, session: own, succeeded: true });
    }

    /// There are too many sessions, or the daemon ends: the text stays in its slot, as a kept draft.
    pub(super) fn late_was_refused(&mut self, own: SessionId) {
        if let Some(session) = self.late.own.remove(&own)
            && let Some(zombie) = self.late.zombies.get_mut(&session)
        {
            zombie.own = None;
            if zombie.ended {
                self.desk.order(Order::Vacate { session });
            }
        }
        self.saves.forget(own);
    }

    /// What was saved late is in the entry or kept.
    pub(super) fn late_is_finished(&mut self, own: SessionId, entries: Vec<EntryOutcome>) {
        let ended = self.late.ending_of(own) == Some(Ending::Died);
        let was_last = self.details.get(&own).and_then(|detail| detail.ending) == Some(Ending::Died);
        let Some(session) = self.late.own.remove(&own) else { return };
        let Some(zombie) = self.late.zombies.get_mut(&session) else { return };
        zombie.entries.extend(entries);
        zombie.own = None;
        let again = std::mem::take(&mut zombie.again);
        if ended && was_last {
            self.bury(session);
        } else if again || ended {
            self.commit_late(session);
        }
    }

    /// The slots of a script's session are free, or kept.
    pub(super) fn late_is_vacated(&mut self, session: SessionId, entries: Vec<EntryOutcome>) {
        log_outcomes(session, &entries);
        if let Some(zombie) = self.late.zombies.get_mut(&session) {
            zombie.entries.extend(entries);
        }
        self.bury(session);
    }

    /// Nothing has to be known of it any more.
    fn bury(&mut self, session: SessionId) {
        let Some(zombie) = self.late.zombies.remove(&session) else { return };
        self.watchers.remove(session);
        if let Some(watch) = &mut self.watch {
            watch.remove(session);
        }
        if let Some(ticket) = zombie.released {
            self.clients.answer(ticket, Body::Released { session, entries: zombie.entries });
        }
    }
}
