//! Hand-made histories, each with one thing that must not be.

use super::*;
use crate::history::{Deed, Outcome, Work};

/// A day of ours, and one that is shared with other programs.
const DAY: u32 = 20_010_101;
const OTHER: u32 = 20_010_102;

fn append(number: u64, outcome: Outcome) -> Record {
    let line = format!("a{number}");
    Record::Append(Append { line, day: DAY, from: number, to: number + 1, outcome, raw: false })
}

/// A session that worked from `began` to `ended`.
fn session(number: u64, kind: Kind, began: Moment, ended: Moment) -> Session {
    let work = |at, did| Work { at, did };
    Session {
        number,
        kind,
        days: vec![DAY],
        pid: 1000 + u32::try_from(number).unwrap(),
        from: began - 2,
        to: ended + 1,
        exit: Some(0),
        queued: None,
        granted: Some((began - 1, format!("1.{number}"))),
        revoked: None,
        works: vec![
            work(began, Deed::Began { pid: 2000 + u32::try_from(number).unwrap() }),
            work(ended, Deed::Ended),
        ],
        said: String::new(),
    }
}

fn saved(mut session: Session, at: Moment, line: &str) -> Session {
    let did = Deed::Saved { line: line.to_owned(), day: DAY };
    session.works.insert(session.works.len() - 1, Work { at, did });
    session
}

fn signal(name: SignalName, pid: u32, at: Moment) -> Record {
    let program = if pid < 2000 { "ponder" } else { "ponder-chaos" };
    Record::Signal(Signal { name, program: program.to_owned(), pid, parent: 1, at })
}

fn found(text: &str) -> Found {
    Found { entries: [(DAY, text.to_owned())].into(), ..Found::default() }
}

#[track_caller]
fn caught(history: &[Record], found: &Found, part: &str) {
    let violations = Judge::new(history).judge(found);
    assert_eq!(violations.len(), 1, "{violations:?}");
    assert!(violations[0].contains(part), "{violations:?}");
}

#[track_caller]
fn innocent(history: &[Record], found: &Found) {
    let violations = Judge::new(history).judge(found);
    assert!(violations.is_empty(), "{violations:?}");
}

#[test]
fn an_append_is_there_once() {
    let history = [append(1, Outcome::Acknowledged)];
    innocent(&history, &found("a1\n"));
    caught(&history, &found(""), "is lost");
    caught(&history, &found("a1\na1\n"), "more than once");
    caught(&history, &found("a1\na\n"), "nobody's");
    let kept = Found { kept: vec![(DAY, "a1\n".to_owned())], ..found("") };
    caught(&history, &kept, "only kept");
}

#[test]
fn what_was_not_acknowledged_is_there_at_most_once() {
    let unknown = [append(1, Outcome::Unknown)];
    innocent(&unknown, &found(""));
    innocent(&unknown, &found("a1\n"));
    caught(&unknown, &found("a1\na1\n"), "more than once");
    let refused = [append(1, Outcome::Refused("disk".to_owned()))];
    innocent(&refused, &found(""));
    caught(&refused, &found("a1\n"), "must not be");
    let bug = [append(1, Outcome::Refused("internal: x".to_owned()))];
    caught(&bug, &found(""), "was answered");
}

#[test]
fn two_do_not_work_at_the_same_time() {
    let pair =
        |kind, kinds| [Record::Session(session(1, kind, 10, 20)), Record::Session(session(2, kinds, 15, 30))];
    caught(&pair(Kind::NoDraft, Kind::Shared), &found(""), "at the same time");
    innocent(&pair(Kind::Shared, Kind::Shared), &found(""));
    let mut elsewhere = session(2, Kind::NoDraft, 15, 30);
    elsewhere.days = vec![OTHER];
    innocent(&[Record::Session(session(1, Kind::NoDraft, 10, 20)), Record::Session(elsewhere)], &found(""));
}

