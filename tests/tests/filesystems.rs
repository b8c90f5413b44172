//! Real file systems, and what they hold besides text. As root, who may mount them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use ponder_tests::{
    Day, FILE_SYSTEMS, FileSystem, Injection, Program, World, assert_refused, chmod, give_away, link, mkdir,
    mode, tree,
};
use serde_json::json;

const DAY: &str = "20261123";

/// A session that adds a line to the entry's draft.
const ADDS: &str = "echo leased >> \"$PONDER_ENTRY\"";

/// What `getfattr` and `getfacl` tell of a file, with its mode and owner.
fn attributes(world: &World, path: &Path) -> String {
    let told = |program: &str, arguments: &[&str]| {
        let program = arguments.iter().fold(world.program(program), Program::arg);
        program.arg(path).run().ok().stdout
    };
    let found = fs::metadata(path).unwrap();
    let extended = told("getfattr", &["--absolute-names", "-d"]);
    let list = told("getfacl", &["--absolute-names", "-n"]);
    format!("{:o} {}:{}\n{extended}{list}", found.mode(), found.uid(), found.gid())
}

fn keeps_attributes(kind: FileSystem) {
    let world = World::new();
    let _disk = world.mount(kind, "journal");
    world.write(DAY, "before\n");
    let entry = world.entry(DAY);
    give_away(&entry);
    chmod(&entry, 0o640);
    for (name, value) in [("user.origin", "synced from elsewhere"), ("user.empty", "")] {
        world.program("setfattr").arg("-n").arg(name).arg("-v").arg(value).arg(&entry).run().ok();
    }
    world.program("setfacl").arg("-m").arg("u:1234:rw,g:4321:r").arg(&entry).run().ok();
    let before = attributes(&world, &entry);
    assert!(before.contains("user.origin=") && before.contains("user:1234:rw-"), "{kind:?}: {before}");
    let inode = fs::metadata(&entry).unwrap().ino();

    world.lease(DAY, ADDS).run().ok();
    assert_eq!(world.text(DAY), "before\nleased\n", "{kind:?}");
    assert_ne!(fs::metadata(&entry).unwrap().ino(), inode, "{kind:?}: it is another file");
    assert_eq!(attributes(&world, &entry), before, "{kind:?}");
    world.ponder(&["append", "-d", DAY, "appended"]).run().ok();
    assert_eq!(attributes(&world, &entry), before, "{kind:?}");
}

#[test]
fn a_new_version_has_the_mode_owner_attributes_and_access_list_of_the_old() {
    FILE_SYSTEMS.into_iter().for_each(keeps_attributes);
}

/// Appends to the entry and commits to it.
fn serves(world: &World, before: &str) -> String {
    world.ponder(&["append", "-d", DAY, "appended"]).run().ok();
    world.lease(DAY, ADDS).run().ok();
    format!("{before}appended\nleased\n")
}

fn follows_links(kind: FileSystem) {
    let world = World::new();
    let _disk = world.mount(kind, "journal");
    let archive = world.path("journal/archive");
    mkdir(&archive, 0o755);
    let target = archive.join("november.md");
    let targets = [Path::new("archive/november.md"), &target];
    for to in targets {
        fs::write(&target, "before\n").unwrap();
        link(to, &world.entry(DAY));
        let text = serves(&world, "before\n");
        assert_eq!(fs::read_to_string(&target).unwrap(), text, "{kind:?}");
        assert_eq!(world.ponder(&["show", "-d", DAY]).run().ok().stdout, text, "{kind:?}");
        assert_eq!(fs::read_link(world.entry(DAY)).unwrap(), to, "{kind:?}: the link is one still");
        fs::remove_file(world.entry(DAY)).unwrap();
    }
    // One that leads to nothing yet.
    fs::remove_file(&target).unwrap();
    link(&target, &world.entry(DAY));
    world.ponder(&["append", "-d", DAY, "appended"]).run().ok();
    assert!(fs::read_to_string(&target).unwrap().ends_with("\n\nappended\n"), "{kind:?}");
    assert_eq!(fs::read_dir(&archive).unwrap().count(), 1, "{kind:?}: nothing is left there");
}

#[test]
fn a_link_inside_of_the_journal_stays_one_and_its_target_is_written() {
    FILE_SYSTEMS.into_iter().for_each(follows_links);
}

