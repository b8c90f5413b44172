//! A daemon around the real core, its table, its clients and the store: what happens when.

use ponder_lease::{ClientId, Effect, Ending, Event, LeaseCore, Refused, Tick, Windows};
use ponder_proto::{ErrorCode, Forced, Token};

use crate::daemon::Row;
use crate::people::{Client, Standing, session_of, who_has};
use crate::store::{ENTRIES, Store, entries_of};

/// What must never happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    TwoAtOnce,
    TokensFall,
    GrantedTwice,
    GrantedToNobody,
    Overtaken,
    PlaceLost,
    DroppedEarly,
    ExpiredEarly,
    WrongOneBroken,
    CancelLost,
    HolderRefused,
    Differs,
}

/// What has been used up of the bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Spent {
    pub ticks: u8,
    pub restarts: u8,
    pub breaks: u8,
    pub repeats: u8,
    pub losses: u8,
    pub looks: u8,
    pub saves: u8,
}

/// Everything that there is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// The daemon, while there is one.
    pub core: Option<LeaseCore>,
    pub draining: bool,
    pub windows: Windows,
    /// Awake time of this daemon.
    pub now: u64,
    pub epoch: u64,
    pub table: Vec<Row>,
    pub clients: Vec<Client>,
    /// Who asked and is not over, in order, over all daemons of a boot.
    pub line: Vec<usize>,
    pub store: Store,
    highest: Token,
    pub spent: Spent,
    pub fault: Option<Fault>,
}

impl World {
    pub fn new(clients: usize, windows: Windows) -> Self {
        Self {
            core: Some(LeaseCore::new(1, windows)),
            draining: false,
            windows,
            now: 0,
            epoch: 1,
            table: Vec::new(),
            clients: vec![Client::new(); clients],
            line: Vec::new(),
            store: Store::default(),
            highest: Token { epoch: 0, counter: 0 },
            spent: Spent::default(),
            fault: None,
        }
    }

    pub fn blame(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }

    /// What the core says to an event, all of it done.
    pub fn on(&mut self, event: &Event) -> Vec<Effect> {
        let Some(core) = &mut self.core else { return Vec::new() };
        let effects = core.handle(event.clone(), Tick(self.now));
        for effect in &effects {
            self.follow(effect, event);
            self.note_who_is_wanted();
        }
        for effect in &effects {
            if let Effect::Cancelled(_, session) = effect
                && !matches!(self.clients[who_has(*session)].standing, Standing::Over { .. })
            {
                self.blame(Fault::CancelLost);
            }
        }
        effects
    }

    fn follow(&mut self, effect: &Effect, event: &Event) {
        match *effect {
            Effect::Seated(session) => self.seated(who_has(session)),
            Effect::Granted(session, token) => self.granted(who_has(session), token),
            Effect::Finish(session, ending) => self.finish(who_has(session), ending),
            Effect::Over(session) => self.over(who_has(session), event),
            Effect::Cancelled(_, session) if self.clients[who_has(session)].standing != Standing::Waits => {
                self.blame(Fault::CancelLost);
            }
            Effect::Superseded(old, session) if self.clients[who_has(session)].connection == Some(old) => {
                self.blame(Fault::PlaceLost);
            }
            _ => {}
        }
    }

    fn seated(&mut self, who: usize) {
        if self.clients[who].standing != Standing::Nowhere {
            self.blame(Fault::PlaceLost); // it had one
        }
        self.clients[who].standing = Standing::Waits;
        self.clients[who].until = self.clients[who].wish.wait.map(|wait| self.now + wait);
        self.line.push(who);
        self.write_down(who, None);
    }

    fn granted(&mut self, who: usize, token: Token) {
        match self.clients[who].standing {
            Standing::Has(before) if before == token => return,
            Standing::Waits => {}
            _ => return self.blame(Fault::GrantedTwice),
        }
        if token <= self.highest {
            self.blame(Fault::TokensFall);
        }
        if self.clients[who].connection.is_none() {
            self.blame(Fault::GrantedToNobody);
        }
        for other in self.conflicting(who).collect::<Vec<_>>() {
            if self.clients[other].is_current() {
                self.blame(Fault::TwoAtOnce);
            } else if self.is_before(other, who) {
                self.blame(Fault::Overtaken);
            }
        }
        self.highest = token;
        let client = &mut self.clients[who];
        (client.standing, client.token, client.heard) = (Standing::Has(token), Some(token), self.now);
        client.base = self.store.grant(client.wish.set, token);
        self.write_down(who, Some(token));
    }

