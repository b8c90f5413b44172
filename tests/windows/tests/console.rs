//! Ctrl-C, and questions: programs in a console.

#![cfg(windows)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use ponder_windows::{Stage, World, wait_until};

const DAY: &str = "20261123";

fn sessions(world: &World) -> usize {
    world.status()["sessions"].as_array().unwrap().len()
}

#[test]
fn ctrl_c_in_the_queue_leaves_it() {
    let world = World::new();
    world.write(DAY, "begun\n");
    let mut holder = world.edit(DAY);
    holder.adds("one");
    let (mut waiter, editor) = world.edit_on_stage(DAY);
    wait_until("it waits", || (sessions(&world) == 2).then_some(()));
    waiter.shows("Ctrl-C to leave");
    waiter.hears_ctrl_c();
    assert_eq!(waiter.ends(), 130);
    assert_eq!(sessions(&world), 1);
    assert!(!editor.runs());
    assert_eq!(holder.closes(0).code, 0);
    assert_eq!(world.text(DAY), "begun\none\n");
}

#[test]
fn ctrl_c_is_the_editors_while_one_runs() {
    let world = World::new();
    world.write(DAY, "begun\n");
    let (mut client, mut editor) = world.edit_on_stage(DAY);
    editor.adds("one");
    client.hears_ctrl_c();
    editor.adds("two");
    client.hears_ctrl_c();
    wait_until("both saves", || (world.text(DAY) == "begun\none\ntwo\n").then_some(()));
    assert_eq!(sessions(&world), 1);
    editor.closes_alone();
    assert_eq!(client.ends(), 0);
    assert_eq!(sessions(&world), 0);
}

#[test]
fn who_waits_for_a_break_can_leave_it() {
    let world = World::with_windows(30.0);
    world.write(DAY, "begun\n");
    let mut holder = world.edit(DAY);
    holder.adds("one");
    let token = world.status()["sessions"][0]["token"].as_str().unwrap().to_owned();
    let mut breaking = world.stage(&world.command(&["break", &token]));
    breaking.shows("Ctrl-C leaves");
    breaking.hears_ctrl_c();
    assert_eq!(breaking.ends(), 130);
    assert_eq!(holder.closes(0).code, 0);
}

/// Windows ends a program so that does not listen. Wine ends it with 0.
#[test]
fn a_command_that_ctrl_c_has_ended_is_130() {
    let world = World::new();
    let ended = world.ponder(&["lease", "-d", DAY, "--", "cmd", "/c", "exit -1073741510"]);
    assert_eq!(ended.code, 130, "{}", ended.err);
}

/// A kept draft, and a console that asks whether it is to go.
fn asked(world: &World) -> Stage {
    world.write(DAY, "begun\n");
    let failed = world.ponder(&["lease", "-d", DAY, "--", "cmd", "/c", "echo kept>> %PONDER_ENTRY%& exit 7"]);
    assert_eq!(failed.code, 7, "{}", failed.err);
    let id = world.status()["kept"][0]["id"].as_str().unwrap().to_owned();
    let stage = world.stage(&world.command(&["recover", "drop", &id]));
    stage.shows("Delete it for good?");
    stage
}

fn kept(world: &World) -> usize {
    world.status()["kept"].as_array().unwrap().len()
}

#[test]
fn a_question_is_answered_with_a_line() {
    for (answer, left) in [("no", 1), ("yes", 0)] {
        let world = World::new();
        let mut stage = asked(&world);
        stage.types(answer);
        assert_eq!((stage.ends(), kept(&world)), (0, left), "{answer}");
    }
}

#[test]
fn ctrl_c_is_an_answer_to_a_question() {
    let world = World::new();
    let mut stage = asked(&world);
    stage.hears_ctrl_c();
    stage.shows("is kept");
    assert_eq!((stage.ends(), kept(&world)), (130, 1));
}
