//! Asked only while somebody waits or looks; suspect; orphaned; expired.

use ponder_proto::{Forced, Life, Successor};

use super::*;

const ASKED: u64 = 100_000; // long after whoever has a lease was heard of last

const EXPIRED: Ending = Ending::Forced(Forced::Expired);

fn suspect(number: u8) -> Effect {
    Effect::Suspect(id(number))
}

fn orphaned(number: u8) -> Effect {
    Effect::Orphaned(id(number))
}

fn carried_on(number: u8) -> Effect {
    Effect::CarriedOn(id(number))
}

fn life(table: &Table, number: u8) -> Life {
    table.core.session(id(number)).unwrap().life
}

/// Session 1 has entry 1 and was not heard of for long; then 2 begins to wait for it, at `ASKED`.
fn held_and_wanted() -> Table {
    let mut table = Table::new();
    table.alone(1, &[1]);
    assert_eq!(table.core.next_wake(), None, "nothing beats while nobody waits");
    assert_eq!(table.at(ASKED), []);
    assert_eq!(table.alone(2, &[1]), [ping(1), seated(2), queued(2)]);
    table
}

#[test]
fn a_holder_that_does_not_answer_is_suspect_and_ends_after_the_whole_window() {
    let mut table = held_and_wanted();
    assert!(table.core.is_asking());
    assert_eq!(table.at(ASKED + 1_999), []);
    assert_eq!(table.at(ASKED + 2_000), [suspect(1)]);
    assert!(!table.core.is_asking());
    assert_eq!(table.at(ASKED + 14_999), []);
    assert_eq!(table.at(ASKED + 15_000), [finish(1, EXPIRED)]);
    assert_eq!(table.heard(1), [], "too late");
    assert_eq!(table.ended(1), [over(1), granted(2, 2), moved(1)]);
}

#[test]
fn a_holder_that_answers_is_asked_again_later() {
    let mut table = held_and_wanted();
    table.at(ASKED + 1_000);
    assert_eq!(table.heard(1), []);
    assert_eq!(table.core.next_wake(), Some(Tick(ASKED + 16_000)));
    assert_eq!(table.at(ASKED + 15_999), []);
    assert_eq!(table.at(ASKED + 16_000), [ping(1)]);
    assert_eq!(table.at(ASKED + 18_000), [suspect(1)]);
    assert_eq!(table.at(ASKED + 30_999), [], "its window began when it was asked");
    assert_eq!(table.at(ASKED + 31_000), [finish(1, EXPIRED)]);
}

#[test]
fn a_suspect_that_answers_carries_on() {
    let mut table = held_and_wanted();
    table.at(ASKED + 2_000);
    table.now = Tick(ASKED + 14_999);
    assert_eq!(table.heard(1), [carried_on(1)]);
    assert_eq!(table.at(ASKED + 29_998), [], "the window is over, and nothing ends");
    assert_eq!(table.at(ASKED + 29_999), [ping(1)]);
    assert_eq!(table.heard(1), [], "it was not suspect");
}

#[test]
fn whoever_was_heard_of_just_now_is_not_asked() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.at(ASKED);
    table.heard(1);
    table.at(ASKED + 1_999);
    assert_eq!(table.alone(2, &[1]), [seated(2), queued(2)]);
    assert_eq!(table.at(ASKED + 2_000), [ping(1)], "but soon, if it says nothing by then");
    table.heard(1);
    assert_eq!(table.core.next_wake(), Some(Tick(ASKED + 17_000)));
}

#[test]
fn a_successor_that_is_wanted_at_once_is_asked_soon() {
    let mut table = held_and_wanted();
    table.alone(3, &[1]);
    table.end(1);
    assert_eq!(table.at(ASKED + 1_999), []);
    assert_eq!(table.at(ASKED + 2_000), [ping(2)]);
}

