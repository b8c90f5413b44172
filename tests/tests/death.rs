//! `kill -9`, of everybody.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use ponder_tests::{Injection, Running, World, kill, wait_until};
use rustix::process::Signal;
use serde_json::{Value, json};

const DAY: &str = "20261123";

/// A window that is over soon.
const SHORT: Duration = Duration::from_secs(1);

fn text_of(kept: &Value) -> String {
    fs::read_to_string(kept["path"].as_str().unwrap()).unwrap()
}

/// An editor that waits in the queue, and adds a line when it is served.
fn next_in_line(world: &World) -> Running {
    world.editor("adds", "echo successor >> \"$1\"");
    let next = world.ponder(&["-d", DAY]).env("EDITOR", "adds").start();
    next.says("waiting for 2026-11-23");
    next
}

/// Returns when the daemon has had time to look at whatever was saved before: an editor's save that
/// comes later is in its entry.
fn let_saves_settle(world: &World) {
    let gate = world.gate("clock");
    world.editor("clock", &format!("echo tick >> \"$1\"; {}", gate.pass("here")));
    let client = world.ponder(&["-d", "20260101"]).env("EDITOR", "clock").start();
    gate.arrival();
    wait_until("a later save is committed", || world.text("20260101").contains("tick").then_some(()));
    gate.open();
    client.wait().ok();
}

#[test]
fn a_killed_client_keeps_nobody_waiting_and_loses_nothing_that_was_saved() {
    let world = World::with_windows(SHORT, SHORT);
    let gate = world.gate("editor");
    let zombie = format!("echo saved >> \"$1\"; {0}; echo late >> \"$1\"; {0}", gate.pass("$1"));
    let client = world.ponder(&["-d", DAY]).env("EDITOR", world.editor("zombie", &zombie)).start();
    let draft = gate.arrival();
    let next = next_in_line(&world);

    client.kill();
    next.wait().ok();
    let served = world.text(DAY);
    assert!(served.ends_with("\n\nsaved\nsuccessor\n"), "{served}");

    // Its editor does not know yet, and saves once more: into a draft that nobody shares. The daemon
    // merges that, in its turn.
    gate.open();
    assert_eq!(gate.arrival(), draft);
    wait_until("the late text is merged", || {
        world.text(DAY).ends_with("\n\nsaved\nsuccessor\nlate\n").then_some(())
    });
    assert!(world.kept().is_empty());
    gate.open();
}

#[test]
fn a_killed_client_whose_editor_is_in_the_middle_of_a_save() {
    let world = World::with_windows(SHORT, SHORT);
    world.write(DAY, "one\ntwo\nthree\n");
    let gate = world.gate("editor");
    // It has emptied the file and written half of it back when its client dies.
    let script =
        format!("exec 3> \"$1\"; echo one >&3; {}; echo two >&3; echo four >&3; exec 3>&-", gate.pass("$1"));
    let client = world.ponder(&["-d", DAY]).env("EDITOR", world.editor("slow", &script)).start();
    let draft = gate.arrival();
    let next = next_in_line(&world);
    client.kill();
    next.wait().ok();
    assert_eq!(world.text(DAY), "one\ntwo\nthree\nsuccessor\n", "half a save was taken for a text");
    gate.open();
    let full = "one\ntwo\nfour\n";
    wait_until("the whole save", || (fs::read_to_string(&draft).ok()? == full).then_some(()));
    let drafts = world.kept();
    assert_eq!(drafts.iter().map(text_of).collect::<Vec<_>>(), [full], "{drafts:?}");
    assert_eq!(world.text(DAY), "one\ntwo\nthree\nsuccessor\n");
}