#[test]
fn a_link_out_of_the_journal_is_refused_with_the_reason() {
    let world = World::new();
    let outside = world.path("outside");
    world.write("20261122", "mine\n");
    fs::write(&outside, "outside\n").unwrap();
    mkdir(&world.path("elsewhere"), 0o700);
    fs::write(world.path("elsewhere/note.md"), "outside\n").unwrap();
    link(&world.path("elsewhere"), &world.path("journal/linked"));
    for target in ["../outside", "linked/note.md", ".ponder/note.md"] {
        link(Path::new(target), &world.entry(DAY));
        let refusal = world.script().refused(json!({ "op": "append", "entry": DAY, "text": "text" }));
        let code = if target.starts_with("linked") { "disk" } else { "journal" };
        assert_refused(&refusal, code, &[&world.path("journal").display().to_string()]);
        world.lease(DAY, ADDS).run();
        fs::remove_file(world.entry(DAY)).unwrap();
    }
    assert_eq!(fs::read_to_string(&outside).unwrap(), "outside\n");
    assert_eq!(fs::read_to_string(world.path("elsewhere/note.md")).unwrap(), "outside\n");
}

fn writes_all_names(kind: FileSystem) {
    let world = World::new();
    let _disk = world.mount(kind, "journal");
    world.write(DAY, "before\n");
    let other = world.path("journal/other name");
    fs::hard_link(world.entry(DAY), &other).unwrap();
    let text = serves(&world, "before\n");
    world.lease(DAY, "echo short > \"$PONDER_ENTRY\"").run().ok();
    assert_eq!((world.text(DAY), fs::read_to_string(&other).unwrap()), ("short\n".into(), "short\n".into()));
    assert_eq!(text, "before\nappended\nleased\n", "{kind:?}");
    assert_eq!(fs::metadata(&other).unwrap().nlink(), 2, "{kind:?}");
}

#[test]
fn an_entry_with_two_names_is_written_in_place_and_both_show_it() {
    FILE_SYSTEMS.into_iter().for_each(writes_all_names);
}

#[test]
fn an_entry_of_another_file_system_behind_a_link_is_written_in_place() {
    let world = World::new();
    world.write("20261122", "mine\n");
    let _disk = world.mount(FileSystem::Ext4, "journal/archive");
    fs::write(world.path("journal/archive/november.md"), "before\n").unwrap();
    link(Path::new("archive/november.md"), &world.entry(DAY));
    let text = serves(&world, "before\n");
    assert_eq!(world.text(DAY), text);
    assert!(fs::symlink_metadata(world.entry(DAY)).unwrap().is_symlink());
}

#[test]
fn a_directory_that_may_not_be_written_has_entries_that_may() {
    let world = World::of_an_ordinary_user();
    let journal = world.path("journal");
    world.write(DAY, "before\n");
    let inode = fs::metadata(world.entry(DAY)).unwrap().ino();
    chmod(&journal, 0o555);
    let text = serves(&world, "before\n");
    assert_eq!((world.text(DAY), fs::metadata(world.entry(DAY)).unwrap().ino()), (text, inode));
    assert!(world.kept().is_empty());
    assert_eq!(mode(&journal), 0o555);
    chmod(&journal, 0o700); // or it could not be cleared away
}

#[test]
fn a_write_protected_entry_is_refused_with_the_reason() {
    let world = World::of_an_ordinary_user();
    world.write(DAY, "before\n");
    let entry = world.entry(DAY);
    chmod(&entry, 0o444);
    let said = world.lease(DAY, ADDS).run().code(74);
    assert!(said.stderr.contains("write-protected") && said.stderr.contains(&entry.display().to_string()));
    assert_eq!((world.text(DAY).as_str(), mode(&entry), world.kept().len()), ("before\n", 0o444, 1));
    chmod(&entry, 0o644);
    serves(&world, "before\n");
}

fn is_read_only_for_a_while(kind: FileSystem) {
    let world = World::new();
    let disk = world.mount(kind, "journal");
    world.write(DAY, "before\n");
    let mut script = world.script();
    let daemons = world.daemons();
    let session = script.acquire(&[DAY], &json!({}));
    let granted = script.expect("granted");
    let draft = granted["drafts"][0]["path"].as_str().unwrap();
    fs::write(draft, "before\nedited\n").unwrap();
    disk.remount("ro");

    let why = "the file system is mounted read-only";
    let refusal = script.refused(json!({ "op": "append", "entry": DAY, "text": "text" }));
    assert_refused(&refusal, "disk", &[&world.entry(DAY).display().to_string(), why]);
    let refusal = script.refused(json!({ "op": "append", "entry": "20261124", "text": "text" }));
    assert_refused(&refusal, "disk", &[&world.path("journal").display().to_string(), why]);
    let commit = json!({ "op": "commit", "session": session, "token": granted["token"] });
    let committed = script.ask(commit.clone(), "committed");
    assert_eq!(committed["entries"][1]["outcome"]["kept"]["why"], "disk_failed", "{committed}");
    assert!(committed["entries"][0]["outcome"]["failed"]["message"].as_str().unwrap().contains(why));
    assert_eq!(world.text(DAY), "before\n");
    assert_eq!(world.kept().len(), 1);

    disk.remount("rw");
    let committed = script.ask(commit, "committed");
    assert_eq!(committed["entries"][0]["outcome"], "committed", "{kind:?}: {committed}");
    script.ask(json!({ "op": "release", "session": session, "succeeded": true }), "released");
    let text = serves(&world, "before\nedited\n");
    assert_eq!((world.text(DAY), world.daemons()), (text, daemons), "{kind:?}");
}

