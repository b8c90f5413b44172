//! `ponder doctor`: small and true.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs::{self, File};
use std::os::unix::net::UnixListener;
use std::time::{Duration, SystemTime};

use ponder_tests::{FileSystem, Process, World, chmod, give_away, kill, link, mkdir, tree, write};
use rustix::process::Signal;
use serde_json::Value;

const DAY: &str = "20261123";

/// What it found, by what it is about, and the exit code.
fn doctor(world: &World) -> (Vec<Value>, i32) {
    let ended = world.ponder(&["--json", "doctor"]).run();
    let mut events = ended.events();
    let result = events.pop().unwrap();
    assert_eq!(result["exit"], ended.exit().unwrap());
    let lacks = |finding: &&Value| finding["exit"] != 0 && !finding["next"].is_string();
    assert_eq!(events.iter().find(lacks), None, "something is wrong, and nothing is said to mend it");
    (events, ended.exit().unwrap())
}

#[track_caller]
fn about<'a>(findings: &'a [Value], what: &str) -> &'a Value {
    findings.iter().find(|finding| finding["about"] == what).unwrap_or_else(|| panic!("{findings:?}"))
}

#[test]
fn a_journal_that_is_well_is_told_on_a_page() {
    let world = World::new();
    world.ponder(&["append", "-d", DAY, "text"]).run().ok();
    let told = world.ponder(&["doctor"]).run().ok().stdout;
    let journal = world.path("journal").display().to_string();
    let state = world.state_dir().display().to_string();
    for part in [&journal[..], &state, "ponderd 0.1.0 (pid ", "can be read", "no text is kept aside"] {
        assert!(told.contains(part), "{part:?} is not in\n{told}");
    }
    assert!(told.lines().count() <= 20 && !told.contains("->"), "{told}");
}

#[test]
fn it_starts_nothing_and_makes_nothing() {
    let world = World::new();
    let (findings, code) = doctor(&world);
    assert_eq!((code, findings.len()), (78, 1), "{findings:?}");
    assert!(!world.path("journal").exists());
    world.write(DAY, "text\n");
    let all = || ["journal", "state", "run", "home"].map(|name| tree(&world.path(name)));
    let before = all();
    let (findings, code) = doctor(&world);
    assert_eq!(code, 0, "{findings:?}");
    assert!(about(&findings, "daemon")["message"].as_str().unwrap().contains("none runs"));
    assert_eq!(all(), before);
    assert!(world.daemons().is_empty());
}

#[test]
fn kept_drafts_are_found_with_and_without_a_daemon() {
    let world = World::new();
    world.lease(DAY, "echo text > \"$PONDER_ENTRY\"; exit 1").run().code(1);
    for daemon in ["start", "stop"] {
        world.ponder(&["daemon", daemon]).run().ok();
        let (findings, code) = doctor(&world);
        let kept = about(&findings, "kept");
        assert_eq!((code, &kept["next"]), (65, &"ponder recover".into()), "{daemon}: {kept}");
    }
}

/// What a finding says to do, done.
fn mend(world: &World, finding: &Value) {
    world.program("sh").args(&["-c", finding["next"].as_str().unwrap()]).run().ok();
}

#[test]
fn a_directory_that_others_can_reach_into_is_a_finding() {
    let world = World::new();
    world.ponder(&["append", "-d", DAY, "text"]).run().ok();
    world.ponder(&["daemon", "stop"]).run().ok();
    let state = world.state_dir();
    for dir in [&world.path("state/ponder"), &state, &state.join("slots"), &state.join("alive")] {
        let at = dir.display();
        for mode in [0o755, 0o750, 0o701] {
            chmod(dir, mode);
            world.ponder(&["append", "-d", DAY, "text"]).run().code(77);
            let (findings, code) = doctor(&world);
            let told = about(&findings, "state");
            assert_eq!(
                (code, &told["next"]),
                (77, &format!("chmod 700 {at}").into()),
                "{at} {mode:o}: {told}"
            );
            mend(&world, told);
            assert_eq!(doctor(&world).1, 0, "{at}");
        }
    }
    fs::rename(state.join("slots"), state.join("away")).unwrap();
    link(&state.join("away"), &state.join("slots"));
    let (findings, code) = doctor(&world);
    assert_eq!(code, 77, "{findings:?}");
    mend(&world, about(&findings, "state"));
    assert_eq!(doctor(&world).1, 0);
    assert!(state.join("away").is_dir(), "nothing is lost");
}

