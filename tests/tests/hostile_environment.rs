//! The environment leads elsewhere: to somebody else's directories, to ones where anybody can exchange
//! what is ours, or nowhere. The sockets' directory itself is in `bad_socket.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::{MetadataExt as _, lchown, symlink};
use std::path::Path;

use ponder_tests::{Program, World, chmod, give_away, mkdir, mode, tree};

const DAY: &str = "20261123";

fn append(world: &World) -> Program {
    world.ponder(&["append", "-d", DAY, "text"])
}

/// The append is refused as not ours in these words; nothing is made in that directory, and no entry.
#[track_caller]
fn is_refused(world: &World, append: Program, dir: &Path, parts: &[&str]) {
    let before = tree(dir);
    append.run().code(77).explains(&[&[dir.to_str().unwrap()], parts].concat());
    assert_eq!(tree(dir), before);
    assert!(!world.entry(DAY).exists());
    assert_eq!(world.processes(), []);
}

/// A directory that belongs to somebody who is neither this world's user nor root.
fn somebody_elses(world: &World) -> std::path::PathBuf {
    let dir = world.path("theirs");
    mkdir(&dir, 0o777);
    give_away(&dir);
    dir
}

#[test]
fn a_state_directory_in_somebody_elses_place_is_refused() {
    let world = World::new();
    let theirs = somebody_elses(&world);
    let parts = ["belongs to user 54321, not to you", "set XDG_STATE_HOME to a directory of yours"];
    is_refused(&world, append(&world).env("XDG_STATE_HOME", &theirs), &theirs, &parts);
    // The same through a link, and behind a directory of ours that is in theirs.
    let link = world.path("link");
    symlink(&theirs, &link).unwrap();
    let said = append(&world).env("XDG_STATE_HOME", &link).run().code(77);
    said.explains(&["belongs to user 54321"]);
    assert_eq!(fs::read_dir(&theirs).unwrap().count(), 0);
}

#[test]
fn a_state_directory_that_anybody_can_exchange_is_refused() {
    let world = World::new();
    let open = world.path("open");
    mkdir(&open, 0o777);
    let parts = ["anybody can exchange what lies in", "mode 0777", "XDG_STATE_HOME"];
    is_refused(&world, append(&world).env("XDG_STATE_HOME", &open), &open, &parts);
    let told = world.ponder(&["doctor"]).env("XDG_STATE_HOME", &open).run().code(77).stdout;
    assert!(parts.iter().all(|part| told.contains(part)), "{told}");
    chmod(&open, 0o1777);
    append(&world).env("XDG_STATE_HOME", &open).run().ok();
    assert_eq!(mode(&open.join("ponder")), 0o700);
}

#[test]
fn a_state_directory_that_somebody_planted_is_refused() {
    let world = World::new();
    let shared = world.path("shared");
    mkdir(&shared, 0o1777);
    let append = || append(&world).env("XDG_STATE_HOME", &shared);
    let planted = shared.join("ponder");
    symlink(world.path("home"), &planted).unwrap();
    is_refused(&world, append(), &planted, &["is a symbolic link and not a directory of yours"]);
    fs::remove_file(&planted).unwrap();
    mkdir(&planted, 0o700);
    give_away(&planted);
    is_refused(&world, append(), &planted, &["belongs to user 54321, not to you"]);
}

/// A directory of ours is worth nothing in one where anybody can put another in its place.
#[test]
fn a_state_directory_below_one_that_anybody_can_exchange_is_refused() {
    let world = World::new();
    let open = world.path("open");
    mkdir(&open, 0o777);
    mkdir(&open.join("mine"), 0o700);
    let parts = ["anybody can exchange what lies in", "mode 0777", "set XDG_STATE_HOME"];
    let link = world.path("link");
    symlink(open.join("mine"), &link).unwrap();
    for state in [open.join("mine"), open.join("mine/new"), open.join("new"), open.join("new/too"), link] {
        is_refused(&world, append(&world).env("XDG_STATE_HOME", &state), &open, &parts);
        let told = world.ponder(&["doctor"]).env("XDG_STATE_HOME", &state).run().stdout;
        assert!(told.contains(open.to_str().unwrap()) && !world.entry(DAY).exists(), "{told}");
    }
    chmod(&open, 0o1777);
    append(&world).env("XDG_STATE_HOME", open.join("mine/new/too")).run().ok();
}

#[test]
fn a_link_that_somebody_else_can_turn_is_not_followed_to_the_state_directory() {
    let world = World::new();
    let (mine, theirs, shared) = (world.path("mine"), somebody_elses(&world), world.path("shared"));
    mkdir(&mine, 0o700);
    mkdir(&shared, 0o1777);
    // His, in his directory; ours, in his; his, beside ours; and one of ours that leads over his.
    let links = [theirs.join("his"), theirs.join("ours"), shared.join("his"), shared.join("ours")];
    for link in &links[..3] {
        symlink(&mine, link).unwrap();
    }
    for his in [&links[0], &links[2]] {
        lchown(his, Some(54_321), Some(54_321)).unwrap();
    }
    symlink(&links[2], &links[3]).unwrap();
    for (link, named) in links.iter().zip([&theirs, &theirs, &links[2], &links[2]]) {
        let told = append(&world).env("XDG_STATE_HOME", link).run().code(77);
        told.explains(&[named.to_str().unwrap(), "belongs to user 54321, not to you", "XDG_STATE_HOME"]);
    }
    assert_eq!((fs::read_dir(&mine).unwrap().count(), world.entry(DAY).exists()), (0, false));
    let ours = shared.join("really ours");
    symlink(&mine, &ours).unwrap();
    append(&world).env("XDG_STATE_HOME", &ours).run().ok();
}

