//! A session and the daemons that come and go under it.

use std::os::unix::net::UnixListener;
use std::process::{ChildStdin, Stdio};

use ponder_proto::{
    Body, CommitPolicy, EntryOutcome, ErrorCode, Forced, KeptDraft, KeptReason, Outcome, RawPath,
};

use super::*;
use crate::fake_daemon::{Peer, Place, SESSION, TOKEN, acquire, entry, granted, reattach, silent};
use crate::people::tests::by_vim;

/// A session with its lease on the connection that the daemon is to accept first.
fn granted_session(
    place: &Place,
    commit: CommitPolicy,
    drafts: Vec<Draft>,
    alive: Option<RawPath>,
) -> Result<Session<'_>, Failure> {
    let acquire = acquire(commit);
    let start = StartOptions::default();
    let (connection, answer) = place.endpoint.begin(&Op::Acquire(acquire.clone()), &start).unwrap();
    assert!(matches!(answer.body, Body::Granted { .. }));
    let happenings = Happenings::of_children().unwrap();
    let grant = Grant { token: TOKEN, drafts, alive };
    Session::granted(silent(), &place.endpoint, start, acquire, grant, Link::Up(connection), happenings)
}

/// The same, of a daemon that does not see who works on drafts.
fn session(place: &Place, commit: CommitPolicy, drafts: Vec<Draft>) -> Session<'_> {
    granted_session(place, commit, drafts, None).unwrap_or_else(|failure| panic!("{}", failure.message))
}

/// A child that ends when its standard input does.
fn editor(session: &Session<'_>) -> (Child, ChildStdin) {
    let mut child = session.spawn(Command::new("cat").stdin(Stdio::piped())).unwrap();
    let stdin = child.stdin.take().unwrap();
    (child, stdin)
}

/// The client to whom this daemon has given the lease.
fn holder(listener: &UnixListener) -> Peer {
    let mut peer = Peer::accept(listener);
    let request = peer.hear();
    assert!(matches!(request.op, Op::Acquire(_)));
    peer.say(Some(request.id), granted(Vec::new()));
    peer
}

fn release() -> Op {
    Op::Release { session: SESSION, succeeded: true }
}

/// What a command's client asks for that was told that its lease has ended.
fn give_up() -> Op {
    Op::Release { session: SESSION, succeeded: false }
}

fn released(outcomes: Vec<EntryOutcome>) -> Body {
    Body::Released { session: SESSION, entries: outcomes }
}

fn revoked(entries: Vec<EntryOutcome>) -> Body {
    Body::Revoked { session: SESSION, why: Forced::Broken, by: Some(by_vim()), entries }
}

fn outcome(outcome: Outcome) -> Vec<EntryOutcome> {
    vec![EntryOutcome { entry: entry(), outcome }]
}

fn kept(place: &Place) -> Outcome {
    let path = place.draft("x\n").path;
    let (id, entry) = ("20261123.0".to_owned(), entry());
    Outcome::Kept(KeptDraft { id, entry, path, why: KeptReason::EntryChanged, when: 0 })
}

#[test]
fn a_holder_comes_back_to_the_next_daemon_while_its_editor_runs() {
    let place = Place::new();
    let (send, receive) = std::sync::mpsc::channel::<ChildStdin>();
    let daemon = place.daemon(move |listener| {
        let mut before = holder(&listener);
        let opened = before.hear();
        assert_eq!(opened.op, Op::Opened { session: SESSION });
        drop(before); // killed before it answered
        let mut after = Peer::accept(&listener);
        after.answer(&reattach(), granted(Vec::new()));
        after.answer(&Op::Opened { session: SESSION }, Body::Opened { session: SESSION });
        drop(receive.recv().unwrap()); // the editor is closed only now
        after.answer(&release(), released(Vec::new()));
    });
    let mut session = session(&place, CommitPolicy::OnSave, Vec::new());
    let (mut child, stdin) = editor(&session);
    session.opened();
    send.send(stdin).unwrap();
    assert!(session.attend(&mut child, Manner::Editor).unwrap().success());
    let ending = session.release(true);
    daemon.join().unwrap();
    assert_eq!((ending.exit, ending.held, ending.settled), (Exit::Done, true, true));
}

