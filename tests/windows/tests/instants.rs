//! Daemons that were killed in the one instant between two steps: what they leave is made here by hand.

#![cfg(windows)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs::{self, File};

use ponder_windows::{World, wait_until};

const DAY: &str = "20261123";

#[test]
fn a_log_that_waits_under_another_name_is_taken_back() {
    let world = World::new();
    world.write(DAY, "begun\n");
    let lock = File::options().read(true).write(true).open(world.entry(DAY)).unwrap();
    lock.lock().unwrap();
    let told = world.done(&["append", "--json", "-d", DAY, "only in the log"]);
    assert!(told.contains(r#""published":false"#), "{told}");
    world.kill(world.daemon());
    let state = world.state().unwrap();
    let (log, other) = (state.join("log"), state.join("log.other"));
    let away = state.join("log.other.away.old.tmp");
    wait_until("the daemon is gone", || fs::rename(&log, &away).ok());
    fs::write(&other, "the next log").unwrap();
    drop(lock);
    world.done(&["daemon", "start"]);
    wait_until("the append", || (world.text(DAY) == "begun\nonly in the log\n").then_some(()));
    world.kill(world.daemon());
    // The same one step later: the next log has its name already.
    wait_until("the daemon is gone", || File::options().write(true).open(&log).ok());
    fs::write(&away, "the last log").unwrap();
    world.done(&["append", "-d", DAY, "after it"]);
    assert_eq!(world.text(DAY), "begun\nonly in the log\nafter it\n");
    assert!(!away.exists(), "the last log is gone");
}

#[test]
fn a_version_that_waits_under_another_name_is_kept() {
    let world = World::new();
    world.done(&["append", "-d", DAY, "x"]);
    let names =
        fs::read_dir(world.side()).unwrap().flatten().map(|item| item.file_name().into_string().unwrap());
    // `endpoint.<machine>.json`
    let machine =
        names.filter_map(|name| Some(name.strip_prefix("endpoint.")?.strip_suffix(".json")?.to_owned()));
    let machine: Vec<String> = machine.collect();
    world.done(&["daemon", "stop"]);
    let away = world.side().join(format!("{}.0123456789abcdef.tmp.away.old.tmp", machine[0]));
    fs::write(&away, "the only copy\n").unwrap();
    world.done(&["daemon", "start"]);
    let versions = world.versions();
    assert_eq!(versions.len(), 1, "{versions:?}");
    assert!(!away.exists());
    assert_eq!(fs::read_to_string(&versions[0]).unwrap(), "the only copy\n");
}
