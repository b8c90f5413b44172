//! The core against examples, and against a reference that is simple enough to be obviously right.

use ponder_proto::{Acquire, CommitPolicy, EntryName, ErrorCode, Holder, Mode, SessionId, Token, Wait};
use proptest::prelude::*;

use super::{ClientId, Effect, Ending, Event, LeaseCore, Phase, Refused, Tick};

fn entry(day: u32) -> EntryName {
    EntryName::new(2026, 1, day).unwrap()
}

fn id(number: u8) -> SessionId {
    SessionId([number; 16])
}

fn request(number: u8, days: &[u32], mode: Mode, wait: Wait) -> Acquire {
    Acquire {
        session: id(number),
        entries: days.iter().map(|day| entry(*day)).collect(),
        mode,
        wait,
        commit: CommitPolicy::OnExit,
        drafts: false,
        create: true,
        inside: None,
        time: None,
        holder: Holder::default(),
    }
}

/// A core whose clients have the numbers of their sessions.
struct Table {
    core: LeaseCore,
    now: Tick,
}

impl Table {
    fn new() -> Self {
        Self { core: LeaseCore::new(7), now: Tick(0) }
    }

    fn ask(&mut self, request: Acquire) -> Vec<Effect> {
        let client = ClientId(request.session.0[0].into());
        self.core.handle(Event::Acquire { client, request }, self.now)
    }

    fn alone(&mut self, number: u8, days: &[u32]) -> Vec<Effect> {
        self.ask(request(number, days, Mode::Exclusive, Wait::Forever))
    }

    fn shared(&mut self, number: u8, days: &[u32]) -> Vec<Effect> {
        self.ask(request(number, days, Mode::Shared, Wait::Forever))
    }

    fn cancel(&mut self, number: u8) -> Vec<Effect> {
        self.core.handle(Event::Cancel { client: ClientId(number.into()), session: id(number) }, self.now)
    }

    /// Releases and, as a flushed last commit would, ends.
    fn end(&mut self, number: u8) -> Vec<Effect> {
        let client = ClientId(number.into());
        let event = Event::Release { client, session: id(number), succeeded: true };
        assert_eq!(self.core.handle(event, self.now), [Effect::Finish(id(number), Ending::Succeeded)]);
        self.core.handle(Event::Ended { session: id(number) }, self.now)
    }
}

fn granted(number: u8, counter: u64) -> Effect {
    Effect::Granted(id(number), Token { epoch: 7, counter })
}

fn queued(number: u8) -> Effect {
    Effect::Queued(id(number))
}

#[test]
fn first_come_first_served() {
    let mut table = Table::new();
    assert_eq!(table.alone(1, &[1]), [granted(1, 1)]);
    assert_eq!(table.alone(2, &[1]), [queued(2)]);
    assert_eq!(table.alone(3, &[1]), [queued(3)]);
    assert_eq!(table.end(1), [granted(2, 2), queued(3)]);
    assert_eq!(table.end(2), [granted(3, 3)]);
    assert_eq!(table.end(3), []);
    assert!(table.core.is_empty());
}

#[test]
fn disjoint_requests_pass_and_conflicting_ones_do_not() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    assert_eq!(table.alone(2, &[1, 2]), [queued(2)], "all of its entries or none");
    assert_eq!(table.alone(3, &[3]), [granted(3, 2)], "nobody stands in its line");
    assert_eq!(table.alone(4, &[2]), [queued(4)], "2 is free, but an earlier request wants it");
    assert_eq!(table.end(1), [granted(2, 3)]);
    assert_eq!(table.end(2), [granted(4, 4)]);
}

#[test]
fn readers_stand_together_and_never_pass_a_writer() {
    let mut table = Table::new();
    assert_eq!(table.shared(1, &[1, 2]), [granted(1, 1)]);
    assert_eq!(table.shared(2, &[1]), [granted(2, 2)]);
    assert_eq!(table.alone(3, &[1]), [queued(3)]);
    assert_eq!(table.shared(4, &[1]), [queued(4)], "would fit the holders, but a writer waits");
    assert_eq!(table.shared(5, &[1]), [queued(5)]);
    assert_eq!(table.end(1), [queued(3), queued(4), queued(5)]);
    assert_eq!(table.end(2), [granted(3, 3), queued(4), queued(5)]);
    assert_eq!(table.end(3), [granted(4, 4), granted(5, 5)]);
}

