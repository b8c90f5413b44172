//! Asking, being granted, leaving.

use ponder_proto::{ErrorCode, Mode, Successor, Wait, limits};

use super::*;

#[test]
fn first_come_first_served() {
    let mut table = Table::new();
    assert_eq!(table.alone(1, &[1]), [seated(1), granted(1, 1)]);
    assert_eq!(table.alone(2, &[1]), [seated(2), queued(2)]);
    assert_eq!(table.alone(3, &[1]), [seated(3), queued(3)]);
    assert_eq!(table.end(1), [over(1), granted(2, 2), moved(1)]);
    assert_eq!(table.end(2), [over(2), granted(3, 3), moved(1)]);
    assert_eq!(table.end(3), [over(3)]);
    assert!(table.is_over());
}

#[test]
fn disjoint_requests_pass_and_conflicting_ones_do_not() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    assert_eq!(table.alone(2, &[1, 2]), [seated(2), queued(2)], "all of its entries or none");
    assert_eq!(table.alone(3, &[3]), [seated(3), granted(3, 2)], "nobody stands in its line");
    assert_eq!(table.alone(4, &[2]), [seated(4), queued(4)], "2 is free, but an earlier request wants it");
    assert_eq!(table.end(1), [over(1), granted(2, 3), moved(1)]);
    assert_eq!(table.end(2), [over(2), granted(4, 4), moved(2)]);
}

#[test]
fn all_entries_at_once_or_none() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.alone(2, &[2]);
    table.alone(3, &[1, 2]);
    assert_eq!(table.end(1), [over(1), moved(1)], "2 is still somebody's");
    assert_eq!(table.phase(3), Some(Phase::Queued));
    assert_eq!(table.alone(4, &[1]), [seated(4), queued(4)], "1 is nobody's, but promised to an earlier one");
    assert_eq!(table.end(2), [over(2), granted(3, 3), moved(2)]);
}

#[test]
fn readers_stand_together_and_never_pass_a_writer() {
    let mut table = Table::new();
    assert_eq!(table.shared(1, &[1, 2]), [seated(1), granted(1, 1)]);
    assert_eq!(table.shared(2, &[1]), [seated(2), granted(2, 2)]);
    assert_eq!(table.alone(3, &[1]), [seated(3), queued(3)]);
    assert_eq!(table.shared(4, &[1]), [seated(4), queued(4)], "would fit the holders, but a writer waits");
    assert_eq!(table.shared(5, &[1]), [seated(5), queued(5)]);
    assert_eq!(table.end(1), [over(1), moved(1)]);
    assert_eq!(table.end(2), [over(2), granted(3, 3), moved(1)]);
    assert_eq!(table.end(3), [over(3), granted(4, 4), granted(5, 5), moved(1)]);
}

#[test]
fn the_end_of_a_writer_who_waits_lets_readers_through() {
    let mut table = Table::new();
    table.shared(1, &[1]);
    table.alone(2, &[1]);
    table.shared(3, &[1]);
    let effects = [Effect::Cancelled(client(2), id(2)), over(2), granted(3, 2), moved(1)];
    assert_eq!(table.cancel(2), effects);
}

#[test]
fn a_releasing_session_is_still_current() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.alone(2, &[1]);
    let failed = Event::Release { client: client(1), session: id(1), succeeded: false };
    assert_eq!(table.on(failed), [finish(1, Ending::Failed)]);
    assert_eq!(table.phase(1), Some(Phase::Releasing(token(1))));
    assert_eq!(table.phase(2), Some(Phase::Queued));
    assert_eq!(table.release(1), [because(1, ErrorCode::NoSuchSession)], "once only");
    assert_eq!(table.alone(1, &[1]), [because(1, ErrorCode::SessionReused)], "too late to come back");
    assert_eq!(table.ended(1), [over(1), granted(2, 2), moved(1)]);
    assert_eq!(table.ended(2), [], "nothing of it is under way");
    assert_eq!(table.phase(2), Some(Phase::Granted(token(2))));
}

#[test]
fn drafts_that_could_not_be_made_end_the_session() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.alone(2, &[1]);
    assert_eq!(table.on(Event::Unprepared { session: id(2) }), [], "it was granted nothing");
    assert_eq!(table.on(Event::Unprepared { session: id(1) }), [finish(1, Ending::Failed)]);
}

#[test]
fn nobody_hands_back_what_he_has_not_or_speaks_for_another() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.alone(2, &[1]);
    assert_eq!(table.release(2), [because(2, ErrorCode::NotGranted)]);
    assert_eq!(table.release(3), [because(3, ErrorCode::NoSuchSession)]);
    let refused = Effect::Refused(client(2), id(1), Refused::Because(ErrorCode::NoSuchSession));
    let release = Event::Release { client: client(2), session: id(1), succeeded: true };
    assert_eq!(table.on(release), std::slice::from_ref(&refused));
    assert_eq!(table.on(Event::Cancel { client: client(2), session: id(1) }), [refused]);
}