#[test]
fn a_look_asks_everybody_once_and_ends_nothing() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.ask_on(1, alone(2, &[2]));
    table.ask_on(3, alone(3, &[3]));
    assert_eq!(table.on(Event::Look), [], "all were heard of just now");
    table.at(ASKED);
    assert_eq!(table.on(Event::Look), [ping(1), ping(3)], "one connection, one question");
    assert_eq!(table.on(Event::Look), [], "they have not answered yet");
    assert_eq!(table.at(ASKED + 2_000), [suspect(1), suspect(2), suspect(3)]);
    assert_eq!(table.core.next_wake(), None);
    assert_eq!(table.at(ASKED + 1_000_000), []);
    assert_eq!(table.heard(1), [carried_on(1), carried_on(2)]);
}

#[test]
fn a_request_that_does_not_wait_asks_and_starts_no_window() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.at(ASKED);
    let try_only = request(2, &[1], Mode::Exclusive, Wait::None);
    assert_eq!(table.ask(try_only.clone()), [ping(1), busy(2, &[1])]);
    assert_eq!(table.at(ASKED + 2_000), [suspect(1)]);
    assert_eq!(table.ask(try_only), [busy(2, &[1])]);
    assert_eq!(table.core.next_wake(), None);
}

#[test]
fn a_window_begins_when_somebody_begins_to_wait() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.at(ASKED);
    table.on(Event::Look);
    table.at(ASKED + 1_500);
    assert_eq!(table.alone(2, &[1]), [seated(2), queued(2)], "it was asked already");
    assert_eq!(table.at(ASKED + 2_000), [suspect(1)]);
    assert_eq!(table.at(ASKED + 16_499), [], "nobody waited for a whole window yet");
    assert_eq!(table.at(ASKED + 16_500), [finish(1, EXPIRED)]);
}

#[test]
fn a_window_stops_when_the_waiter_leaves_and_starts_anew() {
    let mut table = held_and_wanted();
    table.at(ASKED + 10_000);
    table.cancel(2);
    assert_eq!(table.core.next_wake(), None);
    assert_eq!(table.at(ASKED + 50_000), []);
    assert_eq!(table.alone(3, &[1]), [seated(3), queued(3)]);
    assert_eq!(table.at(ASKED + 64_999), []);
    assert_eq!(table.at(ASKED + 65_000), [finish(1, EXPIRED)]);
}

#[test]
fn a_window_starts_anew_for_whoever_comes_while_the_question_is_still_open() {
    let mut table = held_and_wanted();
    table.at(ASKED + 500);
    table.cancel(2);
    table.at(ASKED + 1_000);
    table.alone(3, &[1]);
    assert_eq!(table.at(ASKED + 15_999), [suspect(1)]);
    assert_eq!(table.at(ASKED + 28_998), [], "what is noticed late does not end at once");
    let mut table = held_and_wanted();
    table.at(ASKED + 500);
    table.cancel(2);
    table.at(ASKED + 1_000);
    table.alone(3, &[1]);
    table.at(ASKED + 2_000);
    assert_eq!(table.at(ASKED + 15_999), []);
    assert_eq!(table.at(ASKED + 16_000), [finish(1, EXPIRED)]);
}

#[test]
fn a_window_goes_on_while_anybody_waits() {
    let mut table = held_and_wanted();
    table.at(ASKED + 2_000);
    table.at(ASKED + 10_000);
    table.alone(3, &[1]);
    table.cancel(2);
    assert_eq!(table.at(ASKED + 15_000), [finish(1, EXPIRED)]);
}

#[test]
fn readers_do_not_wait_for_readers() {
    let mut table = Table::new();
    table.shared(1, &[1]);
    table.at(ASKED);
    assert_eq!(table.shared(2, &[1]), [seated(2), granted(2, 2)], "nobody is asked");
    assert_eq!(table.alone(3, &[1]), [ping(1), seated(3), queued(3)], "2 was heard of just now");
    assert_eq!(table.at(ASKED + 2_000), [suspect(1), ping(2)]);
}

#[test]
fn a_client_that_is_gone_leaves_an_orphan() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    assert_eq!(table.deserted(1), [], "its client is there, and says by itself when it is done");
    assert_eq!(table.gone(1), [orphaned(1)]);
    assert_eq!(table.at(ASKED), [], "its editor goes on while nobody wants the entry");
    assert_eq!(table.on(Event::Look), [], "there is nobody to ask");
    assert_eq!(table.alone(2, &[1]), [seated(2), queued(2)]);
    assert_eq!(table.at(ASKED + 14_999), []);
    assert_eq!(table.at(ASKED + 15_000), [finish(1, EXPIRED)]);
}

