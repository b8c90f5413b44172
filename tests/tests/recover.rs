//! `ponder recover`: where it must be careful.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::PathBuf;

use ponder_tests::{Finished, World};
use rustix::process::Signal;

const DAY: &str = "20261123";
const ID: &str = "20261123.0";
const BEFORE: &str = "one\ntwo\nthree\nfour\nfive\n";

/// A world whose entry is there.
fn world() -> World {
    let world = World::new();
    world.write(DAY, BEFORE);
    world
}

/// A command that did this to its draft and failed.
fn failed_after(world: &World, script: &str) {
    world.lease(DAY, &format!("{script}; exit 1")).run().code(1);
    assert_eq!(world.kept()[0]["id"], ID);
}

fn recover(world: &World, arguments: &[&str]) -> Finished {
    world.ponder(&[&["recover"], arguments].concat()).run()
}

fn kept_path(world: &World) -> PathBuf {
    world.kept()[0]["path"].as_str().unwrap().into()
}

#[test]
fn nothing_kept_is_said_and_is_no_error() {
    let world = world();
    let listed = recover(&world, &[]).ok().says("nothing is kept");
    assert_eq!(listed.stdout, "");
    let events = world.ponder(&["--json", "recover"]).run().ok().events();
    assert_eq!(events.len(), 1, "only the result: {events:?}");
}

#[test]
fn who_is_told_of_a_kept_draft_is_told_the_command_too() {
    let world = world();
    let lease = world.lease(DAY, "echo x > \"$PONDER_ENTRY\"; exit 1").run().code(1);
    lease.says(&format!("ponder recover apply {ID}"));
    let journal = world.path("other journal");
    fs::create_dir(&journal).unwrap();
    let other = ["--journal", journal.to_str().unwrap()];
    let lease = ["lease", "-d", DAY, "--", "sh", "-c", "echo x > \"$PONDER_ENTRY\"; exit 1"];
    let told = world.ponder(&[&other[..], &lease].concat()).run().code(1);
    told.says(&format!("ponder --journal '{}' recover apply {ID}", journal.display()));
    world.ponder(&[&other[..], &["daemon", "stop"]].concat()).run().ok();
}

#[test]
fn what_the_entry_has_already_is_no_change_to_it() {
    let world = world();
    failed_after(&world, "sed -i s/two/2/ \"$PONDER_ENTRY\"");
    world.write(DAY, &BEFORE.replace("two", "2"));
    let events = world.ponder(&["--json", "recover", "apply", ID]).run().ok().events();
    let applied = events.iter().find(|event| event["event"] == "applied").unwrap();
    assert!(applied["unchanged"] == true && applied["dropped"] == true, "{applied}");
    assert!(world.kept().is_empty());
    assert_eq!(world.text(DAY), BEFORE.replace("two", "2"));
}

#[test]
fn an_entry_that_is_gone_is_made_anew() {
    let world = world();
    failed_after(&world, "sed -i s/two/2/ \"$PONDER_ENTRY\"");
    fs::remove_file(world.entry(DAY)).unwrap();
    recover(&world, &["show", ID]).ok().says("there is no entry");
    recover(&world, &["apply", ID]).ok();
    assert_eq!(world.text(DAY), BEFORE.replace("two", "2"));
    assert!(world.kept().is_empty());
}

#[test]
fn half_of_a_text_and_one_without_its_base_are_never_merged() {
    let world = world();
    failed_after(&world, "printf 'one\\ntw' > \"$PONDER_ENTRY\"");
    recover(&world, &["apply", ID]).code(65).says("half");
    recover(&world, &["drop", "--yes", ID]).ok();

    failed_after(&world, "sed -i s/two/2/ \"$PONDER_ENTRY\"");
    let base = kept_path(&world).parent().unwrap().with_extension("0.base");
    for spoil in
        [|path: &PathBuf| fs::write(path, "").unwrap(), |path: &PathBuf| fs::remove_file(path).unwrap()]
    {
        spoil(&base);
        recover(&world, &["apply", ID]).code(65).says("ponder recover apply");
        assert_eq!(world.text(DAY), BEFORE);
        assert_eq!(world.kept().len(), 1);
    }
}

