//! A day that does not exist: a usage error, and nothing is touched.

use ponder_tests::{World, tree};
use serde_json::json;

const NO_DAYS: [&str; 12] = [
    "2026-02-30",
    "20260230",
    "2025-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-01-00",
    "0000-01-01",
    "12026-01-01",
    "2026-1-1",
    "20261123.md",
    "../../etc/passwd",
    "",
];

/// A world whose editor would leave a mark.
fn world() -> World {
    let world = World::new();
    world.editor("ed", "touch \"$HOME/edited\"");
    world
}

#[test]
fn a_day_that_does_not_exist_touches_nothing() {
    let world = world();
    let before = tree(&world.path(""));
    for day in NO_DAYS {
        for arguments in [
            &["-d", day][..],
            &["edit", "-d", day],
            &["append", "-d", day, "text"],
            &["show", "-d", day],
            &["lease", "-d", day, "--", "ed"],
            &["lease", "-d", "2026-11-23", "-d", day, "--", "ed"],
        ] {
            let said = world.ponder(arguments).env("PONDER_EDITOR", "ed").run().code(2);
            let first = said.stderr.lines().next().unwrap_or_default();
            assert!(first.starts_with("error: ") && first.contains(day), "{}", said.stderr);
            assert!(first.contains("is not a day: write YYYY-MM-DD"), "{}", said.stderr);
            assert_eq!(said.stdout, "");
        }
    }
    assert_eq!(tree(&world.path("")), before, "no journal, no socket, no state");
    assert_eq!(world.processes(), [], "no daemon");
}

#[test]
fn a_program_is_told_in_its_own_words() {
    let world = world();
    let said = world.ponder(&["--json", "append", "-d", "2026-02-30", "text"]).run().code(2);
    let events = said.events();
    let [result] = &events[..] else { panic!("{events:?}") };
    assert_eq!((&result["event"], &result["exit"]), (&json!("result"), &json!(2)));
    assert!(result["message"].as_str().unwrap().contains("2026-02-30"), "{result}");
    assert_eq!(said.stderr, "");
}

#[test]
fn days_at_the_edges_do_exist() {
    let world = world();
    for day in ["0001-01-01", "2024-02-29", "20000229", "9999-12-31"] {
        world.ponder(&["append", "-d", day, "text"]).run().ok().silent();
        assert!(world.text(day).ends_with("\n\ntext\n"), "{day}: {}", world.text(day));
    }
}

#[test]
fn an_empty_text_touches_nothing() {
    let world = world();
    let before = tree(&world.path(""));
    world.ponder(&["append", ""]).run().code(2).explains(&["the text is empty"]);
    world.ponder(&["append"]).input("").run().code(2).explains(&["the text is empty"]);
    let long = vec![b'x'; 4 * 1024 * 1024 + 1];
    world.ponder(&["append", "-"]).input(long).run().code(2).explains(&["4 MiB", "append it in parts"]);
    assert_eq!(tree(&world.path("")), before);
}
