//! `ponder man`: pages that `man` shows, for both programs and every command.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;

use ponder_tests::World;

#[test]
fn the_page_is_printed_and_man_shows_it() {
    let world = World::new();
    let page = world.ponder(&["man"]).run().ok();
    assert!(page.stderr.is_empty(), "{}", page.stderr);
    let shown = world.program("/usr/bin/mandoc").arg("-Tutf8").input(page.stdout).run().ok().stdout;
    let plain: String = unstyled(&shown);
    let help = world.ponder(&["--help"]).run().ok().stdout;
    let (_, table) = help.split_once("Exit codes:\n").unwrap();
    assert_eq!(table.lines().count(), 12, "{table}");
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for row in table.lines() {
        assert!(squeezed(&plain).contains(&squeezed(row)), "{row:?} is not in\n{plain}");
    }
    for heading in ["NAME", "SYNOPSIS", "COMMANDS", "EXIT STATUS", "ENVIRONMENT", "FILES"] {
        assert!(plain.lines().any(|line| line == heading), "{heading} is not in\n{plain}");
    }
}

#[test]
fn every_command_has_its_page() {
    let world = World::new();
    let dir = world.path("home").join("a/man1");
    world.ponder(&["man", dir.to_str().unwrap()]).run().ok().says("pages are in");
    for name in ["ponder", "ponderd", "ponder-lease", "ponder-recover", "ponder-recover-apply"] {
        let page = dir.join(format!("{name}.1"));
        let shown = world.program("/usr/bin/mandoc").arg("-Tutf8").arg(&page).run();
        assert!(unstyled(&shown.stdout).contains(&format!("{name} - ")), "{name}: {}", shown.stdout);
    }
    let listed: Vec<_> = fs::read_dir(&dir).unwrap().map(|item| item.unwrap().file_name()).collect();
    let events = world.ponder(&["--json", "man", dir.to_str().unwrap()]).run().ok().events();
    assert_eq!(events.iter().filter(|event| event["event"] == "written").count(), listed.len());
}

#[test]
fn a_directory_that_cannot_be_written_to_is_named() {
    let world = World::new();
    let file = world.path("home").join("file");
    fs::write(&file, "").unwrap();
    let inside = file.join("man1");
    world.ponder(&["man", inside.to_str().unwrap()]).run().code(74).explains(&[inside.to_str().unwrap()]);
}

/// Without what makes letters bold or underlined on a printing terminal: a letter, a backspace, a letter.
fn unstyled(text: &str) -> String {
    let mut plain = String::new();
    for letter in text.chars() {
        if letter == '\u{8}' {
            plain.pop();
        } else {
            plain.push(letter);
        }
    }
    plain
}
