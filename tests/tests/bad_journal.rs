//! `PONDER_DIR` is not what it should be.

use std::fs;
use std::os::unix::fs::symlink;

use ponder_tests::{Finished, World, chmod, mode, tree};

const DAY: &str = "20261123";

/// Every command that uses a journal; those that may make it come first.
const COMMANDS: [&[&str]; 6] = [
    &["-d", DAY],
    &["append", "-d", DAY, "text"],
    &["lease", "-d", DAY, "--", "true"],
    &["daemon", "start"],
    &["show", "-d", DAY],
    &["status"],
];
const MAY_MAKE_IT: usize = 4;

/// Runs a command with this `PONDER_DIR`.
fn run(world: &World, dir: &str, arguments: &[&str]) -> Finished {
    world.editor("ed", "echo edited >> \"$1\"");
    world.ponder(arguments).env("PONDER_EDITOR", "ed").env("PONDER_DIR", dir).run()
}

/// Every command refuses this `PONDER_DIR` in these words, and touches nothing.
fn refused(world: &World, dir: &str, parts: &[&str]) {
    world.editor("ed", "echo edited >> \"$1\"");
    let before = tree(&world.path(""));
    for arguments in COMMANDS {
        run(world, dir, arguments).code(78).explains(parts);
    }
    assert_eq!(tree(&world.path("")), before, "PONDER_DIR={dir}");
    assert_eq!(world.processes(), [], "PONDER_DIR={dir}");
}

#[test]
fn a_relative_one_is_refused() {
    let world = World::new();
    for dir in ["journal", "./journal", "../journal", "."] {
        refused(&world, dir, &[&format!("the journal directory {dir} is relative"), "starts with /"]);
    }
}

#[test]
fn one_that_cannot_be_expanded_is_refused() {
    let world = World::new();
    refused(&world, "~bob/journal", &["PONDER_DIR is ~bob/journal", "your own home"]);
    refused(&world, "$NOWHERE/journal", &["PONDER_DIR is $NOWHERE/journal", "NOWHERE is not set"]);
    refused(&world, "/srv/${journal", &["PONDER_DIR is /srv/${journal", "after a $"]);
}

#[test]
fn a_file_is_refused_and_stays_as_it_is() {
    let world = World::new();
    let file = world.path("file");
    fs::write(&file, "mine\n").unwrap();
    let file = file.display().to_string();
    refused(&world, &file, &[&file, "is not a directory", "PONDER_DIR"]);
    let below = format!("{file}/journal");
    refused(&world, &below, &[&below, "is not a directory"]);
}

#[test]
fn a_missing_one_is_made_with_its_parents_by_those_who_write() {
    for (number, arguments) in COMMANDS[..MAY_MAKE_IT].iter().enumerate() {
        let world = World::new();
        let dir = world.path("not/yet/there");
        run(&world, &dir.display().to_string(), arguments).ok();
        for made in [&dir, &world.path("not/yet"), &world.path("not")] {
            assert_eq!(mode(made), 0o700, "{} by command {number}", made.display());
        }
        run(&world, &dir.display().to_string(), &["daemon", "stop"]).ok();
    }
}

#[test]
fn a_missing_one_is_not_made_by_those_who_look() {
    let world = World::new();
    let before = tree(&world.path(""));
    let dir = world.path("not/yet/there").display().to_string();
    for arguments in &COMMANDS[MAY_MAKE_IT..] {
        world.ponder(arguments).env("PONDER_DIR", &dir).run().code(78).explains(&[&dir, "does not exist"]);
    }
    assert_eq!(tree(&world.path("")), before);
}

#[test]
fn a_link_to_nothing_is_refused() {
    let world = World::new();
    let link = world.path("link");
    symlink(world.path("elsewhere"), &link).unwrap();
    let link = link.display().to_string();
    refused(&world, &link, &[&link]);
}

#[test]
fn an_unreadable_one_is_refused() {
    let world = World::of_an_ordinary_user();
    world.write(DAY, "mine\n");
    let dir = world.path("journal");
    for closed in [0o000, 0o300] {
        chmod(&dir, closed);
        let dir = dir.display().to_string();
        refused(&world, &dir, &[&dir, "cannot open the journal directory", "Permission denied"]);
    }
    chmod(&dir, 0o700);
    assert_eq!(world.text(DAY), "mine\n");
}

