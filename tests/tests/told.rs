//! What people see when a lease does not come free, and what they can do.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::time::Duration;

use ponder_tests::{Pane, Tmux, World, kill, wait_until};
use rustix::process::Signal;

const DAY: &str = "20261123";
/// As people are told of it.
const DAY_SHOWN: &str = "2026-11-23";
const SHORT: Duration = Duration::from_secs(1);

/// The token of the lease that is held.
fn token(world: &World) -> String {
    world.sessions()[0]["token"].as_str().expect("somebody holds").to_owned()
}

/// A vim whose text is saved, and its screen then.
fn saved_in_vim<'a>(world: &World, tmux: &'a Tmux) -> (Pane<'a>, String) {
    let vim = tmux.pane(&format!("EDITOR=vim exec ponder -d {DAY}"));
    vim.shows("# November 23, 2026: Monday");
    vim.type_text("Gosaved").vim(":w");
    wait_until("it is saved", || world.text(DAY).ends_with("saved\n").then_some(()));
    let screen = vim.shows("written");
    (vim, screen)
}

#[test]
fn break_asks_first_and_the_editors_screen_stays_as_it_is() {
    let world = World::new();
    let tmux = world.tmux();
    let (vim, before) = saved_in_vim(&world, &tmux);
    let breaker = world.ponder(&["break", &token(&world)]).start();
    breaker.says("vim (pid ");
    assert_eq!(vim.screen(), before, "the screen is the editor's");
    vim.vim(":q");
    assert_eq!(vim.exit(), 0);
    breaker.wait().ok();
    let history = world.ponder(&["status", "--history"]).run().ok().stdout;
    assert!(!history.contains(DAY_SHOWN), "nothing was done by force: {history}");
}

/// The end by force takes its time here: another program has the entry locked.
#[test]
fn who_hands_back_a_lease_that_is_being_ended_by_force_is_told_how_that_ends() {
    let world = World::new();
    world.write(DAY, "begun\n");
    let (lock, editor) = (world.gate("lock"), world.gate("editor"));
    let script = format!("{0}; echo saved >> \"$1\"; {0}", editor.pass("here"));
    let client = world.ponder(&["-d", DAY]).env("EDITOR", world.editor("victim", &script)).start();
    editor.arrival();
    let flock =
        world.program("flock").arg(world.entry(DAY)).arg("sh").arg("-c").arg(lock.pass("locked")).start();
    lock.arrival();
    editor.open();
    editor.arrival();
    let token = token(&world);
    let breaker = world.ponder(&["break", &token, "--now"]).start();
    let state = || world.sessions().first().map(|session| session["state"] == "releasing");
    wait_until("it is being ended", || state().filter(|ends| *ends));
    editor.open();
    wait_until("the editor has ended", || {
        (!world.processes().iter().any(|it| it.name() == "victim")).then_some(())
    });
    lock.open();
    flock.wait().ok();
    breaker.wait().ok();
    let ended = client.wait().code(0);
    assert!(!ended.stderr.contains("no such session"), "{}", ended.stderr);
    ended.says("`ponder break`");
    assert_eq!(world.text(DAY), "begun\nsaved\n");
    assert!(world.kept().is_empty());
}

#[test]
fn break_now_is_told_to_the_victim_and_to_whoever_asks_later() {
    let world = World::new();
    let gate = world.gate("holder");
    let holder = world.lease(DAY, &format!("echo half > \"$PONDER_ENTRY\"; {}", gate.pass("here"))).start();
    gate.arrival();
    let token = token(&world);
    world.ponder(&["break", &token, "--now"]).run().ok();
    holder.says("`ponder break`");
    gate.open();
    holder.wait().code(65).says("ponder recover");
    assert_eq!(world.kept().len(), 1, "its text is kept");
    let history = world.ponder(&["status", "--history"]).run().ok().stdout;
    assert!(history.contains("sh (pid ") && history.contains(DAY_SHOWN), "{history}");
    // The token is nobody's any more.
    world.ponder(&["break", &token, "--now"]).run().code(1).says("ponder status");
    world.ponder(&["break", "no token"]).run().code(2);
    world.ponder(&["daemon", "stop"]).run().ok();
    world.ponder(&["break", &token]).run().code(69);
}