#[test]
fn half_a_save_of_an_editor_that_dies_with_its_client_is_kept_and_not_committed() {
    let world = World::new();
    world.write(DAY, "one\ntwo\nthree\n");
    let gate = world.gate("editor");
    // It has emptied its file and written the first of three lines back.
    world.editor("slow", &format!("exec 3> \"$1\"; echo one >&3; {}", gate.pass("$$")));
    let client = world.ponder(&["-d", DAY]).env("EDITOR", "slow").start();
    let editor = gate.arrival().parse().unwrap();
    let next = next_in_line(&world);
    client.signal(Signal::KILL);
    kill(editor, Signal::KILL);
    next.wait().ok();
    assert_eq!(world.text(DAY), "one\ntwo\nthree\nsuccessor\n", "half a save was taken for a text");
    let drafts = world.kept();
    assert_eq!(drafts.len(), 1, "{drafts:?}");
    assert_eq!((&drafts[0]["why"], text_of(&drafts[0])), (&json!("cut_short"), "one\n".to_owned()));
}

#[test]
fn half_a_save_of_an_editor_that_is_killed_is_kept_and_not_committed() {
    let world = World::new();
    let text = "a line of the entry\n".repeat(2000);
    world.write(DAY, &text);
    // It changed the first line, and is killed after the first piece of the text.
    world.editor("killed", "{ echo changed; head -c 4000 \"$1\"; } > half; cat half > \"$1\"; kill -9 $$");
    world.ponder(&["-d", DAY]).env("EDITOR", "killed").run().code(65).says("it may be incomplete");
    assert_eq!(world.text(DAY), text);
    let kept = world.kept();
    assert!(kept.len() == 1 && text_of(&kept[0]).starts_with("changed\na line"), "{kept:?}");
}

#[test]
fn half_a_script_is_never_committed_when_its_client_dies() {
    let world = World::with_windows(SHORT, SHORT);
    world.write(DAY, "before\n");
    let gate = world.gate("script");
    let script = format!(
        "echo half > \"$PONDER_ENTRY\"; {}; echo whole > \"$PONDER_ENTRY\"",
        gate.pass("$PONDER_ENTRY")
    );
    let client = world.lease(DAY, &script).start();
    gate.arrival();
    let_saves_settle(&world);
    let next = world.lease(DAY, "cat \"$PONDER_ENTRY\"").start();
    next.says("waiting for 2026-11-23");
    client.kill();
    assert_eq!(next.wait().ok().stdout, "before\n");
    let drafts = world.kept();
    assert_eq!(drafts.len(), 1, "{drafts:?}");
    assert_eq!((&drafts[0]["why"], text_of(&drafts[0])), (&json!("revoked"), "half\n".to_owned()));
    assert_eq!(world.text(DAY), "before\n");
    gate.open();
}

#[test]
fn half_a_script_is_never_committed_when_it_dies_itself() {
    let world = World::new();
    world.write(DAY, "before\n");
    world.write("20261124", "other\n");
    let gate = world.gate("script");
    let both = format!("for f in $PONDER_ENTRIES; do echo half > \"$f\"; done; {}", gate.pass("$$"));
    let client = world.ponder(&["lease", "-d", DAY, "-d", "20261124", "--", "sh", "-c", &both]).start();
    let shell = gate.arrival().parse().unwrap();
    let_saves_settle(&world);
    kill(shell, Signal::KILL);
    client.wait().code(137).says("the command failed");
    assert_eq!((world.text(DAY), world.text("20261124")), ("before\n".to_owned(), "other\n".to_owned()));
    let whys: Vec<Value> = world.kept().iter().map(|kept| kept["why"].clone()).collect();
    assert_eq!(whys, ["command_failed", "command_failed"]);

    world.lease(DAY, "echo half > \"$PONDER_ENTRY\"; exit 3").run().code(3);
    world.lease(DAY, "kill -TERM $$").run().code(143);
    world.ponder(&["lease", "-d", DAY, "--", "no-such-command"]).run().code(127);
    world.ponder(&["lease", "-d", DAY, "--", "/etc/passwd"]).run().code(126);
    assert_eq!(world.text(DAY), "before\n");
}

