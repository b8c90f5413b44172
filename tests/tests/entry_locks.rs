//! Another program holds a lock on the entry's file, as `flock` does. What ponder is told is
//! acknowledged and shown at once, and gets into the file when the lock is gone, once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use ponder_tests::outsiders::{BEFORE, DAY};
use ponder_tests::{Finished, Gate, Injection, Running, World, wait_until};
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
        Self::in_world(world, last)
    }

    fn in_world(world: World, last: &str) -> Self {
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
    let answer = |event: &Value| event["event"] == "appended" || event["event"] == "logged";
    events.into_iter().find(answer).expect("it is answered")
}

#[test]
fn an_append_is_answered_at_once_and_shown_and_published_later_once() {
    let locked = Locked::with("echo theirs >> \"$0\"");
    let world = &locked.world;
    assert_eq!(append(world, DAY, "first")["event"], "logged");
    assert_eq!(append(world, DAY, "second")["event"], "logged");
    locked.is_untouched();
    assert_eq!(locked.show(), format!("{BEFORE}first\nsecond\n"));
    let world = locked.let_go();
    world.becomes(&format!("{BEFORE}theirs\nfirst\nsecond\n"));
    assert_eq!(append(&world, DAY, "third")["event"], "appended");
    assert_eq!(world.text(DAY), format!("{BEFORE}theirs\nfirst\nsecond\nthird\n"));
    assert!(world.kept().is_empty());
}