#[test]
fn break_now_rings_at_an_editors_terminal_and_leaves_its_screen_alone() {
    let world = World::new();
    let tmux = world.tmux();
    let (vim, before) = saved_in_vim(&world, &tmux);
    world.ponder(&["break", &token(&world), "--now"]).run().ok();
    wait_until("the title says so", || vim.title().contains("has ended your lease").then_some(()));
    assert_eq!(vim.screen(), before, "the screen is the editor's");
    vim.vim(":q");
    assert_eq!(vim.exit(), 0, "everything is in the journal");
}

#[test]
fn a_client_that_was_stopped_loses_its_lease_and_is_told_why() {
    let world = World::with_windows(SHORT, SHORT);
    let gate = world.gate("editor");
    let script = format!("echo saved >> \"$1\"; {0}; echo late >> \"$1\"", gate.pass("here"));
    let stopped = world.ponder(&["-d", DAY]).env("EDITOR", world.editor("saves", &script)).start();
    gate.arrival();
    wait_until("it is saved", || world.text(DAY).ends_with("saved\n").then_some(()));
    kill(stopped.pid(), Signal::STOP);
    world.lease(DAY, "echo next >> \"$PONDER_ENTRY\"").run().ok();
    kill(stopped.pid(), Signal::CONT);
    gate.open();
    stopped.wait().ok().says("nobody answered").says("everything you saved is in the journal");
    assert!(world.text(DAY).ends_with("saved\nnext\nlate\n"), "{}", world.text(DAY));
    assert!(world.kept().is_empty());
}

#[test]
fn a_client_that_goes_on_in_time_notices_nothing() {
    let world = World::with_windows(Duration::from_secs(60), SHORT);
    let gate = world.gate("editor");
    let client = world.ponder(&["-d", DAY]).env("EDITOR", world.editor("waits", &gate.pass("here"))).start();
    gate.arrival();
    kill(client.pid(), Signal::STOP);
    let next = world.lease(DAY, "true").start();
    wait_until("it is suspect", || (world.sessions()[0]["life"] == "suspect").then_some(()));
    kill(client.pid(), Signal::CONT);
    wait_until("it answers", || (world.sessions()[0]["life"] == "answers").then_some(()));
    gate.open();
    client.wait().ok();
    next.wait().ok();
}

#[test]
fn a_script_has_its_limit() {
    let world = World::new();
    let gate = world.gate("holder");
    let script = format!("echo half > \"$PONDER_ENTRY\"; {}", gate.pass("here"));
    let holder = world.ponder(&["lease", "--hold", "1s", "-d", DAY, "--", "sh", "-c", &script]).start();
    gate.arrival();
    holder.says("for as long as it was to be");
    gate.open();
    holder.wait().code(65);
    assert!(!world.entry(DAY).exists());
    world.ponder(&["lease", "--hold", "0s", "-d", DAY, "--", "true"]).run().code(2);
}

#[test]
fn status_follow_tells_every_change_and_outlives_the_daemon() {
    let world = World::new();
    world.script();
    let mut follower = world.ponder(&["--json", "status", "--follow"]).start();
    let first = follower.event("status")["daemon"]["instance"].clone();
    let gate = world.gate("holder");
    let holder = world.lease(DAY, &gate.pass("here")).start();
    gate.arrival();
    follower.event_that("changed", |event| event["change"] == "granted");
    world.ponder(&["daemon", "restart"]).run().ok();
    let next = follower.event_that("status", |status| status["daemon"]["instance"] != first);
    assert_eq!(next["sessions"].as_array().unwrap().len(), 1, "{next}");
    gate.open();
    holder.wait().ok();
    follower.event_that("changed", |event| event["change"] == "ended");
    assert!(!follower.has_ended());
    follower.signal(Signal::INT);
    follower.wait().ok();
}