#[test]
fn a_killed_waiter_is_as_if_it_had_never_been() {
    let world = World::new();
    world.write(DAY, "before\n");
    let gate = world.gate("holder");
    let holder = world.lease(DAY, &gate.pass("here")).start();
    gate.arrival();
    let waiter = world.lease(DAY, "echo never >> \"$PONDER_ENTRY\"").start();
    waiter.says("waiting for");
    let next = next_in_line(&world);
    waiter.kill();
    wait_until("the waiter is gone", || (world.sessions().len() == 2).then_some(()));
    gate.open();
    holder.wait().ok();
    next.wait().ok();
    assert_eq!(world.text(DAY), "before\nsuccessor\n");
    assert!(world.kept().is_empty());
}

#[test]
fn a_killed_daemon_loses_nothing_that_it_acknowledged() {
    let world = World::new();
    let (edit, lease) = (world.gate("edit"), world.gate("lease"));
    let editor = format!("echo saved >> \"$1\"; {0}; echo later >> \"$1\"; {0}", edit.pass("$1"));
    let holder = world.ponder(&["-d", DAY]).env("EDITOR", world.editor("slow", &editor)).start();
    edit.arrival();
    wait_until("the save is in the entry", || world.text(DAY).ends_with("\n\nsaved\n").then_some(()));
    let half = format!("echo half > \"$PONDER_ENTRY\"; {}", lease.pass("$PONDER_ENTRY"));
    let script = world.lease("20261124", &half).start();
    lease.arrival();
    let_saves_settle(&world);
    let waiter = world.ponder(&["-d", DAY]).env("EDITOR", "slow").start();
    waiter.says("waiting for");
    world.ponder(&["append", "-d", DAY, "appended"]).run().ok();

    let [daemon] = world.daemons()[..] else { panic!("one daemon") };
    let socket = world.socket();
    daemon.kill();
    assert!(socket.exists() || world.daemons().len() == 1, "a killed daemon leaves its socket behind");
    edit.open();
    edit.arrival();

    // All three come back to another daemon, which one of them has started.
    world.ponder(&["append", "-d", DAY, "after"]).run().ok();
    assert_eq!(world.daemons().len(), 1);
    wait_until("the later save is in the entry", || {
        world.text(DAY).ends_with("\n\nsaved\nlater\nappended\nafter\n").then_some(())
    });
    edit.open();
    holder.wait().ok();
    for _ in 0..2 {
        edit.arrival();
        edit.open();
    }
    waiter.wait().ok();
    assert!(
        world.text(DAY).ends_with("\n\nsaved\nlater\nappended\nafter\nsaved\nlater\n"),
        "{}",
        world.text(DAY)
    );
    lease.open();
    script.wait().ok();
    assert_eq!(world.text("20261124"), "half\n");
    assert!(world.kept().is_empty());
}

/// No moment lies between the answer and the deed: the daemon is killed as soon as it has answered.
#[test]
fn what_is_answered_is_done() {
    let world = World::new();
    // One day for each: a session that was not released has its entry until it is known to be gone.
    let days: Vec<String> = (0..25).map(|round| format!("202601{:02}", round + 1)).collect();
    for day in &days {
        world.write(day, "before\n");
    }
    for (round, day) in days.iter().enumerate() {
        let mut script = world.script();
        let [daemon] = world.daemons()[..] else { panic!("one daemon") };
        let line = format!("line {round}\n");
        match round % 3 {
            0 => {
                script.ask(json!({ "op": "append", "entry": day, "text": line }), "appended");
            }
            way => {
                let session = script.acquire(&[day], &json!({}));
                let granted = script.expect("granted");
                let draft = granted["drafts"][0]["path"].as_str().expect("a draft");
                fs::write(draft, fs::read_to_string(draft).unwrap() + &line).unwrap();
                let token = &granted["token"];
                let commit = json!({ "op": "commit", "session": session, "token": token });
                let release = json!({ "op": "release", "session": session, "succeeded": true });
                if way == 1 {
                    script.ask(commit, "committed")
                } else {
                    script.ask(release, "released")
                };
            }
        }
        kill(daemon.0, Signal::KILL);
        let text = world.text(day);
        assert!(text.ends_with(&line), "{line} was answered and is not there: {text}");
        assert!(ponder_tests::pidfd_wait(daemon.0), "the daemon does not die");
    }
    assert_eq!(days.iter().map(|day| world.text(day).matches("line").count()).sum::<usize>(), 25);
    world.ponder(&["daemon", "start"]).run().ok();
    assert!(world.kept().is_empty());
}