#[test]
fn a_journal_that_others_can_write_into_is_a_finding_and_one_that_they_can_read_is_told() {
    let world = World::new();
    world.ponder(&["append", "-d", DAY, "text"]).run().ok();
    let journal = world.path("journal");
    let close = format!("chmod 700 {}", journal.display());
    let rows = [
        (0o777, 77, "anybody can write into"),
        (0o702, 77, "anybody can write into"),
        (0o755, 0, "which may be meant"),
        (0o770, 0, "which may be meant"),
    ];
    for (mode, exit, said) in rows {
        chmod(&journal, mode);
        let (findings, code) = doctor(&world);
        let told = about(&findings, "journal");
        assert_eq!((code, &told["next"], &told["exit"]), (exit, &close[..].into(), &exit.into()), "{mode:o}");
        let message = told["message"].as_str().unwrap();
        assert!(message.contains(said) && message.contains(&format!("mode {mode:o}")), "{message}");
    }
    chmod(&journal, 0o700);
    assert!(about(&doctor(&world).0, "journal")["next"].is_null());
    give_away(&journal);
    let (findings, code) = doctor(&world);
    let told = about(&findings, "journal")["message"].as_str().unwrap();
    assert!(code == 77 && told.contains("belongs to user 54321, not to you"), "{code} {told}");
}

/// [`doctor`] looks whether there is something to do.
#[test]
fn whatever_is_wrong_has_something_that_mends_it() {
    let world = World::new();
    world.ponder(&["append", "-d", DAY, "text"]).run().ok();
    let socket = world.socket();
    world.ponder(&["daemon", "stop"]).run().ok();
    let listener = UnixListener::bind(&socket).unwrap();
    give_away(&socket);
    let (findings, code) = doctor(&world);
    let told = about(&findings, "socket");
    assert_eq!((code, &told["exit"]), (77, &77.into()), "{told}");
    mend(&world, told);
    drop(listener);
    assert_eq!(doctor(&world).1, 0);

    for (what, path, exit) in [("socket", socket, 77), ("log", world.state_dir().join("log"), 78)] {
        let _ = fs::remove_file(&path); // a daemon that ended has taken its socket away
        mkdir(&path, 0o700);
        write(&path.join("something"), "somebody's\n");
        world.ponder(&["append", "-d", DAY, "text"]).run().code(69);
        let (findings, code) = doctor(&world);
        let told = about(&findings, what);
        assert_eq!((code, &told["exit"]), (exit, &exit.into()), "{told}");
        mend(&world, told);
        world.ponder(&["append", "-d", DAY, "text"]).run().ok();
        assert_eq!(doctor(&world).1, 0);
        world.ponder(&["daemon", "stop"]).run().ok();
    }
}

#[test]
fn a_log_that_cannot_be_read_is_opened_again() {
    let world = World::of_an_ordinary_user();
    world.ponder(&["append", "-d", DAY, "text"]).run().ok();
    world.ponder(&["daemon", "stop"]).run().ok();
    chmod(&world.state_dir().join("log"), 0o000);
    let (findings, code) = doctor(&world);
    assert_eq!(code, 74, "{findings:?}");
    mend(&world, about(&findings, "log"));
    assert_eq!(doctor(&world).1, 0);
    world.ponder(&["append", "-d", DAY, "text"]).run().ok();
}

#[test]
fn what_is_left_of_a_new_version_is_taken_up_by_its_own_machine() {
    let world = World::new();
    world.ponder(&["append", "-d", DAY, "text"]).run().ok();
    let side = world.path("journal/.ponder");
    let own = format!("{}.0123456789abcdef.tmp", ponder_endpoint::machine());
    for name in [&own, "0123456789abcdef.0123456789abcdef.tmp"] {
        let stale = File::create(side.join(name)).unwrap();
        stale.set_modified(SystemTime::now() - Duration::from_secs(3 * 24 * 3600)).unwrap();
    }
    let stale = || {
        let (mut findings, code) = doctor(&world);
        assert_eq!(code, 0, "{findings:?}");
        findings.retain(|finding| finding["about"] == "stale");
        findings
    };
    let [ours, theirs] = &stale()[..] else { panic!("two findings: {:?}", stale()) };
    assert_eq!(ours["next"], "ponder daemon restart");
    let told = theirs.to_string();
    assert!(told.contains("another machine") && !told.contains("restart"), "{told}");
    mend(&world, ours);
    assert_eq!(stale(), std::slice::from_ref(theirs), "only its own machine takes up what is its own");
    assert!(!side.join(own).exists());
}

