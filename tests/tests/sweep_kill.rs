//! `kill -9` of the daemon before each of its system calls that change something.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use ponder_tests::{Day, Injection, Place, Sweep, WRITING, World, rounds};
use serde_json::json;

const KILL: &str = "signal=KILL";

fn killed(call: &str, when: usize, place: Place) -> Injection {
    Injection { call: call.to_owned(), what: KILL.to_owned(), when: when.to_string(), place }
}

/// Lives through a day with a daemon that is killed at a point, and looks at what is left. Says
/// whether it came to that point.
fn killed_at(injection: &Injection) -> bool {
    let world = World::impatient();
    let mut day = Day::begin(&world);
    let fired = first_life(&world, &mut day, injection);
    day.check();
    fired
}

fn first_life(world: &World, day: &mut Day<'_>, injection: &Injection) -> bool {
    let traced = Day::traced(world, &injection.call, injection);
    if let Some(script) = traced.script(world) {
        day.run(script);
    }
    let (finished, _) = traced.end();
    assert!(day.refusals().is_empty(), "{:?}", day.refusals());
    finished.exit().is_none()
}

#[test]
fn a_daemon_that_is_killed_before_any_of_its_calls_loses_nothing() {
    let mut sweep = Sweep::default();
    for place in [Place::Anywhere, Place::Journal, Place::Drafts] {
        sweep = sweep.and(&Day::calls(&WRITING, place), KILL, place);
    }
    sweep.run(24, killed_at).report("killed before a call");
}

/// Found by the sweep: two texts of one flush, neither of which was written. The first was put into a new
/// file, in which the second was not expected.
#[test]
fn a_daemon_that_is_killed_between_the_flush_of_two_appends_and_their_write_loses_neither() {
    assert!(killed_at(&killed("write", 3, Place::Journal)));
}

/// Found by the sweep: what was being flushed was put into new files by the next daemon, which parted an
/// entry from its other name.
#[test]
fn a_daemon_that_is_killed_while_it_flushes_entries_leaves_them_all_their_names() {
    assert!(killed_at(&killed("fdatasync", 6, Place::Journal)));
}

/// Points at which a dead daemon leaves something to the next one: commits and appends in the log that
/// are not in their entries, drafts, versions that were replaced.
fn remains() -> Vec<Injection> {
    let found = |call: &'static str, place| {
        let last = Day::calls(&[call], place)[call];
        (1..=last).map(move |when| killed(call, when, place))
    };
    let mut remains: Vec<Injection> = found("renameat2", Place::Journal).collect();
    remains.extend(found("write", Place::Journal));
    remains.extend(found("renameat", Place::Drafts));
    let most = 3 * rounds(1);
    let stride = remains.len().div_ceil(most);
    remains.into_iter().skip(stride / 2).step_by(stride).collect()
}

/// A second daemon, which is killed over what the first one left. Says whether it came to that.
fn second_life(world: &World, second: &Injection) -> bool {
    let traced = Day::traced(world, &second.call, second);
    if let Some(mut script) = traced.script(world) {
        script.try_send(json!({ "op": "stop" }));
        while script.hear().is_some() {}
    }
    traced.end().0.exit().is_none()
}

fn killed_again_at(first: &Injection, second: &Injection) -> bool {
    let world = World::impatient();
    let mut day = Day::begin(&world);
    first_life(&world, &mut day, first);
    let fired = second_life(&world, second);
    day.check();
    fired
}

/// How often each call is made by a daemon that starts over what was left, and stops. None if nothing
/// was left: a thread may make a call less than when they were counted.
fn calls_of_a_recovery(first: &Injection) -> Option<BTreeMap<String, usize>> {
    let world = World::impatient();
    let mut day = Day::begin(&world);
    if !first_life(&world, &mut day, first) {
        return None;
    }
    let traced = world.traced(&WRITING.join(","), &[]);
    let mut script = traced.script(&world).expect("it starts");
    script.ask(json!({ "op": "stop" }), "stopping");
    while script.hear().is_some() {}
    let (finished, trace) = traced.end();
    finished.ok();
    Some(trace.counts())
}

#[test]
fn a_daemon_that_is_killed_while_it_recovers_loses_nothing() {
    let remains = remains();
    let all = remains.len();
    let mut swept = 0;
    for first in remains {
        let Some(calls) = calls_of_a_recovery(&first) else { continue };
        swept += 1;
        let what = format!("killed while recovering from {}:{}", first.call, first.when);
        let sweep = Sweep::default().and(&calls, KILL, Place::Anywhere);
        sweep.run(4, |second| killed_again_at(&first, second)).report(&what);
    }
    assert!(2 * swept > all, "only {swept} of {all} kill anybody");
}

/// The same on a file system that cannot exchange names: there it takes more steps.
fn killed_without_exchange_at(injection: &Injection) -> bool {
    let world = World::impatient();
    let mut day = Day::begin(&world);
    let calls = format!("{},renameat2", injection.call);
    let injections = [injection.clone(), Injection::always("renameat2", "EINVAL")];
    let traced = world.traced_at(&calls, &injections, &Day::paths(&world, injection.place));
    if let Some(script) = traced.script(&world) {
        day.run(script);
    }
    let (finished, _) = traced.end();
    day.check();
    finished.exit().is_none()
}

#[test]
fn a_daemon_that_is_killed_where_names_cannot_be_exchanged_loses_nothing() {
    let calls = ["linkat", "renameat", "unlinkat", "write", "fsync"].map(|call| (call.to_owned(), 16));
    let sweep = Sweep::default().and(&calls.into(), KILL, Place::Journal);
    sweep.run(8, killed_without_exchange_at).report("killed without exchange");
}
