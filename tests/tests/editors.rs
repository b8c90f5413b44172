//! The editors that people have, in real terminals: what was saved is in the entry, whatever else
//! happens to the editor.
//!
//! Worlds are outside `/tmp`, where vim by default would save in another way.

use ponder_tests::editors::{ED, EMACS, Editor, MICRO, NANO, VIM, names};
use ponder_tests::{World, wait_until};

const DAY: &str = "20261123";

/// A journal with an entry.
fn world() -> World {
    let world = World::new();
    world.write(DAY, "before\n");
    world
}

/// Waits until the entry is this, and nothing else on the way but `from`.
fn becomes(world: &World, from: &str, to: &str) {
    wait_until(&format!("the entry is {to:?}"), || {
        let text = world.text(DAY);
        assert!(text == from || text == to, "{text:?} on the way from {from:?} to {to:?}");
        (text == to).then_some(())
    });
}

fn every_save_is_in_the_entry_while_it_stays_open(editor: &'static Editor) {
    let world = world();
    let tmux = world.tmux();
    let desk = editor.open(&world, &tmux, DAY);
    let inode = desk.inode();
    desk.add("first").save();
    becomes(&world, "before\n", "before\nfirst\n");
    assert_eq!(desk.inode() != inode, editor.renames, "{} saves in another way than it did", editor.name);
    assert!(desk.process().runs(), "{} has ended by itself\n{}", editor.name, desk.pane.screen());
    assert_eq!(world.sessions().len(), 1);
    desk.add("second").save();
    becomes(&world, "before\nfirst\n", "before\nfirst\nsecond\n");
    assert!(desk.process().runs() && world.sessions().len() == 1);
    assert_eq!(desk.quit(), 0, "{}", desk.pane.screen());
    assert_eq!(world.text(DAY), "before\nfirst\nsecond\n");
    assert!(world.kept().is_empty() && world.sessions().is_empty());
}

fn killed_it_loses_what_was_not_saved_and_nothing_else(editor: &'static Editor) {
    let world = world();
    let tmux = world.tmux();
    let desk = editor.open(&world, &tmux, DAY);
    desk.add("saved").save();
    becomes(&world, "before\n", "before\nsaved\n");
    desk.add("forgotten").write_down("forgotten");
    let (left, exit) = desk.kill();
    assert_eq!(exit, 1, "{}", desk.pane.screen());
    desk.pane.shows(&format!("the editor \"{}\" failed", editor.name));
    assert_eq!(world.text(DAY), "before\nsaved\n");
    assert!(world.kept().is_empty(), "{:?}", world.kept());
    assert!(world.sessions().is_empty());
    assert_eq!(desk.beside(), left, "{:?} were the editor's", names(&left));
    assert!(!editor.writes_down() || left.values().any(|file| file.contains("forgotten")), "{left:?}");
}

fn killed_right_after_a_save_it_has_saved(editor: &'static Editor) {
    let world = world();
    let tmux = world.tmux();
    let desk = editor.open(&world, &tmux, DAY);
    desk.add("saved").save();
    wait_until("the draft has it", || desk.draft().ends_with("\nsaved\n").then_some(()));
    let (_, exit) = desk.kill();
    assert_eq!(exit, 1, "{}", desk.pane.screen());
    assert_eq!(world.text(DAY), "before\nsaved\n");
    assert!(world.kept().is_empty(), "{:?}", world.kept());
}

/// The next draft has the same path, so the editor finds what it had written down.
fn killed_it_is_opened_again_and_takes_up_what_was_not_saved(editor: &'static Editor) {
    let world = world();
    let tmux = world.tmux();
    let desk = editor.open(&world, &tmux, DAY);
    desk.add("written down").write_down("written down");
    assert_eq!(desk.kill().1, 1);
    assert_eq!(world.text(DAY), "before\n");

    let desk = editor.start(&world, &tmux, DAY);
    desk.take_up();
    desk.pane.shows("written down");
    desk.save();
    becomes(&world, "before\n", "before\nwritten down\n");
    assert_eq!(desk.quit(), 0, "{}", desk.pane.screen());
    assert_eq!(world.text(DAY), "before\nwritten down\n");
}

macro_rules! of_each {
    ($($editor:ident in $module:ident: $($promise:ident),+;)+) => {
        $(mod $module {
            $(#[test]
            fn $promise() {
                super::$promise(&super::$editor);
            })+
        })+
    };
}

of_each! {
    VIM in vim: every_save_is_in_the_entry_while_it_stays_open, killed_it_loses_what_was_not_saved_and_nothing_else,
        killed_right_after_a_save_it_has_saved, killed_it_is_opened_again_and_takes_up_what_was_not_saved;
    NANO in nano: every_save_is_in_the_entry_while_it_stays_open,
        killed_it_loses_what_was_not_saved_and_nothing_else, killed_right_after_a_save_it_has_saved;
    EMACS in emacs: every_save_is_in_the_entry_while_it_stays_open,
        killed_it_loses_what_was_not_saved_and_nothing_else, killed_right_after_a_save_it_has_saved,
        killed_it_is_opened_again_and_takes_up_what_was_not_saved;
    MICRO in micro: every_save_is_in_the_entry_while_it_stays_open,
        killed_it_loses_what_was_not_saved_and_nothing_else, killed_right_after_a_save_it_has_saved;
    ED in ed: every_save_is_in_the_entry_while_it_stays_open,
        killed_it_loses_what_was_not_saved_and_nothing_else, killed_right_after_a_save_it_has_saved;
}
