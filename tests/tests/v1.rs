//! What people know from the first ponder, exactly.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use jiff::ToSpan as _;
use jiff::civil::Date;
use ponder_tests::{Finished, World, wait_until};

const DAY: &str = "20261123";

fn mode(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

/// An editor that prints its arguments' file names and saves nothing.
fn looks(world: &World) -> String {
    world.editor("looks", "for f in \"$@\"; do echo \"${f##*/}\"; done")
}

fn look(world: &World, arguments: &[&str]) -> Finished {
    world.ponder(arguments).env("EDITOR", looks(world)).run()
}

/// Day of the month, month and year in a heading, and the time below it.
fn assert_header(text: &str, heading: &str) {
    let lines: Vec<&str> = text.split('\n').collect();
    let [first, "", time, "", rest @ ..] = &lines[..] else { panic!("{text:?}") };
    assert_eq!((*first, rest), (heading, &[""][..]), "{text:?}");
    let digits: Vec<&str> = time.strip_prefix("## ").expect(time).split(':').collect();
    let [hours, minutes, seconds] = digits[..] else { panic!("{time}") };
    for (digits, most) in [(hours, 23), (minutes, 59), (seconds, 59)] {
        assert!(digits.len() == 2 && digits.parse::<u32>().unwrap() <= most, "{time}");
    }
}

#[test]
fn a_fresh_machine_gets_a_journal_and_todays_entry_by_opening_it() {
    let world = World::new();
    let home = world.path("home");
    let ponder = || world.ponder(&[]).without("PONDER_DIR").env("EDITOR", looks(&world));
    let today = world.today();
    let name = today.strftime("%Y%m%d.md").to_string();
    assert_eq!(ponder().run().ok().stdout, format!("{name}\n"));

    let journal = home.join("Documents/rubberducks");
    let text = fs::read_to_string(journal.join(&name)).unwrap();
    assert_header(&text, &today.strftime("# %B %d, %Y: %A").to_string());
    let hours: i8 = text.lines().nth(2).unwrap()[3..5].parse().unwrap();
    assert!((11..=13).contains(&hours), "the person's own clock shows about noon here: {text}");
    assert_eq!(mode(journal.join(&name)), 0o600);
    assert_eq!((mode(&journal), mode(home.join("Documents"))), (0o700, 0o700));

    assert_eq!(ponder().run().ok().stdout, format!("{name}\n"));
    assert_eq!(fs::read_to_string(journal.join(&name)).unwrap(), text, "it is opened again as it is");
    world.ponder(&["--journal", &journal.display().to_string(), "daemon", "stop"]).run().ok();
}

#[test]
fn an_entry_is_created_when_the_editor_opens_it() {
    let world = World::new();
    let gate = world.gate("editor");
    world.editor("waits", &gate.pass("$(cat \"$1\")"));
    let client = world.ponder(&["-d", DAY]).env("EDITOR", "waits").start();
    assert_eq!(gate.arrival(), "# November 23, 2026: Monday", "the editor finds the heading");
    let text = wait_until("the entry", || fs::read_to_string(world.entry(DAY)).ok());
    assert_header(&text, "# November 23, 2026: Monday");
    gate.open();
    client.wait().ok();
    assert_eq!(world.text(DAY), text);
}

#[test]
fn a_date_gets_its_own_heading() {
    let world = World::new();
    for (date, heading) in [
        ("2023-01-15", "# January 15, 2023: Sunday"),
        ("20240229", "# February 29, 2024: Thursday"),
        ("0001-01-01", "# January 01, 0001: Monday"),
        ("9999-12-31", "# December 31, 9999: Friday"),
    ] {
        let name = date.replace('-', "");
        assert_eq!(look(&world, &["--date", date]).ok().stdout, format!("{name}.md\n"));
        assert_header(&world.text(&name), heading);
    }
}

#[test]
fn a_bad_date_touches_nothing() {
    let world = World::new();
    for bad in [
        "2026-02-30",
        "2026-13-01",
        "0000-01-01",
        "10000-01-01",
        "yesterdayish",
        "",
        "2026-1-1",
        "20261123.md",
    ] {
        for command in [
            &["-d", bad][..],
            &["append", "-d", bad, "x"],
            &["lease", "-d", bad, "--", "true"],
            &["show", "-d", bad],
        ] {
            world.ponder(command).env("EDITOR", looks(&world)).run().code(2).says("is not a day");
        }
    }
    assert!(!world.path("journal").exists());
    assert!(world.daemons().is_empty());
    assert_eq!(fs::read_dir(world.path("state")).unwrap().count(), 0);
}

#[test]
fn retro_reminisce_and_date_exclude_each_other() {
    let world = World::new();
    for both in [&["-r", "-m"][..], &["--retro", "-d", DAY], &["-m", "--date", DAY], &["edit", "-r", "-m"]] {
        look(&world, both).code(2).says("cannot be used with");
    }
    assert!(!world.path("journal").exists());
}

#[test]
fn retro_opens_the_last_seven_days_that_exist_newest_first() {
    let world = World::new();
    for days in [0, 1, 2, 5, 7, 8] {
        world.write(world.days_ago(days), &format!("{days}\n"));
    }
    let expected = names(&[1, 2, 5, 7].map(|days| world.days_ago(days)));
    assert_eq!(look(&world, &["-r"]).ok().stdout, expected);
    assert_eq!(look(&world, &["--retro"]).ok().stdout, expected);
    let count = fs::read_dir(world.path("journal")).unwrap().count();
    assert_eq!(count, 7, "six entries and .ponder: nothing was created");
}

#[test]
fn reminisce_opens_months_and_years_back_newest_first() {
    let world = World::new();
    let back = |span: jiff::Span| world.today().checked_sub(span).unwrap();
    let days = [
        back(1.month()),
        back(3.months()),
        back(6.months()),
        back(1.year()),
        back(2.years()),
        back(30.years()),
    ];
    for day in days {
        world.write(day, "then\n");
    }
    for other in [back(2.months()), back(1.day()), world.today()] {
        world.write(other, "not this one\n");
    }
    let mut expected = days.to_vec();
    expected.sort_by(|a, b| b.cmp(a));
    expected.dedup();
    assert_eq!(look(&world, &["-m"]).ok().stdout, names(&expected));
    assert_eq!(look(&world, &["--reminisce"]).ok().stdout, names(&expected));
}

fn names(days: &[Date]) -> String {
    let names: Vec<String> = days.iter().map(|day| day.strftime("%Y%m%d.md\n").to_string()).collect();
    names.concat()
}

#[test]
fn with_nothing_to_look_back_on_no_editor_opens() {
    let world = World::new();
    look(&world, &["-r"]).ok().says("no entries from the last seven days");
    look(&world, &["-m"]).ok().says("no entries to reminisce about");
    // Not even a missing editor matters.
    let said = world.ponder(&["-r"]).env("EDITOR", "no-such-editor").run().ok();
    assert_eq!(said.stdout, "");
}

#[test]
fn the_journal_directory_may_be_written_with_tilde_and_variables() {
    for (dir, place) in [
        ("~/notes", "home/notes"),
        ("$HOME/deep/er", "home/deep/er"),
        ("${PLACE}/x", "elsewhere/x"),
        ("~", "home"),
    ] {
        let world = World::new();
        let at = world.path(place);
        let run = |arguments: &[&str]| {
            world.ponder(arguments).env("PONDER_DIR", dir).env("PLACE", world.path("elsewhere")).run()
        };
        run(&["append", "-d", DAY, "x"]).ok();
        assert!(fs::read_to_string(at.join("20261123.md")).unwrap().ends_with("\nx\n"), "{dir}");
        assert_eq!((mode(&at), mode(at.join("20261123.md"))), (0o700, 0o600), "{dir}");
        run(&["daemon", "stop"]).ok();
    }
}

#[test]
fn ponder_editor_comes_before_visual_before_editor() {
    let world = World::new();
    for name in ["first", "second", "third"] {
        world.editor(name, &format!("echo {name} \"$#\" \"$1\""));
    }
    // Whatever the machine has installed, these are what is found.
    for default in ["sensible-editor", "vim", "nano", "vi"] {
        world.editor(default, "echo default");
    }
    let ran = |program: ponder_tests::Program| program.run().ok().stdout;
    let all = || {
        world
            .ponder(&["-d", DAY])
            .env("PONDER_EDITOR", "first -x 'a b'")
            .env("VISUAL", "second")
            .env("EDITOR", "third")
    };
    assert_eq!(ran(all()), "first 3 -x\n", "arguments are split as a shell would");
    assert!(ran(all().without("PONDER_EDITOR")).starts_with("second 1 /"));
    assert!(ran(all().env("PONDER_EDITOR", "").without("VISUAL")).starts_with("third 1 /"));
    assert_eq!(ran(world.ponder(&["-d", DAY])), "default\n");
    // No shell: what would be a command there is an argument here.
    assert!(ran(world.ponder(&["-d", DAY]).env("EDITOR", "third ; touch $HOME/x")).starts_with("third 4 ;"));
}

#[test]
fn a_missing_editor_leaves_no_file() {
    let world = World::new();
    fs::write(world.path("bin/plain"), "no program").unwrap();
    for editor in ["no-such-editor", "/no/such/editor", "plain", "/tmp"] {
        world.ponder(&["-d", DAY]).env("EDITOR", editor).run().code(1).says(editor).says("EDITOR");
        assert!(!world.path("journal").exists(), "{editor}");
    }
    world.ponder(&["-d", DAY]).env("VISUAL", "vi 'x").run().code(78).says("VISUAL").says("quote");
    assert!(world.daemons().is_empty());
}

#[test]
fn an_editor_that_cannot_be_executed_leaves_no_entry() {
    let world = World::new();
    world.editor("broken", "true");
    fs::write(world.path("bin/broken"), "#!/no/such/interpreter\n").unwrap();
    world.ponder(&["-d", DAY]).env("EDITOR", "broken").run().code(1).says("broken");
    assert!(!world.entry(DAY).exists());
    assert!(world.kept().is_empty());
}

#[test]
fn an_editor_that_fails_after_saving_has_saved() {
    let world = World::new();
    world.write(DAY, "before\n");
    world.editor("fails", "echo saved >> \"$1\"; exit 1");
    world
        .ponder(&["-d", DAY])
        .env("EDITOR", "fails")
        .run()
        .code(1)
        .says("what it had saved is in the journal");
    assert_eq!(world.text(DAY), "before\nsaved\n");
    world.editor("dies", "echo more >> \"$1\"; kill -KILL $$");
    world.ponder(&["-d", DAY]).env("EDITOR", "dies").run().code(1).says("dies");
    assert_eq!(world.text(DAY), "before\nsaved\nmore\n");
}

#[test]
fn an_editor_that_returns_at_once_is_explained() {
    let world = World::new();
    world.ponder(&["-d", DAY]).env("EDITOR", looks(&world)).run().ok().says("--wait");
    world.editor("code", "echo \"$1\"");
    assert_eq!(world.ponder(&["-d", DAY]).env("EDITOR", "code").run().ok().stdout, "--wait\n");
}

#[test]
fn append_ends_lines_and_says_nothing() {
    let world = World::new();
    world.write(DAY, "no newline at the end");
    world.ponder(&["append", "-d", DAY, "two", "words"]).run().ok().silent();
    world.ponder(&["append", "-d", DAY, "-"]).input("piped\n").run().ok().silent();
    world.ponder(&["append", "-d", DAY]).input("piped too").run().ok().silent();
    assert_eq!(world.text(DAY), "no newline at the end\ntwo words\npiped\npiped too\n");
    world.ponder(&["append", "-d", DAY, ""]).run().code(2).says("empty");
    world.ponder(&["append", "-d", DAY]).run().code(2).says("empty");

    world.write("20261124", "dos\r\n");
    world.ponder(&["append", "-d", "20261124", "line"]).run().ok();
    assert_eq!(world.text("20261124"), "dos\r\nline\r\n");
    world.ponder(&["append", "-d", "20261125", "first"]).run().ok();
    let header = world.text("20261125").strip_suffix("first\n").unwrap().to_owned();
    assert_header(&header, "# November 25, 2026: Wednesday");
}

#[test]
fn show_prints_entries_and_needs_no_daemon() {
    let world = World::new();
    for days in [1, 3] {
        world.write(world.days_ago(days), &format!("{days}\n"));
    }
    let one = world.days_ago(1).to_string();
    assert_eq!(world.ponder(&["show", "-d", &one]).run().ok().stdout, "1\n");
    assert_eq!(world.ponder(&["show", "-r"]).run().ok().stdout, "1\n\n3\n");
    world.ponder(&["show"]).run().code(1).says("there is no entry");
    assert!(world.daemons().is_empty());
}
