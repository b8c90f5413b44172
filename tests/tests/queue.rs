//! The queue: first come, first served, and how to leave it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use ponder_tests::{Finished, Running, Script, World};
use rustix::process::Signal;
use serde_json::{Value, json};

const DAY: &str = "20261123";

/// A script that has the entry, and one that holds the lease until it is told to go on.
fn holder(world: &World) -> (Script, String, Value) {
    let mut script = world.script();
    let session = script.acquire(&[DAY], &json!({ "drafts": false }));
    let token = script.expect("granted")["token"].clone();
    (script, session, token)
}

/// Starts a client that waits, and returns when it is seen to.
fn queued(world: &World, days: &[&str], script: &str) -> Running {
    let mut client = world.ponder(&["--json", "lease"]);
    for day in days {
        client = client.arg("-d").arg(day);
    }
    let client = client.arg("--").arg("sh").arg("-c").arg(script).start();
    client.event("queued");
    client
}

fn release(script: &mut Script, session: &str) {
    script.ask(json!({ "op": "release", "session": session, "succeeded": true }), "released");
}

#[test]
fn thirty_two_are_served_in_the_order_in_which_they_came() {
    let world = World::new();
    let (mut script, session, _) = holder(&world);
    let mut clients = Vec::new();
    for number in 0..32 {
        let client = queued(&world, &[DAY], &format!("echo {number} >> \"$PONDER_ENTRY\""));
        let seen = client.event("queued");
        assert_eq!(seen["ahead"], number + 1, "{seen}");
        clients.push(client);
    }
    let waiting = world.sessions().iter().map(|who| who["pid"].clone()).collect::<Vec<_>>();
    let started: Vec<Value> = clients.iter().map(|client| client.pid().into()).collect();
    assert_eq!(waiting[1..], started, "status shows them in their order");

    // One in the middle changes its mind.
    let leaver = clients.remove(16);
    leaver.signal(Signal::INT);
    leaver.wait().code(130);

    release(&mut script, &session);
    for client in clients {
        client.wait().ok();
    }
    let lines: Vec<String> = world.text(DAY).lines().skip(4).map(str::to_owned).collect();
    let expected: Vec<String> =
        (0..32).filter(|&number| number != 16).map(|number: u32| number.to_string()).collect();
    assert_eq!(lines, expected);
}

#[test]
fn who_leaves_the_queue_leaves_no_trace() {
    let world = World::new();
    world.write(DAY, "as it was\n");
    let (mut script, session, _) = holder(&world);
    let leaver = queued(&world, &[DAY], "echo no > \"$PONDER_ENTRY\"");
    let next = queued(&world, &[DAY], "echo yes >> \"$PONDER_ENTRY\"");
    leaver.signal(Signal::INT);
    let said = leaver.wait().code(130);
    assert_eq!(said.events().last().unwrap()["exit"], 130);

    assert_eq!(world.sessions().len(), 2);
    assert_eq!(world.text(DAY), "as it was\n");
    assert_eq!(slots(&world), Vec::<String>::new(), "pure exclusion and a leaver take no slot");
    release(&mut script, &session);
    next.wait().ok();
    assert_eq!(world.text(DAY), "as it was\nyes\n");
    assert_eq!(slots(&world), Vec::<String>::new());
    assert!(world.kept().is_empty());
}