#[test]
fn a_journal_that_is_mounted_read_only_is_not_for_chmod() {
    let world = World::new();
    let mount = world.mount(FileSystem::Tmpfs, "journal");
    world.write(DAY, "text\n");
    mount.remount("ro");
    let (findings, code) = doctor(&world);
    let told = about(&findings, "journal");
    let next = told["next"].as_str().unwrap();
    assert!(code == 78 && told["message"].as_str().unwrap().contains("read-only"), "{told}");
    assert!(next.contains("df ") && !next.contains("chmod"), "{next}");
    mount.remount("rw");
    assert_eq!(doctor(&world).1, 0);
    // Nor is somebody else's.
    let world = World::of_an_ordinary_user();
    let theirs = world.path("theirs");
    mkdir(&theirs, 0o755);
    let told = world.ponder(&["doctor"]).env("PONDER_DIR", &theirs).run().code(78).stdout;
    assert!(told.contains("-> point PONDER_DIR to a directory of yours"), "{told}");
}

#[test]
fn kept_drafts_are_found_where_no_daemon_can_be_met() {
    let world = World::new();
    world.lease(DAY, "echo text > \"$PONDER_ENTRY\"; exit 1").run().code(1);
    chmod(&world.path("run/ponder"), 0o755);
    let (findings, code) = doctor(&world);
    assert_eq!((code, &about(&findings, "daemon")["exit"]), (77, &77.into()), "{findings:?}");
    assert_eq!(about(&findings, "kept")["next"], "ponder recover");
}

#[test]
fn a_damaged_log_is_a_finding_and_stays_as_it_is() {
    let world = World::new();
    world.ponder(&["append", "-d", DAY, "text"]).run().ok();
    world.daemons().into_iter().for_each(Process::kill);
    let log = world.state_dir().join("log");
    let mut bytes = fs::read(&log).unwrap();
    bytes[9] ^= 0x55;
    fs::write(&log, &bytes).unwrap();
    let (findings, code) = doctor(&world);
    let message = about(&findings, "log")["message"].as_str().unwrap();
    let told = message.contains("ponder doctor --log") || message.contains("newer");
    assert!(code == 78 && told, "{code} {message}");
    world.ponder(&["doctor", "--log"]).run().code(78).explains(&[log.to_str().unwrap()]);
    assert_eq!(fs::read(&log).unwrap(), bytes);
}

#[test]
fn the_logs_records_are_shown_without_text() {
    let world = World::new();
    fs::create_dir(world.path("journal")).unwrap();
    let none = world.ponder(&["doctor", "--log"]).run().ok().stdout;
    assert!(none.contains("no log yet"), "{none}");
    world.ponder(&["append", "-d", DAY, "a secret"]).run().ok();
    world.daemons().into_iter().for_each(Process::kill);
    let log = world.state_dir().join("log");
    let before = fs::read(&log).unwrap();
    let told = world.ponder(&["doctor", "--log"]).run().ok().stdout;
    assert!(told.contains("append 2026-11-23") && !told.contains("secret"), "{told}");
    let events = world.ponder(&["--json", "doctor", "--log"]).run().ok().events();
    assert_eq!(events.len(), told.lines().count() + 1);
    assert_eq!(events[0]["text"], told.lines().next().unwrap());
    assert_eq!(fs::read(&log).unwrap(), before);
    assert!(world.daemons().is_empty(), "none was started");
}

#[test]
fn a_daemon_that_is_stopped_is_not_waited_for_for_ever() {
    let world = World::new();
    world.ponder(&["append", "-d", DAY, "text"]).run().ok();
    let [daemon] = &world.daemons()[..] else { panic!("one daemon") };
    kill(daemon.0, Signal::STOP);
    let (findings, code) = doctor(&world);
    assert_eq!(code, 69, "{findings:?}");
    let shown = world.ponder(&["show", "-d", DAY]).run().ok().says("has not answered");
    assert!(shown.stdout.ends_with("\ntext\n"), "{}", shown.stdout);
    kill(daemon.0, Signal::CONT);
    assert_eq!(doctor(&world).1, 0);
}
