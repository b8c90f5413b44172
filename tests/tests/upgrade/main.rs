//! What one version left on the disk, and what it said and was told, is understood by this one.
//!
//! `tests/fixtures/<version>` is what a real daemon of that version left when it was killed in the middle
//! of work, and conversations with it. This version's are made by
//!
//! ```text
//! just bless-fixtures
//! ```
//!
//! Those of a version that is out are never written again: they are what its users have. A version that has
//! a heading in `CHANGELOG.md` is out.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod fixture;
mod left;
mod old_daemon;
mod talk;

use std::env;

use fixture::{Boot, Fixture, socket, start_daemon};
use left::{CAPTURED, COMMITTED, HELD, HOLDER, KEPT, LATE, WAITER};
use ponder_endpoint::Record;
use ponder_tests::{Script, World, mkdir};
use serde_json::{Value, json};
use talk::Encoding;

/// Every version's, this one's among them.
fn fixtures() -> Vec<Fixture> {
    let own = Fixture::of(env!("CARGO_PKG_VERSION"));
    if env::var_os("PONDER_BLESS").is_some_and(|bless| bless == "1") {
        static ONCE: std::sync::Once = std::sync::Once::new();
        ONCE.call_once(|| bless(&own));
    }
    assert!(
        own.exists(),
        "this version has no fixture yet: `just bless-fixtures` makes it, see tests/fixtures"
    );
    Fixture::all()
}

fn bless(own: &Fixture) {
    let version = env!("CARGO_PKG_VERSION");
    assert!(
        !is_out(CHANGELOG, version),
        "{version} is out, as CHANGELOG.md says, and its fixtures are what its users have: they are not \
         written again. Raise the version in Cargo.toml first"
    );
    own.clear();
    left::leave(&World::new(), own);
    for encoding in Encoding::BOTH {
        talk::record(encoding, &own.conversation(encoding));
    }
}

const CHANGELOG: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../CHANGELOG.md"));

/// Whether the changelog has a heading for a version.
fn is_out(changelog: &str, version: &str) -> bool {
    changelog.lines().any(|line| line.starts_with(&format!("## [{version}]")))
}

#[test]
fn what_a_version_that_is_out_left_is_not_written_again() {
    let changelog = CHANGELOG.replacen("## [Unreleased]", "## [Unreleased]\n\n## [99.1.0] - 2026-12-24", 1);
    assert!(is_out(&changelog, "99.1.0") && !is_out(CHANGELOG, "99.1.0"));
    assert!(["99.1", "9.1.0", "99.1.01", "99.2.0"].iter().all(|other| !is_out(&changelog, other)));
    // What is blessed every other day does not write them.
    let recipes = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../justfile"));
    let recipe = |name: &str| {
        let (_, rest) = recipes.split_once(&format!("\n{name}:\n")).expect("there is such a recipe");
        rest.split("\n\n").next().unwrap().to_owned()
    };
    assert!(recipe("bless-fixtures").contains("--test upgrade"));
    let everyday = recipe("bless");
    assert!(!everyday.contains("upgrade") && !everyday.contains("-p ponder-tests"), "{everyday}");
    assert!(everyday.contains("published") && everyday.contains("golden"), "{everyday}");
}

/// A world in which that version's daemon was killed, and one of this version runs now.
fn upgraded(fixture: &Fixture, boot: Boot) -> World {
    let world = World::new();
    fixture.put_in_place(&world);
    start_daemon(&world, boot);
    world
}

/// What was acknowledged is in the entries, whichever boot it is, and once.
#[track_caller]
fn has_what_was_acknowledged(world: &World) {
    assert_eq!(world.text(LATE), "before\nwaited for a lock\n", "an append that was only in the log");
    assert!(world.text(CAPTURED).ends_with("\n\ncaptured\n"), "{}", world.text(CAPTURED));
    assert!(world.text(COMMITTED).ends_with("\n\ncommitted\n"), "{}", world.text(COMMITTED));
    assert!(world.text(HELD).contains("\n\nsaved\n"), "{}", world.text(HELD));
    assert_eq!(world.text(HELD).matches("captured meanwhile\n").count(), 1, "{}", world.text(HELD));
}

fn kept<'a>(kept: &'a [Value], id: &str) -> &'a Value {
    kept.iter().find(|kept| kept["id"] == id).unwrap_or_else(|| panic!("{id} is not among {kept:?}"))
}

fn text_of(kept: &Value) -> String {
    std::fs::read_to_string(kept["path"].as_str().unwrap()).unwrap()
}