#[test]
fn who_may_have_lost_its_lease_does_not_count_any_more() {
    let pair = || {
        let mut history = vec![Record::Session(session(1, Kind::NoDraft, 10, 20))];
        history.push(Record::Session(session(2, Kind::NoDraft, 15, 30)));
        history
    };
    let with = |record| {
        let mut history = pair();
        history.push(record);
        history
    };
    innocent(&with(signal(SignalName::Stop, 1001, 12)), &found(""));
    innocent(&with(signal(SignalName::Kill, 2001, 12)), &found(""));
    innocent(&with(Record::Daemon { did: Did::Stop, at: 12 }), &found(""));
    let broken = |token: &str| Record::Break { token: token.to_owned(), now: true, from: 12, exit: Some(0) };
    innocent(&with(broken("1.1")), &found(""));
    caught(&with(broken("1.9")), &found(""), "at the same time");
    caught(&with(signal(SignalName::Stop, 1001, 17)), &found(""), "at the same time");
    caught(&with(signal(SignalName::Continue, 1001, 12)), &found(""), "at the same time");
    caught(&with(Record::Daemon { did: Did::Restart, at: 12 }), &found(""), "at the same time");
    let mut revoked = pair();
    if let Record::Session(session) = &mut revoked[0] {
        session.revoked = Some(19);
    }
    innocent(&revoked, &found(""));
}

#[test]
fn a_mark_is_met_only_where_somebody_could_not_take_it_away() {
    let mut second = session(2, Kind::NoDraft, 25, 30);
    second.works.insert(1, Work { at: 26, did: Deed::Met { day: DAY, other: 1 } });
    let mut history = vec![Record::Session(session(1, Kind::NoDraft, 10, 20)), Record::Session(second)];
    caught(&history, &found(""), "met the mark");
    history.push(signal(SignalName::Kill, 2001, 15));
    innocent(&history, &found(""));
}

#[test]
fn nobody_overtakes() {
    let mut early = session(3, Kind::NoDraft, 50, 60);
    (early.from, early.queued) = (1, Some(5));
    let late = session(2, Kind::NoDraft, 10, 20);
    let pair = |early: &Session| [Record::Session(early.clone()), Record::Session(late.clone())];
    caught(&pair(&early), &found(""), "overtaken");
    innocent(
        &[pair(&early), [signal(SignalName::Stop, 1003, 6), signal(SignalName::Continue, 1003, 7)]].concat(),
        &found(""),
    );
    let full = |disk: &str| Record::Full { disk: disk.to_owned(), from: 6, to: 7 };
    let with = |disk| {
        let mut history = pair(&early).to_vec();
        history.extend([full(disk), Record::Daemon { did: Did::Restart, at: 8 }]);
        history
    };
    innocent(&with("state"), &found(""));
    caught(&with("journal"), &found(""), "overtaken");
    early.queued = Some(9); // perhaps after the other one was asked for
    innocent(&pair(&early), &found(""));
    (early.queued, early.granted, early.exit) = (Some(5), None, Some(75)); // it left
    early.works.clear();
    innocent(&pair(&early), &found(""));
}

#[test]
fn a_daemon_that_is_stopped_has_not_written_its_table_anew() {
    let daemon = |name, at| {
        let (program, pid, parent) = ("ponderd".to_owned(), 500, 1);
        Record::Signal(Signal { name, program, pid, parent, at })
    };
    let killed = 4 * SECOND;
    let history = |stopped: Moment| {
        [
            Record::Full { disk: "state".to_owned(), from: 6, to: 7 },
            daemon(SignalName::Stop, stopped),
            daemon(SignalName::Kill, killed),
            daemon(SignalName::Continue, killed + 1),
        ]
    };
    assert_eq!(forgetful(&history(6)), vec![killed]);
    assert!(forgetful(&history(7 + 2 * SECOND)).is_empty(), "it had the time");
    // Stopped again before it had: it still has not.
    let mut again = vec![Record::Full { disk: "state".to_owned(), from: 6, to: 7 }];
    for (stopped, on) in [(6, SECOND), (SECOND + 5, 9 * SECOND)] {
        again.extend([daemon(SignalName::Stop, stopped), daemon(SignalName::Continue, on)]);
    }
    again.push(daemon(SignalName::Kill, 9 * SECOND + 5));
    assert_eq!(forgetful(&again), vec![9 * SECOND + 5]);
}

