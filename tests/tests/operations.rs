//! What `docs/operations.md` tells people to type does what it says.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use ponder_tests::World;

/// The lines for a shell under a heading of the page.
fn told_under(heading: &str) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, section) = page.split_once(&format!("\n## {heading}\n")).expect("the heading is there");
    let (_, lines) = section.split_once("```sh\n").unwrap();
    lines.split_once("```").unwrap().0.to_owned()
}

#[test]
fn a_backup_has_every_entry_and_can_be_made_again() {
    let world = World::of_an_ordinary_user(); // a read-only copy is one
    let backup = world.path("home/backup");
    world.program("mkdir").arg(&backup).run().ok();
    let script = told_under("Backup").replace("/media/backup", backup.to_str().unwrap());
    for round in ["one", "two"] {
        for day in ["20261121", "20261122", "20261123"] {
            world.ponder(&["append", "-d", day, round]).run().ok();
        }
        fs::write(world.path("journal/notes.md"), "no entry").unwrap();
        world.program("/bin/sh").arg("-c").arg(&script).run().ok();
        let saved: Vec<_> = fs::read_dir(&backup).unwrap().map(|item| item.unwrap().file_name()).collect();
        assert_eq!(saved.len(), 3, "{saved:?}");
        for day in ["20261121", "20261122", "20261123"] {
            let copy = fs::read_to_string(backup.join(format!("{day}.md"))).unwrap();
            assert!(copy.ends_with(&format!("{round}\n")) && copy == world.text(day), "{copy}");
        }
    }
}

#[test]
fn a_journal_moves_and_its_kept_drafts_follow() {
    let world = World::new();
    let day = "20261123";
    world.ponder(&["append", "-d", day, "text"]).run().ok();
    world.lease(day, "echo more >> \"$PONDER_ENTRY\"; exit 1").run().code(1);
    let state_named = |at: &str| {
        let told = world.ponder(&["--journal", at, "doctor"]).run().stdout;
        let line = told.lines().find_map(|line| line.strip_prefix("state    ")).expect("it is named");
        line.split(": ").next().unwrap().to_owned()
    };
    let [old, new] = ["journal", "moved"].map(|name| world.path(name).display().to_string());
    let state = state_named(&old);
    world.ponder(&["daemon", "stop"]).run().ok();
    fs::rename(&old, &new).unwrap();
    fs::rename(state, state_named(&new)).unwrap();
    let ponder = |arguments: &[&str]| world.ponder(&[&["--journal", &new], arguments].concat()).run().ok();
    ponder(&["recover", "apply", &format!("{day}.0")]);
    let shown = ponder(&["show", "-d", day]).stdout;
    assert!(shown.ends_with("text\nmore\n"), "{shown}");
    assert!(!world.path("journal").exists());
}