#[test]
fn a_runtime_directory_that_somebody_else_can_exchange_is_refused() {
    let world = World::new();
    let (theirs, open) = (somebody_elses(&world), world.path("open"));
    mkdir(&theirs.join("mine"), 0o700);
    mkdir(&open, 0o777);
    mkdir(&open.join("mine"), 0o700);
    let with = |dir: &Path| append(&world).env("XDG_RUNTIME_DIR", dir);
    let hint = "unset XDG_RUNTIME_DIR";
    is_refused(&world, with(&theirs.join("mine")), &theirs, &["belongs to user 54321, not to you", hint]);
    for dir in [open.join("mine"), open.clone()] {
        is_refused(&world, with(&dir), &open, &["anybody can exchange what lies in", "mode 0777", hint]);
    }
}

/// Nobody has a `/run/user` here: the sockets are in the temporary directory.
#[test]
fn a_temporary_directory_is_used_where_nobody_can_exchange_what_is_ours() {
    let world = World::of_an_ordinary_user();
    let temporary = world.path("tmp");
    mkdir(&temporary, 0o1777);
    chmod(&world.path(""), 0o755);
    let append = || append(&world).without("XDG_RUNTIME_DIR").env("TMPDIR", &temporary);
    append().run().ok();
    assert!(world.socket().starts_with(&temporary), "{}", world.socket().display());
    let made = world.socket().parent().unwrap().to_owned();
    let found = fs::metadata(&made).unwrap();
    assert_eq!((mode(&made), mode(&world.socket())), (0o700, 0o600));
    assert!(made.ends_with(format!("ponder-{}", found.uid())));
    world.ponder(&["daemon", "stop"]).without("XDG_RUNTIME_DIR").env("TMPDIR", &temporary).run().ok();
    fs::remove_file(world.entry(DAY)).unwrap();

    // Somebody was there first, with a directory of his, or a link to one of ours.
    fs::remove_dir(&made).unwrap();
    mkdir(&made, 0o777);
    is_refused(&world, append(), &made, &["belongs to user 0, not to you"]);
    fs::remove_dir(&made).unwrap();
    symlink(world.path("home"), &made).unwrap();
    is_refused(&world, append(), &made, &["is a symbolic link and not a directory of yours"]);
    fs::remove_file(&made).unwrap();

    // Without the sticky bit they could be exchanged at any time.
    chmod(&temporary, 0o777);
    let parts = ["anybody can exchange what lies in", "XDG_RUNTIME_DIR or TMPDIR"];
    is_refused(&world, append(), &temporary, &parts);
}

#[test]
fn two_users_share_a_temporary_directory() {
    let (one, other) = (World::new(), World::of_an_ordinary_user());
    let temporary = one.path("tmp");
    mkdir(&temporary, 0o1777);
    for world in [&one, &other] {
        chmod(&world.path(""), 0o755);
    }
    // Root's own directory for sockets may be there: it is not what is tested.
    let shared =
        |world: &World| append(world).without("XDG_RUNTIME_DIR").env("TMPDIR", &temporary).run().ok();
    shared(&one);
    shared(&other);
    assert!(other.socket().starts_with(&temporary));
    for world in [one, other] {
        assert!(world.text(DAY).ends_with("\ntext\n"));
    }
}

#[test]
fn without_a_home_something_else_has_to_say_where() {
    // No account has this world's user, so that the system knows no home either.
    let world = World::of_an_ordinary_user();
    let places = ["/.local", "/journal", "/Documents"].map(|place| (place, Path::new(place).exists()));
    let program = |variables: &[(&str, &str)], without: &[&str]| {
        let set = variables.iter().fold(append(&world), |program, (name, value)| program.env(name, value));
        without.iter().fold(set, |program, name| program.without(name))
    };
    let refused = |program: Program, parts: &[&str]| {
        program.run().code(78).explains(parts);
        assert_eq!(world.processes(), []);
    };
    for home in ["", "home", "./x"] {
        refused(program(&[("HOME", home)], &["XDG_STATE_HOME"]), &["set HOME, or XDG_STATE_HOME"]);
        refused(
            program(&[("HOME", home), ("XDG_STATE_HOME", "state")], &[]),
            &["set HOME, or XDG_STATE_HOME"],
        );
    }
    refused(program(&[("HOME", ""), ("PONDER_DIR", "~/journal")], &[]), &["~/journal", "set HOME"]);
    refused(program(&[("HOME", "")], &["PONDER_DIR"]), &["set PONDER_DIR, or HOME"]);
    refused(program(&[("HOME", "home")], &["PONDER_DIR"]), &["home/Documents/rubberducks is relative"]);
    refused(program(&[], &["HOME", "XDG_STATE_HOME"]), &["set HOME, or XDG_STATE_HOME"]);
    refused(program(&[], &["HOME", "PONDER_DIR"]), &["set PONDER_DIR, or HOME"]);
    for (place, was) in places {
        assert_eq!(Path::new(place).exists(), was, "{place}");
    }
    // What says where is enough.
    program(&[], &["HOME"]).run().ok();
    program(&[("HOME", "")], &[]).run().ok();
    assert!(world.text(DAY).ends_with("\ntext\ntext\n"));
}