#[test]
fn tokens_rise() {
    let mut again = session(2, Kind::NoDraft, 30, 40);
    again.granted = Some((29, "1.4".to_owned()));
    let history =
        |second: Session| [Record::Session(session(5, Kind::NoDraft, 10, 20)), Record::Session(second)];
    caught(&history(again.clone()), &found(""), "not above");
    again.granted = Some((29, "2.1".to_owned()));
    innocent(&history(again), &found(""));
}

#[test]
fn a_script_is_committed_once_and_in_the_order_of_tokens() {
    let script = |number, at| {
        Record::Session(saved(session(number, Kind::Script, at, at + 9), at + 5, &format!("s{number}")))
    };
    let history = [script(1, 10), script(2, 30)];
    innocent(&history, &found("s1 1.1\ns2 1.2\n"));
    caught(&history, &found("s1 1.1\n"), "is lost");
    caught(&history, &found("s2 1.2\ns1 1.1\n"), "stands before");
}

#[test]
fn a_script_that_failed_or_lost_its_lease_is_kept_and_not_committed() {
    let failing = saved(session(1, Kind::Failing, 10, 20), 15, "s1");
    let failing = [Record::Session(Session { exit: Some(1), ..failing })];
    let kept = |text: &str| Found { kept: vec![(DAY, "s1 1.1\n".to_owned())], ..found(text) };
    innocent(&failing, &kept(""));
    caught(&failing, &found(""), "is not kept");
    caught(&failing, &kept("s1 1.1\n"), "must not be");
    let revoked = saved(session(1, Kind::Script, 10, 20), 15, "s1");
    let revoked = [Record::Session(Session { exit: Some(65), revoked: Some(18), ..revoked })];
    innocent(&revoked, &kept(""));
    caught(&revoked, &kept("s1 1.1\n"), "must not be");
}

#[test]
fn a_script_is_in_all_of_its_entries_or_in_none() {
    let mut script = saved(session(1, Kind::Script, 10, 20), 15, "s1");
    script.works.insert(2, Work { at: 16, did: Deed::Saved { line: "s1".to_owned(), day: OTHER } });
    (script.days, script.exit) = (vec![DAY, OTHER], None);
    let kept = vec![(DAY, "s1 1.1\n".to_owned()), (OTHER, "s1 1.1\n".to_owned())];
    let history = [Record::Session(script)];
    innocent(&history, &Found { kept: kept.clone(), ..found("") });
    caught(&history, &Found { kept, ..found("s1 1.1\n") }, "some of its entries only");
}

#[test]
fn a_save_that_its_editor_outlived_is_somewhere() {
    let editor = saved(session(1, Kind::Editor, 10, 5 * SECOND), SECOND, "e1.1");
    let alive = Session { exit: None, ..editor.clone() };
    let history = |session: &Session, killed: Option<Moment>| {
        let mut history = vec![Record::Session(session.clone())];
        history.extend(killed.map(|at| signal(SignalName::Kill, 2001, at)));
        history
    };
    innocent(&history(&editor, None), &found("e1.1\n"));
    caught(&history(&editor, None), &found(""), "is lost");
    let kept = Found { kept: vec![(DAY, "e1.1\n".to_owned())], ..found("") };
    caught(&history(&editor, None), &kept, "only kept");
    innocent(&history(&alive, None), &kept);
    caught(&history(&alive, None), &found(""), "is lost");
    caught(&history(&alive, Some(3 * SECOND)), &found(""), "is lost");
    innocent(&history(&alive, Some(SECOND + 5)), &found("")); // it did not outlive it for long
}

#[test]
fn in_the_end_everything_is_at_rest() {
    caught(&[], &Found { restless: vec!["the queue does not drain".to_owned()], ..found("") }, "drain");
    caught(&[Record::Hung { what: "status".to_owned() }], &found(""), "never ended");
}