/// Appends go on while one daemon after the other is killed.
#[test]
fn every_acknowledged_append_is_there_once_however_often_the_daemon_is_killed() {
    let world = World::new();
    world.ponder(&["daemon", "start"]).run().ok();
    let done = AtomicBool::new(false);
    let append = |number: usize| -> (String, bool) {
        let line = format!("line {number};");
        let said = world.ponder(&["append", "-d", DAY, &line]).run();
        // 74: the answer was lost, nobody knows. 69: three daemons in a row were killed.
        assert!([Some(0), Some(74), Some(69)].contains(&said.exit()), "{said:?}");
        (line, said.exit() == Some(0))
    };
    let appended: Vec<(String, bool)> = thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                scope.spawn(move || (0..40).map(|number| append(writer * 100 + number)).collect::<Vec<_>>())
            })
            .collect();
        let killer = scope.spawn(|| {
            let mut killed = 0;
            while !done.load(Ordering::Relaxed) {
                let lines = world.text(DAY).lines().count();
                // Let some work be done between two murders.
                wait_until("some appends", || {
                    (done.load(Ordering::Relaxed) || world.text(DAY).lines().count() > lines + 3)
                        .then_some(())
                });
                for daemon in world.daemons() {
                    daemon.kill();
                    killed += 1;
                }
            }
            killed
        });
        let appended = writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
        done.store(true, Ordering::Relaxed);
        assert!(killer.join().unwrap() > 5, "the daemon was hardly ever killed");
        appended
    });
    let text = world.text(DAY);
    for (line, acknowledged) in &appended {
        let count = text.matches(line.as_str()).count();
        assert!(count == 1 || (count == 0 && !acknowledged), "{line} is there {count} times:\n{text}");
    }
    let acknowledged = appended.iter().filter(|(_, acknowledged)| *acknowledged).count();
    assert!(acknowledged > 100, "only {acknowledged} appends came through");
}

/// The entry has the text, and the draft's record does not say so yet.
#[test]
fn what_was_committed_right_before_the_daemon_was_killed_is_not_kept_as_well() {
    let world = World::new();
    world.write(DAY, "before\n");
    let base = [world.state_dir().join(format!("slots/{DAY}.0.base"))];
    let killed = Injection {
        what: "signal=KILL".to_owned(),
        when: "2".to_owned(),
        ..Injection::always("pwrite64", "")
    };
    let traced = world.traced_at("pwrite64", &[killed], &base);
    let mut script = traced.script(&world).expect("it starts");
    let session = script.acquire(&[DAY], &json!({}));
    let granted = script.expect("granted");
    // strace counts for each thread: it may take a few commits until one writes its second base.
    let mut text = "before\n".to_owned();
    loop {
        text += "after\n";
        fs::write(granted["drafts"][0]["path"].as_str().unwrap(), &text).unwrap();
        script.try_send(json!({ "op": "commit", "session": session, "token": granted["token"] }));
        if script.hear().is_none() {
            break;
        }
    }
    assert!(traced.end().0.exit().is_none(), "it was killed");
    assert_eq!(world.text(DAY), text);
    for _ in 0..2 {
        world.ponder(&["append", "-d", "20261122", "starts a daemon"]).run().ok();
        assert!(world.kept().is_empty(), "{:?}", world.kept());
        world.ponder(&["daemon", "stop"]).run().ok();
    }
}