    /// Who is in line and conflicts with somebody.
    pub fn conflicting(&self, who: usize) -> impl Iterator<Item = usize> + '_ {
        let wish = self.clients[who].wish;
        let others = self.line.iter().copied().filter(move |other| *other != who);
        others.filter(move |other| self.clients[*other].wish.conflicts(wish))
    }

    pub fn is_before(&self, one: usize, other: usize) -> bool {
        let place = |who| self.line.iter().position(|here| *here == who);
        place(one) < place(other)
    }

    fn finish(&mut self, who: usize, ending: Ending) {
        let (now, window) = (self.now, self.windows.window);
        let client = &mut self.clients[who];
        let Standing::Has(token) = client.standing else { return self.blame(Fault::Differs) };
        client.standing = Standing::Ends(token, ending);
        let long = |since: u64| since + window <= now;
        let may_expire = long(client.heard) && client.wanted.is_some_and(long);
        match ending {
            Ending::Forced(Forced::Expired) if !may_expire => self.blame(Fault::ExpiredEarly),
            Ending::Forced(Forced::Broken) if !client.broken => self.blame(Fault::WrongOneBroken),
            Ending::Forced(Forced::HeldTooLong) if client.wish.hold.is_none() => {
                self.blame(Fault::ExpiredEarly);
            }
            Ending::Died if client.connection.is_some() => self.blame(Fault::DroppedEarly),
            _ => {}
        }
    }

    fn over(&mut self, who: usize, event: &Event) {
        let client = &self.clients[who];
        let its_own = session_of(who);
        let excused = match (client.standing, event) {
            (Standing::Ends(..), Event::Ended { session })
            | (Standing::Waits, Event::Cancel { session, .. }) => *session == its_own,
            (Standing::Waits, Event::Gone { .. }) => client.connection.is_none(),
            (Standing::Waits, Event::Drain { .. }) => true,
            (Standing::Waits, _) => {
                let has_waited = client.until.is_some_and(|until| until <= self.now);
                has_waited || client.connection.is_none() && self.now >= self.windows.back
            }
            _ => false,
        };
        if !excused {
            self.blame(Fault::DroppedEarly);
        }
        if let Standing::Ends(token, _) = self.clients[who].standing {
            self.store.end(self.clients[who].wish.set, token);
        }
        self.clients[who].standing = Standing::Over { here: true };
        self.line.retain(|other| *other != who);
        self.table.retain(|row| row.who != who);
    }

    pub fn note_who_is_wanted(&mut self) {
        for who in self.line.clone() {
            let waits =
                |other: usize| self.clients[other].standing == Standing::Waits && self.is_before(who, other);
            let is_current = self.clients[who].is_current();
            let wanted = is_current && self.conflicting(who).any(waits);
            let client = &mut self.clients[who];
            client.wanted = wanted.then(|| client.wanted.unwrap_or(self.now));
        }
    }

    /// A client asks, or asks again; on another connection, or on the one it has.
    pub fn ask(&mut self, who: usize, anew: bool) {
        let old = self.clients[who].connection;
        let client = match old {
            Some(old) if !anew => old,
            _ => self.clients[who].connect(who),
        };
        let before = self.clients[who].standing;
        let request = self.clients[who].wish.request(who);
        let effects = self.on(&Event::Acquire { client, request });
        if before == Standing::Nowhere && self.clients[who].standing == before {
            // It was not to wait, or the daemon drains. It was never there.
            self.clients[who].standing = Standing::Over { here: false };
        }
        let session = session_of(who);
        let is_told = effects.iter().any(|effect| match effect {
            Effect::Queued(told) => *told == session && self.clients[who].standing == Standing::Waits,
            Effect::Granted(told, token) => {
                *told == session && self.clients[who].standing == Standing::Has(*token)
            }
            _ => false,
        });
        if matches!(before, Standing::Waits | Standing::Has(_)) && !is_told {
            self.blame(Fault::PlaceLost);
        }
        self.is_back(who, old);
    }

    /// A client comes back with its token.
    pub fn reattach(&mut self, who: usize, token: Token) {
        let old = self.clients[who].connection;
        let client = self.clients[who].connect(who);
        let effects = self.on(&Event::Reattach { client, session: session_of(who), token });
        let refused = Refused::Because(ErrorCode::StaleToken);
        let expected = match self.clients[who].standing {
            Standing::Has(current) if current == token => Some(Effect::Granted(session_of(who), token)),
            Standing::Ends(current, _) if current == token => None,
            _ => Some(Effect::Refused(client, session_of(who), refused)),
        };
        if expected.is_some_and(|effect| !effects.contains(&effect)) {
            self.blame(Fault::PlaceLost);
        }
        self.is_back(who, old);
    }

    /// Its old connection ends, if it has another one. That must not do anything.
    fn is_back(&mut self, who: usize, old: Option<ClientId>) {
        if self.clients[who].connection != old {
            self.clients[who].heard = self.now;
            if let Some(client) = old {
                self.on(&Event::Gone { client });
            }
        }
    }

    /// A save of a holder's draft, or the last one of a session that ends.
    pub fn commit(&mut self, who: usize) {
        let client = &mut self.clients[who];
        let (Standing::Has(token) | Standing::Ends(token, _)) = client.standing else { return };
        if !client.wish.alone {
            return;
        }
        let commits = entries_of(client.wish.set).map(|entry| {
            let base: &mut [u8; ENTRIES] = &mut client.base;
            self.store.commit(entry, token, &mut base[entry])
        });
        if commits.filter(|accepted| !accepted).count() > 0 {
            self.blame(Fault::HolderRefused);
        }
    }
}