#[test]
fn a_cancel_has_one_answer() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.alone(2, &[1]);
    table.alone(3, &[1]);
    assert_eq!(table.cancel(2), [Effect::Cancelled(client(2), id(2)), over(2), moved(1)]);
    assert_eq!(table.cancel(2), [because(2, ErrorCode::NoSuchSession)]);
    assert_eq!(table.end(1), [over(1), granted(3, 2), moved(1)]);
    assert_eq!(table.cancel(3), [because(3, ErrorCode::AlreadyGranted)]);
    assert_eq!(table.phase(3), Some(Phase::Granted(token(2))), "and it keeps what it has");
}

#[test]
fn the_same_id_is_the_same_place() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    assert_eq!(table.alone(1, &[1]), [granted(1, 1)], "never a second grant");
    assert_eq!(table.alone(1, &[1, 1]), [granted(1, 1)], "an entry that is named twice counts once");
    table.alone(2, &[1]);
    table.alone(3, &[1]);
    assert_eq!(table.alone(2, &[1]), [queued(2)]);
    assert_eq!(table.core.ahead(id(3)).count, 2, "still behind it");
    let reused = || because(2, ErrorCode::SessionReused);
    assert_eq!(table.alone(2, &[2]), [reused()], "the same id with another content");
    assert_eq!(table.end(1), [over(1), granted(2, 2), moved(1)]);
    table.end(2);
    assert_eq!(table.alone(2, &[1]), [reused()], "it is over");
}

#[test]
fn waiting_ends_in_time_and_not_before() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    assert_eq!(table.ask(request(2, &[1], Mode::Exclusive, Wait::Millis(50))), [seated(2), queued(2)]);
    assert_eq!(table.core.next_wake(), Some(Tick(50)));
    assert_eq!(table.at(49), []);
    assert_eq!(table.core.left(id(2), table.now), (Some(1), None));
    assert_eq!(table.at(50), [busy(2, &[1]), over(2)]);
    assert_eq!(table.core.next_wake(), None);
}

#[test]
fn whoever_was_granted_does_not_run_out_of_time_to_wait() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.ask(request(2, &[1], Mode::Exclusive, Wait::Millis(50)));
    table.end(1);
    assert_eq!(table.at(1_000), []);
    assert_eq!(table.phase(2), Some(Phase::Granted(token(2))));
}

#[test]
fn what_is_due_happens_before_what_is_said() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.ask(request(2, &[1], Mode::Exclusive, Wait::Millis(50)));
    table.release(1);
    table.now = Tick(50);
    assert_eq!(table.ended(1), [busy(2, &[1]), over(2), over(1)], "the moment before, it had been granted");
}

#[test]
fn a_lease_for_more_while_one_is_held_is_not_waited_for() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.alone(2, &[2]);
    let more = |number| inside(number, &[2], 1);
    assert_eq!(table.ask_on(1, more(3)), [Effect::Refused(client(1), id(3), blocked_by(2))]);
    assert_eq!(table.ask(more(4)), [seated(4), queued(4)], "a child on its own connection may wait");
    table.cancel(4);
    table.end(2);
    assert_eq!(table.ask_on(1, more(5)), [seated(5), granted(5, 3)], "nobody has it");
}

fn blocked_by(number: u8) -> Refused {
    Refused::Busy { blockers: vec![id(number)] }
}

#[test]
fn a_stop_sends_waiters_away_and_leaves_the_leases() {
    let mut table = Table::new();
    table.alone(1, &[1]);
    table.alone(2, &[1]);
    table.alone(3, &[1]);
    let stopping = |number| because(number, ErrorCode::Stopping);
    let effects = table.on(Event::Drain { successor: Successor::No });
    assert_eq!(effects, [stopping(2), over(2), moved(1), stopping(3), over(3)]);
    assert_eq!(table.alone(4, &[4]), [stopping(4)], "refused though nobody has it");
    assert_eq!(table.alone(1, &[1]), [granted(1, 1)], "it still has its lease");
    assert_eq!(table.end(1), [over(1)]);
    assert!(table.is_over());
}

#[test]
fn a_restart_keeps_the_queue_and_grants_nobody() {
    for successor in [Successor::Yes, Successor::Perhaps] {
        let mut table = Table::new();
        table.alone(1, &[1]);
        table.alone(2, &[1]);
        table.ask_on(1, alone(3, &[1]));
        assert_eq!(table.on(Event::Drain { successor }), []);
        assert_eq!(table.end(1), [over(1), moved(1)], "nobody is granted any more");
        assert_eq!(table.alone(2, &[1]), [queued(2)], "not by asking again either");
        assert_eq!(table.gone(1), [], "3 comes back to the next daemon");
        assert_eq!(table.gone(2), []);
        assert_eq!(table.core.sessions().map(crate::Session::id).collect::<Vec<_>>(), [id(2), id(3)]);
    }
}

#[test]
fn one_connection_cannot_fill_the_table() {
    let mut table = Table::new();
    let most = u8::try_from(limits::SESSIONS_PER_CONNECTION).unwrap();
    for number in 0..most {
        assert_eq!(
            table.ask_on(1, shared(number, &[1])).last(),
            Some(&granted(number, u64::from(number) + 1))
        );
    }
    let full = Refused::Busy { blockers: Vec::new() };
    assert_eq!(table.ask_on(1, shared(most, &[1])), [Effect::Refused(client(1), id(most), full)]);
    assert_eq!(table.ask_on(2, shared(most, &[1])).len(), 2, "another one can");
}
