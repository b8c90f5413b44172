//! Entries that another program empties, deletes, or puts something else in the place of, while
//! ponder has them open; and files that only look like entries.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use ponder_tests::outsiders::{BEFORE, DAY};
use ponder_tests::{World, tree};

/// Files that other programs make of an entry.
const LOOK_ALIKES: [&str; 5] = [
    "20261123.sync-conflict-20261123-101010-ABCDEFG.md",
    "20261123 (conflicted copy).md",
    "20261123.MD",
    "20261123.md.orig",
    "2026-11-23.md",
];

fn world() -> World {
    let world = World::new();
    world.write(DAY, BEFORE);
    world
}

/// Runs a shell script on the entry, `"$0"`.
fn shell(world: &World, script: &str) {
    world.program("sh").arg("-c").arg(script).arg(world.entry(DAY)).run().ok();
}

const OURS: &str = "sed -i 's/^two$/ours/' \"$1\"";

fn ours() -> String {
    BEFORE.replace("two", "ours")
}

#[test]
fn a_file_that_is_suddenly_empty_was_not_deleted() {
    let world = world();
    world.edit_while(OURS, || shell(&world, ": > \"$0\"")).ok();
    assert_eq!(world.text(DAY), ours());
    assert!(world.kept().is_empty(), "{:?}", world.kept());
}

#[test]
fn a_file_that_is_suddenly_empty_does_not_lose_its_text_where_ours_changed_nothing() {
    let world = world();
    world.edit_while("true", || shell(&world, ": > \"$0\""));
    world.has_all_of(&[BEFORE]);
}

#[test]
fn a_deleted_entry_is_made_anew_by_a_change() {
    let world = world();
    world.edit_while(OURS, || shell(&world, "rm \"$0\"")).ok();
    assert_eq!(world.text(DAY), ours());
    assert!(world.kept().is_empty(), "{:?}", world.kept());
}

#[test]
fn a_deleted_entry_stays_deleted_without_a_change() {
    let world = world();
    world.edit_while("true", || shell(&world, "rm \"$0\"")).ok();
    assert!(!world.entry(DAY).exists());
    assert!(world.kept().is_empty(), "{:?}", world.kept());
}

/// Something is put in the entry's place that is none. Our text is told of and kept, and nobody
/// else is kept waiting.
fn is_no_entry(make: &str, is_there: fn(&Path) -> bool) {
    let world = world();
    let client = world.edit_while(OURS, || {
        shell(&world, make);
        world.ponder(&["append", "-d", DAY, "never"]).run().code(78).explains(&["20261123.md"]);
        world.ponder(&["append", "-d", "20261124", "next door"]).run().ok();
    });
    client.code(78).says("20261123.md");
    assert!(world.text("20261124").ends_with("\n\nnext door\n"));
    assert!(is_there(&world.entry(DAY)), "what another program put there is gone");
    assert_eq!(world.kept_texts(), [ours()]);
    assert!(world.sessions().is_empty());
}

#[test]
fn a_directory_in_the_place_of_an_entry() {
    is_no_entry("rm \"$0\"; mkdir \"$0\"; echo in it > \"$0/file\"", |entry| entry.join("file").is_file());
}

#[test]
fn a_fifo_in_the_place_of_an_entry() {
    use std::os::unix::fs::FileTypeExt as _;
    let is_fifo = |entry: &Path| fs::symlink_metadata(entry).unwrap().file_type().is_fifo();
    is_no_entry("rm \"$0\"; mkfifo \"$0\"", is_fifo);
}

/// What the look-alikes are: bytes, modes, and which files they are.
fn look_alikes(world: &World) -> Vec<String> {
    use std::os::unix::fs::MetadataExt as _;
    let is = |name: &str| {
        let path = world.path("journal").join(name);
        let metadata = fs::metadata(&path).unwrap();
        format!("{} {:?} {:?}", metadata.ino(), metadata.modified().unwrap(), tree(&path))
    };
    LOOK_ALIKES.iter().map(|name| is(name)).collect()
}

#[test]
fn files_that_only_look_like_entries_are_left_alone() {
    let world = world();
    for name in LOOK_ALIKES {
        fs::write(world.path("journal").join(name), format!("{name}\nwithout an end")).unwrap();
    }
    let before = look_alikes(&world);
    world.edit_while(OURS, || drop(world.ponder(&["append", "-d", DAY, "appended"]).run().ok())).ok();
    world.lease(DAY, "echo leased >> \"$PONDER_ENTRY\"").run().ok();
    let text = format!("{}appended\nleased\n", ours());
    assert_eq!(world.text(DAY), text);
    assert_eq!(world.ponder(&["show", "-d", DAY]).run().ok().stdout, text);
    fs::remove_file(world.entry(DAY)).unwrap();
    world.ponder(&["append", "-d", DAY, "anew"]).run().ok();
    world.ponder(&["daemon", "stop"]).run().ok();
    world.ponder(&["daemon", "start"]).run().ok();
    assert_eq!(look_alikes(&world), before);
}

#[test]
fn status_points_out_the_copies_that_other_programs_made() {
    let world = world();
    for name in LOOK_ALIKES {
        fs::write(world.path("journal").join(name), "another version\n").unwrap();
    }
    fs::write(world.path("journal").join("notes.md"), "no entry at all\n").unwrap();
    world.ponder(&["daemon", "start"]).run().ok();
    let told = world.ponder(&["status"]).run().ok().stdout;
    for name in &LOOK_ALIKES[..3] {
        assert!(told.contains(name), "{name} is not pointed out:\n{told}");
    }
    assert!(!told.contains("notes.md"), "{told}");
}
