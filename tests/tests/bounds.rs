//! Bounds: past each the answer is an error, at once, and nobody else notices. And what is far below
//! them works: ten thousand who wait.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use ponder_proto::limits;
use ponder_tests::{Raw, Script, World, wait_until};
use serde_json::{Value, json};

const DAY: &str = "20261123";

fn exclusion() -> Value {
    json!({ "drafts": false })
}

/// The day so many days after the first of January 2000, as entries are named.
fn day(number: usize) -> String {
    let (year, rest) = (2000 + number / 336, number % 336);
    format!("{year:04}{:02}{:02}", 1 + rest / 28, 1 + rest % 28)
}

/// Connections with as many sessions each as they may have, all waiting for one entry.
fn waiters(world: &World, count: usize) -> Vec<(Script, Vec<String>)> {
    let mut scripts = Vec::new();
    let mut left = count;
    while left > 0 {
        let mut script = Script::hello(&world.socket());
        let some = left.min(limits::SESSIONS_PER_CONNECTION);
        let sessions: Vec<String> = (0..some).map(|_| script.acquire(&[DAY], &exclusion())).collect();
        for _ in &sessions {
            script.expect_alive("queued");
        }
        scripts.push((script, sessions));
        left -= some;
    }
    scripts
}

#[test]
fn a_connection_has_so_many_sessions_and_no_more() {
    let world = World::new();
    let mut script = world.script();
    let mut sessions = Vec::new();
    for number in 0..limits::SESSIONS_PER_CONNECTION {
        sessions.push(script.acquire(&[&day(number)], &exclusion()));
        script.expect("granted");
    }
    script.acquire(&[DAY], &exclusion());
    let refused = script.hear().unwrap();
    assert_eq!(refused["code"], "busy");
    assert!(refused["message"].as_str().unwrap().contains("too many sessions"), "{refused}");
    script.release(&sessions[0]);
    script.acquire(&[DAY], &exclusion());
    script.expect("granted");
    let mut other = Script::hello(&world.socket());
    other.acquire(&["20000101"], &exclusion());
    other.expect("granted");
}

#[test]
fn ten_thousand_wait_and_are_served_in_their_order() {
    let world = World::new();
    let mut holder = world.script();
    let held = holder.acquire(&[DAY], &exclusion());
    let mut last = number(&holder.expect("granted")["token"]);
    let waiting = waiters(&world, 10_000);
    let order: Vec<String> = waiting.iter().flat_map(|(_, sessions)| sessions.clone()).collect();
    holder.release(&held);
    let serve = |(mut script, sessions): (Script, Vec<String>)| {
        std::thread::spawn(move || {
            let grants = sessions.iter().map(|session| {
                let granted = script.expect_alive("granted");
                assert_eq!(granted["session"], **session);
                script.release(session);
                (session.clone(), number(&granted["token"]))
            });
            grants.collect::<Vec<_>>()
        })
    };
    let served: Vec<_> = waiting.into_iter().map(serve).collect();
    let mut grants: Vec<_> = served.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    grants.sort_by_key(|(_, token)| *token);
    for (_, token) in &grants {
        assert_eq!(*token, (last.0, last.1 + 1));
        last = *token;
    }
    let served: Vec<String> = grants.into_iter().map(|(session, _)| session).collect();
    assert!(served == order, "nobody was overtaken");
    assert!(world.sessions().is_empty());
}

fn number(token: &Value) -> (u64, u64) {
    let (epoch, counter) = token.as_str().unwrap().split_once('.').unwrap();
    (epoch.parse().unwrap(), counter.parse().unwrap())
}

#[test]
fn the_daemon_has_so_many_sessions_and_no_more() {
    let world = World::new();
    let mut holder = world.script();
    holder.acquire(&[DAY], &exclusion());
    holder.expect("granted");
    let waiting = waiters(&world, limits::SESSIONS - 1);
    let mut late = Script::hello(&world.socket());
    late.acquire(&["20261122"], &exclusion());
    assert_eq!(late.hear().unwrap()["code"], "busy");
    drop(waiting);
    wait_until("those who waited are gone", || {
        late.acquire(&["20261122"], &exclusion());
        (late.hear().unwrap()["event"] == "granted").then_some(())
    });
}

#[test]
fn before_it_runs_out_of_descriptors_it_says_busy() {
    let world = World::new();
    world.write(DAY, "x\n");
    // So many that a hundred connections do not fit.
    let journal = world.path("journal");
    let start = format!("ulimit -n 128; exec ponderd --journal {}", journal.display());
    let daemon = world.program("sh").arg("-c").arg(start).start();
    wait_until("it listens", || ponder_endpoint::Record::read(&world.journal()).map(drop));
    let mut first = Script::hello(&world.socket());
    let mut connections = Vec::new();
    let refused = loop {
        assert!(connections.len() < 128, "it takes more connections than it has descriptors");
        let hello = b"{\"op\":\"hello\",\"protocol\":{\"oldest\":1,\"newest\":1}}\n";
        let mut connection = Raw::connect(&world.socket()).send(hello);
        let answer = connection.line();
        if answer["event"] == "error" {
            break answer;
        }
        connections.push(connection);
    };
    assert_eq!(refused["code"], "busy");
    assert!(refused["message"].as_str().unwrap().contains("as many connections"), "{refused}");
    // Those who are in can work, with drafts, and who comes after one has left is let in.
    let session = first.acquire(&[DAY], &json!({}));
    first.expect("granted");
    first.release(&session);
    drop(first);
    wait_until("there is room", || {
        let mut raw = Raw::connect(&world.socket()).send(b"{\"op\":\"status\"}\n");
        (raw.line()["event"] == "status").then_some(())
    });
    drop(daemon);
}