#[test]
fn it_waits_its_turn_or_does_not() {
    let world = world();
    failed_after(&world, "sed -i s/two/2/ \"$PONDER_ENTRY\"");
    let gate = world.gate("holder");
    let holder = world.lease(DAY, &gate.pass("here")).start();
    gate.arrival();
    recover(&world, &["apply", "--no-wait", ID]).code(75);
    let waits = world.ponder(&["--json", "recover", "apply", ID]).start();
    waits.event("queued");
    gate.open();
    holder.wait().ok();
    waits.wait().ok();
    assert_eq!(world.text(DAY), BEFORE.replace("two", "2"));
    assert!(world.kept().is_empty());
}

#[test]
fn files_of_the_user_are_his_to_move() {
    let world = world();
    world.editor("makes", "echo photo > \"$(dirname \"$1\")/photo.jpg\"");
    world.ponder(&["-d", DAY]).env("EDITOR", "makes").run().code(65);
    let photo = kept_path(&world).join("photo.jpg");
    let listed = recover(&world, &[]).ok().stdout;
    assert!(listed.contains("1 file"), "{listed}");
    let json = world.ponder(&["--json", "recover"]).run().ok().events();
    assert_eq!(json[0]["files"], 1, "{json:?}");
    for verb in [&["apply", ID][..], &["show", ID], &["drop", "--yes", ID]] {
        recover(&world, verb).code(65).explains(&["photo.jpg", "move"]);
    }
    assert_eq!(fs::read_to_string(&photo).unwrap(), "photo\n");
    fs::remove_file(&photo).unwrap();
    recover(&world, &["drop", "--yes", ID]).ok();
    assert!(world.kept().is_empty());
}

#[test]
fn a_file_beside_the_text_outlives_it() {
    let world = world();
    failed_after(&world, "sed -i s/two/2/ \"$PONDER_ENTRY\"");
    let photo = kept_path(&world).with_file_name("photo.jpg");
    fs::write(&photo, "photo").unwrap();
    recover(&world, &["apply", ID]).ok().says("1 file beside it");
    assert_eq!(world.text(DAY), BEFORE.replace("two", "2"));
    assert_eq!(fs::read_to_string(&photo).unwrap(), "photo");
}

#[test]
fn an_answer_of_yes_after_editing_lets_the_kept_draft_go_and_no_other_does() {
    let world = world();
    let tmux = world.tmux();
    failed_after(&world, "sed -i s/two/2/ \"$PONDER_ENTRY\"");
    for (answer, left) in [("", 1), ("n", 1), ("y", 0)] {
        world.write(DAY, &BEFORE.replace("two", "zwei"));
        world.editor("both", "grep 2 \"$2\" >> \"$1\"");
        let pane = tmux.pane(&format!("PONDER_EDITOR=both exec ponder recover apply {ID}"));
        pane.shows("y/N");
        pane.type_text(answer).press(&["Enter"]);
        assert_eq!(pane.exit(), 0, "{}", pane.screen());
        assert_eq!(world.text(DAY), BEFORE.replace("two", "zwei") + "2\n");
        assert_eq!(world.kept().len(), left, "after {answer:?}");
    }
}

#[test]
fn ctrl_c_at_a_question_is_a_no() {
    let world = world();
    let tmux = world.tmux();
    failed_after(&world, "sed -i s/two/2/ \"$PONDER_ENTRY\"");
    world.write(DAY, &BEFORE.replace("two", "zwei"));
    world.editor("adds", "echo more >> \"$1\"");
    let pane = tmux.pane(&format!("PONDER_EDITOR=adds exec ponder recover apply {ID}"));
    pane.shows("y/N");
    pane.press(&["C-c"]);
    assert_eq!(pane.exit(), 130, "{}", pane.screen());
    assert_eq!(world.kept().len(), 1);
    let pane = tmux.pane(&format!("exec ponder recover drop {ID}"));
    pane.shows("y/N");
    pane.press(&["C-c"]);
    pane.exit();
    assert_eq!(world.kept().len(), 1);
}

