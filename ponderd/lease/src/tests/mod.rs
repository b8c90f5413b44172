//! The core against examples, and in `machine` against a reference that is simple enough to be
//! obviously right. Every history of a small world is in `tests/model`.

mod deadlock;
mod force;
mod liveness;
mod machine;
mod places;
mod queue;
mod reference;
mod restore;

use ponder_proto::{Acquire, CommitPolicy, EntryName, ErrorCode, Holder, Mode, SessionId, Token, Wait};

use super::{ClientId, Effect, Ending, Event, LeaseCore, Phase, Refused, Restored, Tick, Windows};

fn entry(day: u32) -> EntryName {
    EntryName::new(2026, 1, day).unwrap()
}

fn id(number: u8) -> SessionId {
    SessionId([number; 16])
}

fn client(number: u8) -> ClientId {
    ClientId(number.into())
}

/// Of the first daemon, whose epoch is 7.
fn token(counter: u64) -> Token {
    Token { epoch: 7, counter }
}

fn request(number: u8, days: &[u32], mode: Mode, wait: Wait) -> Acquire {
    Acquire {
        session: id(number),
        entries: days.iter().map(|day| entry(*day)).collect(),
        mode,
        wait,
        hold: None,
        commit: CommitPolicy::OnExit,
        drafts: false,
        create: true,
        inside: None,
        time: None,
        holder: Holder::default(),
    }
}

/// For as long as it takes, alone.
fn alone(number: u8, days: &[u32]) -> Acquire {
    request(number, days, Mode::Exclusive, Wait::Forever)
}

fn shared(number: u8, days: &[u32]) -> Acquire {
    request(number, days, Mode::Shared, Wait::Forever)
}

fn inside(number: u8, days: &[u32], parent: u8) -> Acquire {
    Acquire { inside: Some(id(parent)), ..alone(number, days) }
}

/// As it was written down by the daemon before.
fn written(request: Acquire, counter: Option<u64>) -> Restored {
    Restored { request, token: counter.map(token), wait: None, hold: None }
}

/// A core whose clients have the numbers of their sessions, where nothing else is said.
struct Table {
    core: LeaseCore,
    now: Tick,
}

impl Table {
    fn new() -> Self {
        Self { core: LeaseCore::new(7, Windows::default()), now: Tick(0) }
    }

    /// A core of the next daemon.
    fn restored(sessions: Vec<Restored>) -> Self {
        Self { core: LeaseCore::restore(8, Windows::default(), sessions, Tick(0)), now: Tick(0) }
    }

    fn on(&mut self, event: Event) -> Vec<Effect> {
        self.core.handle(event, self.now)
    }

    /// Lets time pass, without anything else.
    fn at(&mut self, millis: u64) -> Vec<Effect> {
        self.now = Tick(millis);
        self.on(Event::Tick)
    }

    fn ask(&mut self, request: Acquire) -> Vec<Effect> {
        self.ask_on(request.session.0[0], request)
    }

    fn ask_on(&mut self, connection: u8, request: Acquire) -> Vec<Effect> {
        self.on(Event::Acquire { client: client(connection), request })
    }

    fn alone(&mut self, number: u8, days: &[u32]) -> Vec<Effect> {
        self.ask(alone(number, days))
    }

    fn shared(&mut self, number: u8, days: &[u32]) -> Vec<Effect> {
        self.ask(shared(number, days))
    }

    fn reattach(&mut self, connection: u8, number: u8, token: Token) -> Vec<Effect> {
        self.on(Event::Reattach { client: client(connection), session: id(number), token })
    }

    fn cancel(&mut self, number: u8) -> Vec<Effect> {
        self.on(Event::Cancel { client: client(number), session: id(number) })
    }

    fn heard(&mut self, connection: u8) -> Vec<Effect> {
        self.on(Event::Heard { client: client(connection) })
    }

    fn gone(&mut self, connection: u8) -> Vec<Effect> {
        self.on(Event::Gone { client: client(connection) })
    }

    fn deserted(&mut self, number: u8) -> Vec<Effect> {
        self.on(Event::Deserted { session: id(number) })
    }

    /// Somebody, who is client 90, wants a lease ended.
    fn break_lease(&mut self, token: Token, now: bool) -> Vec<Effect> {
        self.on(Event::Break { client: client(90), token, now })
    }

    fn release(&mut self, number: u8) -> Vec<Effect> {
        self.on(Event::Release { client: client(number), session: id(number), succeeded: true })
    }

    /// The last commit is flushed.
    fn ended(&mut self, number: u8) -> Vec<Effect> {
        self.on(Event::Ended { session: id(number) })
    }

    /// Releases and, as a flushed last commit would, ends.
    fn end(&mut self, number: u8) -> Vec<Effect> {
        assert_eq!(self.release(number), [finish(number, Ending::Succeeded)]);
        self.ended(number)
    }

    fn phase(&self, number: u8) -> Option<Phase> {
        self.core.session(id(number)).map(|session| session.phase)
    }

    fn is_over(&self) -> bool {
        self.core.sessions().next().is_none()
    }
}

fn granted(number: u8, counter: u64) -> Effect {
    Effect::Granted(id(number), token(counter))
}

fn seated(number: u8) -> Effect {
    Effect::Seated(id(number))
}

fn queued(number: u8) -> Effect {
    Effect::Queued(id(number))
}

fn moved(day: u32) -> Effect {
    Effect::Moved(entry(day))
}

fn over(number: u8) -> Effect {
    Effect::Over(id(number))
}

fn ping(connection: u8) -> Effect {
    Effect::Ping(client(connection))
}

fn finish(number: u8, ending: Ending) -> Effect {
    Effect::Finish(id(number), ending)
}

fn refused(number: u8, why: Refused) -> Effect {
    Effect::Refused(client(number), id(number), why)
}

fn because(number: u8, code: ErrorCode) -> Effect {
    refused(number, Refused::Because(code))
}

fn busy(number: u8, blockers: &[u8]) -> Effect {
    refused(number, Refused::Busy { blockers: blockers.iter().map(|number| id(*number)).collect() })
}

fn deadlock(number: u8, blockers: &[u8]) -> Effect {
    refused(number, Refused::WouldDeadlock { blockers: blockers.iter().map(|number| id(*number)).collect() })
}