#[test]
fn one_that_cannot_be_made_is_refused() {
    let world = World::of_an_ordinary_user();
    chmod(&world.path("home"), 0o500);
    let dir = world.path("home/journal").display().to_string();
    let before = tree(&world.path("home"));
    for arguments in &COMMANDS[..MAY_MAKE_IT] {
        run(&world, &dir, arguments).code(78).explains(&[&dir, "cannot make", "Permission denied"]);
    }
    assert_eq!(tree(&world.path("home")), before);
    chmod(&world.path("home"), 0o700); // or it could not be cleared away
}

#[test]
fn a_new_entry_cannot_be_made_in_a_read_only_one() {
    let world = World::of_an_ordinary_user();
    let dir = world.path("journal");
    world.write(DAY, "mine\n");
    chmod(&dir, 0o500);
    let before = tree(&dir);
    let said = world.ponder(&["append", "-d", "20261124", "text"]).run().code(74);
    said.explains(&[&dir.display().to_string(), "Permission denied", "check its owner and permissions"]);
    assert_eq!(tree(&dir), before);

    // The same daemon goes on as soon as the directory can be written again.
    let daemons = world.daemons();
    chmod(&dir, 0o700);
    world.ponder(&["append", "-d", "20261124", "text"]).run().ok().silent();
    assert!(world.text("20261124").ends_with("\n\ntext\n"));
    assert_eq!(world.daemons(), daemons);
}

#[test]
fn in_a_read_only_one_an_entry_is_written_in_its_place_and_a_new_one_is_kept() {
    const NEW_DAY: &str = "20261124";
    let world = World::of_an_ordinary_user();
    let dir = world.path("journal");
    world.write(DAY, "mine\n");
    chmod(&dir, 0o500);
    let journal = dir.display().to_string();
    assert_eq!(world.ponder(&["show", "-d", DAY]).run().ok().stdout, "mine\n");
    run(&world, &journal, &["-d", DAY]).ok();
    assert_eq!(world.text(DAY), "mine\nedited\n", "only the file was written to");

    let before = tree(&dir);
    let said = run(&world, &journal, &["-d", NEW_DAY]).code(74);
    assert!(said.stderr.contains("Permission denied") && said.stderr.contains(&journal), "{}", said.stderr);
    assert_eq!(tree(&dir), before);
    assert!(world.sessions().is_empty());
    let kept = world.kept();
    assert_eq!(kept.len(), 1, "the text is not kept");
    let kept = kept[0]["path"].as_str().unwrap();
    assert!(fs::read_to_string(kept).unwrap().ends_with("\nedited\n"));
    assert!(said.stderr.contains(kept), "where it is kept is not said: {}", said.stderr);
    chmod(&dir, 0o700); // or it could not be cleared away
}

#[test]
fn a_read_only_entry_is_not_appended_to() {
    let world = World::of_an_ordinary_user();
    world.write(DAY, "mine\n");
    let entry = world.entry(DAY);
    chmod(&entry, 0o400);
    let said = world.ponder(&["append", "-d", DAY, "text"]).run().code(74);
    said.explains(&[&entry.display().to_string(), "Permission denied"]);
    assert_eq!((world.text(DAY), mode(&entry)), ("mine\n".to_owned(), 0o400));
    world.ponder(&["append", "-d", "20261124", "text"]).run().ok();
}

#[test]
fn without_a_place_for_drafts_there_is_no_daemon_and_the_client_says_why() {
    let world = World::of_an_ordinary_user();
    let state = world.path("state");
    chmod(&state, 0o500);
    let said = run(&world, &world.path("journal").display().to_string(), &["append", "-d", DAY, "text"]);
    said.code(69).explains(&[
        "the daemon could not start",
        &state.display().to_string(),
        "Permission denied",
    ]);
    assert!(!world.entry(DAY).exists());
    assert_eq!(world.processes(), []);
    chmod(&state, 0o700); // or it could not be cleared away
}
