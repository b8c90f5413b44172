//! Who is told which place.

use ponder_proto::{Holder, SessionId};

use super::*;
use crate::{Ahead, Walk};

fn ahead(count: usize, first: &[u8]) -> Ahead {
    Ahead { count, first: first.iter().map(|number| id(*number)).collect() }
}

/// What a walk says from the front to the end, `step` sessions at a time.
fn walked(table: &Table, day: u32, step: usize) -> Vec<(SessionId, Ahead)> {
    let (mut walk, mut told) = (Some(Walk::default()), Vec::new());
    while let Some(here) = walk {
        let (some, next) = table.core.walk(entry(day), here, step);
        told.extend(some);
        walk = next;
    }
    told
}

#[test]
fn readers_are_not_behind_readers() {
    let mut table = Table::new();
    table.shared(1, &[1]);
    table.shared(2, &[1]);
    table.alone(3, &[1]);
    table.shared(4, &[1]);
    table.alone(5, &[1]);
    assert_eq!(table.core.ahead(id(1)), ahead(0, &[]));
    assert_eq!(table.core.ahead(id(3)), ahead(2, &[1, 2]));
    assert_eq!(table.core.ahead(id(4)), ahead(1, &[3]));
    assert_eq!(table.core.ahead(id(5)), ahead(4, &[1, 2, 3, 4]));
    assert_eq!(table.core.ahead(id(9)), ahead(0, &[]), "nobody");
}

#[test]
fn a_session_in_two_lines_is_counted_once_and_holders_are_named_first() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.alone(2, &[1, 2]);
    table.alone(3, &[3]);
    table.alone(4, &[1, 2, 3]);
    assert_eq!(table.core.ahead(id(4)), ahead(3, &[1, 3, 2]));
    assert_eq!(walked(&table, 2, 1), [(id(2), ahead(1, &[1])), (id(4), ahead(3, &[1, 3, 2]))]);
}

#[test]
fn a_walk_tells_what_each_one_would_be_told_alone() {
    let mut table = Table::new();
    for number in 1..60_u8 {
        let days: &[u32] = [&[1][..], &[2], &[1, 2], &[2, 3]][usize::from(number) % 4];
        let mode = if number % 3 == 0 { Mode::Shared } else { Mode::Exclusive };
        table.ask(request(number, days, mode, Wait::Forever));
    }
    for day in 1..=3 {
        let waiting = table.core.sessions().filter(|session| session.phase == Phase::Queued);
        let in_line = waiting.filter(|session| session.entries().contains(&entry(day)));
        let expected: Vec<_> =
            in_line.map(|session| (session.id(), table.core.ahead(session.id()))).collect();
        for step in [1, 2, 7, 100] {
            assert_eq!(walked(&table, day, step), expected, "day {day}, {step} at a time");
        }
    }
}

#[test]
fn those_who_cannot_hear_it_are_counted_and_not_told() {
    let sessions = vec![written(alone(1, &[1]), Some(1)), written(alone(2, &[1]), None)];
    let mut table = Table::restored(sessions);
    table.alone(3, &[1]);
    assert_eq!(walked(&table, 1, 10), [(id(3), ahead(2, &[1, 2]))]);
}

#[test]
fn nobody_waits_in_a_line_that_is_not_there() {
    let table = Table::new();
    let (told, next) = table.core.walk(entry(1), Walk::default(), 10);
    assert!(told.is_empty() && next.is_none());
}

/// Ids for more sessions than a byte can count.
fn many(number: u16) -> Acquire {
    let mut session = [0; 16];
    session[..2].copy_from_slice(&number.to_be_bytes());
    Acquire { session: SessionId(session), holder: Holder::default(), ..alone(0, &[1]) }
}

#[test]
fn each_of_ten_thousand_is_told_its_place_and_granted_in_turn() {
    const ALL: u16 = 10_000;
    let mut table = Table::new();
    for number in 0..=ALL {
        let event = Event::Acquire { client: ClientId(number.into()), request: many(number) };
        assert_eq!(table.on(event).len(), 2, "it has a place, and a lease or a line to wait in");
    }
    let told = walked(&table, 1, 64);
    assert_eq!(told.len(), usize::from(ALL));
    for (place, (session, ahead)) in told.iter().enumerate() {
        let number = u16::try_from(place).unwrap() + 1;
        assert_eq!((*session, ahead.count), (many(number).session, usize::from(number)));
        assert_eq!(ahead.first[0], many(0).session, "the holder is named first");
    }
    // The whole line moves up, one after the other, though every third left before its turn.
    for number in (3..=ALL).step_by(3) {
        let event = Event::Cancel { client: ClientId(number.into()), session: many(number).session };
        table.on(event);
    }
    let told = walked(&table, 1, 64);
    assert!(told.iter().enumerate().all(|(place, (_, ahead))| ahead.count == place + 1));
    for number in (0..=ALL).filter(|number| *number == 0 || number % 3 != 0) {
        let session = many(number).session;
        let release = Event::Release { client: ClientId(number.into()), session, succeeded: true };
        assert_eq!(table.on(release), [Effect::Finish(session, Ending::Succeeded)], "{number} had its turn");
        table.on(Event::Ended { session });
    }
    assert!(table.is_over());
}
