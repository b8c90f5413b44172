//! Another program holds a lock on the entry's file, as `flock` does. What ponder is told is
//! acknowledged and shown at once, and gets into the file when the lock is gone, once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;

use ponder_tests::outsiders::{BEFORE, DAY};
use ponder_tests::{Finished, Gate, Running, World};
use serde_json::{Value, json};

/// A world whose entry is locked by `flock`, until its gate is opened.
struct Locked {
    world: World,
    gate: Gate,
    holder: Running,
}

impl Locked {
    /// The holder does something to the entry, `"$0"`, before it lets go.
    fn with(last: &str) -> Self {
        let world = World::new();
        world.write(DAY, BEFORE);
        let gate = world.gate("lock");
        let script = format!("{}\n{last}", gate.pass("locked"));
        let flock = world.program("flock").arg(world.entry(DAY)).arg("sh").arg("-c").arg(script);
        let holder = flock.arg(world.entry(DAY)).start();
        gate.arrival();
        Self { world, gate, holder }
    }

    /// Lets go. Returns the world.
    fn let_go(self) -> World {
        self.gate.open();
        self.holder.wait().ok();
        self.world
    }

    fn show(&self) -> String {
        self.world.ponder(&["show", "-d", DAY]).run().ok().stdout
    }

    /// Nothing was written into the file.
    fn is_untouched(&self) {
        assert_eq!(self.world.text(DAY), BEFORE, "written under another program's lock");
    }
}

fn append(world: &World, day: &str, text: &str) -> Value {
    let events = world.ponder(&["--json", "append", "-d", day, text]).run().ok().events();
    events.into_iter().find(|event| event["event"] == "appended").expect("it is answered")
}

#[test]
fn an_append_is_answered_at_once_and_shown_and_published_later_once() {
    let locked = Locked::with("echo theirs >> \"$0\"");
    let world = &locked.world;
    assert_eq!(append(world, DAY, "first")["published"], json!(false));
    assert_eq!(append(world, DAY, "second")["published"], json!(false));
    locked.is_untouched();
    assert_eq!(locked.show(), format!("{BEFORE}first\nsecond\n"));
    let world = locked.let_go();
    world.becomes(&format!("{BEFORE}theirs\nfirst\nsecond\n"));
    assert_eq!(append(&world, DAY, "third")["published"], json!(true));
    assert_eq!(world.text(DAY), format!("{BEFORE}theirs\nfirst\nsecond\nthird\n"));
    assert!(world.kept().is_empty());
}

#[test]
fn status_names_who_holds_the_lock_as_long_as_it_is_held() {
    let locked = Locked::with("true");
    append(&locked.world, DAY, "waits");
    let name = format!("flock (pid {})", locked.holder.pid());
    let status = |world: &World| world.ponder(&["status"]).run().ok().stdout;
    let told = status(&locked.world);
    assert!(told.contains(&name) && told.contains("2026-11-23"), "{name} is not in\n{told}");
    let world = locked.let_go();
    world.becomes(&format!("{BEFORE}waits\n"));
    let told = status(&world);
    assert!(!told.contains("flock"), "{told}");
}

#[test]
fn nothing_else_is_kept_waiting_by_a_lock() {
    let locked = Locked::with("true");
    let world = &locked.world;
    append(world, DAY, "waits");
    assert_eq!(append(world, "20261124", "next door")["published"], json!(true));
    assert!(world.text("20261124").ends_with("\n\nnext door\n"));
    world.editor("adds", "echo edited >> \"$1\"");
    world.ponder(&["-d", "20261124"]).env("EDITOR", "adds").run().ok();
    assert!(world.text("20261124").ends_with("\n\nnext door\nedited\n"));
    locked.is_untouched();
    locked.let_go().becomes(&format!("{BEFORE}waits\n"));
}

fn edit(world: &World) -> Finished {
    world.editor("edits", "sed -i 's/^two$/ours/' \"$1\"");
    world.ponder(&["-d", DAY]).env("EDITOR", "edits").run()
}

#[test]
fn what_an_editor_saved_waits_for_the_lock_too_and_is_merged_with_what_its_holder_wrote() {
    let locked = Locked::with("echo theirs >> \"$0\"");
    edit(&locked.world).ok();
    locked.is_untouched();
    assert_eq!(locked.show(), BEFORE.replace("two", "ours"));
    let world = locked.let_go();
    world.becomes(&format!("{}theirs\n", BEFORE.replace("two", "ours")));
    assert!(world.kept().is_empty());
}

#[test]
fn the_next_editor_finds_what_waits_for_the_lock() {
    let locked = Locked::with("true");
    let world = &locked.world;
    append(world, DAY, "appended");
    edit(world).ok();
    let seen = world.path("seen");
    world.editor("looks", &format!("cp \"$1\" '{}'", seen.display()));
    world.ponder(&["-d", DAY]).env("EDITOR", "looks").run().ok();
    let text = format!("{}appended\n", BEFORE.replace("two", "ours"));
    assert_eq!(fs::read_to_string(seen).unwrap(), text);
    locked.is_untouched();
    locked.let_go().becomes(&text);
}

#[test]
fn a_killed_daemon_does_not_forget_what_waits_for_a_lock() {
    let locked = Locked::with("true");
    append(&locked.world, DAY, "waits");
    let [daemon] = locked.world.daemons()[..] else { panic!("one daemon") };
    daemon.kill();
    assert_eq!(locked.show(), format!("{BEFORE}waits\n"), "shown without a daemon, too");
    locked.world.ponder(&["daemon", "start"]).run().ok();
    locked.is_untouched();
    assert_eq!(locked.show(), format!("{BEFORE}waits\n"));
    let world = locked.let_go();
    world.becomes(&format!("{BEFORE}waits\n"));
    world.ponder(&["daemon", "stop"]).run().ok();
    world.ponder(&["daemon", "start"]).run().ok();
    assert_eq!(world.text(DAY), format!("{BEFORE}waits\n"), "once, whoever looks again");
}