#[test]
fn a_releasing_session_is_still_current() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.alone(2, &[1]);
    let release = Event::Release { client: ClientId(1), session: id(1), succeeded: false };
    assert_eq!(table.core.handle(release.clone(), table.now), [Effect::Finish(id(1), Ending::Failed)]);
    assert_eq!(table.core.session(id(2)).unwrap().phase, Phase::Queued);
    let refused = Refused::Because(ErrorCode::NoSuchSession);
    assert_eq!(table.core.handle(release, table.now), [Effect::Refused(ClientId(1), id(1), refused)]);
    assert_eq!(table.core.handle(Event::Ended { session: id(1) }, table.now), [granted(2, 2)]);
}

#[test]
fn one_in_the_middle_leaves() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.alone(2, &[1]);
    table.alone(3, &[1]);
    assert_eq!(table.cancel(2), [Effect::Cancelled(ClientId(2), id(2)), queued(3)]);
    assert_eq!(table.end(1), [granted(3, 2)]);
    let late = Refused::Because(ErrorCode::AlreadyGranted);
    assert_eq!(table.cancel(3), [Effect::Refused(ClientId(3), id(3), late)]);
}

#[test]
fn the_same_id_is_the_same_place() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    assert_eq!(table.alone(1, &[1]), [granted(1, 1)], "never a second grant");
    table.alone(2, &[1]);
    assert_eq!(table.alone(2, &[1]), [queued(2)]);
    let reused = || Effect::Refused(ClientId(2), id(2), Refused::Because(ErrorCode::SessionReused));
    assert_eq!(table.alone(2, &[2]), [reused()], "the same id with another content");
    assert_eq!(table.end(1), [granted(2, 2)]);
    table.end(2);
    assert_eq!(table.alone(2, &[1]), [reused()], "it is over");
}

#[test]
fn another_connection_takes_a_session_over() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    let again = request(1, &[1], Mode::Exclusive, Wait::Forever);
    let effects = table.core.handle(Event::Acquire { client: ClientId(9), request: again }, table.now);
    assert_eq!(effects, [Effect::Superseded(ClientId(1), id(1)), granted(1, 1)]);
    assert_eq!(table.core.handle(Event::Gone { client: ClientId(1) }, table.now), []);
    let gone = table.core.handle(Event::Gone { client: ClientId(9) }, table.now);
    assert_eq!(gone, [Effect::Finish(id(1), Ending::Orphaned)]);
}

#[test]
fn waiting_ends_in_time_and_not_before() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    assert_eq!(table.ask(request(2, &[1], Mode::Exclusive, Wait::Millis(50))), [queued(2)]);
    assert_eq!(table.core.next_wake(), Some(Tick(50)));
    assert_eq!(table.core.handle(Event::Tick, Tick(49)), []);
    let busy = Refused::Busy { blockers: vec![id(1)] };
    assert_eq!(table.core.handle(Event::Tick, Tick(50)), [Effect::Refused(ClientId(2), id(2), busy.clone())]);
    assert_eq!(table.core.next_wake(), None);
    let now = table.ask(request(3, &[1], Mode::Exclusive, Wait::None));
    assert_eq!(now, [Effect::Refused(ClientId(3), id(3), busy)]);
}

#[test]
fn a_connection_that_ends_takes_its_waiters_and_its_leases_along() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    let second = request(2, &[1], Mode::Exclusive, Wait::Forever);
    table.core.handle(Event::Acquire { client: ClientId(1), request: second }, table.now);
    table.alone(3, &[1]);
    let effects = table.core.handle(Event::Gone { client: ClientId(1) }, table.now);
    assert_eq!(effects, [queued(3), Effect::Finish(id(1), Ending::Orphaned)]);
    assert_eq!(table.core.handle(Event::Ended { session: id(1) }, table.now), [granted(3, 2)]);
}

#[test]
fn a_child_may_not_wait_for_its_parent() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.alone(2, &[2]);
    let inside = |number, days: &[u32], parent| {
        let plain = request(number, days, Mode::Exclusive, Wait::Forever);
        Acquire { inside: Some(id(parent)), ..plain }
    };
    let deadlock = |number, blocker| {
        let why = Refused::WouldDeadlock { blockers: vec![id(blocker)] };
        [Effect::Refused(ClientId(number), id(number.try_into().unwrap()), why)]
    };
    assert_eq!(table.ask(inside(3, &[1], 1)), deadlock(3, 1), "its own parent's entry");
    assert_eq!(table.ask(inside(4, &[2], 1)), [queued(4)], "somebody else's");
    assert_eq!(table.ask(inside(5, &[1], 2)), deadlock(5, 1), "1 waits for its child 4, which waits for 2");
    assert_eq!(table.ask(inside(6, &[1], 99)), [queued(6)], "a stale id is ignored");
    assert_eq!(table.ask(inside(7, &[7], 1)), [granted(7, 3)], "nothing to wait for");
    assert_eq!(
        table.ask(inside(8, &[1], 7)),
        {
            let why = Refused::WouldDeadlock { blockers: vec![id(1), id(6)] };
            [Effect::Refused(ClientId(8), id(8), why)]
        },
        "a grandparent's entry"
    );
}

