//! The doctor, paths.

#![cfg(windows)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use ponder_windows::World;

#[test]
fn the_doctor_finds_everything_as_it_has_to_be() {
    let world = World::new();
    std::fs::create_dir(world.path("journal")).unwrap();
    let well = world.ponder(&["doctor"]);
    assert_eq!(well.code, 0, "{}", well.out);
    assert_eq!(world.state(), None, "it makes nothing");
    world.done(&["append", "-d", "20261123", "x"]);
    let well = world.ponder(&["doctor"]);
    assert_eq!(well.code, 0, "{}", well.out);
    assert!(well.out.contains("ponderd ") && well.out.contains(r"\\.\pipe\ponder-"), "{}", well.out);
    assert!(!well.out.contains("nobody listens"), "{}", well.out);
    assert!(well.out.contains("NTFS: what is flushed stays"), "{}", well.out);
}

#[test]
fn a_journal_can_have_a_name_in_any_script() {
    let world = World::new();
    let odd = world.path("日記 & thoughts (2026)");
    let journal = odd.to_str().unwrap();
    world.done(&["--journal", journal, "append", "-d", "20261123", "größer"]);
    assert!(std::fs::read_to_string(odd.join("20261123.md")).unwrap().ends_with("\ngrößer\n"));
    world.done(&["--journal", journal, "daemon", "stop"]);
}

#[test]
fn files_are_merged() {
    let world = World::new();
    let file = |name: &str, text: &str| {
        std::fs::write(world.path(name), text).unwrap();
        world.path(name).display().to_string()
    };
    let (base, ours, theirs) = (file("base", "a\n"), file("ours", "a\nb\n"), file("theirs", "a\nc\n"));
    world.done(&["merge-file", &base, &ours, &theirs]);
    assert_eq!(std::fs::read_to_string(&ours).unwrap(), "a\nb\nc\n");
}
