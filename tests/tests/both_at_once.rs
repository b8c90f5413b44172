//! Two write the same entry, in every combination of places and at every moment: nothing is lost,
//! nothing is there twice, and only what meets is a conflict.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use ponder_tests::outsiders::{BEFORE, DAY, SHELL, SYNCTHING, with};
use ponder_tests::{rounds, wait_until};

/// Where a line is that each of the two changes.
fn places() -> impl Iterator<Item = ((usize, &'static str), (usize, &'static str))> {
    let lines = || BEFORE.lines().enumerate();
    lines().flat_map(move |ours| lines().map(move |theirs| (ours, theirs)))
}

#[test]
fn wherever_each_of_two_changes_a_line_only_what_meets_is_kept_aside() {
    for ((at, mine), (other, yours)) in places() {
        let outsider = if (at + other) % 2 == 0 { SHELL } else { SYNCTHING };
        let world = outsider.world(yours);
        let ours = format!("sed -i 's/^{mine}$/ours/' \"$1\"");
        let client = world.edit_while(&ours, || outsider.change(&world, yours));
        let (ours, theirs) = (with(BEFORE, mine, "ours"), with(BEFORE, yours, "theirs"));
        world.has_all_of(&["ours\ntheirs\n"]);
        if at.abs_diff(other) < 2 {
            client.code(65);
            assert_eq!((world.text(DAY), world.kept_texts()), (theirs, vec![ours]), "{mine} and {yours}");
        } else {
            assert_eq!(world.text(DAY), with(&theirs, mine, "ours"), "{mine} and {yours}: {client:?}");
            client.ok();
            assert!(world.kept().is_empty(), "{mine} and {yours}: {:?}", world.kept());
        }
    }
}

#[test]
fn an_append_to_an_entry_that_was_emptied_under_an_editor_loses_nothing() {
    let world = SHELL.world("two");
    world.edit_while("sed -i 's/^two$/ours/' \"$1\"", || {
        world.write(DAY, "");
        world.ponder(&["append", "-d", DAY, "appended"]).run().ok();
    });
    world.has_all_of(&[&with(BEFORE, "two", "ours"), "appended\n"]);
}

/// Each save replaces the file that the outsider adds to, at another moment each time, perhaps
/// while it has it open.
#[test]
fn lines_that_another_program_adds_while_saves_are_committed_are_all_there_once() {
    let world = SHELL.world("two");
    let gate = world.gate("save");
    let saves = rounds(40);
    let each = format!("sed -i \"1s/.*/ours $number/\" \"$1\"; {}", gate.pass("saved"));
    world.editor("saves", &format!("for number in $(seq {saves}); do {each}; done"));
    let client = world.ponder(&["-d", DAY]).env("EDITOR", "saves").start();
    let mut added = Vec::new();
    for number in 1..=saves {
        for _ in 0..number % 20 {
            let line = format!("theirs {};", added.len());
            let add = world.program("sh").arg("-c").arg("echo \"$1\" >> \"$0\"").arg(world.entry(DAY));
            add.arg(&line).run().ok();
            added.push(line);
        }
        gate.arrival();
        let line = format!("ours {number}\n");
        wait_until(&line, || world.text(DAY).starts_with(&line).then_some(()));
        gate.open();
    }
    client.wait().ok();
    // What was written into a file that a save had just replaced may come late, behind later lines.
    let has_all = || added.iter().all(|line| world.text(DAY).contains(line));
    wait_until("all lines that the outsider added", || has_all().then_some(()));
    let text = world.text(DAY);
    let expected = with(BEFORE, "one", &format!("ours {saves}"));
    let rest = text.strip_prefix(&expected).unwrap_or_else(|| panic!("not {expected:?} at first: {text}"));
    let (mut lines, mut added) = (rest.lines().collect::<Vec<_>>(), added);
    lines.sort_unstable();
    added.sort_unstable();
    assert_eq!(lines, added);
    assert!(world.kept().is_empty(), "{:?}", world.kept());
}