#[test]
fn a_circle_through_a_child_that_holds_something_is_seen() {
    let mut table = Table::new();
    let inside = |number, days: &[u32], parent| {
        let plain = request(number, days, Mode::Exclusive, Wait::Forever);
        Acquire { inside: Some(id(parent)), ..plain }
    };
    table.alone(1, &[1]);
    table.alone(4, &[4]);
    assert_eq!(table.ask(inside(2, &[2], 1)), [granted(2, 3)], "a child of 1, with a lease of its own");
    assert_eq!(table.ask(inside(3, &[4], 2)), [queued(3)], "its child waits for 4");
    let why = Refused::WouldDeadlock { blockers: vec![id(1)] };
    let refused = [Effect::Refused(ClientId(5), id(5), why)];
    assert_eq!(table.ask(inside(5, &[1], 4)), refused, "1 waits for 2, which waits for 3, which waits for 4");
}

#[test]
fn draining_sends_waiters_away_and_grants_nobody() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.alone(2, &[1]);
    let stopping = |number: u8| {
        Effect::Refused(ClientId(number.into()), id(number), Refused::Because(ErrorCode::Stopping))
    };
    let effects = table.core.handle(Event::Drain, table.now);
    assert_eq!(effects, [stopping(2), Effect::Finish(id(1), Ending::Drained)]);
    assert_eq!(table.alone(3, &[3]), [stopping(3)]);
    table.core.handle(Event::Ended { session: id(1) }, table.now);
    assert!(table.core.is_empty());
}

#[test]
fn one_connection_cannot_fill_the_table() {
    let mut table = Table::new();
    let most = u8::try_from(ponder_proto::limits::SESSIONS_PER_CONNECTION).unwrap();
    let mut ask = |number| {
        let request = request(number, &[1], Mode::Shared, Wait::Forever);
        table.core.handle(Event::Acquire { client: ClientId(1), request }, Tick(0))
    };
    for number in 0..most {
        assert_eq!(ask(number), [granted(number, u64::from(number) + 1)]);
    }
    let full = Refused::Busy { blockers: Vec::new() };
    assert_eq!(ask(most), [Effect::Refused(ClientId(1), id(most), full)]);
}

/// The rule of promise 5 as it stands: everybody in one list, in order.
#[derive(Default)]
struct Reference(Vec<(SessionId, Vec<u32>, Mode)>);

impl Reference {
    fn current(&self) -> Vec<SessionId> {
        let conflict = |a: &(SessionId, Vec<u32>, Mode), b: &(SessionId, Vec<u32>, Mode)| {
            (a.2 == Mode::Exclusive || b.2 == Mode::Exclusive) && a.1.iter().any(|day| b.1.contains(day))
        };
        let clear = |index: usize| !self.0[..index].iter().any(|earlier| conflict(earlier, &self.0[index]));
        (0..self.0.len()).filter(|index| clear(*index)).map(|index| self.0[index].0).collect()
    }
}

proptest! {
    #[test]
    fn exactly_those_are_current_whom_the_rule_lets_through(
        steps in prop::collection::vec((0..12_u8, prop::collection::vec(1..5_u32, 1..4), any::<bool>()), 1..200)
    ) {
        let mut table = Table::new();
        let mut reference = Reference::default();
        let mut last = Token { epoch: 7, counter: 0 };
        let mut fresh = 0;
        for (choice, days, shared) in steps {
            let standing = reference.0.get(usize::from(choice)).map(|session| session.0);
            let effects = match standing.map(|id| (id, table.core.session(id).unwrap().phase)) {
                Some((id, Phase::Queued)) => {
                    reference.0.retain(|session| session.0 != id);
                    table.cancel(id.0[0])
                }
                Some((id, _)) => {
                    reference.0.retain(|session| session.0 != id);
                    table.end(id.0[0])
                }
                None if fresh == 255 => Vec::new(),
                None => {
                    fresh += 1;
                    let mode = if shared { Mode::Shared } else { Mode::Exclusive };
                    reference.0.push((id(fresh), days.clone(), mode));
                    table.ask(request(fresh, &days, mode, Wait::Forever))
                }
            };
            for effect in effects {
                if let Effect::Granted(_, token) = effect {
                    prop_assert!(token > last, "tokens rise");
                    last = token;
                }
            }
            let current: Vec<_> = table.core.sessions()
                .filter(|session| session.token().is_some()).map(super::Session::id).collect();
            prop_assert_eq!(current, reference.current());
        }
    }
}
