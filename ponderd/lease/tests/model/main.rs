//! Every history of the lease core in small worlds: what clients, daemons and machines may do is done in
//! every order, and the laws are looked at in every state. The core is the real one.
//!
//! Each world is explored to its end. The first ones are always; `PONDER_STATES=1000000 cargo test
//! -p ponder-lease --test model -- --nocapture` goes on until it has seen so many different states, and
//! prints how many each world has. `PONDER_WORLD=3` is that one alone.

#![allow(missing_docs, unreachable_pub, reason = "a test: names say it")]
#![allow(clippy::expect_used, reason = "a test")]

mod daemon;
mod doings;
mod laws;
mod people;
mod store;
mod world;
mod worlds;

use std::collections::BTreeSet;
use std::env;
use std::time::Instant;

use stateright::{Checker, Expectation, HasDiscoveries, Model};

use self::doings::Bounds;

/// Explores a world to its end. Tells how many states it has, and adds what was seen to be possible.
///
/// # Panics
///
/// Where a law is broken: with one of the shortest ways there.
fn explore(world: &Bounds, seen: &mut BTreeSet<&'static str>) -> usize {
    let start = Instant::now();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let checker = world.clone().checker().threads(threads).finish_when(HasDiscoveries::AnyFailures);
    let checker = checker.spawn_bfs().join();
    for (name, path) in checker.discoveries() {
        if world.property(name).expectation == Expectation::Always {
            let doings: Vec<String> = path.into_actions().iter().map(|doing| format!("{doing:?}")).collect();
            panic!("{}: not true that {name}, after {}", world.name, doings.join(", "));
        }
        seen.insert(name);
    }
    let (states, depth) = (checker.unique_state_count(), checker.max_depth());
    println!("{}: {states} states, {depth} deep, in {:.1?}", world.name, start.elapsed());
    states
}

fn number(variable: &str) -> Option<usize> {
    env::var(variable).ok().map(|text| text.parse().expect("a whole number"))
}

#[test]
fn every_history() {
    let mut seen = BTreeSet::new();
    if let Some(world) = number("PONDER_WORLD") {
        explore(&worlds::WORLDS[world], &mut seen);
        return;
    }
    let wanted = number("PONDER_STATES").unwrap_or(0);
    let mut states = 0;
    for (place, world) in worlds::WORLDS.iter().enumerate() {
        if place < worlds::ALWAYS || states < wanted {
            states += explore(world, &mut seen);
        }
    }
    println!("{states} states in all");
    let possible: BTreeSet<_> = laws::possible().iter().map(|law| law.name).collect();
    assert_eq!(seen, possible, "laws about what never comes to pass prove nothing");
    assert!(states >= wanted, "there are only {states} states in all of these worlds");
}
