//! The sessions of the daemon before this one.

use ponder_proto::{Forced, Life, Successor};

use super::*;

fn orphaned(number: u8) -> Effect {
    Effect::Orphaned(id(number))
}

/// 1 has entry 1, 2 and 3 wait for it, and all that is written down.
fn one_holder_two_waiters() -> Table {
    Table::restored(vec![
        written(alone(1, &[1]), Some(4)),
        written(alone(2, &[1]), None),
        written(alone(3, &[1]), None),
    ])
}

fn first_of_new(number: u8) -> Effect {
    Effect::Granted(id(number), Token { epoch: 8, counter: 1 })
}

#[test]
fn who_had_a_lease_has_it_and_who_waits_keeps_his_place() {
    let mut table = one_holder_two_waiters();
    assert!(table.core.is_admitting());
    assert_eq!(table.core.next_wake(), Some(Tick(10_000)));
    assert_eq!(table.alone(3, &[1]), [queued(3)], "in whatever order they come");
    assert_eq!(table.alone(2, &[1]), [queued(2)]);
    assert_eq!(table.reattach(1, 1, token(4)), [granted(1, 4)], "with the token it had");
    assert!(!table.core.is_admitting(), "all are back");
    assert_eq!(table.end(1), [over(1), first_of_new(2), moved(1)], "and tokens go on rising");
}

#[test]
fn a_holder_may_ask_again_as_well() {
    let mut table = one_holder_two_waiters();
    assert_eq!(table.alone(1, &[1]), [granted(1, 4)], "it lost the answer");
    assert_eq!(table.alone(1, &[2]), [because(1, ErrorCode::SessionReused)]);
}

#[test]
fn a_wrong_token_brings_nobody_back() {
    let mut table = one_holder_two_waiters();
    assert_eq!(table.reattach(1, 1, token(3)), [because(1, ErrorCode::StaleToken)]);
    assert_eq!(table.reattach(2, 2, token(4)), [because(2, ErrorCode::StaleToken)], "somebody else's");
    assert_eq!(table.core.session(id(1)).unwrap().life, Life::Away);
}

#[test]
fn newcomers_stand_behind_those_who_may_come_back() {
    let mut table = one_holder_two_waiters();
    assert_eq!(table.alone(5, &[1]), [seated(5), queued(5)]);
    assert_eq!(table.alone(6, &[6]), [seated(6), first_of_new(6)], "nobody waits for strangers' entries");
    assert_eq!(table.core.ahead(id(5)).count, 3);
}

#[test]
fn a_waiter_that_is_not_back_is_not_granted_and_holds_its_place() {
    let mut table = one_holder_two_waiters();
    table.alone(3, &[1]);
    table.reattach(1, 1, token(4));
    assert_eq!(table.end(1), [over(1), moved(1)], "2 is first, and may still come back");
    assert_eq!(table.at(9_999), []);
    assert_eq!(table.alone(2, &[1]), [first_of_new(2)]);
    assert!(!table.core.is_admitting());
}

#[test]
fn who_does_not_come_back_leaves_and_only_then() {
    let mut table = one_holder_two_waiters();
    table.alone(3, &[1]);
    assert_eq!(table.at(9_999), []);
    assert_eq!(table.at(10_000), [orphaned(1), over(2), moved(1)]);
    assert_eq!(table.alone(2, &[1]), [seated(2), queued(2)], "too late: another place, behind 3");
    assert_eq!(table.core.ahead(id(2)).count, 2);
    assert_eq!(table.at(24_999), []);
    assert_eq!(table.at(25_000), [finish(1, Ending::Forced(Forced::Expired))], "3 waited for a window");
    assert_eq!(table.ended(1), [over(1), first_of_new(3), moved(1)]);
}

#[test]
fn a_holder_may_come_back_after_that_as_long_as_it_has_its_lease() {
    let mut table = one_holder_two_waiters();
    table.at(10_000);
    assert_eq!(table.core.sessions().count(), 1);
    table.at(1_000_000);
    assert_eq!(table.reattach(1, 1, token(4)), [Effect::CarriedOn(id(1)), granted(1, 4)]);
}