#[test]
fn sessions_and_their_drafts_go_on_in_the_same_boot() {
    for fixture in fixtures() {
        let world = upgraded(&fixture, Boot::Same);
        has_what_was_acknowledged(&world);
        let sessions = world.sessions();
        let known: Vec<&str> = sessions.iter().map(|who| who["session"].as_str().unwrap()).collect();
        assert_eq!(known, [HOLDER, WAITER], "{fixture:?}: {sessions:?}");
        let token = sessions[0]["token"].as_str().unwrap().to_owned();

        let (mut holder, mut waiter) = (Script::hello(&socket(&world)), Script::hello(&socket(&world)));
        waiter.acquire_as(WAITER, &[HELD], &left::asked());
        waiter.expect("queued");
        holder.send(json!({ "op": "reattach", "session": HOLDER, "token": token }));
        let granted = holder.expect_alive("granted");
        assert_eq!(granted["token"], token.as_str());
        assert_eq!(granted["drafts"][0]["path"], left::draft(&world).to_str().unwrap());
        holder.release(HOLDER);
        let next = waiter.expect_alive("granted")["token"].as_str().unwrap().to_owned();
        let number = |token: &str| token.split_once('.').map(|(epoch, _)| epoch.parse::<u64>().unwrap());
        assert!(number(&next) > number(&token), "{next} after {token}");
        waiter.release(WAITER);

        let text = world.text(HELD);
        assert!(text.contains("saved\nnot yet saved\n"), "what the editor saved without a daemon: {text}");
        has_what_was_acknowledged(&world);
        let all = world.kept();
        assert_eq!(text_of(kept(&all, &format!("{KEPT}.0"))), "kept\n");
        assert_eq!(kept(&all, &format!("{KEPT}.0"))["why"], "command_failed");
        left::is_told_in_the_history(&world);
    }
}

#[test]
fn after_another_boot_nobody_holds_and_every_draft_is_kept() {
    for fixture in fixtures() {
        let world = upgraded(&fixture, Boot::Another);
        has_what_was_acknowledged(&world);
        assert!(world.sessions().is_empty(), "{fixture:?}: {:?}", world.sessions());
        let all = world.kept();
        assert_eq!(text_of(kept(&all, &format!("{KEPT}.0"))), "kept\n");
        assert!(text_of(kept(&all, &format!("{HELD}.0"))).ends_with("\n\nsaved\nnot yet saved\n"));
        left::is_told_in_the_history(&world);
        // They are brought in as ever: their bases are understood.
        world.ponder(&["recover", "apply", &format!("{HELD}.0")]).run().ok();
        assert!(world.text(HELD).contains("\nnot yet saved\n"), "{}", world.text(HELD));
        has_what_was_acknowledged(&world);
    }
}

#[test]
fn tokens_rise_above_those_of_every_version() {
    for fixture in fixtures() {
        let before: u64 = fixture.state("epoch").trim().parse().unwrap();
        let world = upgraded(&fixture, Boot::Another);
        let mut script = Script::hello(&socket(&world));
        let session = script.acquire(&["20270101"], &json!({}));
        let token = script.expect("granted")["token"].as_str().unwrap().to_owned();
        let epoch: u64 = token.split_once('.').unwrap().0.parse().unwrap();
        assert!(epoch > before, "{token} after {before}");
        script.release(&session);
    }
}

/// A client finds a daemon of that version which was started in another environment.
#[test]
fn its_endpoint_file_leads_to_its_daemon() {
    for fixture in fixtures() {
        let world = upgraded(&fixture, Boot::Another);
        fixture.put_endpoint_in_place(&world);
        let record = Record::read(&world.journal()).expect("the endpoint file is understood");
        assert_eq!((record.socket(), record.protocol.oldest), (socket(&world), 1));
        let elsewhere = world.path("elsewhere");
        mkdir(&elsewhere, 0o700);
        world.ponder(&["append", "-d", "20270101", "found"]).env("XDG_RUNTIME_DIR", &elsewhere).run().ok();
        assert!(world.text("20270101").ends_with("\nfound\n"));
        assert_eq!(world.daemons().len(), 1);
    }
}

#[test]
fn what_its_clients_say_is_answered_as_it_was() {
    for fixture in fixtures() {
        for encoding in Encoding::BOTH {
            talk::is_answered_as_it_was(encoding, &fixture.conversation(encoding));
        }
    }
}

#[test]
fn what_its_daemon_says_is_understood() {
    for fixture in fixtures() {
        let world = World::new();
        mkdir(&world.path("journal"), 0o700);
        let daemon = old_daemon::listen(&world, &fixture.conversation(Encoding::Frames));
        let told = world.ponder(&["status"]).run().ok().stdout;
        assert!(told.contains("has it") && told.contains("a script (pid "), "{told}");
        let told = world.ponder(&["--json", "status"]).run().ok().events();
        assert_eq!(told[0]["sessions"][0]["purpose"], "to be recorded", "{told:?}");
        world.ponder(&["append", "-d", "20261123", "text"]).run().ok().silent();
        assert!(world.daemons().is_empty(), "another one was started");
        drop(daemon);
    }
}
