//! `ponder merge-file`: by hand, and as git's merge driver. It needs no daemon and no journal.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs::{self, OpenOptions};
use std::io::Write as _;

use ponder_tests::{Finished, World, chmod, link, mkdir, mode, tree, write};
use serde_json::json;

/// Where the three files are, and what they are called.
const NAMES: [&str; 3] = ["base", "ours", "theirs"];

fn world(texts: [&str; 3]) -> World {
    let world = World::new();
    for (name, text) in NAMES.into_iter().zip(texts) {
        write(&world.path("home").join(name), text);
    }
    world
}

/// Merges the world's three files, which are in the directory where it runs.
fn merge(world: &World, options: &[&str]) -> Finished {
    world.ponder(&[&["merge-file"], options, &NAMES].concat()).run()
}

fn read(world: &World, name: &str) -> String {
    String::from_utf8_lossy(&fs::read(world.path("home").join(name)).unwrap()).into_owned()
}

#[test]
fn both_texts_are_in_ours_and_nothing_else_is_touched() {
    let world = world(["a\n", "a\nsame\nour\n", "a\nsame\ntheir\n"]);
    let ours = world.path("home").join("ours");
    chmod(&ours, 0o640);
    let mut expected = tree(&world.path(""));
    merge(&world, &[]).ok().silent();
    expected.insert(ours, "0640 a\nsame\nour\nsame\ntheir\n".to_owned());
    assert_eq!(tree(&world.path("")), expected, "no journal, no state, nothing left beside it");
    assert_eq!(world.processes(), [], "no daemon");
}

#[test]
fn a_conflict_leaves_ours_as_it_is() {
    let world = world(["a\n", "b", "c\r\n"]);
    let before = tree(&world.path(""));
    merge(&world, &[])
        .code(65)
        .explains(&["ours and theirs changed the same lines", "ours was left as it is"]);
    merge(&world, &["--print"]).code(65).explains(&["join the two by hand"]);
    let said = merge(&world, &["--json"]).code(65);
    let [result] = &said.events()[..] else { panic!("{}", said.stdout) };
    assert_eq!((&result["event"], &result["exit"]), (&json!("result"), &json!(65)));
    assert!(result["message"].as_str().unwrap().contains("left as it is"), "{result}");
    assert_eq!(tree(&world.path("")), before);
}

#[test]
fn what_is_printed_is_written_nowhere() {
    let world = world(["a\n", "a\nour\n", "a\ntheir\n"]);
    let before = tree(&world.path(""));
    for option in ["-p", "--print"] {
        let said = merge(&world, &[option]).ok();
        assert_eq!((said.stdout.as_str(), said.stderr.as_str()), ("a\nour\ntheir\n", ""));
    }
    let events = merge(&world, &["--json", "-p"]).ok().events();
    let merged = json!({ "event": "merged", "text": "a\nour\ntheir\n" });
    assert_eq!(events, [merged, json!({ "event": "result", "exit": 0 })]);
    assert_eq!(tree(&world.path("")), before);
}

/// A result that is not whole is not a result.
#[test]
fn a_full_disk_is_told() {
    let world = world(["a\n", "a\nour\n", "a\ntheir\n"]);
    let script = "ponder merge-file -p base ours theirs > /dev/full";
    let said = world.program("sh").arg("-c").arg(script).run().code(74);
    said.explains(&["cannot write the merged text", "No space left"]);
}

#[test]
fn a_text_that_is_there_already_is_not_written_again() {
    let world = world(["a\n", "a\nour\n", "a\n"]);
    let ours = world.path("home").join("ours");
    let before = fs::metadata(&ours).unwrap().modified().unwrap();
    merge(&world, &[]).ok().silent();
    assert_eq!(fs::metadata(&ours).unwrap().modified().unwrap(), before);
}