#[test]
fn nobody_is_deserted_before_he_could_come_back() {
    let mut table = one_holder_two_waiters();
    assert_eq!(table.deserted(1), []);
    table.at(10_000);
    assert_eq!(table.deserted(1), [finish(1, Ending::Died)]);
}

#[test]
fn the_admission_ends_with_whoever_leaves_last() {
    let mut table = Table::restored(vec![written(alone(1, &[1]), Some(4)), written(alone(2, &[1]), None)]);
    table.alone(2, &[1]);
    assert!(table.core.is_admitting());
    table.break_lease(token(4), true);
    assert!(table.core.is_admitting(), "its last commit is under way");
    assert_eq!(table.ended(1), [over(1), first_of_new(2), moved(1)]);
    assert!(!table.core.is_admitting());
    assert!(!Table::restored(Vec::new()).core.is_admitting(), "there is nobody to come back");
}

#[test]
fn a_lease_that_ends_already_is_no_orphan_when_the_admission_ends() {
    let mut table = Table::restored(vec![written(alone(1, &[1]), Some(4))]);
    table.break_lease(token(4), true);
    assert_eq!(table.at(10_000), []);
    assert_eq!(table.ended(1), [over(1)]);
}

#[test]
fn what_was_left_of_a_wait_is_left() {
    let short = request(2, &[1], Mode::Exclusive, Wait::Millis(50_000));
    let restored = |wait| {
        vec![written(alone(1, &[1]), Some(4)), Restored { wait: Some(wait), ..written(short.clone(), None) }]
    };
    let mut table = Table::restored(restored(20_000));
    table.ask(short.clone());
    table.reattach(1, 1, token(4));
    assert_eq!(table.at(15_000), [Effect::Ping(client(1))], "as 2 waits");
    table.heard(1);
    assert_eq!(table.at(20_000), [busy(2, &[1]), over(2)]);

    let mut table = Table::restored(restored(0));
    assert_eq!(table.at(9_999), [], "it has as long as others to come back");
    assert_eq!(table.ask(short.clone()), [queued(2)]);
    assert!(table.at(10_000).contains(&busy(2, &[1])));

    let mut table = Table::restored(restored(0));
    table.reattach(1, 1, token(4));
    assert_eq!(table.at(10_000), [over(2)], "nobody is there to be told");
    assert!(table.ask(short.clone()).contains(&queued(2)), "whoever was not told waits again");

    let mut table = Table::restored(restored(0));
    table.on(Event::Drain { successor: Successor::No });
    assert_eq!(table.ask(short), [because(2, ErrorCode::Stopping)], "nor is he told that he came before");
}

#[test]
fn what_was_left_of_a_hold_is_left() {
    let limited = Acquire { hold: Some(600_000), ..alone(1, &[1]) };
    let mut table = Table::restored(vec![Restored { hold: Some(70_000), ..written(limited, Some(4)) }]);
    table.reattach(1, 1, token(4));
    assert_eq!(table.at(10_000), [Effect::Warning(id(1), 60_000)]);
    assert_eq!(table.at(70_000), [finish(1, Ending::Forced(Forced::HeldTooLong))]);
}

#[test]
fn readers_that_had_it_together_have_it_together() {
    let mut table = Table::restored(vec![
        written(shared(1, &[1]), Some(4)),
        written(shared(2, &[1]), Some(5)),
        written(alone(3, &[1]), None),
        written(shared(4, &[1]), None),
    ]);
    assert_eq!(table.reattach(2, 2, token(5)), [granted(2, 5)]);
    assert_eq!(table.shared(4, &[1]), [queued(4)]);
    assert_eq!(table.alone(3, &[1]), [queued(3)]);
    assert_eq!(table.end(2), [over(2), moved(1)]);
    assert_eq!(table.at(10_000), [orphaned(1)]);
    assert_eq!(table.deserted(1), [finish(1, Ending::Died)]);
    assert_eq!(table.ended(1), [over(1), first_of_new(3), moved(1)]);
}

#[test]
fn places_are_counted_anew_and_in_order() {
    let table = one_holder_two_waiters();
    let places: Vec<_> = table.core.sessions().map(|session| (session.id(), session.place())).collect();
    assert_eq!(places, [(id(1), 0), (id(2), 1), (id(3), 2)]);
    assert_eq!(table.core.last_token(), Token { epoch: 8, counter: 0 });
}
