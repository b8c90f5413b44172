//! The daemon starts by itself, once, and goes when it is told to.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ponder_endpoint::JournalLock;
use ponder_tests::{Process, Raw, Running, World, kill, rounds, wait_until};
use rustix::process::Signal;
use serde_json::json;

const DAY: &str = "20261123";

/// `PONDER_ROUNDS=200 cargo test -p ponder-tests --test autostart fifty` for the long run.
#[test]
fn fifty_clients_at_once_make_one_daemon_and_are_all_served() {
    for round in 1..=rounds(20) {
        let world = World::new();
        let clients: Vec<Running> = (0..50)
            .map(|number| match number % 2 {
                0 => world.ponder(&["append", "-d", DAY, &format!("line {number}")]).start(),
                _ => world.lease(DAY, &format!("echo line {number} >> \"$PONDER_ENTRY\"")).start(),
            })
            .collect();
        for client in clients {
            client.wait().ok();
        }
        let text = world.text(DAY);
        let mut lines: Vec<&str> = text.lines().filter(|line| line.starts_with("line ")).collect();
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), 50, "round {round}: {text}");
        assert_eq!(text.lines().count(), 54, "round {round}: one header and fifty lines: {text}");
        assert_eq!(world.daemons().len(), 1, "round {round}");
        let log = world.log();
        assert_eq!(log.matches(" ready ").count(), 1, "round {round}: {log}");
    }
}

#[test]
fn the_daemon_takes_nothing_from_the_client_that_starts_it() {
    let world = World::new();
    let tmux = world.tmux();
    let stray = world.path("stray");
    fs::write(&stray, "").unwrap();
    let start = format!("exec 9>>'{}' 8<&0; cd \"$HOME\"; ponder append -d {DAY} x", stray.display());
    assert_eq!(tmux.pane(&start).exit(), 0);

    let [daemon] = world.daemons()[..] else { panic!("one daemon: {:?}", world.daemons()) };
    let open = daemon.open_files();
    assert!(!open.contains(&stray), "{open:?}");
    assert!(
        !open.iter().any(|path| path.starts_with("/dev/pts") || path == Path::new("/dev/tty")),
        "{open:?}"
    );
    assert!(!open.iter().any(|path| path.starts_with(world.path("home"))), "{open:?}");
    let fields = daemon.stat();
    assert_eq!(fields[4], "0", "it has a controlling terminal: {fields:?}");
    assert_eq!(fields[3], daemon.0.to_string(), "it leads a session of its own: {fields:?}");
    assert_eq!(fs::read_link(daemon.proc("cwd")).unwrap(), Path::new("/"));
    for number in 0..3 {
        let standard = fs::read_link(daemon.proc(&format!("fd/{number}"))).unwrap();
        let log = world.state_dir().join("ponderd.log");
        assert!(standard == Path::new("/dev/null") || standard == log, "{number}: {}", standard.display());
    }
}

