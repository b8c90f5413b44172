//! Ids and tokens that are not what they should be: nobody gets what is another's, and nothing is
//! done twice.

use ponder_tests::{Bystanders, Script, World, assert_refused, new_id, write};
use serde_json::{Value, json};

const DAY: &str = "20261123";

/// A session that has an entry with a draft.
struct Held {
    script: Script,
    session: String,
    token: Value,
    draft: String,
}

impl Held {
    fn new(world: &World) -> Self {
        let mut script = world.script();
        let session = script.acquire(&[DAY], &json!({}));
        let granted = script.expect("granted");
        let draft = granted["drafts"][0]["path"].as_str().unwrap_or_default().to_owned();
        Self { script, session, token: granted["token"].clone(), draft }
    }

    fn save(&self, text: &str) {
        write(self.draft.as_ref(), text);
    }
}

/// The next message is this refusal, in these words.
fn refused(script: &mut Script, request: Value, code: &str, part: &str) -> Value {
    let refusal = script.refused(request);
    assert_refused(&refusal, code, &[part]);
    refusal
}

#[test]
fn the_same_session_with_other_content_is_refused() {
    let world = World::new();
    let others = Bystanders::of(&world);
    let mut held = Held::new(&world);
    let other_content = [
        json!({ "entries": ["20261124"] }),
        json!({ "entries": [DAY, "20261124"] }),
        json!({ "entries": [DAY], "mode": "shared" }),
        json!({ "entries": [DAY], "commit": "on_save" }),
        json!({ "entries": [DAY], "drafts": false }),
        json!({ "entries": [DAY], "wait": "none" }),
    ];
    // From the same connection, and from another one.
    let mut other = world.script();
    for mut request in other_content {
        request["op"] = "acquire".into();
        request["session"] = held.session.clone().into();
        for script in [&mut held.script, &mut other] {
            refused(script, request.clone(), "session_reused", "choose a new one");
        }
    }
    // The same content gets the same grant, not a second one.
    let again = json!({ "op": "acquire", "session": held.session, "entries": [DAY, "20261123.md"] });
    let granted = held.script.ask(again.clone(), "granted");
    assert_eq!((&granted["token"], &granted["drafts"][0]["path"]), (&held.token, &json!(held.draft)));
    // Over, it is no id for anything any more.
    held.script.ask(json!({ "op": "release", "session": held.session, "succeeded": true }), "released");
    for script in [&mut held.script, &mut other] {
        refused(script, again.clone(), "session_reused", "choose a new one");
    }
    others.go_on(&world);
}

#[test]
fn another_connections_session_is_out_of_reach() {
    let world = World::new();
    let others = Bystanders::of(&world);
    let mut held = Held::new(&world);
    held.save("mine\n");
    let mut waiter = world.script();
    let waiting = waiter.acquire(&[DAY], &json!({}));
    waiter.expect("queued");

    let mut other = world.script();
    for session in [&held.session, &waiting, &new_id(), &"0".repeat(32)] {
        for request in [
            json!({ "op": "cancel", "session": session }),
            json!({ "op": "opened", "session": session }),
            json!({ "op": "commit", "session": session, "token": held.token }),
            json!({ "op": "release", "session": session, "succeeded": true }),
            json!({ "op": "release", "session": session, "succeeded": false }),
        ] {
            refused(&mut other, request, "no_such_session", "no such session on this connection");
        }
    }
    assert!(!world.entry(DAY).exists(), "another's draft was committed");
    // Neither has noticed.
    held.script.ask(json!({ "op": "release", "session": held.session, "succeeded": true }), "released");
    assert_eq!(world.text(DAY), "mine\n");
    waiter.expect("granted");
    others.go_on(&world);
}

#[test]
fn a_stale_token_commits_nothing() {
    let world = World::new();
    let others = Bystanders::of(&world);
    let mut held = Held::new(&world);
    held.save("mine\n");
    let (epoch, counter) = held.token.as_str().unwrap().split_once('.').unwrap();
    let (epoch, counter): (u64, u64) = (epoch.parse().unwrap(), counter.parse().unwrap());
    for (epoch, counter) in [(epoch, counter - 1), (epoch, counter + 1), (epoch - 1, counter), (0, 0)] {
        let token = format!("{epoch}.{counter}");
        let commit = json!({ "op": "commit", "session": held.session, "token": token });
        refused(&mut held.script, commit, "stale_token", "the current grant");
    }
    for token in [json!("1"), json!("-1.1"), json!(1.1), json!("1.1.1"), json!("99999999999999999999.1")] {
        let commit = json!({ "op": "commit", "session": held.session, "token": token });
        let refusal = refused(&mut held.script, commit, "bad_request", "token");
        assert_eq!(refusal["field"], "token");
    }
    assert!(!world.entry(DAY).exists());
    held.script.ask(json!({ "op": "commit", "session": held.session, "token": held.token }), "committed");
    assert_eq!(world.text(DAY), "mine\n");
    others.go_on(&world);
}

#[test]
fn an_operation_is_applied_once_and_its_id_is_for_one_text() {
    let world = World::new();
    let others = Bystanders::of(&world);
    let (mut script, mut other) = (world.script(), world.script());
    let operation = new_id();
    let append =
        |day: &str, text: &str| json!({ "op": "append", "entry": day, "text": text, "operation": operation });
    assert_eq!(script.ask(append(DAY, "one\n"), "appended")["repeated"], false);
    for script in [&mut script, &mut other] {
        assert_eq!(script.ask(append(DAY, "one\n"), "appended")["repeated"], true);
        for reused in [append(DAY, "two\n"), append(DAY, "one"), append("20261124", "one\n")] {
            let refusal = refused(script, reused, "operation_reused", "choose a new one");
            assert_eq!(refusal["field"], "operation");
        }
    }
    assert_eq!(world.text(DAY).matches("one\n").count(), 1);
    assert!(!world.text(DAY).contains("two") && !world.entry("20261124").exists());
    others.go_on(&world);
}

#[test]
fn what_is_over_is_over() {
    let world = World::new();
    let others = Bystanders::of(&world);
    let mut held = Held::new(&world);
    let mut waiter = world.script();
    let waiting = waiter.acquire(&[DAY], &json!({ "drafts": false }));
    waiter.expect("queued");

    // Too early.
    let release = |session: &str| json!({ "op": "release", "session": session, "succeeded": true });
    let commit = |session: &str| json!({ "op": "commit", "session": session, "token": held.token });
    refused(&mut waiter, release(&waiting), "not_granted", "cancel it");
    refused(&mut waiter, commit(&waiting), "not_granted", "still waits");
    refused(&mut waiter, json!({ "op": "opened", "session": waiting }), "not_granted", "still waits");
    // Too late.
    let cancel = |session: &str| json!({ "op": "cancel", "session": session });
    refused(&mut held.script, cancel(&held.session), "already_granted", "release it");
    held.script.ask(release(&held.session), "released");
    for request in [release(&held.session), cancel(&held.session), commit(&held.session)] {
        refused(&mut held.script, request, "no_such_session", "no such session");
    }
    // Without drafts there is nothing to commit.
    let token = waiter.expect("granted")["token"].clone();
    let commit = json!({ "op": "commit", "session": waiting, "token": token });
    refused(&mut waiter, commit, "not_granted", "no drafts");
    refused(&mut waiter, json!({ "op": "opened", "session": waiting }), "not_granted", "no drafts");
    waiter.ask(release(&waiting), "released");
    assert!(!world.entry(DAY).exists());
    others.go_on(&world);
}
