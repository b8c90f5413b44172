//! A daemon that is killed, or restarted, costs nobody his place and nobody a word.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;

use ponder_tests::{Process, Script, World, new_id, wait_until};
use serde_json::{Value, json};

const DAY: &str = "20261123";

/// Starts another daemon, and connects to it.
fn again(world: &World) -> Script {
    world.script()
}

fn reattach(script: &mut Script, session: &str, token: &Value) {
    script.send(json!({ "op": "reattach", "session": session, "token": token }));
}

fn draft(granted: &Value) -> String {
    granted["drafts"][0]["path"].as_str().expect("a draft").to_owned()
}

#[test]
fn who_holds_and_who_waits_keeps_his_place_over_a_killed_daemon() {
    let world = World::new();
    world.write(DAY, "first\n");
    let on_save = json!({ "commit": "on_save" });
    let mut holder = world.script();
    let held = holder.acquire(&[DAY], &on_save);
    let granted = holder.expect("granted");
    let ids: Vec<String> = (0..3).map(|_| new_id()).collect();
    for id in &ids {
        let mut waiter = Script::hello(&world.socket());
        waiter.acquire_as(id, &[DAY], &on_save);
        waiter.expect("queued");
        std::mem::forget(waiter); // its end is the daemon's
    }
    fs::write(draft(&granted), "first\nsaved\n").unwrap();
    holder.expect("committed");
    Process::kill(world.daemon());
    fs::write(draft(&granted), "first\nsaved\nwithout a daemon\n").unwrap();

    let mut stranger = again(&world);
    stranger.acquire(&[DAY], &on_save);
    assert_eq!(stranger.expect("queued")["ahead"], 4, "behind all who were there before");
    // They come back in another order, and have their places.
    let mut waiters: Vec<Script> = ids
        .iter()
        .rev()
        .map(|id| {
            let mut waiter = Script::hello(&world.socket());
            waiter.acquire_as(id, &[DAY], &on_save);
            waiter.expect("queued");
            waiter
        })
        .collect();
    waiters.reverse();
    let mut holder = Script::hello(&world.socket());
    reattach(&mut holder, &held, &granted["token"]);
    let back = holder.expect("granted");
    assert_eq!((&back["token"], draft(&back)), (&granted["token"], draft(&granted)));
    wait_until("what was saved meanwhile is committed", || {
        (world.text(DAY) == "first\nsaved\nwithout a daemon\n").then_some(())
    });
    holder.release(&held);
    let mut last = granted["token"].clone();
    for (waiter, id) in waiters.iter_mut().zip(&ids) {
        let granted = waiter.expect_alive("granted");
        assert!(number(&granted["token"]) > number(&last), "tokens rise over a restart");
        last = granted["token"].clone();
        waiter.release(id);
    }
    stranger.expect_alive("granted");
}

fn number(token: &Value) -> (u64, u64) {
    let (epoch, counter) = token.as_str().unwrap().split_once('.').unwrap();
    (epoch.parse().unwrap(), counter.parse().unwrap())
}

#[test]
fn appends_behind_an_open_draft_stay_there_over_a_killed_daemon() {
    let world = World::new();
    world.write(DAY, "first\n");
    let mut holder = world.script();
    let held = holder.acquire(&[DAY], &json!({ "commit": "on_save" }));
    let granted = holder.expect("granted");
    holder.ask(json!({ "op": "append", "entry": DAY, "text": "from a cron job" }), "appended");
    Process::kill(world.daemon());
    let mut holder = again(&world);
    reattach(&mut holder, &held, &granted["token"]);
    holder.expect("granted");
    fs::write(draft(&granted), "first, changed in its last line\nand more\n").unwrap();
    holder.expect("committed");
    assert_eq!(world.text(DAY), "first, changed in its last line\nand more\nfrom a cron job\n");
    holder.release(&held);
    assert!(world.kept().is_empty());
}

#[test]
fn a_new_entry_is_created_by_the_next_daemon() {
    let world = World::new();
    let mut holder = world.script();
    let held = holder.acquire(&[DAY], &json!({ "commit": "on_save" }));
    let granted = holder.expect("granted");
    Process::kill(world.daemon());
    let mut holder = again(&world);
    reattach(&mut holder, &held, &granted["token"]);
    assert_eq!(holder.expect("granted")["drafts"][0]["new"], true);
    assert!(!world.entry(DAY).exists());
    holder.ask(json!({ "op": "opened", "session": held }), "opened");
    assert_eq!(world.text(DAY), fs::read_to_string(draft(&granted)).unwrap());
}

#[test]
fn a_commit_of_several_entries_goes_on_under_the_next_daemon() {
    let world = World::new();
    for day in ["20261122", DAY] {
        world.write(day, "first\n");
    }
    let mut holder = world.script();
    let held = holder.acquire(&["20261122", DAY], &json!({ "commit": "on_exit" }));
    let granted = holder.expect("granted");
    for draft in granted["drafts"].as_array().unwrap() {
        fs::write(draft["path"].as_str().unwrap(), "second\n").unwrap();
    }
    Process::kill(world.daemon());
    let mut holder = again(&world);
    reattach(&mut holder, &held, &granted["token"]);
    holder.expect("granted");
    assert_eq!(world.text(DAY), "first\n", "it commits when it ends");
    holder.release(&held);
    assert_eq!((world.text("20261122"), world.text(DAY)), ("second\n".to_owned(), "second\n".to_owned()));
}