fn slots(world: &World) -> Vec<String> {
    let listed = std::fs::read_dir(world.state_dir().join("slots")).unwrap();
    listed.map(|item| item.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn other_entries_are_not_waited_for() {
    let world = World::new();
    let (mut script, session, _) = holder(&world);
    let waiting = queued(&world, &[DAY, "20261124"], "true");
    world.lease("20261125", "echo x > \"$PONDER_ENTRY\"").run().ok();
    assert_eq!(world.text("20261125"), "x\n");
    // The 24th is free, but somebody who came earlier waits for it.
    let later = queued(&world, &["20261124"], "true");
    assert_eq!(later.event("queued")["blockers"][0]["pid"], waiting.pid());
    release(&mut script, &session);
    waiting.wait().ok();
    later.wait().ok();
}

#[test]
fn a_retrospective_of_seven_is_granted_whole_or_waits_whole() {
    let world = World::new();
    let days: Vec<_> = (1..=7).map(|days| world.days_ago(days)).collect();
    for day in &days {
        world.write(day, &format!("{day}\n"));
    }
    let gate = world.gate("editor");
    world.editor("all", &format!("for f in \"$@\"; do echo seen >> \"$f\"; done; {}", gate.pass("$#")));
    let middle = days[3].to_string();
    let holding = world.gate("holding");
    let holder = world.lease(&middle, &holding.pass("here")).start();
    holding.arrival();

    let retro = world.ponder(&["--json", "-r"]).env("EDITOR", "all").start();
    assert_eq!(
        retro.event("queued")["blockers"][0]["entries"],
        json!([format!("{}.md", middle.replace('-', ""))])
    );
    assert!(gate.is_quiet(), "the editor opened before all seven were there");
    // Not one of the other six is held meanwhile: whoever comes waits only behind the seven.
    let states: Vec<Value> = world.sessions().iter().map(|who| who["state"].clone()).collect();
    assert_eq!(states, ["granted", "queued"]);
    world.ponder(&["lease", "--no-wait", "-d", &days[0].to_string(), "--", "true"]).run().code(75);

    holding.open();
    holder.wait().ok();
    assert_eq!(gate.arrival(), "7");
    for day in &days {
        world.ponder(&["lease", "--no-wait", "-d", &day.to_string(), "--", "true"]).run().code(75);
    }
    gate.open();
    retro.wait().ok();
    for day in &days {
        assert_eq!(world.text(day), format!("{day}\nseen\n"));
    }
}

#[test]
fn who_does_not_want_to_wait_is_told_who_is_in_the_way() {
    let world = World::new();
    let gate = world.gate("holding");
    let holder = world
        .ponder(&["lease", "-d", DAY, "--purpose", "nightly copy", "--", "sh", "-c", &gate.pass("here")])
        .start();
    gate.arrival();
    let told = |finished: Finished| {
        finished
            .code(75)
            .says("sh")
            .says(&format!("pid {}", holder.pid()))
            .says("nightly copy")
            .says("has 2026-11-23 since 1");
    };
    told(world.ponder(&["lease", "--no-wait", "-d", DAY, "--", "true"]).run());
    told(world.ponder(&["lease", "--wait", "300ms", "-d", DAY, "--", "true"]).run());
    world.editor("ed1", "echo never");
    told(world.ponder(&["--no-wait", "-d", DAY]).env("EDITOR", "ed1").run());
    world.ponder(&["lease", "--no-wait", "-E", "9", "-d", DAY, "--", "true"]).run().code(9);
    gate.open();
    holder.wait().ok();
    world.ponder(&["lease", "--no-wait", "-d", DAY, "--", "true"]).run().ok();
}

#[test]
fn readers_stand_together_and_never_pass_a_writer() {
    let world = World::new();
    world.write(DAY, "stable\n");
    let shared = world.gate("shared");
    let read = |gate: &ponder_tests::Gate| {
        let look = format!("cat \"$PONDER_ENTRY\"; {}; cat \"$PONDER_ENTRY\"", gate.pass("here"));
        world.ponder(&["lease", "--shared", "-d", DAY, "--", "sh", "-c", &look]).start()
    };
    let readers = [read(&shared), read(&shared)];
    shared.arrival();
    shared.arrival();

    let writer = queued(&world, &[DAY], "echo changed > \"$PONDER_ENTRY\"");
    let late = world.gate("late");
    let late_reader = read(&late);
    late_reader.says("waiting for 2026-11-23");
    let states: Vec<Value> = world.sessions().iter().map(|who| who["state"].clone()).collect();
    assert_eq!(states, ["granted", "granted", "queued", "queued"]);
    assert!(late.is_quiet(), "a reader passed a writer that came earlier");

    shared.open();
    shared.open();
    for reader in readers {
        assert_eq!(reader.wait().ok().stdout, "stable\nstable\n");
    }
    writer.wait().ok();
    late.arrival();
    late.open();
    assert_eq!(late_reader.wait().ok().stdout, "changed\nchanged\n");
}