#[test]
fn colour_is_for_terminals_and_for_who_asks() {
    let world = world();
    failed_after(&world, "sed -i s/two/2/ \"$PONDER_ENTRY\"");
    let plain = recover(&world, &["show", ID]).ok().stdout;
    assert!(plain.contains("\n-two\n+2\n") && !plain.contains('\x1b'), "{plain}");
    let coloured = world.ponder(&["--color", "always", "recover", "show", ID]).run().ok().stdout;
    assert!(coloured.contains("\x1b[31m-two\x1b[0m\n"), "{coloured:?}");
    let json = world.ponder(&["--json", "--color", "always", "recover", "show", ID]).run().ok().events();
    assert_eq!(json[0]["text"], plain.as_str());
}

#[test]
fn a_client_that_is_killed_while_it_applies_loses_nothing() {
    let world = world();
    failed_after(&world, "sed -i s/two/2/ \"$PONDER_ENTRY\"");
    let gate = world.gate("holder");
    let holder = world.lease(DAY, &gate.pass("here")).start();
    gate.arrival();
    let waits = world.ponder(&["--json", "recover", "apply", ID]).start();
    waits.event("queued");
    waits.signal(Signal::KILL);
    gate.open();
    holder.wait().ok();
    assert_eq!(world.text(DAY), BEFORE);
    recover(&world, &["apply", ID]).ok();
    assert_eq!(world.text(DAY), BEFORE.replace("two", "2"));
}

#[test]
fn a_text_that_was_emptied_comes_back_whole() {
    let world = world();
    world.editor("empties", ": > \"$1\"");
    world.ponder(&["-d", DAY]).env("EDITOR", "empties").run().code(65).says("recover apply");
    assert_eq!(world.text(DAY), "");
    let id = world.kept()[0]["id"].as_str().unwrap().to_owned(); // the next slot: the editor had the first
    recover(&world, &["apply", &id]).ok();
    assert_eq!(world.text(DAY), BEFORE);
    assert!(world.kept().is_empty());
}

#[test]
fn what_an_editor_still_has_open_is_not_taken_away_from_it() {
    let world = world();
    let gates = ["first", "second"].map(|name| world.gate(name));
    let [first, second] = gates.each_ref().map(|gate| gate.pass("here"));
    let script = format!("{first}; sed -i s/two/ours/ \"$1\"; {second}; echo more >> \"$1\"");
    world.editor("saves", &script);
    let editor = world.ponder(&["-d", DAY]).env("EDITOR", "saves").start();
    gates[0].arrival();
    world.write(DAY, &BEFORE.replace("two", "theirs"));
    gates[0].open();
    gates[1].arrival();
    ponder_tests::wait_until("the save is kept", || (world.kept().len() == 1).then_some(()));
    let listed = recover(&world, &[]).ok().stdout;
    assert!(listed.contains("saves (pid ") && listed.contains("still has it open"), "{listed}");
    recover(&world, &["drop", "--yes", ID]).code(75).explains(&["saves (pid ", ID]);
    recover(&world, &["apply", "--no-wait", ID]).code(75);
    gates[1].open();
    editor.wait().code(65);
    let text = BEFORE.replace("two", "ours") + "more\n";
    assert_eq!(fs::read_to_string(kept_path(&world)).unwrap(), text);
    recover(&world, &["drop", "--yes", ID]).ok();
}

#[test]
fn a_script_cannot_take_it_away_either() {
    let world = world();
    let mut script = world.script();
    let session = script.acquire(&[DAY], &serde_json::json!({ "commit": "on_save" }));
    let granted = script.expect("granted");
    fs::write(granted["drafts"][0]["path"].as_str().unwrap(), BEFORE.replace("two", "ours")).unwrap();
    world.write(DAY, &BEFORE.replace("two", "theirs"));
    let commit = serde_json::json!({ "op": "commit", "session": session, "token": granted["token"] });
    script.ask(commit, "committed");
    let drop = serde_json::json!({ "op": "drop", "kept": ID });
    assert_eq!(world.script().refused(drop.clone())["code"], "busy");
    assert!(kept_path(&world).exists());
    script.ask(serde_json::json!({ "op": "release", "session": session, "succeeded": true }), "released");
    assert_eq!(world.script().ask(drop, "dropped")["kept"], ID);
    assert!(world.kept().is_empty());
}
