//! Something else is at an entry's place: it is refused with a sentence, nothing is followed, and
//! nobody is blocked.

use std::fs;

use ponder_tests::{Bystanders, World, assert_refused, link, mkdir, new_id, tree, write};
use serde_json::json;

const DAY: &str = "20261123";

/// What the sentences call it.
const LINK: &str = "is a symbolic link";
const FIFO: &str = "FIFO";
const DIRECTORY: &str = "is a directory";

/// A world with something in the entry's place, and with a file outside of the journal.
fn world(what: &str) -> World {
    let world = World::new();
    world.editor("ed", "echo edited >> \"$1\"");
    world.write("20261122", "mine\n");
    let (entry, outside) = (world.entry(DAY), world.path("outside"));
    write(&outside, "outside\n");
    match what {
        LINK => link(&outside, &entry),
        FIFO => world.program("mkfifo").arg(&entry).run().ok().silent().stdout.clear(),
        _ => mkdir(&entry, 0o700),
    }
    world
}

/// Every way to an entry refuses what is there.
fn refused(what: &str) {
    let world = world(what);
    let others = Bystanders::of(&world);
    let before = (tree(&world.path("journal")), tree(&world.path("outside")));
    let entry = world.entry(DAY).display().to_string();
    for arguments in [
        &["append", "-d", DAY, "text"][..],
        &["-d", DAY],
        &["lease", "-d", DAY, "--", "sh", "-c", "echo leased >> \"$PONDER_ENTRY\""],
        &["lease", "-d", "20261122", "-d", DAY, "--", "sh", "-c", "echo leased >> \"$PONDER_ENTRY\""],
        &["lease", "--shared", "-d", DAY, "--", "true"],
    ] {
        let said = world.ponder(arguments).env("PONDER_EDITOR", "ed").run().code(78);
        said.explains(&[&entry, what, "put a plain file in its place"]);
    }
    let mut script = world.script();
    for request in [
        json!({ "op": "append", "entry": DAY, "text": "text" }),
        json!({ "op": "acquire", "session": new_id(), "entries": [DAY] }),
        json!({ "op": "acquire", "session": new_id(), "entries": [DAY], "commit": "on_save", "create": false }),
        json!({ "op": "acquire", "session": new_id(), "entries": [DAY], "mode": "shared" }),
    ] {
        let refusal = script.refused(request);
        assert_refused(&refusal, "journal", &[&entry, what]);
        assert_eq!(refusal["about"]["path"], entry);
    }
    // Exclusion touches no file.
    world.ponder(&["lease", "-d", DAY, "--no-draft", "--", "true"]).run().ok().silent();
    assert_eq!((tree(&world.path("journal")), tree(&world.path("outside"))), before);
    assert_eq!(world.sessions().len(), 2, "only the bystanders");
    assert!(world.kept().is_empty());
    others.go_on(&world);
}

/// Showing it refuses it in the same words.
fn not_shown(what: &str) {
    let world = world(what);
    let entry = world.entry(DAY).display().to_string();
    world.ponder(&["show", "-d", DAY]).run().code(78).explains(&[&entry, what]);
}

#[test]
fn a_link_out_of_the_journal_is_not_followed() {
    refused(LINK);
}

#[test]
fn a_link_out_of_the_journal_is_not_shown() {
    not_shown(LINK);
}

#[test]
fn a_fifo_blocks_nobody() {
    refused(FIFO);
}

#[test]
fn a_fifo_is_not_shown() {
    not_shown(FIFO);
}

#[test]
fn a_directory_is_left_alone() {
    refused(DIRECTORY);
}

#[test]
fn a_directory_is_not_shown() {
    not_shown(DIRECTORY);
}

#[test]
fn what_gets_into_an_entrys_place_while_it_is_edited_is_not_written_to() {
    for what in [LINK, FIFO, DIRECTORY] {
        let world = World::new();
        world.write(DAY, "mine\n");
        let outside = world.path("outside");
        write(&outside, "outside\n");
        let (entry, target) = (world.entry(DAY), outside.display());
        let replace = match what {
            LINK => format!("ln -s '{target}' '{}'", entry.display()),
            FIFO => format!("mkfifo '{}'", entry.display()),
            _ => format!("mkdir '{}'", entry.display()),
        };
        let script = format!("rm '{}'; {replace}; echo ours >> \"$PONDER_ENTRY\"", entry.display());
        let said = world.lease(DAY, &script).run();
        assert!(!said.is_ok(), "{what}: {said:?}");
        assert_eq!(fs::read_to_string(&outside).unwrap(), "outside\n");
        assert!(!fs::symlink_metadata(&entry).unwrap().is_file(), "{what} was replaced");
        let kept = world.kept();
        assert_eq!(kept.len(), 1, "{what}");
        let kept = kept[0]["path"].as_str().unwrap();
        assert_eq!(fs::read_to_string(kept).unwrap(), "mine\nours\n");
        assert!(said.stderr.contains(kept), "where it is kept is not said: {}", said.stderr);
        // The entry's place is free again, and so is the entry.
        let freed = if what == DIRECTORY { fs::remove_dir(&entry) } else { fs::remove_file(&entry) };
        freed.unwrap();
        world.ponder(&["append", "-d", DAY, "later"]).run().ok().silent();
    }
}
