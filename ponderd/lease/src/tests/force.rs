//! Breaking a lease, asking first or not; and leases that are held for a limited time.

use ponder_proto::Forced;

use super::*;

const BROKEN: Ending = Ending::Forced(Forced::Broken);
const HELD_TOO_LONG: Ending = Ending::Forced(Forced::HeldTooLong);

fn breaking(number: u8, left: u64) -> Effect {
    Effect::Breaking(client(90), id(number), left)
}

fn limited(number: u8, days: &[u32], hold: u64) -> Acquire {
    Acquire { hold: Some(hold), ..alone(number, days) }
}

fn warning(number: u8, left: u64) -> Effect {
    Effect::Warning(id(number), left)
}

#[test]
fn a_holder_is_asked_once_and_has_some_time() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    assert_eq!(table.break_lease(token(1), false), [breaking(1, 30_000)]);
    table.at(10_000);
    assert_eq!(table.break_lease(token(1), false), [breaking(1, 20_000)], "no more time than it had");
    assert_eq!(table.heard(1), [], "that it lives does not save it");
    assert_eq!(table.at(29_999), []);
    assert_eq!(table.at(30_000), [finish(1, BROKEN)]);
    assert_eq!(table.break_lease(token(1), false), [breaking(1, 0)], "it ends already");
    assert_eq!(table.ended(1), [over(1)]);
}

#[test]
fn a_holder_that_releases_in_time_ends_as_it_wants() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.break_lease(token(1), false);
    table.at(29_999);
    assert_eq!(table.end(1), [over(1)]);
    assert_eq!(table.at(60_000), []);
}

#[test]
fn by_force_at_once() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.alone(2, &[1]);
    table.break_lease(token(1), false);
    assert_eq!(table.break_lease(token(1), true), [breaking(1, 0), finish(1, BROKEN)]);
    assert_eq!(table.break_lease(token(1), true), [breaking(1, 0)], "once");
    assert_eq!(table.release(1), [because(1, ErrorCode::NoSuchSession)]);
    assert_eq!(table.ended(1), [over(1), granted(2, 2), moved(1)]);
    assert_eq!(table.at(30_000), [], "the grace of 1 is not that of 2");
}

#[test]
fn a_successor_is_never_hit() {
    let mut table = Table::new();
    let no_such = |counter| Effect::NoSuchLease(client(90), token(counter));
    assert_eq!(table.break_lease(token(1), true), [no_such(1)]);
    table.alone(1, &[1]);
    table.alone(2, &[1]);
    assert_eq!(table.break_lease(token(2), true), [no_such(2)], "2 waits");
    table.end(1);
    assert_eq!(table.break_lease(token(1), true), [no_such(1)], "that was its predecessor");
    assert_eq!(table.break_lease(token(1), false), [no_such(1)]);
    assert_eq!(table.phase(2), Some(Phase::Granted(token(2))));
    assert_eq!(table.break_lease(token(2), true), [breaking(2, 0), finish(2, BROKEN)]);
}

#[test]
fn an_orphan_is_broken_like_any_other() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.gone(1);
    assert_eq!(table.break_lease(token(1), false), [breaking(1, 30_000)]);
    assert_eq!(table.at(30_000), [finish(1, BROKEN)]);
}

#[test]
fn a_lease_with_a_limit_is_warned_and_ends() {
    let mut table = Table::new();
    table.ask(limited(1, &[1], 600_000));
    assert_eq!(table.core.left(id(1), Tick(1_000)), (None, Some(599_000)));
    assert_eq!(table.at(539_999), []);
    assert_eq!(table.at(540_000), [warning(1, 60_000)]);
    assert_eq!(table.at(599_999), []);
    assert_eq!(table.at(600_000), [finish(1, HELD_TOO_LONG)]);
    assert_eq!(table.core.next_wake(), None);
}

#[test]
fn a_short_one_is_warned_when_three_quarters_are_over() {
    let mut table = Table::new();
    table.ask(limited(1, &[1], 40_000));
    assert_eq!(table.at(29_999), []);
    assert_eq!(table.at(30_000), [warning(1, 10_000)]);
    assert_eq!(table.at(40_000), [finish(1, HELD_TOO_LONG)]);
}

#[test]
fn a_limit_runs_from_the_grant_and_not_from_the_request() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.ask(limited(2, &[1], 40_000));
    table.at(100_000);
    table.heard(1);
    table.end(1);
    assert_eq!(table.core.left(id(2), table.now), (None, Some(40_000)));
    assert_eq!(table.at(139_999), [warning(2, 1)], "late, and it says how late");
    assert_eq!(table.at(140_000), [finish(2, HELD_TOO_LONG)]);
}

#[test]
fn whoever_is_done_in_time_hears_nothing_of_a_limit() {
    let mut table = Table::new();
    table.ask(limited(1, &[1], 40_000));
    table.at(20_000);
    assert_eq!(table.end(1), [over(1)]);
    assert_eq!(table.core.next_wake(), None);
}

#[test]
fn what_is_said_after_a_limit_is_too_late() {
    let mut table = Table::new();
    table.ask(limited(1, &[1], 40_000));
    table.at(30_000);
    table.now = Tick(40_000);
    let late = [finish(1, HELD_TOO_LONG), because(1, ErrorCode::NoSuchSession)];
    assert_eq!(table.release(1), late, "its end has one cause");
}
