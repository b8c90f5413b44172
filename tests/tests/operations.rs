//! What `docs/operations.md` tells people to type does what it says.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;

use ponder_tests::{Program, World, repository};

/// The lines for a shell under a heading of a page.
fn told_under(heading: &str, page: &str) -> String {
    let page = fs::read_to_string(repository().join(page)).unwrap();
    let (_, section) = page.split_once(&format!("\n{heading}\n")).expect("the heading is there");
    let (_, lines) = section.split_once("```sh\n").unwrap();
    lines.split_once("```").unwrap().0.to_owned()
}

#[test]
fn a_backup_has_every_entry_and_can_be_made_again() {
    let world = World::of_an_ordinary_user(); // a read-only copy is one
    let backup = world.path("home/backup");
    world.program("mkdir").arg(&backup).run().ok();
    let script =
        told_under("## Backup", "docs/operations.md").replace("/media/backup", backup.to_str().unwrap());
    let days = ["20000229", "20240229", "20260731", "20260831", "20261123"];
    let none = [
        "notes", "20260230", "20260229", "19000229", "20260631", "20261301", "20260001", "20261100",
        "00001123",
    ];
    for round in ["one", "two"] {
        for day in days {
            world.ponder(&["append", "-d", day, round]).run().ok();
        }
        for name in none {
            fs::write(world.path("journal").join(name).with_extension("md"), "no entry").unwrap();
        }
        world.program("/bin/sh").arg("-c").arg(&script).run().ok();
        let saved: Vec<_> = fs::read_dir(&backup).unwrap().map(|item| item.unwrap().file_name()).collect();
        assert_eq!(saved.len(), days.len(), "{saved:?}");
        for day in days {
            let copy = fs::read_to_string(backup.join(format!("{day}.md"))).unwrap();
            assert!(copy.ends_with(&format!("{round}\n")) && copy == world.text(day), "{copy}");
        }
    }
}

/// In the usual journal, more of them than one lease has, and with blanks in the paths of what is behind it.
#[test]
fn a_backup_has_every_entry_however_many_and_wherever_they_are() {
    let world = World::of_an_ordinary_user();
    let [home, backup] = ["home", "home/the backup"].map(|name| world.path(name));
    let journal = home.join("Documents/rubberducks");
    world.program("mkdir").arg("-p").arg(&journal).arg(&backup).run().ok();
    let entries: BTreeMap<_, _> = (0..400)
        .map(|days| (world.days_ago(days).to_string().replace('-', "") + ".md", format!("{days} days ago\n")))
        .collect();
    let write = entries.iter().map(|(name, text)| format!("echo '{}' >{name}\n", text.trim_end()));
    let write = format!("cd '{}'\n{}", journal.display(), write.collect::<String>());
    world.program("/bin/sh").input(write).run().ok();
    let script =
        told_under("## Backup", "docs/operations.md").replace("/media/backup", "\"$HOME/the backup\"");
    let usual = |program: Program| {
        program.without("PONDER_DIR").env("XDG_STATE_HOME", home.join("the * state")).run().ok()
    };
    usual(world.program("/bin/sh").arg("-c").arg(&script));
    let saved = fs::read_dir(&backup).unwrap().map(|item| item.unwrap().path());
    let saved: BTreeMap<_, _> = saved
        .map(|path| {
            (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap())
        })
        .collect();
    assert!(saved == entries, "{} of {}", saved.len(), entries.len());
    usual(world.ponder(&["daemon", "stop"]));
}

/// What the README has for several entries, where there are blanks in the paths.
#[test]
fn a_stable_view_has_every_entry() {
    let world = World::new();
    let lines = told_under("### In scripts", "README.md");
    let (_, view) = lines.split_once("ponder lease --shared").expect("the README has one");
    let (view, _) = view.split_once("# a stable view").unwrap();
    let state = world.path("the state");
    for (day, text) in [("20261122", "one\n"), ("20261123", "two\n")] {
        world.write(day, text);
    }
    let view = format!("ponder lease --shared{view}");
    let shown = world.program("/bin/sh").arg("-c").arg(view).env("XDG_STATE_HOME", state).run().ok();
    assert_eq!(shown.stdout, "one\ntwo\n");
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
