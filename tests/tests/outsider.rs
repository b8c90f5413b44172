//! Other programs write entries too, and are never overwritten.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;

use ponder_tests::{Finished, World, wait_until};
use serde_json::json;

const DAY: &str = "20261123";

/// Runs an editor on the entry that stops before it adds a line, and meanwhile does something else
/// to the entry. Returns how the client ended, and the draft's path.
fn edit_while(world: &World, script: &str, meanwhile: impl FnOnce()) -> (Finished, String) {
    let gate = world.gate("editor");
    world.editor("slow", &format!("{}; {script}", gate.pass("$1")));
    let client = world.ponder(&["-d", DAY]).env("EDITOR", "slow").start();
    let draft = gate.arrival();
    meanwhile();
    gate.open();
    (client.wait(), draft)
}

fn refuses_to_overwrite(meanwhile: impl FnOnce(&World), theirs: &str) {
    let world = World::new();
    world.write(DAY, "before\n");
    let (client, draft) = edit_while(&world, "echo ours >> \"$1\"", || meanwhile(&world));
    client.code(65).says("another program changed the entry").says(&draft).says("diff ");
    assert_eq!(world.text(DAY), theirs);
    assert_eq!(fs::read_to_string(&draft).unwrap(), "before\nours\n");
    let drafts = world.kept();
    assert_eq!(drafts.len(), 1, "{drafts:?}");
    assert_eq!((&drafts[0]["why"], &drafts[0]["path"]), (&json!("entry_changed"), &json!(draft)));
}

#[test]
fn a_line_that_was_added_is_not_overwritten() {
    let world = World::new();
    world.write(DAY, "before\n");
    let add = || {
        world.program("sh").arg("-c").arg("echo theirs >> \"$0\"").arg(world.entry(DAY)).run().ok();
    };
    edit_while(&world, "echo ours >> \"$1\"", add).0.ok();
    assert_eq!(world.text(DAY), "before\ntheirs\nours\n", "both are there, theirs first");
    assert!(world.kept().is_empty());
}

#[test]
fn a_file_that_was_renamed_over_the_entry_is_not_overwritten() {
    let rename = |world: &World| {
        let fresh = world.path("journal").join("sync.tmp");
        fs::write(&fresh, "theirs\n").unwrap();
        fs::rename(&fresh, world.entry(DAY)).unwrap();
    };
    refuses_to_overwrite(rename, "theirs\n");
}

#[test]
fn the_same_bytes_by_another_program_are_no_conflict() {
    let world = World::new();
    world.write(DAY, "before\n");
    let touch = || {
        let fresh = world.path("journal").join("sync.tmp");
        fs::write(&fresh, "before\n").unwrap();
        fs::rename(&fresh, world.entry(DAY)).unwrap();
    };
    let (client, _) = edit_while(&world, "echo ours >> \"$1\"", touch);
    client.ok();
    assert_eq!(world.text(DAY), "before\nours\n");
}

#[test]
fn ours_unchanged_leaves_theirs_alone() {
    let world = World::new();
    world.write(DAY, "before\n");
    let (client, draft) = edit_while(&world, "true", || world.write(DAY, "theirs\n"));
    client.ok();
    assert_eq!(world.text(DAY), "theirs\n");
    assert!(world.kept().is_empty());
    assert!(!fs::exists(draft).unwrap());
}

#[test]
fn a_script_that_lost_the_race_commits_none_of_its_entries() {
    let world = World::new();
    world.write(DAY, "before\n");
    world.write("20261124", "before\n");
    let gate = world.gate("script");
    let script = format!("for f in $PONDER_ENTRIES; do echo ours >> \"$f\"; done; {}", gate.pass("here"));
    let lease = world.ponder(&["lease", "-d", DAY, "-d", "20261124", "--", "sh", "-c", &script]).start();
    gate.arrival();
    world.write("20261124", "theirs\n");
    gate.open();
    lease.wait().code(65);
    assert_eq!((world.text(DAY), world.text("20261124")), ("before\n".to_owned(), "theirs\n".to_owned()));
    let drafts = world.kept();
    assert_eq!(drafts.len(), 2, "{drafts:?}");
    for kept in drafts {
        assert_eq!(fs::read_to_string(kept["path"].as_str().unwrap()).unwrap(), "before\nours\n");
    }
}