/// What the dead daemon had not flushed is written anew, which a lock forbids: that of one entry keeps
/// nobody from the others.
#[test]
fn a_lock_that_is_held_when_the_next_daemon_starts_is_in_nobody_elses_way() {
    const OTHER: &str = "20261122";
    let world = World::new();
    world.write(DAY, BEFORE);
    let killed = Injection {
        what: "signal=KILL".to_owned(),
        when: "1".to_owned(),
        ..Injection::always("fdatasync", "")
    };
    let traced = world.traced_at("fdatasync", &[killed], &[world.entry(DAY)]);
    let mut script = traced.script(&world).expect("it starts");
    for (day, text) in [(DAY, "one"), (OTHER, "other")] {
        script.ask(json!({ "op": "append", "entry": day, "text": text }), "appended");
    }
    wait_until("it is killed at its checkpoint", || script.has_hung_up().then_some(()));
    traced.end();

    let locked = Locked::in_world(world, "true");
    let world = &locked.world;
    assert_eq!(append(world, OTHER, "another")["event"], "appended");
    assert!(world.text(OTHER).ends_with("other\nanother\n"), "{}", world.text(OTHER));
    assert_eq!(append(world, DAY, "two")["event"], "logged");
    assert_eq!(world.text(DAY), format!("{BEFORE}one\n"));
    let world = locked.let_go();
    world.becomes(&format!("{BEFORE}one\ntwo\n"));
    assert_eq!(append(&world, DAY, "three")["event"], "appended");
    assert_eq!(world.text(DAY), format!("{BEFORE}one\ntwo\nthree\n"));
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

/// As a file server does for its clients: it has a file lease, is asked to give it up when somebody wants to
/// write, and has time for that (fcntl(2), "Leases").
const LEASE: &str = "
import fcntl, os, signal, sys
signal.signal(signal.SIGIO, signal.SIG_IGN)
way, lease = {'r': (os.O_RDONLY, fcntl.F_RDLCK), 'w': (os.O_RDWR, fcntl.F_WRLCK)}[sys.argv[3]]
file = os.open(sys.argv[1], way)
os.set_inheritable(file, True)
fcntl.fcntl(file, fcntl.F_SETLEASE, lease)
os.execvp('sh', ['sh', '-c', sys.argv[2]])
";

/// Leases the entry to a client who reads it, or who writes to it and whom a reader has to wait for, too.
fn lease_to(world: &World, client: &str) -> (Gate, Running) {
    let gate = world.gate("lease");
    let server = world.program("python3").args(&["-c", LEASE]).arg(world.entry(DAY));
    let server = server.arg(gate.pass("leased")).arg(client).start();
    gate.arrival();
    (gate, server)
}

#[test]
fn an_entry_that_is_leased_to_somebody_gets_its_appends_when_he_gives_it_back() {
    let world = World::new();
    world.write(DAY, BEFORE);
    let (gate, server) = lease_to(&world, "r");
    assert_eq!(append(&world, DAY, "later")["published"], json!(false));
    assert_eq!(world.text(DAY), BEFORE);
    let shown = world.ponder(&["show", "-d", DAY]).run().ok().stdout;
    assert_eq!(shown, format!("{BEFORE}later\n"));
    gate.open();
    server.wait().ok();
    wait_until("the append", || (world.text(DAY) == shown).then_some(()));
}

#[test]
fn an_entry_that_cannot_be_had_when_the_daemon_starts_keeps_nothing_else_waiting() {
    let world = World::new();
    world.write(DAY, BEFORE);
    append(&world, DAY, "before");
    world.daemon().kill();
    let (gate, server) = lease_to(&world, "w");
    assert_eq!(append(&world, "20261124", "elsewhere")["event"], "appended");
    assert_eq!(append(&world, DAY, "later")["published"], json!(false));
    gate.open();
    server.wait().ok();
    world.becomes(&format!("{BEFORE}before\nlater\n"));
}

#[test]
fn what_an_editor_saves_waits_for_a_lease_that_is_given_back() {
    let world = World::new();
    world.write(DAY, BEFORE);
    let editor = world.gate("editor");
    let script = format!("{0}; echo mine >> \"$1\"; {0}", editor.pass("edits"));
    let client = world.ponder(&["-d", DAY]).env("EDITOR", world.editor("saves", &script)).start();
    editor.arrival();
    let (gate, server) = lease_to(&world, "w");
    editor.open();
    editor.arrival();
    editor.open();
    let state = || world.sessions().first().map(|session| session["state"].clone());
    wait_until("it is handed back", || (state() == Some(json!("releasing"))).then_some(()));
    gate.open();
    server.wait().ok();
    client.wait().ok();
    assert_eq!(world.text(DAY), format!("{BEFORE}mine\n"));
    assert!(world.kept().is_empty());
}

#[test]
fn nothing_else_is_kept_waiting_by_a_lock() {
    let locked = Locked::with("true");
    let world = &locked.world;
    append(world, DAY, "waits");
    assert_eq!(append(world, "20261124", "next door")["event"], "appended");
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
fn what_an_editor_saved_is_kept_if_the_lock_is_not_let_go_and_can_be_applied_then() {
    let locked = Locked::with("echo theirs >> \"$0\"");
    edit(&locked.world).code(75).says("locked by another program");
    locked.is_untouched();
    let world = locked.let_go();
    let [kept] = &world.kept()[..] else { panic!("one kept draft") };
    world.ponder(&["recover", "apply", kept["id"].as_str().unwrap()]).run().ok();
    assert_eq!(world.text(DAY), format!("{}theirs\n", BEFORE.replace("two", "ours")));
    assert!(world.kept().is_empty());
}

#[test]
fn what_an_editor_saves_waits_for_a_lock_that_is_let_go() {
    let locked = Locked::with("true");
    locked.world.ponder(&["daemon", "start"]).run().ok();
    locked.world.editor("edits", "sed -i 's/^two$/ours/' \"$1\"");
    let client = locked.world.ponder(&["-d", DAY]).env("EDITOR", "edits").start();
    wait_until("the session is ending", || {
        locked.world.sessions().iter().any(|session| session["state"] == "releasing").then_some(())
    });
    locked.is_untouched();
    let world = locked.let_go();
    client.wait().ok();
    assert_eq!(world.text(DAY), BEFORE.replace("two", "ours"));
}

#[test]
fn an_editor_that_begins_while_text_waits_does_not_conflict_with_it() {
    let locked = Locked::with("true");
    append(&locked.world, DAY, "appended");
    let gate = locked.world.gate("editor");
    locked.world.editor("edits", &format!("{}; sed -i 's/^two$/ours/' \"$1\"", gate.pass("$1")));
    let client = locked.world.ponder(&["-d", DAY]).env("EDITOR", "edits").start();
    gate.arrival();
    let world = locked.let_go();
    world.becomes(&format!("{BEFORE}appended\n"));
    gate.open();
    client.wait().ok();
    assert_eq!(world.text(DAY), format!("{}appended\n", BEFORE.replace("two", "ours")));
}

#[test]
fn a_killed_daemon_does_not_forget_what_waits_for_a_lock() {
    let locked = Locked::with("true");
    append(&locked.world, DAY, "waits");
    let [daemon] = locked.world.daemons()[..] else { panic!("one daemon") };
    daemon.kill();
    locked.world.ponder(&["daemon", "start"]).run().ok();
    locked.is_untouched();
    assert_eq!(locked.show(), format!("{BEFORE}waits\n"));
    let world = locked.let_go();
    world.becomes(&format!("{BEFORE}waits\n"));
    world.ponder(&["daemon", "stop"]).run().ok();
    world.ponder(&["daemon", "start"]).run().ok();
    assert_eq!(world.text(DAY), format!("{BEFORE}waits\n"), "once, whoever looks again");
}
