//! `ponder recover`: what was kept aside is listed, shown, put where it belongs, or dropped; and
//! nothing else takes it away.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::PathBuf;

use ponder_tests::outsiders::{BEFORE, DAY, SED, with};
use ponder_tests::{Finished, Tmux, World, tree, write};
use serde_json::Value;

/// A world with one kept draft.
struct Kept {
    world: World,
    id: String,
    path: PathBuf,
}

/// The entry, without the line that ours replaced by two.
fn theirs() -> String {
    BEFORE.replace("two\n", "")
}

fn ours() -> String {
    with(BEFORE, "two", "ours 1\nours 2")
}

impl Kept {
    fn of(world: World) -> Self {
        let [kept] = &world.kept()[..] else { panic!("one kept draft") };
        let [id, path] = ["id", "path"].map(|field| kept[field].as_str().unwrap().to_owned());
        Self { world, id, path: path.into() }
    }

    /// An editor replaced a line, and another program removed it.
    fn by_a_conflict() -> Self {
        let world = World::new();
        world.write(DAY, BEFORE);
        let remove = || world.write(DAY, &theirs());
        world.edit_while("sed -i 's/^two$/ours 1\\nours 2/' \"$1\"", remove).code(65);
        Self::of(world)
    }

    /// A command replaced a line and failed; what another program did since is elsewhere.
    fn by_a_command() -> Self {
        let world = World::new();
        world.write(DAY, BEFORE);
        world.lease(DAY, "sed -i 's/^two$/ours/' \"$PONDER_ENTRY\"; exit 1").run().code(1);
        SED.change(&world, "six");
        Self::of(world)
    }

    fn recover(&self, arguments: &[&str]) -> Finished {
        self.world.ponder(&[&["recover"], arguments].concat()).run()
    }

    /// Runs this in a terminal, with a key pressed at the question if there is one. Returns the
    /// exit code and the screen.
    fn in_a_terminal(&self, tmux: &Tmux, editor: &str, verb: &str, answer: Option<&str>) -> (i32, String) {
        let pane = tmux.pane(&format!("PONDER_EDITOR={editor} exec ponder recover {verb} {}", self.id));
        if let Some(answer) = answer {
            pane.shows("y/N");
            pane.type_text(answer).press(&["Enter"]);
        }
        (pane.exit(), pane.screen())
    }

    /// Entry and kept draft are as they were.
    #[track_caller]
    fn is_untouched(&self) {
        assert_eq!(self.world.text(DAY), theirs());
        assert_eq!(self.world.kept_texts(), [ours()]);
        assert_eq!(fs::read_to_string(&self.path).unwrap(), ours());
    }

    /// Puts an editor's own files beside the kept draft.
    fn with_an_editors_files(self) -> Self {
        for name in [".20261123.md.swp", "20261123.md~"] {
            write(&self.path.with_file_name(name), name);
        }
        self
    }
}

#[test]
fn what_is_kept_is_listed_with_its_reason_and_its_size() {
    let kept = Kept::by_a_conflict();
    for arguments in [&[][..], &["list"]] {
        let told = kept.recover(arguments).ok().stdout;
        for part in [&kept.id, "2026-11-23", "another program changed the entry", "2 lines differ"] {
            assert!(told.contains(part), "{part:?} is not in\n{told}");
        }
    }
    let events = kept.world.ponder(&["--json", "recover"]).run().ok().events();
    let of = |event: &&Value| event["id"] == kept.id.as_str();
    let listed = events.iter().find(of).unwrap_or_else(|| panic!("{events:?}"));
    let known = &kept.world.kept()[0];
    for field in ["entry", "path", "why", "when"] {
        assert_eq!(listed[field], known[field], "{listed}");
    }
    assert_eq!(listed["lines"], 2, "{listed}");
    assert_eq!(events.last().unwrap()["event"], "result");
    kept.is_untouched();
}

#[test]
fn the_difference_is_shown_from_the_entry_to_the_kept_text() {
    let kept = Kept::by_a_conflict();
    kept.world.ponder(&["daemon", "stop"]).run().ok();
    let shown = kept.recover(&["show", &kept.id]).ok().stdout;
    let lines: Vec<&str> = shown.lines().collect();
    let [from, to] = [kept.world.entry(DAY), kept.path.clone()].map(|path| path.display().to_string());
    assert!(lines[0].starts_with("--- ") && lines[0].contains(&from), "{shown}");
    assert!(lines[1].starts_with("+++ ") && lines[1].contains(&to), "{shown}");
    assert!(lines[2].starts_with("@@ -1,4 +1,6 @@"), "{shown}");
    assert_eq!(lines[3..], [" one", "+ours 1", "+ours 2", " three", " four", " five"], "{shown}");
}

#[test]
fn what_can_be_merged_is_applied_at_once_and_is_kept_no_more() {
    let kept = Kept::by_a_command();
    kept.recover(&["apply", &kept.id]).ok();
    assert_eq!(kept.world.text(DAY), "one\nours\nthree\nfour\nfive\ntheirs\nseven\n");
    assert!(kept.world.kept().is_empty() && !kept.path.exists());
}

#[test]
fn without_a_terminal_what_overlaps_stays_and_the_next_step_is_told() {
    let kept = Kept::by_a_conflict();
    kept.world.editor("ed", "echo never > \"$1\"");
    let apply = |first: &[&str]| {
        let arguments = [first, &["recover", "apply", &kept.id]].concat();
        kept.world.ponder(&arguments).env("PONDER_EDITOR", "ed").run().code(65)
    };
    let next = format!("ponder recover apply {}", kept.id);
    apply(&[]).says(&next).says("terminal");
    let events = apply(&["--json"]).events();
    let result = events.last().unwrap();
    assert!(result["exit"] == 65 && result["message"].as_str().unwrap().contains(&next), "{result}");
    kept.is_untouched();
}