#[test]
fn a_deleted_entry_comes_back_only_with_a_change() {
    let world = World::new();
    let delete = || fs::remove_file(world.entry(DAY)).unwrap();
    world.write(DAY, "before\n");
    edit_while(&world, "echo ours >> \"$1\"", delete).0.ok();
    assert_eq!(world.text(DAY), "before\nours\n");

    let world = World::new();
    world.write(DAY, "before\n");
    edit_while(&world, "true", || fs::remove_file(world.entry(DAY)).unwrap()).0.ok();
    assert!(!world.entry(DAY).exists(), "nobody changed anything, and it was deleted");
}

#[test]
fn an_append_meanwhile_is_no_outsider() {
    let world = World::new();
    world.write(DAY, "before\n");
    let (first, second) = (world.gate("first"), world.gate("second"));
    let save = |word: &str| format!("echo {word} >> \"$1\"");
    let script = [first.pass("$1"), save("one"), second.pass("$1"), save("two")].join("; ");
    let client = world.ponder(&["-d", DAY]).env("EDITOR", world.editor("slow", &script)).start();
    let draft = first.arrival();
    world.ponder(&["append", "-d", DAY, "from cron"]).run().ok();
    assert_eq!(world.text(DAY), "before\nfrom cron\n", "readable as soon as it is acknowledged");
    first.open();
    second.arrival();
    wait_until("the first save", || (world.text(DAY) == "before\none\nfrom cron\n").then_some(()));
    assert_eq!(fs::read_to_string(&draft).unwrap(), "before\none\n", "the editor's file is the editor's");
    world.ponder(&["append", "-d", DAY, "again"]).run().ok();
    second.open();
    client.wait().ok();
    assert_eq!(world.text(DAY), "before\none\ntwo\nfrom cron\nagain\n");
    assert!(world.kept().is_empty());
}

#[test]
fn an_append_and_an_outsider_together_are_still_an_outsider() {
    let world = World::new();
    world.write(DAY, "before\n");
    let meanwhile = || {
        world.ponder(&["append", "-d", DAY, "from cron"]).run().ok();
        let text = world.text(DAY);
        world.write(DAY, &text.replace("before", "theirs"));
    };
    let (client, draft) = edit_while(&world, "echo ours >> \"$1\"", meanwhile);
    client.code(65).says(&draft);
    assert_eq!(world.text(DAY), "theirs\nfrom cron\n");
    assert_eq!(fs::read_to_string(&draft).unwrap(), "before\nours\n");
}

#[test]
fn an_entry_that_is_a_link_out_of_the_journal_is_left_alone() {
    let world = World::new();
    world.write("20261124", "");
    let secret = world.path("secret");
    fs::write(&secret, "secret\n").unwrap();
    std::os::unix::fs::symlink(&secret, world.entry(DAY)).unwrap();
    world.ponder(&["append", "-d", DAY, "x"]).run().code(78).says("20261123.md");
    world.lease(DAY, "cat \"$PONDER_ENTRY\"").run().code(78).says("20261123.md");
    assert_eq!(fs::read_to_string(&secret).unwrap(), "secret\n");
}

#[test]
fn what_the_user_puts_beside_a_draft_is_kept() {
    let world = World::new();
    world.write(DAY, "before\n");
    let (client, draft) = edit_while(&world, "echo mine > \"${1%/*}/notes.txt\"; echo ours >> \"$1\"", || {});
    client.code(65).says("files that were created beside the draft");
    assert_eq!(world.text(DAY), "before\nours\n");
    let notes = fs::read_to_string(draft.replace("20261123.md", "notes.txt"));
    assert_eq!(notes.unwrap(), "mine\n");
    assert_eq!(world.kept()[0]["why"], "files_beside");
}

#[test]
fn a_draft_that_was_emptied_keeps_the_text_it_had() {
    let world = World::new();
    world.write(DAY, "before\n");
    let (client, _) = edit_while(&world, ": > \"$1\"", || {});
    client.code(65).says("saved empty");
    let drafts = world.kept();
    assert_eq!(drafts[0]["why"], "emptied");
    assert_eq!(fs::read_to_string(drafts[0]["path"].as_str().unwrap()).unwrap(), "before\n");
}