#[test]
fn a_client_with_another_environment_finds_the_daemon() {
    let world = World::new();
    world.ponder(&["append", "-d", DAY, "one"]).run().ok();
    let elsewhere = world.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::set_permissions(&elsewhere, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    world.ponder(&["append", "-d", DAY, "two"]).env("XDG_RUNTIME_DIR", &elsewhere).run().ok();
    world
        .ponder(&["append", "-d", DAY, "three"])
        .without("XDG_RUNTIME_DIR")
        .env("TMPDIR", &elsewhere)
        .run()
        .ok();
    assert_eq!(world.daemons().len(), 1);
    assert!(world.text(DAY).ends_with("\none\ntwo\nthree\n"), "{}", world.text(DAY));
}

#[test]
fn stop_leaves_neither_socket_nor_endpoint_file_nor_lock() {
    let world = World::new();
    world.ponder(&["daemon", "start"]).run().ok();
    let socket = world.socket();
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!((mode(&socket), mode(socket.parent().unwrap())), (0o600, 0o700));
    assert!(JournalLock::try_take(&world.journal()).is_err(), "the daemon holds the journal's lock");
    let [daemon] = world.daemons()[..] else { panic!("one daemon: {:?}", world.daemons()) };

    world.ponder(&["daemon", "stop"]).run().ok();
    assert!(!socket.exists());
    let left: Vec<_> =
        fs::read_dir(world.path("journal/.ponder")).unwrap().map(|item| item.unwrap().file_name()).collect();
    assert_eq!(left, [".gitignore"]);
    drop(JournalLock::try_take(&world.journal()).expect("the lock is free"));
    assert!(ponder_tests::pidfd_wait(daemon.0), "the daemon has not ended");
    world.ponder(&["daemon", "status"]).run().code(69);
    world.ponder(&["status"]).run().code(69);
    world.ponder(&["daemon", "stop"]).run().ok();
    assert_eq!(world.daemons(), [] as [Process; 0], "looking starts no daemon");
}

#[test]
fn stop_sends_waiters_away_and_a_holders_end_starts_the_next_daemon() {
    let world = World::new();
    world.write(DAY, "before\n");
    let (first, second) = (world.gate("first"), world.gate("second"));
    let script =
        format!("echo saved >> \"$1\"; {}; echo later >> \"$1\"; {}", first.pass("$1"), second.pass("$1"));
    let holder = world.ponder(&["-d", DAY]).env("EDITOR", world.editor("slow", &script)).start();
    first.arrival();
    let waiter = world.ponder(&["-d", DAY]).env("EDITOR", "slow").start();
    waiter.says("slow (pid");

    world.ponder(&["daemon", "stop"]).run().ok();
    waiter.wait().code(69).says("the daemon was stopped");
    assert_eq!(world.text(DAY), "before\nsaved\n", "what was saved before is in the entry");

    first.open();
    second.arrival();
    // The old one has hung up and is about to end; nobody starts one before he needs it.
    wait_until("there is no daemon", || world.daemons().is_empty().then_some(()));
    second.open();
    holder.wait().ok().silent();
    assert_eq!(world.text(DAY), "before\nsaved\nlater\n");
    assert!(world.kept().is_empty() && world.sessions().is_empty());
}

#[test]
fn a_holder_that_had_saved_everything_is_not_troubled_by_a_stop() {
    let world = World::new();
    let gate = world.gate("editor");
    world.editor("saves", &format!("echo saved >> \"$1\"; {}", gate.pass("here")));
    let holder = world.ponder(&["-d", DAY]).env("EDITOR", "saves").start();
    gate.arrival();
    world.ponder(&["daemon", "stop"]).run().ok();
    gate.open();
    holder.wait().ok().silent();
    assert!(world.text(DAY).ends_with("\n\nsaved\n"), "{}", world.text(DAY));
}

/// A daemon that is asked to stop is waited for, and another one is started: nobody is turned away
/// who only came at the wrong moment.
#[test]
fn everybody_is_served_however_often_the_daemon_is_stopped() {
    let world = World::new();
    let done = AtomicBool::new(false);
    let (served, stops) = thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let world = &world;
                scope.spawn(move || {
                    (0..25)
                        .map(|number| {
                            let line = format!("line {};", writer * 100 + number);
                            world.ponder(&["append", "-d", DAY, &line]).run().ok().silent();
                            line
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        let stopper = scope.spawn(|| {
            let mut stops = 0;
            while !done.load(Ordering::Relaxed) {
                let lines = world.text(DAY).lines().count();
                wait_until("an append", || {
                    (done.load(Ordering::Relaxed) || world.text(DAY).lines().count() > lines).then_some(())
                });
                world.ponder(&["daemon", "stop"]).run().ok();
                stops += 1;
            }
            stops
        });
        let written: Vec<_> = writers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        done.store(true, Ordering::Relaxed);
        (written, stopper.join().unwrap())
    });
    let served: Vec<String> = served.into_iter().flat_map(Result::unwrap).collect();
    let text = world.text(DAY);
    for line in &served {
        assert_eq!(text.matches(line.as_str()).count(), 1, "{line}\n{text}");
    }
    assert!(served.len() == 100 && stops > 5, "{} lines, {stops} stops", served.len());
}

/// What comes with hello is heard before the daemon's owner has ever met whoever says it.
#[test]
fn who_asks_as_the_daemon_stops_is_answered() {
    let world = World::new();
    world.ponder(&["daemon", "start"]).run().ok();
    let socket = world.socket();
    let hello = r#"{"op":"hello","protocol":{"oldest":1,"newest":1}}"#;
    let append = format!(r#"{{"op":"append","entry":"{DAY}","text":"a line"}}"#);
    let asked = format!("{hello}\n{append}\n");
    let daemon = world.daemon();
    kill(daemon.0, Signal::STOP);
    let stopper = Raw::connect(&socket).send(b"{\"op\":\"stop\"}\n");
    let askers: Vec<Raw> = (0..20).map(|_| Raw::connect(&socket).send(asked.as_bytes())).collect();
    kill(daemon.0, Signal::CONT);
    let answered =
        |said: &str| said.contains(r#""event":"appended""#) || said.contains(r#""code":"stopping""#);
    for asker in askers {
        let said = String::from_utf8(asker.rest()).unwrap();
        assert!(said.lines().last().is_some_and(answered), "{said:?}");
    }
    assert!(String::from_utf8(stopper.rest()).unwrap().contains(r#""event":"stopping""#));
}

/// Each of these is done by a thread of its own, or by the writer.
#[test]
fn what_was_asked_before_a_stop_is_done_and_answered() {
    let world = World::new();
    world.lease(DAY, "echo kept > \"$PONDER_ENTRY\"; exit 1").run().code(1);
    let hello = r#"{"op":"hello","protocol":{"oldest":1,"newest":1}}"#;
    let append = format!(r#"{{"op":"append","entry":"{DAY}","text":"a line"}}"#);
    let drop_it = format!(r#"{{"op":"drop","kept":"{DAY}.0"}}"#);
    let asked = [hello, r#"{"op":"status"}"#, r#"{"op":"deferred"}"#, &drop_it, &append, r#"{"op":"stop"}"#];
    let raw = Raw::connect(&world.socket()).send(format!("{}\n", asked.join("\n")).as_bytes());
    let said = String::from_utf8(raw.rest()).unwrap();
    for event in ["welcome", "status", "deferred", "dropped", "appended", "stopping"] {
        assert!(said.contains(&format!(r#""event":"{event}""#)), "{event} is missing: {said}");
    }
}

#[test]
fn who_asks_while_the_last_work_is_done_is_answered() {
    let world = World::new();
    let mut asker = world.script();
    let daemon = world.daemon();
    // The last checkpoint takes its time.
    let hang = "inject=fdatasync,fsync,sync_file_range:delay_enter=300000";
    let strace = world.program("strace").args(&["-f", "-e", "trace=fdatasync,fsync", "-e", hang, "-p"]);
    let tracer = strace.arg(daemon.0.to_string()).args(&["-o", "/dev/null"]).start();
    tracer.says("attached");
    let mut stopper = world.script();
    stopper.ask(json!({ "op": "append", "entry": DAY, "text": "a line" }), "appended");
    stopper.send(json!({ "op": "stop" }));
    wait_until("it stops", || world.log().contains(" stopping ").then_some(()));
    asker.send(json!({ "op": "append", "entry": DAY, "text": "another" }));
    asker.expect("stopping");
    let answer = asker.hear().expect("an answer");
    assert_eq!(answer["code"], "stopping");
    assert!(asker.hear().is_none());
    drop(tracer);
}