#[test]
fn on_a_terminal_what_overlaps_is_opened_in_the_editor_beside_the_entry() {
    let kept = Kept::by_a_conflict();
    let tmux = kept.world.tmux();
    let script = "cp \"$1\" \"$HOME/first\"; cp \"$2\" \"$HOME/second\"; echo $# > \"$HOME/count\"; \
                  echo settled >> \"$1\"";
    let editor = kept.world.editor("both", script);
    let (code, screen) = kept.in_a_terminal(&tmux, &editor, "apply", Some("y"));
    assert_eq!(code, 0, "{screen}");
    let saw = |name: &str| fs::read_to_string(kept.world.path("home").join(name)).unwrap();
    assert_eq!((saw("count").as_str(), saw("first"), saw("second")), ("2\n", theirs(), ours()));
    assert_eq!(kept.world.text(DAY), format!("{}settled\n", theirs()));
}

#[test]
fn an_editor_that_is_missing_or_saves_nothing_settles_nothing() {
    let kept = Kept::by_a_conflict();
    let tmux = kept.world.tmux();
    let (code, screen) = kept.in_a_terminal(&tmux, "no-such-editor", "apply", None);
    assert!(code == 1 && screen.contains("cannot start the editor"), "{code} {screen}");
    kept.is_untouched();
    let editor = kept.world.editor("looks", "cat \"$1\" \"$2\" > \"$HOME/looked\"");
    kept.in_a_terminal(&tmux, &editor, "apply", None);
    assert!(kept.world.path("home/looked").exists());
    kept.is_untouched();
}

#[test]
fn it_is_dropped_only_after_a_yes() {
    let kept = Kept::by_a_conflict();
    let tmux = kept.world.tmux();
    for answer in ["", "n", "maybe"] {
        kept.in_a_terminal(&tmux, "true", "drop", Some(answer));
        kept.is_untouched();
    }
    let (code, screen) = kept.in_a_terminal(&tmux, "true", "drop", Some("y"));
    assert_eq!(code, 0, "{screen}");
    assert!(kept.world.kept().is_empty() && !kept.path.exists());
    assert_eq!(kept.world.text(DAY), theirs());
}

#[test]
fn without_a_terminal_it_is_dropped_only_with_yes() {
    let kept = Kept::by_a_conflict();
    kept.recover(&["drop", &kept.id]).code(2).explains(&["--yes"]);
    kept.world.ponder(&["recover", "drop", &kept.id]).input("y\n").run().code(2).explains(&["--yes"]);
    kept.is_untouched();
    kept.recover(&["drop", "--yes", &kept.id]).ok();
    assert!(kept.world.kept().is_empty() && !kept.path.exists());
    assert_eq!(kept.world.text(DAY), theirs());
}

#[test]
fn what_is_not_kept_is_named_and_nothing_is_touched() {
    let kept = Kept::by_a_conflict();
    let before = tree(&kept.world.path("journal"));
    for id in ["20261123.7", "20261124.0", "../slots/20261123.0", "20261123.0/.."] {
        for verb in [&["show", id][..], &["apply", id], &["drop", "--yes", id]] {
            let said = kept.recover(verb);
            assert!(!said.is_ok(), "{verb:?}");
            said.explains(&[id, "ponder recover"]);
        }
    }
    assert_eq!(tree(&kept.world.path("journal")), before);
    kept.is_untouched();
}

#[test]
fn who_opens_an_editor_is_told_in_one_line_that_text_is_waiting() {
    let kept = Kept::by_a_conflict();
    kept.world.lease("20261124", "echo x > \"$PONDER_ENTRY\"; exit 1").run().code(1);
    let gate = kept.world.gate("editing");
    kept.world.editor("stops", &format!("{}; echo text >> \"$1\"", gate.pass("here")));
    let edit = |day| kept.world.ponder(&["-d", day]).env("EDITOR", "stops").start();
    let client = edit("20261125");
    gate.arrival();
    client.says("ponder recover");
    gate.open();
    let said = client.wait().ok().stderr;
    assert_eq!(said.lines().count(), 1, "{said}");

    for id in [&kept.id, "20261124.0"] {
        kept.recover(&["drop", "--yes", id]).ok();
    }
    let client = edit("20261125");
    gate.arrival();
    gate.open();
    client.wait().ok().silent();
}

#[test]
fn an_editors_files_stay_with_what_is_kept_until_it_is_dropped() {
    let kept = Kept::by_a_conflict().with_an_editors_files();
    let slot = kept.path.parent().unwrap();
    let before = tree(slot);
    kept.recover(&["show", &kept.id]).ok();
    kept.recover(&["apply", &kept.id]).code(65);
    kept.world.editor("edits", "echo more >> \"$1\"");
    kept.world.ponder(&["-d", DAY]).env("EDITOR", "edits").run().ok();
    kept.world.ponder(&["daemon", "stop"]).run().ok();
    kept.world.ponder(&["daemon", "start"]).run().ok();
    assert_eq!(tree(slot), before);
    kept.recover(&["drop", "--yes", &kept.id]).ok();
    assert!(!slot.exists());

    let kept = Kept::by_a_command().with_an_editors_files();
    kept.recover(&["apply", &kept.id]).ok();
    let left = tree(kept.path.parent().unwrap());
    let swap = left.get(&kept.path.with_file_name(".20261123.md.swp"));
    assert!(swap.is_some_and(|file| file.ends_with("swp")), "{left:?}");
}