#[test]
fn who_does_not_come_back_loses_his_place_and_no_text() {
    let world = World::new();
    world.write(DAY, "first\n");
    let mut holder = world.script();
    holder.acquire(&[DAY], &json!({ "commit": "on_exit" }));
    let granted = holder.expect("granted");
    fs::write(draft(&granted), "second\n").unwrap();
    let mut waiter = Script::hello(&world.socket());
    waiter.acquire(&[DAY], &json!({}));
    waiter.expect("queued");
    Process::kill(world.daemon());
    let mut stranger = again(&world);
    stranger.acquire(&[DAY], &json!({}));
    assert_eq!(stranger.expect("queued")["ahead"], 2);
    assert_eq!(world.sessions()[0]["life"], "away");
    stranger.expect("granted");
    assert_eq!(world.text(DAY), "first\n");
    let kept = world.kept();
    assert_eq!(kept[0]["why"], "client_gone");
    assert_eq!(fs::read_to_string(kept[0]["path"].as_str().unwrap()).unwrap(), "second\n");
}

#[test]
fn a_table_of_another_boot_is_nobodys() {
    let world = World::new();
    let mut holder = world.script();
    let held = holder.acquire(&[DAY], &json!({ "commit": "on_save" }));
    let granted = holder.expect("granted");
    fs::write(draft(&granted), "saved before the machine went down\n").unwrap();
    holder.expect("committed");
    fs::write(draft(&granted), "and not committed\n").unwrap();
    Process::kill(world.daemon());
    // As if the machine had been started anew: nobody of those who are named lives.
    let table = world.state_dir().join("leases");
    let text = fs::read_to_string(&table).unwrap();
    let boot = world_boot(&text);
    fs::write(&table, text.replace(&boot, "another-boot")).unwrap();
    let mut holder = again(&world);
    reattach(&mut holder, &held, &granted["token"]);
    assert_eq!(holder.hear().unwrap()["code"], "stale_token");
    holder.acquire(&[DAY], &json!({}));
    holder.expect("granted");
    assert_eq!(world.kept().len(), 1, "its draft is kept");
}

fn world_boot(table: &str) -> String {
    let first: Value = serde_json::from_str(table.lines().next().unwrap()).unwrap();
    first["table"]["boot"].as_str().unwrap().to_owned()
}

#[test]
fn a_newer_connection_takes_a_session_over() {
    let world = World::new();
    let mut old = world.script();
    let held = old.acquire(&[DAY], &json!({ "drafts": false }));
    let token = old.expect("granted")["token"].clone();
    let mut new = Script::hello(&world.socket());
    reattach(&mut new, &held, &token);
    new.expect("granted");
    assert_eq!(old.hear().unwrap()["code"], "superseded");
    drop(old);
    new.release(&held);
}

#[test]
fn after_a_stop_leases_go_on_and_waiters_are_sent_away() {
    let world = World::new();
    world.write(DAY, "first\n");
    let mut holder = world.script();
    let held = holder.acquire(&[DAY], &json!({ "commit": "on_save" }));
    let granted = holder.expect("granted");
    let mut waiter = Script::hello(&world.socket());
    waiter.acquire(&[DAY], &json!({}));
    waiter.expect("queued");
    fs::write(draft(&granted), "first\nsaved\n").unwrap();
    let daemon = world.daemon();
    Script::connect(&world.socket()).ask(json!({ "op": "stop" }), "stopping");
    assert_eq!(holder.expect("stopping")["successor"], "no");
    assert_eq!(waiter.expect("stopping")["successor"], "no");
    assert_eq!(waiter.hear().unwrap()["code"], "stopping");
    while holder.hear().is_some() {}
    assert_eq!(world.text(DAY), "first\nsaved\n", "what was saved is committed before the daemon ends");
    wait_until("the daemon ends", || (!daemon.runs()).then_some(()));
    let mut holder = again(&world);
    assert_eq!(world.sessions().len(), 1, "the holder's");
    reattach(&mut holder, &held, &granted["token"]);
    holder.expect("granted");
    holder.release(&held);
}

#[test]
fn a_limit_that_was_over_before_the_next_daemon_came_is_told_to_who_comes_back() {
    let world = World::new();
    world.write(DAY, "first\n");
    let mut holder = world.script();
    let held = holder.acquire(&[DAY], &json!({ "commit": "on_save", "hold": 500 }));
    let granted = holder.expect("granted");
    Process::kill(world.daemon());
    std::thread::sleep(std::time::Duration::from_millis(600)); // longer than the limit
    let mut holder = again(&world);
    reattach(&mut holder, &held, &granted["token"]);
    loop {
        let told = holder.hear().expect("an answer");
        match told["event"].as_str() {
            Some("revoked") => break,
            Some("error") => {
                assert_eq!(told["code"], "stale_token");
                break;
            }
            _ => {}
        }
    }
}

#[test]
fn a_waiter_that_comes_back_too_late_waits_anew() {
    let world = World::impatient();
    let mut holder = world.script();
    let held = holder.acquire(&[DAY], &json!({ "drafts": false }));
    let token = holder.expect("granted")["token"].clone();
    let mut waiter = Script::hello(&world.socket());
    let id = new_id();
    waiter.acquire_as(&id, &[DAY], &json!({ "drafts": false }));
    waiter.expect("queued");
    Process::kill(world.daemon());
    let mut holder = again(&world);
    reattach(&mut holder, &held, &token);
    holder.expect("granted");
    wait_until("its place is gone", || (world.sessions().len() == 1).then_some(()));
    let mut waiter = Script::hello(&world.socket());
    waiter.acquire_as(&id, &[DAY], &json!({ "drafts": false }));
    assert_eq!(waiter.expect("queued")["ahead"], 1);
    holder.release(&held);
    waiter.expect_alive("granted");
}
