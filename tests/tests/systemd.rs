//! Under a real `systemd --user`: the units as they are installed, sandbox and all.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;

use ponder_tests::{Process, UserManager, kill, wait_until};
use rustix::process::Signal;

const DAY: &str = "20261123";

/// A manager, and the service of its world's journal.
fn installed() -> (UserManager, String) {
    let manager = UserManager::new();
    manager.world.ponder(&["service", "install"]).run().ok();
    let unit = manager.unit();
    (manager, unit)
}

#[test]
fn the_first_client_activates_it() {
    let (manager, unit) = installed();
    let world = &manager.world;
    let service = format!("{unit}.service");
    assert_eq!(manager.property(&service, "ActiveState"), "inactive");
    world.ponder(&["append", "-d", DAY, "text"]).run().ok().silent();
    assert!(world.text(DAY).ends_with("\n\ntext\n"));
    assert_eq!(manager.property(&service, "ActiveState"), "active");
    let main = manager.property(&service, "MainPID");
    assert_eq!(world.daemon().0.to_string(), main, "and no other one");
    let _ = fs::metadata(world.path("run"));
    let _ = wait_until("x", || Some(()));
    let _ = (Process(1), Signal::KILL, kill as fn(u32, Signal));
}
