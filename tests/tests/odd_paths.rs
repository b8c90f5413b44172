//! Paths with line feeds and what a terminal obeys: shown on one line, as what they are.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::path::PathBuf;

use ponder_tests::{Finished, Process, World, chmod};
use serde_json::Value;

const DAY: &str = "20261123";

/// Sets a terminal's title, rings, turns red, erases the line, and begins another one as ponder would.
const ODD: &str = "ponder-\u{1b}]2;pwned\u{7}\u{1b}[31m\u{1b}[2K\nponder: all is well\u{202e}-";
/// As it is shown.
const SHOWN: &str = "\\u{1b}]2;pwned\\u{7}\\u{1b}[31m\\u{1b}[2K\\nponder: all is well\\u{202e}-";

fn world() -> World {
    World::called(ODD)
}

/// Nothing of it is obeyed by a terminal, nor passes for a line of ours. Returns all of it.
#[track_caller]
fn is_harmless(ended: &Finished) -> String {
    let told = format!("{}{}", ended.stdout, ended.stderr);
    let harmful: Vec<char> =
        told.chars().filter(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}').collect();
    assert!(harmful.is_empty(), "{harmful:?} in {told}");
    assert!(!told.lines().any(|line| line.starts_with("ponder: all is well")), "{told}");
    told
}

#[test]
fn it_is_shown_and_not_obeyed() {
    let world = world();
    world.lease(DAY, "echo kept > \"$PONDER_ENTRY\"; exit 1").run().code(1);
    world.ponder(&["append", "-d", DAY, "text"]).run().ok().silent();
    for (arguments, code) in [
        (&["status"][..], 0),
        (&["doctor"], 65),
        (&["doctor", "--log"], 0),
        (&["daemon", "status"], 0),
        (&["recover"], 0),
        (&["recover", "drop", "20261123.0"], 2),
        (&["show", "-d", "20261124"], 1),
        (&["-v", "append", "-d", DAY, "more"], 0),
    ] {
        let told = is_harmless(&world.ponder(arguments).run().code(code));
        assert!(told.contains(SHOWN) || told.contains("20261123.0"), "{arguments:?}: {told}");
    }
    world.ponder(&["daemon", "stop"]).run().ok();
    for (arguments, code) in [(&["status"][..], 69), (&["doctor"], 65), (&["daemon", "stop"], 0)] {
        let told = is_harmless(&world.ponder(arguments).run().code(code));
        assert!(told.contains(SHOWN), "{arguments:?}: {told}");
    }
}

#[test]
fn errors_name_it() {
    let world = world();
    let dir = |name: &str| world.path(name).display().to_string();
    world.write(DAY, "text\n");
    std::fs::write(world.path("file"), "no directory\n").unwrap();
    for (journal, code) in
        [(dir("file"), 78), (dir("nowhere"), 78), (format!("{ODD}x"), 78), (format!("~{ODD}"), 78)]
    {
        let told = is_harmless(&world.ponder(&["show"]).env("PONDER_DIR", &journal).run().code(code));
        assert!(told.contains(SHOWN), "{told}");
        is_harmless(&world.ponder(&["--journal", &journal, "status"]).run().code(78));
    }
    chmod(&world.path("run"), 0o700);
    ponder_tests::mkdir(&world.path("run/ponder"), 0o755);
    let told = is_harmless(&world.ponder(&["append", "-d", DAY, "text"]).run().code(77));
    assert!(told.contains(SHOWN), "{told}");
    chmod(&world.path("run/ponder"), 0o700);
    // What the daemon refuses, and why it does not start.
    std::fs::remove_file(world.entry(DAY)).unwrap();
    ponder_tests::mkdir(&world.entry(DAY), 0o700);
    let told = is_harmless(&world.ponder(&["append", "-d", DAY, "text"]).run().code(78));
    assert!(told.contains(SHOWN), "{told}");
    world.ponder(&["daemon", "stop"]).run().ok();
    chmod(&world.state_dir(), 0o755);
    let told = is_harmless(&world.ponder(&["append", "-d", DAY, "text"]).run().code(77));
    assert!(told.contains(SHOWN), "{told}");
    chmod(&world.state_dir(), 0o700);
}

#[test]
fn a_log_has_it_on_one_line() {
    let world = world();
    world.ponder(&["append", "-d", DAY, "text"]).run().ok();
    let log = world.log();
    assert!(log.contains(" ready ") && log.contains(SHOWN), "{log}");
    let harmful = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!log.contains(harmful) && !log.lines().any(|line| line.starts_with("ponder:")), "{log}");
}

#[test]
fn programs_get_it_as_it_is() {
    let world = world();
    world.lease(DAY, "echo kept > \"$PONDER_ENTRY\"; exit 1").run().code(1);
    let status = world.status();
    let path = |value: &Value| PathBuf::from(value["path"].as_str().unwrap());
    assert_eq!(path(&status["daemon"]["journal"]), world.path("journal"));
    let kept = path(&status["kept"][0]);
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), "kept\n");
    for arguments in [&["--json", "status"][..], &["--json", "doctor"], &["--json", "recover"]] {
        let ended = world.ponder(arguments).run();
        assert!(ended.events().len() > 1, "{arguments:?}");
    }
}

#[test]
fn what_is_to_be_typed_can_be_typed() {
    let world = world();
    world.lease(DAY, "echo kept > \"$PONDER_ENTRY\"; exit 1").run().code(1);
    world.daemons().into_iter().for_each(Process::kill);
    let journal = world.path("journal");
    let status = world.ponder(&["--journal"]).arg(&journal).arg("status").without("PONDER_DIR").run();
    let told = is_harmless(&status.code(69));
    let typed = told.split('`').nth(1).unwrap_or_else(|| panic!("no command in {told}"));
    let typed = typed.replacen("ponder", "ponder --json", 1);
    let ended = world.program("bash").arg("-c").arg(typed).without("PONDER_DIR").run().ok();
    assert_eq!(ended.events()[0]["event"], "kept", "{}", ended.stdout);
}

#[test]
fn a_terminal_keeps_its_title_and_shows_all_of_it() {
    let world = world();
    world.lease(DAY, "echo kept > \"$PONDER_ENTRY\"; exit 1").run().code(1);
    let tmux = world.tmux();
    let pane = tmux.pane("ponder status; ponder doctor");
    assert_eq!(pane.exit(), 65);
    let screen = pane.screen().replace('\n', "");
    assert!(screen.contains("]2;pwned") && screen.contains("ponder: all is well"), "{screen}");
    assert_ne!(pane.title(), "pwned");
    // While it waits, on a line that is drawn again and again.
    let gate = world.gate("holder");
    let holds = gate.pass("here");
    let holder = world.ponder(&["lease", "-d", DAY, "--purpose", ODD, "--", "sh", "-c", &holds]).start();
    gate.arrival();
    let pane = tmux.pane("ponder lease --wait 1s -d 20261123 -- true");
    assert_eq!(pane.exit(), 75);
    let screen = pane.screen().replace('\n', "");
    assert!(screen.contains("]2;pwned"), "{screen}");
    assert_ne!(pane.title(), "pwned");
    gate.open();
    holder.wait().ok();
}
