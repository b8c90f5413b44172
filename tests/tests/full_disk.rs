//! A disk that is full, and has room again. As root, who may mount one.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;

use ponder_tests::{
    FILE_SYSTEMS, FileSystem, Mount, Script, World, assert_refused, assert_sentence, new_id, wait_until,
};
use serde_json::{Value, json};

const DAY: &str = "20261123";
const NEW: &str = "20261124";
const FULL: &str = "No space left on device";

/// Longer than what any file system has left in the last block of a file.
fn long(name: &str) -> String {
    format!("{name}, one line of a text that takes some room\n").repeat(4000)
}

fn append(day: &str, text: &str, operation: &str) -> Value {
    json!({ "op": "append", "entry": day, "text": text, "operation": operation })
}

fn acquire(script: &mut Script, more: &Value) -> (String, Value) {
    let session = script.acquire(&[DAY], more);
    (session, script.expect("granted"))
}

fn draft_of(granted: &Value) -> String {
    granted["drafts"][0]["path"].as_str().expect("a draft").to_owned()
}

/// The journal's disk is full: what is refused is named, with path and reason, and nothing is changed.
fn refusals(world: &World, script: &mut Script, operation: &str, disk: &Mount) -> String {
    let (session, granted) = acquire(script, &json!({ "commit": "on_save" }));
    let entry = world.entry(DAY).display().to_string();
    let before = world.text(DAY);
    disk.fill();
    let refusal = script.refused(append(DAY, &long("appended"), operation));
    assert_refused(&refusal, "disk", &[&entry, FULL, "make room and try again"]);
    let refusal = script.refused(append(NEW, &long("new"), &new_id()));
    assert_refused(&refusal, "disk", &[&world.path("journal").display().to_string(), FULL]);

    let draft = draft_of(&granted);
    fs::write(&draft, before.clone() + &long("edited")).unwrap();
    let news = script.expect("committed");
    let outcomes = news["entries"].as_array().unwrap();
    let failed = outcomes.iter().find_map(|told| told["outcome"].get("failed")).expect("it failed");
    assert_eq!(failed["code"], "disk", "{failed}");
    let message = failed["message"].as_str().unwrap();
    assert!(message.contains(FULL) && message.contains(&world.path("").display().to_string()), "{message}");
    let kept = outcomes.iter().find_map(|told| told["outcome"].get("kept")).expect("it is kept");
    assert_eq!((&kept["why"], &kept["path"]), (&json!("disk_failed"), &json!(draft)));
    assert_eq!(world.text(DAY), before, "nothing is half done");
    assert!(!world.entry(NEW).exists());
    session
}

fn a_full_journal(kind: FileSystem) {
    let world = World::new();
    let disk = world.mount(kind, "journal");
    world.write(DAY, "before\n");
    let mut script = world.script();
    let daemons = world.daemons();
    let operation = new_id();
    let session = refusals(&world, &mut script, &operation, &disk);
    // Who looks is served all the time.
    assert_eq!(world.ponder(&["show", "-d", DAY]).run().ok().stdout, "before\n");
    assert_eq!(world.kept().len(), 1);

    disk.free();
    // The same request again is the same operation, which was not applied.
    let answer = script.ask(append(DAY, &long("appended"), &operation), "appended");
    assert_eq!(answer["repeated"], false, "{answer}");
    script.ask(append(NEW, "small\n", &new_id()), "appended");
    let released = script.ask(json!({ "op": "release", "session": session, "succeeded": true }), "released");
    assert_eq!(released["entries"][0]["outcome"], "committed", "{kind:?}: {released}");
    let text = format!("before\n{}{}", long("edited"), long("appended"));
    assert!(world.text(DAY) == text, "{kind:?}: {}", world.text(DAY));
    assert!(world.text(NEW).ends_with("\n\nsmall\n"));
    assert!(world.kept().is_empty(), "what was kept is in the entry now: {:?}", world.kept());
    assert_eq!(world.daemons(), daemons, "it is the same daemon");
}

#[test]
fn a_journal_whose_disk_is_full_refuses_and_serves_again_when_there_is_room() {
    FILE_SYSTEMS.into_iter().for_each(a_full_journal);
}