#[test]
fn texts_that_cannot_be_read_are_named() {
    for missing in NAMES {
        let world = world(["a\n", "a\nour\n", "a\ntheir\n"]);
        fs::remove_file(world.path("home").join(missing)).unwrap();
        let before = tree(&world.path(""));
        let said = merge(&world, &[]).code(74);
        said.explains(&[&format!("cannot read {missing}: "), "no such file", "BASE OURS THEIRS"]);
        mkdir(&world.path("home").join(missing), 0o700);
        let code = if missing == "ours" { 78 } else { 74 };
        merge(&world, &[]).code(code).explains(&[missing, "is a directory"].map(|part| match part {
            "is a directory" if missing != "ours" => "Is a directory",
            part => part,
        }));
        fs::remove_dir(world.path("home").join(missing)).unwrap();
        assert_eq!(tree(&world.path("")), before);
    }
}

#[test]
fn only_a_plain_file_is_replaced() {
    let world = world(["a\n", "a\nour\n", "a\ntheir\n"]);
    let (ours, target) = (world.path("home").join("ours"), world.path("home").join("target"));
    fs::rename(&ours, &target).unwrap();
    link(&target, &ours);
    let before = tree(&world.path(""));
    merge(&world, &[]).code(78).explains(&["ours is a symbolic link", "--print"]);
    assert_eq!(merge(&world, &["-p"]).ok().stdout, "a\nour\ntheir\n");
    assert_eq!(tree(&world.path("")), before);
}

#[test]
fn where_nothing_can_be_written_nothing_is_lost() {
    let world = World::of_an_ordinary_user();
    let home = world.path("home");
    for (name, text) in NAMES.into_iter().zip(["a\n", "a\nour\n", "a\ntheir\n"]) {
        write(&home.join(name), text);
        chmod(&home.join(name), 0o644);
    }
    chmod(&home, 0o555);
    merge(&world, &[]).code(74).explains(&["cannot write ours", "Permission denied", "it was left as it is"]);
    chmod(&home, 0o755);
    assert_eq!((read(&world, "ours"), mode(&home.join("ours"))), ("a\nour\n".to_owned(), 0o644));
}

/// The disk is full for the new text, not for the old one, which stays as it was.
#[test]
fn a_text_that_cannot_be_written_whole_replaces_nothing() {
    let world = world(["a\n", &"our\n".repeat(5000), "a\ntheir\n"]);
    write(&world.path("home").join("base"), "");
    let before = tree(&world.path(""));
    let script = "trap '' XFSZ; ulimit -f 8; exec ponder merge-file base ours theirs";
    let said = world.program("sh").arg("-c").arg(script).run().code(74);
    said.explains(&["cannot write ours", "File too large", "it was left as it is"]);
    assert_eq!(tree(&world.path("")), before, "nothing is left beside it");
}

/// THEIRS is a FIFO here: when it is opened, OURS was read.
#[test]
fn a_text_that_changes_meanwhile_is_not_replaced() {
    let world = world(["a\n", "a\nour\n", ""]);
    let [ours, theirs] = ["ours", "theirs"].map(|name| world.path("home").join(name));
    fs::remove_file(&theirs).unwrap();
    world.program("mkfifo").arg(&theirs).run().ok();
    let merging = world.ponder(&["merge-file", "base", "ours", "theirs"]).start();
    let mut fifo = OpenOptions::new().write(true).open(&theirs).unwrap();
    write(&ours, "a\nsomebody else's\n");
    fifo.write_all(b"a\ntheir\n").unwrap();
    drop(fifo);
    merging.wait().code(75).explains(&["ours was changed by another program", "try again"]);
    assert_eq!(read(&world, "ours"), "a\nsomebody else's\n");
    assert_eq!(fs::read_dir(world.path("home")).unwrap().count(), 3, "nothing is left beside it");
}

#[test]
fn three_files_are_needed() {
    let world = world(["a\n", "b\n", "c\n"]);
    for arguments in
        [&["merge-file"][..], &["merge-file", "base", "ours"], &["merge-file", "1", "2", "3", "4"]]
    {
        let said = world.ponder(arguments).run().code(2);
        assert!(said.stderr.starts_with("error: ") && said.stderr.contains("Usage: ponder merge-file"));
    }
}

/// A repository in the journal, as the README says to set it up, with one entry in it.
struct Repository(World);

const ENTRY: &str = "20261123.md";