#[test]
fn who_wakes_up_after_his_lease_is_over_does_not_begin() {
    let place = Place::new();
    place.write_entry("a\n");
    let drafts = vec![place.draft("another session's\n")];
    let daemon = place.daemon(move |listener| {
        let mut peer = holder(&listener);
        peer.say(None, revoked(outcome(Outcome::Unchanged)));
        peer.refuse(&give_up(), ErrorCode::StaleToken);
    });
    let gone = RawPath::from(place.endpoint.journal().path().join("gone").as_path());
    let Err(failure) = granted_session(&place, CommitPolicy::OnExit, drafts, Some(gone)) else {
        panic!("it may write into a draft that is another session's by now")
    };
    daemon.join().unwrap();
    assert_eq!(failure.exit, Exit::Conflict);
    let told = "vim (pid 4243, pts/4) has ended your lease (`ponder break`); nothing could be done with it";
    assert!(failure.message.starts_with(told), "{}", failure.message);
}

#[test]
fn after_a_stop_only_the_release_looks_for_a_daemon() {
    let place = Place::new();
    let (send, receive) = std::sync::mpsc::channel::<ChildStdin>();
    let daemon = place.daemon(move |listener| {
        let mut before = holder(&listener);
        before.say(None, Body::Stopping { successor: Successor::No });
        drop(before);
        drop(receive.recv().unwrap());
        let mut after = Peer::accept(&listener);
        after.answer(&reattach(), granted(Vec::new()));
        after.answer(&release(), released(Vec::new()));
    });
    let mut session = session(&place, CommitPolicy::OnExit, Vec::new());
    let (mut child, stdin) = editor(&session);
    // Both of the daemon's words are here before the command ends.
    let Ok(Happening::Said(message)) = session.happenings.next(&mut session.link, None) else { panic!() };
    session.hear(message);
    let Ok(Happening::Gone(error)) = session.happenings.next(&mut session.link, None) else { panic!() };
    session.follow(&error);
    assert!(matches!(session.link, Link::Down), "nobody is looked for");
    send.send(stdin).unwrap();
    session.attend(&mut child, Manner::Command).unwrap();
    let ending = session.release(true);
    daemon.join().unwrap();
    assert_eq!((ending.exit, ending.held), (Exit::Done, true));
}

/// How a session ends whose daemon is killed when it has read `release`, and whose next daemon says
/// this to `reattach`.
fn release_cut_off(commit: CommitPolicy, code: ErrorCode, draft: &str, entry: &str) -> Ending {
    let place = Place::new();
    let drafts = vec![place.draft(draft)];
    place.write_entry(entry);
    let daemon = place.daemon(move |listener| {
        let mut before = holder(&listener);
        assert_eq!(before.hear().op, release());
        drop(before);
        Peer::accept(&listener).refuse(&reattach(), code);
    });
    let ending = session(&place, commit, drafts).release(true);
    daemon.join().unwrap();
    ending
}

#[test]
fn a_release_that_was_cut_off_is_judged_by_the_texts() {
    for code in [ErrorCode::StaleToken, ErrorCode::NoSuchSession] {
        for commit in [CommitPolicy::OnSave, CommitPolicy::OnExit] {
            let done = release_cut_off(commit, code, "a\n", "a\nappended\n");
            assert_eq!((done.exit, done.held, done.settled), (Exit::Done, true, false), "{code:?}");
            let lost = release_cut_off(commit, code, "b\n", "a\n");
            assert_eq!((lost.exit, lost.held), (Exit::Conflict, false), "{code:?}");
        }
    }
}

#[test]
fn a_release_that_was_cut_off_is_repeated() {
    let place = Place::new();
    let daemon = place.daemon(|listener| {
        let mut before = holder(&listener);
        before.refuse(&release(), ErrorCode::Stopping);
        drop(before);
        let mut after = Peer::accept(&listener);
        after.answer(&reattach(), granted(Vec::new()));
        after.say(None, Body::Ping);
        let request = after.hear();
        assert_eq!(request.op, release());
        assert_eq!(after.hear().op, Op::Pong, "also while it is handed back");
        after.say(Some(request.id), released(Vec::new()));
    });
    let ending = session(&place, CommitPolicy::OnSave, Vec::new()).release(true);
    daemon.join().unwrap();
    assert_eq!((ending.exit, ending.held, ending.settled), (Exit::Done, true, true));
}

