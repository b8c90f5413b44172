//! Each of the daemon's calls that change something fails once, in each of the ways in which it can.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use ponder_tests::{Day, Finished, Injection, Place, Sweep, Trace, WRITING, World};
use serde_json::json;

const DAY: &str = "20261123";

/// What a call says, how that reads, and which calls say it; without any, all.
const ERRORS: [(&str, &str, &[&str]); 5] = [
    ("EIO", "Input/output error", &[]),
    (
        "ENOSPC",
        "No space left",
        &[
            "write",
            "pwrite64",
            "fsync",
            "fdatasync",
            "openat",
            "mkdir",
            "mkdirat",
            "rename",
            "renameat",
            "renameat2",
            "symlink",
        ],
    ),
    ("EDQUOT", "quota exceeded", &["write", "pwrite64", "fdatasync", "mkdirat", "renameat2"]),
    ("EROFS", "Read-only file system", &["openat", "mkdirat", "renameat", "renameat2", "unlinkat", "fchmod"]),
    ("EMFILE", "Too many open files", &["openat"]),
];

/// Lives through a day in which one call fails, and whose daemon is stopped. Says whether it came to that.
fn fails_at(injection: &Injection) -> bool {
    let world = World::impatient();
    fails_in(&world, Day::begin(&world), injection)
}

/// The same, and the daemon is killed.
fn fails_before_the_end_at(injection: &Injection) -> bool {
    let world = World::impatient();
    fails_in(&world, Day::begin(&world).that_ends_by_force(), injection)
}

fn fails_in(world: &World, day: Day<'_>, injection: &Injection) -> bool {
    let mut day = day.in_which_fails(injection);
    let traced = Day::traced(world, &injection.call, injection);
    let script = traced.script(world);
    let started = script.is_some();
    if let Some(script) = script {
        day.run(script);
    }
    let (finished, trace) = traced.end();
    let reason = ERRORS.iter().find(|(name, ..)| injection.what.ends_with(name)).unwrap().1;
    if started {
        assert!(
            day.was_served_to_the_end(),
            "{}\n{}",
            trace.injected().collect::<String>(),
            day.transcript()
        );
        day.refused_for(reason);
    } else if is_ours(world, &trace) {
        explains(world, &finished, reason);
    }
    day.check();
    trace.has_fired()
}

/// Whether the call that failed was about a file of this world, and not of the system's: a library's.
fn is_ours(world: &World, trace: &Trace) -> bool {
    let place = world.path("").display().to_string();
    trace.injected().any(|line| line.contains(&place))
}

/// A daemon that cannot start says why, and where.
fn explains(world: &World, finished: &Finished, reason: &str) {
    let place = world.path("").display().to_string();
    let said = finished.stderr.lines().last().unwrap_or_default();
    assert!(said.contains(&place) && said.contains(reason), "{}", finished.stderr);
    assert!(!finished.is_ok());
}

/// Every error at every call that can say it.
fn every_error() -> Sweep {
    let of_files: Vec<&str> = WRITING.into_iter().filter(|call| !call.starts_with("send")).collect();
    let mut sweep = Sweep::default();
    for place in [Place::Anywhere, Place::Journal, Place::Drafts] {
        let mut found = Day::calls(&of_files, place);
        if place == Place::Anywhere {
            found.remove("write"); // it wakes threads, and logs: only into an entry it can fail
        }
        for (name, _, only) in ERRORS {
            let mut calls = found.clone();
            calls.retain(|call, _| only.is_empty() || only.contains(&call.as_str()));
            sweep = sweep.and(&calls, &format!("error={name}"), place);
        }
    }
    sweep
}

#[test]
fn a_call_that_fails_once_is_told_and_does_no_harm() {
    every_error().run(30, fails_at).report("one call failed");
}

#[test]
fn a_call_that_fails_once_does_no_harm_to_what_the_next_daemon_finds() {
    every_error().run(30, fails_before_the_end_at).report("one call failed, and the daemon was killed");
}

/// Found by the sweep: the slot keeps an older text than the draft's last committed one, and what was
/// committed in between was taken for somebody else's, and put there twice.
#[test]
fn a_draft_whose_base_cannot_be_noted_is_committed_once() {
    for when in 1..=4 {
        let world = World::impatient();
        world.write(DAY, "before\n");
        let base = [world.state_dir().join(format!("slots/{DAY}.0.base"))];
        let injection = Injection { when: when.to_string(), ..Injection::always("pwrite64", "EIO") };
        let traced = world.traced_at("pwrite64", &[injection], &base);
        let mut script = traced.script(&world).expect("it starts");
        let session = script.acquire(&[DAY], &json!({}));
        let granted = script.hear().expect("an answer");
        if granted["event"] == "error" {
            continue; // there is no draft
        }
        let draft = granted["drafts"][0]["path"].as_str().unwrap().to_owned();
        let mut text = String::from("before\n");
        for line in ["one\n", "two\n", "three\n"] {
            text.push_str(line);
            std::fs::write(&draft, &text).unwrap();
            let commit = json!({ "op": "commit", "session": session, "token": granted["token"] });
            let committed = script.ask(commit, "committed");
            assert_eq!(committed["entries"][0]["outcome"], "committed", "{when}: {committed}");
            assert_eq!(world.text(DAY), text, "{when}");
        }
        script.ask(json!({ "op": "release", "session": session, "succeeded": true }), "released");
        assert_eq!(world.text(DAY), text, "{when}");
    }
}