impl Repository {
    fn new(text: &str) -> Self {
        let world = World::new();
        world.write("20261123", text);
        write(&world.path("journal").join(".gitattributes"), "*.md merge=ponder\n");
        let repository = Self(world);
        repository.git(&["init", "-q", "-b", "main"]).ok();
        for (name, value) in [
            ("user.name", "ada"),
            ("user.email", "ada@example.org"),
            ("merge.ponder.name", "ponder"),
            ("merge.ponder.driver", "ponder merge-file %O %A %B"),
        ] {
            repository.git(&["config", name, value]).ok();
        }
        repository.commit("begin");
        repository.git(&["branch", "laptop"]).ok();
        repository
    }

    fn git(&self, arguments: &[&str]) -> Finished {
        let git = self.0.program("git").arg("-C").arg(self.0.path("journal"));
        arguments.iter().fold(git, ponder_tests::Program::arg).run()
    }

    fn commit(&self, what: &str) {
        self.git(&["add", "-A"]).ok();
        self.git(&["commit", "-q", "-m", what]).ok();
    }

    /// Both branches write the entry anew; `main` is checked out in the end.
    fn both_write(&self, main: &str, laptop: &str) {
        for (branch, text) in [("laptop", laptop), ("main", main)] {
            self.git(&["checkout", "-q", branch]).ok();
            write(&self.0.entry("20261123"), text);
            self.commit(branch);
        }
    }

    fn text(&self) -> String {
        self.0.text("20261123")
    }
}

#[test]
fn git_merges_two_machines_that_wrote_at_the_end() {
    let begun = "# November 23, 2026: Monday\n";
    let repository = Repository::new(begun);
    let wrote = |line: &str| format!("{begun}\n## 10:00:00\n\n{line}\n");
    repository.both_write(&wrote("at the desk"), &wrote("on the train"));
    repository.git(&["merge", "-q", "laptop", "-m", "both"]).ok();
    let both = format!("{begun}\n## 10:00:00\n\nat the desk\n\n## 10:00:00\n\non the train\n");
    assert_eq!(repository.text(), both, "what stood there first, and no line folded");
    assert_eq!(repository.git(&["status", "--porcelain"]).ok().stdout, "");
}

/// Nobody knows whether two who wrote the same heading meant one. Both are there to be seen.
#[test]
fn git_merges_a_day_that_was_begun_twice() {
    let repository = Repository::new("a\n");
    for (branch, line) in [("laptop", "train"), ("main", "desk")] {
        repository.git(&["checkout", "-q", branch]).ok();
        write(&repository.0.entry("20261124"), &format!("# November 24, 2026: Tuesday\n\n{line}\n"));
        repository.commit(branch);
    }
    repository.git(&["merge", "-q", "laptop", "-m", "both"]).ok();
    let heading = "# November 24, 2026: Tuesday";
    assert_eq!(repository.0.text("20261124"), format!("{heading}\n\ndesk\n{heading}\n\ntrain\n"));
}

#[test]
fn git_rebases_onto_what_stands_there() {
    let repository = Repository::new("a\n");
    repository.both_write("a\nour\n", "a\ntheir\n");
    repository.git(&["rebase", "-q", "laptop"]).ok();
    assert_eq!(repository.text(), "a\ntheir\nour\n");
}

#[test]
fn git_is_told_of_a_conflict_and_sees_no_markers() {
    let repository = Repository::new("a\nb\n");
    repository.both_write("a\nour\n", "a\ntheir\n");
    let said = repository.git(&["merge", "laptop"]).code(1);
    assert!(said.stdout.contains("CONFLICT (content)"), "{}", said.stdout);
    assert!(said.stderr.contains("changed the same lines"), "{}", said.stderr);
    assert_eq!(repository.text(), "a\nour\n");
    let status = repository.git(&["status", "--porcelain"]).ok().stdout;
    assert_eq!(status, format!("UU {ENTRY}\n"), "all three texts are in git's index");
    assert_eq!(repository.git(&["show", &format!(":3:{ENTRY}")]).ok().stdout, "a\ntheir\n");
    let missing = repository.git(&["diff", "--theirs"]).ok().stdout;
    assert!(missing.contains("\n-their\n+our\n"), "{missing}");
}