fn a_full_state_directory(kind: FileSystem) {
    let world = World::new();
    let disk = world.mount(kind, "state");
    world.write(DAY, "before\n");
    let mut script = world.script();
    let daemons = world.daemons();
    let (session, granted) = acquire(&mut script, &json!({}));
    fs::write(draft_of(&granted), "before\nedited\n").unwrap();
    disk.fill();

    // The log has room that was set aside: small texts are taken, and durable. Long ones are refused.
    // btrfs never writes where something was before, so there the room is of no use.
    let small = append(DAY, "small\n", &new_id());
    if kind == FileSystem::Btrfs {
        script.send(small.clone());
        let answer = script.hear().unwrap();
        assert!(
            answer["event"] == "appended" || answer["message"].as_str().unwrap().contains(FULL),
            "{answer}"
        );
    } else {
        script.ask(small.clone(), "appended");
    }
    let much = long("much").repeat(12);
    let operation = new_id();
    let refusal = script.refused(append(DAY, &much, &operation));
    let state = world.path("state").display().to_string();
    assert_sentence(refusal["message"].as_str().unwrap(), &[&state, FULL]);
    let more = json!({});
    script.acquire(&[NEW], &more);
    let refusal = script.hear().unwrap();
    assert_refused(&refusal, "disk", &[&state, FULL]);
    assert!(!world.text(DAY).contains("much"));

    disk.free();
    script.acquire(&[NEW], &more);
    script.expect("granted");
    script.ask(small, "appended");
    script.ask(append(DAY, &much, &operation), "appended");
    let released = script.ask(json!({ "op": "release", "session": session, "succeeded": true }), "released");
    assert_eq!(released["entries"][0]["outcome"], "committed", "{kind:?}: {released}");
    assert!(world.text(DAY) == format!("before\nedited\nsmall\n{much}"), "{kind:?}");
    assert_eq!(world.daemons(), daemons, "it is the same daemon");
}

#[test]
fn a_state_directory_whose_disk_is_full_refuses_and_serves_again_when_there_is_room() {
    FILE_SYSTEMS.into_iter().for_each(a_full_state_directory);
}

#[test]
fn places_that_a_full_disk_did_not_take_outlive_the_daemon_when_there_is_room() {
    const WAITERS: usize = 30;
    let world = World::new();
    let disk = world.mount(FileSystem::Tmpfs, "state");
    let mut script = world.script();
    // Lines that are more than what the table's last block has room for.
    let more = json!({ "drafts": false, "holder": { "program": "x", "command": "x".repeat(250) } });
    let (holder, _) = acquire(&mut script, &more);
    disk.fill();
    let waiters: Vec<String> = (0..WAITERS).map(|_| script.acquire(&[DAY], &more)).collect();
    while script.expect("queued")["session"] != json!(waiters[WAITERS - 1]) {}
    disk.free();
    script.release(&holder);
    let granted = script.expect("granted");
    assert_eq!(granted["session"], json!(waiters[0]));
    world.daemons().into_iter().for_each(ponder_tests::Process::kill);
    let mut script = world.script();
    assert_eq!(world.sessions().len(), WAITERS);
    script.send(json!({ "op": "reattach", "session": waiters[0], "token": granted["token"] }));
    assert_eq!(script.hear().unwrap()["token"], granted["token"]);
}

#[test]
fn a_daemon_that_dies_on_a_full_disk_starts_when_there_is_room_and_has_lost_nothing() {
    let world = World::new();
    let disk = world.mount(FileSystem::Tmpfs, "state");
    world.write(DAY, "before\n");
    let mut script = world.script();
    let (_, granted) = acquire(&mut script, &json!({}));
    fs::write(draft_of(&granted), "before\nedited\n").unwrap();
    disk.fill();
    script.ask(append(DAY, "small\n", &new_id()), "appended");
    world.daemons().into_iter().for_each(ponder_tests::Process::kill);
    let said = world.ponder(&["append", "-d", DAY, "more"]).run().code(69);
    said.explains(&["the daemon could not start", &world.path("state").display().to_string(), FULL]);
    disk.free();
    world.ponder(&["append", "-d", DAY, "more"]).run().ok();
    assert_eq!(world.text(DAY), "before\nsmall\nmore\n");
    // Nobody comes back to the session.
    drop(script);
    let kept = wait_until("its draft is kept", || Some(world.kept()).filter(|kept| !kept.is_empty()));
    assert_eq!((kept.len(), &kept[0]["why"]), (1, &json!("client_gone")), "{kept:?}");
    assert_eq!(fs::read_to_string(kept[0]["path"].as_str().unwrap()).unwrap(), "before\nedited\n");
}
