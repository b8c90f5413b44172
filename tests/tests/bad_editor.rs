//! An editor that cannot be started, or fails.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;

use ponder_tests::{Running, World, chmod, tree};
use serde_json::json;

const DAY: &str = "20261123";

/// One that has the entry, in an editor that stops at a gate, and one that waits for it.
fn next_in_the_queue(world: &World) -> Running {
    let next =
        world.ponder(&["--json", "lease", "-d", DAY, "--", "sh", "-c", "echo next >> \"$PONDER_ENTRY\""]);
    let next = next.start();
    next.event("queued");
    next
}

#[test]
fn without_an_editor_nothing_is_touched() {
    let world = World::new();
    let plain = world.path("bin/plain");
    fs::write(&plain, "#!/bin/sh\n").unwrap();
    chmod(&plain, 0o644);
    let plain = plain.display().to_string();
    let directory = world.path("home").display().to_string();
    let before = tree(&world.path(""));
    for (editor, code, part) in [
        ("no-such-editor", 1, "there is no such program in PATH"),
        ("no-such-editor --wait 'a b'", 1, "there is no such program in PATH"),
        ("/no/such/editor", 1, "there is no executable file at that path"),
        ("./editor", 1, "there is no executable file at that path"),
        (&plain, 1, "there is no executable file at that path"),
        (&directory, 1, "there is no executable file at that path"),
        ("true 'x", 78, "a quote in it is not closed"),
        ("true \"x", 78, "a quote in it is not closed"),
    ] {
        for variable in ["PONDER_EDITOR", "VISUAL", "EDITOR"] {
            let said = world.ponder(&["-d", DAY]).env(variable, editor).run().code(code);
            let name = editor.split_whitespace().next().filter(|_| code == 1).unwrap_or_default();
            said.explains(&[variable, name, part]);
        }
    }
    let latin = OsString::from_vec(b"\xe9diteur".to_vec());
    world.ponder(&[]).env("PONDER_EDITOR", latin).run().code(78).explains(&["PONDER_EDITOR", "not UTF-8"]);
    assert_eq!(tree(&world.path("")), before, "no journal, no socket, no state");
    assert_eq!(world.processes(), [], "no daemon");
}

#[test]
fn an_empty_variable_is_passed_over() {
    let world = World::new();
    world.editor("ed", "echo edited >> \"$1\"");
    for empty in ["", "  ", "''"] {
        let ponder = world.ponder(&["-d", DAY]).env("PONDER_EDITOR", empty).env("VISUAL", empty);
        ponder.env("EDITOR", "ed").run().ok();
    }
    assert_eq!(world.text(DAY).matches("edited\n").count(), 3);
}

#[test]
fn where_no_editor_is_named_and_none_installed_the_sentence_says_what_to_do() {
    let world = World::new();
    let bin = world.path("bin").display().to_string();
    let ponder = world.ponder(&["-d", DAY]).env("PATH", bin);
    ponder.run().code(1).explains(&["there is no editor", "set PONDER_EDITOR", "nano"]);
    assert!(!world.path("journal").exists());
}

#[test]
fn one_that_cannot_be_executed_leaves_no_entry_and_no_lease() {
    let world = World::new();
    let editor = world.path("bin/ed");
    fs::write(&editor, "#!/no/such/interpreter\n").unwrap();
    chmod(&editor, 0o755);
    let said = world.ponder(&["-d", DAY]).env("PONDER_EDITOR", "ed").run().code(1);
    assert!(!world.entry(DAY).exists());
    assert!(world.sessions().is_empty() && world.kept().is_empty());
    world.ponder(&["append", "--date", DAY, "text"]).run().ok().silent();
    said.explains(&["cannot start the editor", &editor.display().to_string()]);
}

/// Runs this editor on an existing entry while somebody waits for it. It fails in `how`; what it
/// saved before, `saved`, is in the entry, and the next one is served.
fn fails(script: &str, how: &str, saved: &str) {
    let world = World::new();
    world.write(DAY, "before\n");
    let gate = world.gate("editor");
    world.editor("ed", &format!("{}; {script}", gate.pass("$$")));
    let ponder = world.ponder(&["-d", DAY]).env("PONDER_EDITOR", "ed").start();
    gate.arrival();
    let next = next_in_the_queue(&world);
    gate.open();
    let told = if saved.is_empty() { "" } else { "; what it had saved is in the journal" };
    ponder.wait().code(1).explains(&[&format!("the editor \"ed\" failed ({how}){told}\n")]);
    next.wait().ok();
    assert_eq!(world.text(DAY), format!("before\n{saved}next\n"));
    assert!(world.kept().is_empty());
}

#[test]
fn one_that_fails_without_having_saved_changes_nothing() {
    fails("exit 3", "exit status: 3", "");
}

#[test]
fn one_that_fails_after_saving_has_saved() {
    fails("echo saved >> \"$1\"; exit 3", "exit status: 3", "saved\n");
}

#[test]
fn one_that_is_killed_changes_nothing() {
    fails("kill -9 $$", "signal: 9 (SIGKILL)", "");
}

#[test]
fn one_that_is_killed_after_saving_has_saved() {
    fails("echo saved >> \"$1\"; kill -TERM $$", "signal: 15 (SIGTERM)", "saved\n");
}

#[test]
fn a_program_is_told_the_same() {
    let world = World::new();
    world.editor("ed", "exit 3");
    let events = world.ponder(&["--json", "-d", DAY]).env("PONDER_EDITOR", "ed").run().code(1).events();
    let result = events.last().unwrap();
    assert_eq!((&result["event"], &result["exit"]), (&json!("result"), &json!(1)));
    let said =
        events.iter().any(|event| event["message"].as_str().is_some_and(|m| m.contains("exit status: 3")));
    assert!(said, "{events:?}");
}

#[test]
fn commands_under_a_lease_fail_as_in_a_shell() {
    let world = World::new();
    world.write(DAY, "before\n");
    let plain = world.path("bin/plain");
    fs::write(&plain, "#!/bin/sh\n").unwrap();
    chmod(&plain, 0o644);
    let lease = |command: &str| world.ponder(&["lease", "-d", DAY, "--", command]).run();
    lease("no-such-command").code(127).explains(&["cannot run \"no-such-command\""]);
    let plain = plain.display().to_string();
    lease(&plain).code(126).explains(&[&format!("cannot run {plain:?}"), "Permission denied"]);
    world.lease(DAY, "echo half >> \"$PONDER_ENTRY\"; kill -9 $$").run().code(137);
    assert_eq!(world.text(DAY), "before\n");
    assert!(world.sessions().is_empty());
}
