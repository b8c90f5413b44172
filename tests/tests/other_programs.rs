//! Other programs write an entry while ponder has it open. Where the two changes are in different
//! places of the text the entry gets both; where they meet it keeps theirs, and ours is kept aside.
//! Nothing is overwritten.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use ponder_tests::World;
use ponder_tests::outsiders::{BEFORE, DAY, GIT, Outsider, SED, SHELL, SYNCTHING, VIM, with};

/// A world with the entry.
fn world() -> World {
    SHELL.world("two")
}

/// The shell command that replaces a line of the draft.
fn replace(line: &str, ours: &str) -> String {
    format!("sed -i 's/^{line}$/{ours}/' \"$1\"")
}

fn elsewhere_in_the_text_it_is_merged(outsider: &Outsider) {
    let world = outsider.world("six");
    let client = world.edit_while(&replace("two", "ours"), || outsider.change(&world, "six"));
    assert_eq!(world.text(DAY), "one\nours\nthree\nfour\nfive\ntheirs\nseven\n", "{client:?}");
    client.ok();
    assert!(world.kept().is_empty(), "{:?}", world.kept());
}

fn in_the_same_place_ours_is_kept_aside(outsider: &Outsider) {
    let world = outsider.world("two");
    let client = world.edit_while(&replace("two", "ours"), || outsider.change(&world, "two"));
    client.code(65).says("another program changed the entry");
    assert_eq!(world.text(DAY), with(BEFORE, "two", "theirs"));
    assert_eq!(world.kept_texts(), [with(BEFORE, "two", "ours")]);
}

fn where_ours_changed_nothing_it_is_left_alone(outsider: &Outsider) {
    let world = outsider.world("two");
    world.edit_while("true", || outsider.change(&world, "two")).ok();
    assert_eq!(world.text(DAY), with(BEFORE, "two", "theirs"));
    assert!(world.kept().is_empty(), "{:?}", world.kept());
}

macro_rules! of_each {
    ($($outsider:ident in $module:ident),+: $promises:tt) => {
        $(of_each! { @ $outsider $module $promises })+
    };
    (@ $outsider:ident $module:ident [$($promise:ident),+]) => {
        mod $module {
            $(#[test]
            fn $promise() {
                super::$promise(&super::$outsider);
            })+
        }
    };
}

of_each! {
    VIM in vim, SED in sed, SHELL in shell, GIT in git, SYNCTHING in syncthing: [
        elsewhere_in_the_text_it_is_merged,
        in_the_same_place_ours_is_kept_aside,
        where_ours_changed_nothing_it_is_left_alone
    ]
}

#[test]
fn lines_that_both_added_in_different_places_are_both_there() {
    let world = world();
    let theirs = || world.write(DAY, &format!("{BEFORE}theirs\n"));
    let client = world.edit_while("sed -i '1i ours' \"$1\"", theirs);
    assert_eq!(world.text(DAY), format!("ours\n{BEFORE}theirs\n"), "{client:?}");
    client.ok();
    assert!(world.kept().is_empty(), "{:?}", world.kept());
}

#[test]
fn where_both_added_lines_in_the_same_place_theirs_come_first() {
    let world = world();
    let theirs = || world.write(DAY, &format!("{BEFORE}theirs\n"));
    let client = world.edit_while("echo ours >> \"$1\"", theirs);
    assert_eq!(world.text(DAY), format!("{BEFORE}theirs\nours\n"), "{client:?}");
    client.ok();
    assert!(world.kept().is_empty(), "{:?}", world.kept());
}

#[test]
fn changes_that_touch_are_not_merged() {
    let world = world();
    world.edit_while(&replace("two", "ours"), || SED.change(&world, "three")).code(65);
    assert_eq!(world.text(DAY), with(BEFORE, "three", "theirs"));
    assert_eq!(world.kept_texts(), [with(BEFORE, "two", "ours")]);
}

#[test]
fn the_same_change_by_both_is_there_once() {
    let world = world();
    world.edit_while(&replace("two", "theirs"), || SED.change(&world, "two")).ok();
    assert_eq!(world.text(DAY), with(BEFORE, "two", "theirs"));
    assert!(world.kept().is_empty(), "{:?}", world.kept());
}

/// The editor knows nothing of what was merged, and saves its own text again and again.
#[test]
fn what_was_merged_once_stays_when_the_editor_saves_again() {
    let world = world();
    let ours = [&replace("two", "ours"), "echo more >> \"$1\""];
    let client = world.edit_twice_while(
        ours,
        || SED.change(&world, "six"),
        || {
            world.becomes("one\nours\nthree\nfour\nfive\ntheirs\nseven\n");
            SYNCTHING.change(&world, "four");
        },
    );
    assert_eq!(world.text(DAY), "one\nours\nthree\ntheirs\nfive\ntheirs\nseven\nmore\n", "{client:?}");
    client.ok();
    assert!(world.kept().is_empty(), "{:?}", world.kept());
}

#[test]
fn later_saves_after_a_conflict_go_to_the_same_kept_draft() {
    let world = world();
    let ours = [&replace("two", "ours"), "echo more >> \"$1\""];
    let client = world.edit_twice_while(
        ours,
        || SED.change(&world, "two"),
        || {
            let first = || world.kept_texts() == [with(BEFORE, "two", "ours")];
            ponder_tests::wait_until("the first save is kept", || first().then_some(()));
        },
    );
    client.code(65);
    assert_eq!(world.text(DAY), with(BEFORE, "two", "theirs"));
    assert_eq!(world.kept_texts(), [format!("{}more\n", with(BEFORE, "two", "ours"))]);
}

#[test]
fn an_append_and_an_outsider_and_a_save_are_all_there() {
    let world = world();
    let client = world.edit_while(&replace("two", "ours"), || {
        world.ponder(&["append", "-d", DAY, "appended"]).run().ok();
        SED.change(&world, "six");
        world.ponder(&["append", "-d", DAY, "again"]).run().ok();
    });
    assert_eq!(
        world.text(DAY),
        "one\nours\nthree\nfour\nfive\ntheirs\nseven\nappended\nagain\n",
        "{client:?}"
    );
    client.ok();
    assert!(world.kept().is_empty(), "{:?}", world.kept());
}

#[test]
fn an_append_while_another_program_is_in_the_middle_of_adding_lines() {
    let world = world();
    let gate = world.gate("outsider");
    let script = format!("exec >> \"$0\"; echo theirs; printf half; {}; echo ' a line'", gate.pass("here"));
    let outsider = world.program("sh").arg("-c").arg(script).arg(world.entry(DAY)).start();
    gate.arrival();
    world.ponder(&["append", "-d", DAY, "appended"]).run().ok();
    gate.open();
    outsider.wait().ok();
    // The lines are whole; the one that was being written cannot be.
    assert_eq!(world.text(DAY), format!("{BEFORE}theirs\nhalf\nappended\n a line\n"));
}
