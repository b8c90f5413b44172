//! Each of the daemon's calls that change something fails once, in each of the ways in which it can.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use ponder_tests::{Day, Finished, Injection, Sweep, Trace, WRITING, World};

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

/// Of other calls nothing is at stake but a connection.
fn is_about_files(call: &str) -> bool {
    !call.starts_with("send")
}

/// How often each call is made in a day; `write` only into entries.
fn calls() -> BTreeMap<String, usize> {
    let day = |calls: &str, entries_only: bool| {
        let world = World::new();
        let mut day = Day::begin(&world);
        let paths = if entries_only { Day::entries(&world) } else { Vec::new() };
        let traced = world.traced(calls, &[], &paths);
        day.run(traced.script(&world).expect("it starts"));
        let (finished, trace) = traced.end();
        finished.ok();
        trace.counts()
    };
    let mut calls = day(&WRITING.join(","), false);
    calls.retain(|call, _| is_about_files(call));
    calls.extend(day("write", true));
    calls
}

/// Lives through a day in which one call fails. Says whether it came to that.
fn fails_at(injection: &Injection) -> bool {
    let world = World::new();
    let mut day = Day::begin(&world);
    let paths = if injection.call == "write" { Day::entries(&world) } else { Vec::new() };
    let traced = world.traced(&injection.call, std::slice::from_ref(injection), &paths);
    let script = traced.script(&world);
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
    } else if is_ours(&world, &trace) {
        explains(&world, &finished, reason);
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

#[test]
fn a_call_that_fails_once_is_told_and_does_no_harm() {
    let calls = calls();
    let mut sweep = Sweep::default();
    for (name, _, only) in ERRORS {
        let mut calls = calls.clone();
        calls.retain(|call, _| only.is_empty() || only.contains(&call.as_str()));
        sweep = sweep.and(2, &calls, &format!("error={name}"));
    }
    sweep.run(fails_at).report("one call failed");
}
