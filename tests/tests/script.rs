//! Scripts need nothing but a socket and JSON.

use std::path::Path;

use ponder_tests::{Raw, Script, World, new_id};
use serde_json::{Value, json};

const DAY: &str = "20261123";

#[test]
fn python_with_only_its_standard_library_edits_and_appends() {
    let world = World::new();
    world.write(DAY, "before\n");
    world.ponder(&["daemon", "start"]).run().ok();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts/journal.py");
    let python = world.program("python3").arg("-I").arg(script).arg(world.socket()).arg(DAY).run().ok();

    assert_eq!(world.text(DAY), "before\nfrom the draft\nfrom an append\n");
    let heard: Vec<Value> = python
        .stdout
        .lines()
        .filter_map(|line| serde_json::from_str(line.strip_prefix("< ")?).ok())
        .collect();
    let events: Vec<&str> = heard.iter().filter_map(|message| message["event"].as_str()).collect();
    assert_eq!(
        events,
        ["welcome", "granted", "committed", "appended", "status", "released"],
        "{}",
        python.stdout
    );
    assert_eq!(heard[2]["entries"], json!([{ "entry": "20261123.md", "outcome": "committed" }]));
    let who = &heard[4]["sessions"][0];
    assert_eq!(
        (&who["program"], &who["purpose"], &who["state"]),
        (&json!("journal.py"), &json!("an example"), &json!("granted"))
    );
    assert_eq!(who["token"], heard[1]["token"]);
    assert!(world.sessions().is_empty());
}

#[test]
fn a_repeated_request_gets_the_same_grant_and_the_same_append() {
    let world = World::new();
    let mut script = world.script();
    let session = new_id();
    let acquire = json!({ "op": "acquire", "session": session, "entries": [DAY] });
    let first = script.ask(acquire.clone(), "granted");
    let again = script.ask(acquire, "granted");
    assert_eq!((&first["token"], &first["drafts"]), (&again["token"], &again["drafts"]));
    let other = json!({ "op": "acquire", "session": session, "entries": ["20261124"] });
    assert_eq!(script.refused(other)["code"], "session_reused");

    let append = json!({ "op": "append", "entry": DAY, "text": "once", "operation": new_id() });
    assert_eq!(script.ask(append.clone(), "appended")["repeated"], false);
    assert_eq!(script.ask(append.clone(), "appended")["repeated"], true);
    let mut changed = append;
    changed["text"] = "twice".into();
    assert_eq!(script.refused(changed)["code"], "operation_reused");
    assert_eq!(world.text(DAY).matches("once").count(), 1);
    assert_eq!(world.text(DAY).matches("twice").count(), 0);
}

#[test]
fn what_is_asked_twice_is_answered_twice() {
    let world = World::new();
    let mut holder = world.script();
    holder.acquire(&[DAY], &json!({ "drafts": false }));
    holder.expect("granted");
    let session = new_id();
    let acquire = |id: u64| json!({ "id": id, "op": "acquire", "session": session, "entries": [DAY] });
    let hello = json!({ "op": "hello", "protocol": { "oldest": 1, "newest": 1 } });
    let asked = format!("{hello}\n{}\n{}\n", acquire(2), acquire(3));
    let mut raw = Raw::connect(&world.socket()).send(asked.as_bytes());
    for (event, re) in [("welcome", 0), ("queued", 2), ("queued", 3)] {
        let said = raw.line();
        assert_eq!((said["event"].as_str(), said["re"].as_u64()), (Some(event), Some(re)));
    }
}

#[test]
fn a_commit_counts_only_under_the_current_token() {
    let world = World::new();
    world.write(DAY, "before\n");
    let mut script = world.script();
    let session = script.acquire(&[DAY], &json!({}));
    let granted = script.expect("granted");
    std::fs::write(granted["drafts"][0]["path"].as_str().unwrap(), "after\n").unwrap();
    let stale = json!({ "op": "commit", "session": session, "token": "1.1" });
    assert_eq!(script.refused(stale)["code"], "stale_token");
    assert_eq!(world.text(DAY), "before\n");

    // Somebody else's session is not this connection's to commit or release.
    let mut other = Script::hello(&world.socket());
    let foreign = json!({ "op": "commit", "session": session, "token": granted["token"] });
    assert_eq!(other.refused(foreign)["code"], "no_such_session");
    let release = json!({ "op": "release", "session": session, "succeeded": true });
    assert_eq!(other.refused(release.clone())["code"], "no_such_session");
    script.ask(release, "released");
    assert_eq!(world.text(DAY), "after\n");

    let mut last = Script::hello(&world.socket());
    last.acquire(&[DAY], &json!({}));
    let (earlier, later) = (granted["token"].as_str().unwrap(), last.expect("granted")["token"].clone());
    let number = |token: &str| token.split('.').map(|part| part.parse().unwrap()).collect::<Vec<u64>>();
    assert!(number(later.as_str().unwrap()) > number(earlier), "{later} after {earlier}");
}

#[test]
fn bytes_that_are_not_utf8_are_appended_as_they_are() {
    let world = World::new();
    world.write(DAY, "before\n");
    let mut script = world.script();
    script.ask(json!({ "op": "append", "entry": DAY, "text_b64": "/wD+" }), "appended");
    assert_eq!(std::fs::read(world.entry(DAY)).unwrap(), b"before\n\xff\x00\xfe\n");
}