#[test]
fn a_file_system_that_is_read_only_for_a_while_refuses_keeps_and_serves_again() {
    FILE_SYSTEMS.into_iter().for_each(is_read_only_for_a_while);
}

/// Lives through a day on a file system that lacks some calls.
fn lacks(injections: &[(&str, &str)]) {
    let world = World::new();
    let mut day = Day::begin(&world);
    let injections: Vec<Injection> =
        injections.iter().map(|(call, error)| Injection::always(call, error)).collect();
    let traced = world.traced("renameat2,linkat", &injections);
    day.run(traced.script(&world).expect("it starts"));
    let (finished, trace) = traced.end();
    finished.ok();
    assert!(trace.has_fired(), "no call was refused");
    assert!(day.refusals().is_empty(), "{:?}\n{}", day.refusals(), day.transcript());
    day.check();
}

#[test]
fn a_file_system_that_cannot_exchange_names_gives_second_ones() {
    lacks(&[("renameat2", "EINVAL")]);
    lacks(&[("renameat2", "ENOSYS")]);
}

#[test]
fn a_file_system_that_can_neither_exchange_names_nor_give_second_ones_only_replaces() {
    lacks(&[("renameat2", "EINVAL"), ("linkat", "EPERM")]);
}

/// What happens to a journal under its daemon, and how it is undone. Until then everything is refused,
/// and nothing is written anywhere.
fn is_not_what_it_was(world: &World, away: impl FnOnce(), others: &[&Path], back: impl FnOnce()) {
    let mut script = world.script();
    let daemons = world.daemons();
    let session = script.acquire(&[DAY], &json!({}));
    let granted = script.expect("granted");
    fs::write(granted["drafts"][0]["path"].as_str().unwrap(), "before\nedited\n").unwrap();
    away();
    let before: Vec<_> = others.iter().map(|path| tree(path)).collect();
    let journal = world.path("journal").display().to_string();
    let parts = [&*journal, "was moved or its file system remounted"];
    assert_refused(
        &script.refused(json!({ "op": "append", "entry": DAY, "text": "text" })),
        "journal",
        &parts,
    );
    script.acquire(&["20261124"], &json!({}));
    assert_refused(&script.hear().unwrap(), "journal", &parts);
    let commit = json!({ "op": "commit", "session": session, "token": granted["token"] });
    let committed = script.ask(commit.clone(), "committed");
    assert_eq!(committed["entries"][0]["outcome"]["failed"]["code"], "journal", "{committed}");
    assert_eq!(committed["entries"][1]["outcome"]["kept"]["why"], "disk_failed", "{committed}");
    assert_eq!(others.iter().map(|path| tree(path)).collect::<Vec<_>>(), before);

    back();
    let committed = script.ask(commit, "committed");
    assert_eq!(committed["entries"][0]["outcome"], "committed", "{committed}");
    script.ask(json!({ "op": "release", "session": session, "succeeded": true }), "released");
    let text = serves(world, "before\nedited\n");
    assert_eq!((world.text(DAY), world.daemons()), (text, daemons));
}

#[test]
fn a_journal_that_was_moved_away_is_not_written_to_nor_what_is_in_its_place() {
    let world = World::new();
    world.write(DAY, "before\n");
    let (journal, moved) = (world.path("journal"), world.path("moved"));
    let away = || {
        fs::rename(&journal, &moved).unwrap();
        mkdir(&journal, 0o700);
        fs::write(world.entry(DAY), "another journal\n").unwrap();
    };
    let back = || {
        fs::remove_dir_all(&journal).unwrap();
        fs::rename(&moved, &journal).unwrap();
    };
    is_not_what_it_was(&world, away, &[&journal, &moved], back);
}

#[test]
fn a_journal_whose_file_system_was_taken_away_is_not_written_beside() {
    let world = World::new();
    let disk = world.mount(FileSystem::Ext4, "journal");
    world.write(DAY, "before\n");
    is_not_what_it_was(&world, || disk.take_away(), &[&world.path("journal")], || disk.again());
}

#[test]
fn a_journal_that_another_file_system_was_mounted_over_is_not_written_to() {
    let world = World::new();
    let _below = world.mount(FileSystem::Ext4, "journal");
    world.write(DAY, "before\n");
    let above = world.another(FileSystem::Tmpfs, "journal");
    let away = || {
        above.again();
        fs::write(world.entry(DAY), "another journal\n").unwrap();
    };
    is_not_what_it_was(&world, away, &[&world.path("journal")], || above.take_away());
}