/// How a session ends that is revoked with this, and then released with that.
fn ended_by_force(
    commit: CommitPolicy,
    at_once: fn(&Place) -> Outcome,
    late: fn(&Place) -> Outcome,
) -> Ending {
    let place = Place::new();
    let drafts = vec![place.draft("a\n")];
    let (at_once, late) = (outcome(at_once(&place)), outcome(late(&place)));
    let daemon = place.daemon(move |listener| {
        let mut peer = holder(&listener);
        peer.say(None, revoked(at_once));
        let asked = if commit == CommitPolicy::OnExit { give_up() } else { release() };
        peer.answer(&asked, released(late));
    });
    let mut session = session(&place, commit, drafts);
    let Ok(Happening::Said(message)) = session.happenings.next(&mut session.link, None) else { panic!() };
    session.hear(message);
    let ending = session.release(true);
    daemon.join().unwrap();
    ending
}

#[test]
fn a_revoked_lease_is_handed_back_and_a_trouble_only_if_text_is_not_in_its_entry() {
    let committed = |_: &Place| Outcome::Committed;
    let unchanged = |_: &Place| Outcome::Unchanged;
    let well = ended_by_force(CommitPolicy::OnSave, committed, unchanged);
    assert_eq!((well.exit, well.held, well.settled), (Exit::Done, false, false));
    let late = ended_by_force(CommitPolicy::OnSave, committed, kept);
    assert_eq!((late.exit, late.held), (Exit::Conflict, false));
    let command = ended_by_force(CommitPolicy::OnExit, kept, unchanged);
    assert_eq!((command.exit, command.held), (Exit::Conflict, false));
}

#[test]
fn a_revoked_lease_without_drafts_may_be_unknown_when_it_is_handed_back() {
    let place = Place::new();
    let daemon = place.daemon(|listener| {
        let mut peer = holder(&listener);
        peer.say(None, revoked(Vec::new()));
        peer.refuse(&give_up(), ErrorCode::NoSuchSession);
    });
    let mut session = session(&place, CommitPolicy::OnExit, Vec::new());
    let Ok(Happening::Said(message)) = session.happenings.next(&mut session.link, None) else { panic!() };
    session.hear(message);
    let ending = session.release(true);
    daemon.join().unwrap();
    assert_eq!((ending.exit, ending.held), (Exit::Done, false));
}

#[test]
fn a_command_commits_nothing_under_a_lease_that_a_daemon_gives_back_by_mistake() {
    let place = Place::new();
    let daemon = place.daemon(|listener| {
        let mut before = holder(&listener);
        before.say(None, revoked(Vec::new()));
        drop(before); // it could not write that down: its disk was full
        let mut after = Peer::accept(&listener);
        after.answer(&reattach(), granted(Vec::new()));
        after.answer(&give_up(), released(Vec::new()));
    });
    let mut session = session(&place, CommitPolicy::OnExit, Vec::new());
    let Ok(Happening::Said(message)) = session.happenings.next(&mut session.link, None) else { panic!() };
    session.hear(message);
    let ending = session.release(true);
    daemon.join().unwrap();
    assert!(!ending.held);
}

#[test]
fn a_lease_that_is_over_when_its_holder_comes_back_is_not_held() {
    for (entry, exit) in [("a\n", Exit::Done), ("b\n", Exit::Conflict)] {
        let place = Place::new();
        let drafts = vec![place.draft("a\n")];
        place.write_entry(entry);
        let daemon = place.daemon(|listener| {
            drop(holder(&listener));
            Peer::accept(&listener).refuse(&reattach(), ErrorCode::StaleToken);
        });
        let mut session = session(&place, CommitPolicy::OnSave, drafts);
        while session.loss.is_none() {
            match session.happenings.next(&mut session.link, None).unwrap() {
                Happening::Gone(error) => session.follow(&error),
                Happening::Found(found) => session.reattach(found),
                _ => {}
            }
        }
        let ending = session.release(true);
        daemon.join().unwrap();
        assert_eq!((ending.exit, ending.held), (exit, false), "{entry}");
    }
}

#[test]
fn a_holder_that_was_superseded_lets_go() {
    let place = Place::new();
    let daemon = place.daemon(|listener| {
        let mut peer = holder(&listener);
        peer.say(None, Body::Error(Refusal::new(ErrorCode::Superseded, "taken over")));
        peer
    });
    let mut session = session(&place, CommitPolicy::OnSave, Vec::new());
    let Ok(Happening::Said(message)) = session.happenings.next(&mut session.link, None) else { panic!() };
    session.hear(message);
    let ending = session.release(true);
    drop(daemon.join().unwrap());
    assert_eq!((ending.exit, ending.held), (Exit::Conflict, false));
}
