//! `kill -9` of the daemon before each of its system calls that change something.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use ponder_tests::{Day, Injection, Sweep, WRITING, World};

/// Lives through a day with a daemon that is killed at a point, and looks at what is left. Says
/// whether it came to that point.
fn killed_at(injection: &Injection) -> bool {
    let world = World::new();
    let mut day = Day::begin(&world);
    let traced = world.traced(&injection.call, std::slice::from_ref(injection), &[]);
    if let Some(script) = traced.script(&world) {
        day.run(script);
    }
    let (finished, _) = traced.end();
    assert!(day.refusals().is_empty(), "{:?}", day.refusals());
    day.check();
    finished.exit().is_none()
}

#[test]
fn a_daemon_that_is_killed_before_any_of_its_calls_loses_nothing() {
    let world = World::new();
    let mut day = Day::begin(&world);
    let traced = world.traced(&WRITING.join(","), &[], &[]);
    day.run(traced.script(&world).expect("it starts"));
    let (finished, trace) = traced.end();
    finished.ok();
    assert!(day.refusals().is_empty(), "{:?}", day.refusals());
    let (given, answered) = day.counts();
    assert_eq!(given, answered, "{}", day.transcript());
    day.check();
    Sweep::default().and(4, &trace.counts(), "signal=KILL").run(killed_at).report("killed before a call");
}