#[test]
fn an_orphan_ends_when_nobody_is_left_of_it() {
    let mut table = held_and_wanted();
    assert_eq!(table.gone(1), [orphaned(1)]);
    assert_eq!(table.deserted(1), [finish(1, Ending::Died)]);
    assert_eq!(table.deserted(1), []);
    assert_eq!(table.ended(1), [over(1), granted(2, 2), moved(1)]);
}

#[test]
fn an_orphan_carries_on_when_its_client_is_back() {
    let mut table = held_and_wanted();
    table.gone(1);
    assert_eq!(table.reattach(50, 1, token(9)), [refused_on(50, 1, ErrorCode::StaleToken)]);
    assert_eq!(table.reattach(50, 7, token(1)), [refused_on(50, 7, ErrorCode::StaleToken)]);
    assert_eq!(table.reattach(50, 1, token(1)), [carried_on(1), granted(1, 1)]);
    assert_eq!(table.deserted(1), [], "its client is there again");
    assert_eq!(life(&table, 1), Life::Answers);
    assert_eq!(table.release(1), [because(1, ErrorCode::NoSuchSession)], "not on the old connection");
    let release = Event::Release { client: client(50), session: id(1), succeeded: true };
    assert_eq!(table.on(release), [finish(1, Ending::Succeeded)]);
}

fn refused_on(connection: u8, number: u8, code: ErrorCode) -> Effect {
    Effect::Refused(client(connection), id(number), Refused::Because(code))
}

#[test]
fn a_newer_connection_wins_and_the_old_one_is_told() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    let superseded = |connection| Effect::Superseded(client(connection), id(1));
    assert_eq!(table.ask_on(50, alone(1, &[1])), [superseded(1), granted(1, 1)]);
    assert_eq!(table.reattach(51, 1, token(1)), [superseded(50), granted(1, 1)]);
    assert_eq!(table.reattach(51, 1, token(1)), [granted(1, 1)], "it is that connection already");
    assert_eq!(table.gone(1), []);
    assert_eq!(table.gone(50), []);
    assert_eq!(table.gone(51), [orphaned(1)]);
}

#[test]
fn a_waiter_is_taken_over_at_its_place() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.alone(2, &[1]);
    table.alone(3, &[1]);
    assert_eq!(table.ask_on(50, alone(2, &[1])), [Effect::Superseded(client(2), id(2)), queued(2)]);
    assert_eq!(table.gone(2), []);
    assert_eq!(table.end(1), [over(1), granted(2, 2), moved(1)]);
}

#[test]
fn a_connection_that_ends_takes_its_waiters_along_and_orphans_its_leases() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.ask_on(1, alone(2, &[1]));
    table.alone(3, &[1]);
    assert_eq!(table.gone(1), [over(2), moved(1), orphaned(1)]);
    assert_eq!(table.deserted(1), [finish(1, Ending::Died)]);
    assert_eq!(table.ended(1), [over(1), granted(3, 2), moved(1)]);
}

#[test]
fn nothing_is_granted_to_a_client_that_is_gone() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.ask_on(9, alone(2, &[1, 2]));
    table.ask_on(9, alone(3, &[2]));
    assert_eq!(table.gone(9), [over(3), over(2)], "3 waited for 2 only, and both leave");
    assert_eq!(table.phase(3), None);
}

#[test]
fn a_lease_that_ends_already_has_no_window() {
    let mut table = held_and_wanted();
    table.release(1);
    assert_eq!(table.gone(1), [], "it is no orphan");
    assert_eq!(table.at(ASKED + 100_000), []);
    assert_eq!(table.ended(1), [over(1), granted(2, 2), moved(1)]);
}

#[test]
fn windows_run_on_while_the_daemon_waits_to_be_restarted() {
    let mut table = held_and_wanted();
    table.on(Event::Drain { successor: Successor::Yes });
    table.at(ASKED + 2_000);
    assert_eq!(table.at(ASKED + 15_000), [finish(1, EXPIRED)]);
    assert_eq!(table.ended(1), [over(1), moved(1)], "its successor is granted by the next daemon");
}
