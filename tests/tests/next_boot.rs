//! The machine goes down with everybody on it, and comes up again: a daemon of the next boot finds what this
//! one has left. The boot's id is what tells them apart, and the next daemon is shown another one.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;

use ponder_tests::outsiders::{BEFORE, DAY};
use ponder_tests::{World, wait_until};

const OTHER: &str = "20261124";

/// Everybody is gone, and who was started at that very moment.
fn crash(world: &World) {
    wait_until("nobody is left", || {
        let left = world.processes();
        for process in &left {
            process.kill();
        }
        left.is_empty().then_some(())
    });
}

/// Starts a daemon in a mount namespace that shows another boot's id.
fn boot(world: &World) {
    let id = world.path("boot_id");
    fs::write(&id, "b0000000-0000-4000-8000-000000000002\n").unwrap();
    let enter = "mount --bind \"$0\" /proc/sys/kernel/random/boot_id && exec ponderd \"$@\"";
    let script =
        format!("exec unshare --mount --propagation private sh -c '{enter}' '{}' \"$@\"", id.display());
    let program = world.path("bin").join(world.editor("next-ponderd", &script));
    world.ponder(&["daemon", "start"]).env("PONDERD", program).run().ok();
}

#[test]
fn leases_and_places_end_with_the_boot_and_what_they_held_is_kept() {
    let world = World::new();
    world.write(DAY, BEFORE);
    let gate = world.gate("command");
    let _holder =
        world.lease(DAY, &format!("echo mine >> \"$PONDER_ENTRY\"; {}", gate.pass("holds"))).start();
    gate.arrival();
    let waiter = world.lease(DAY, "exit 0").start();
    waiter.says("waiting for 2026-11-23");
    world.ponder(&["append", "-d", DAY, "meanwhile"]).run().ok();
    crash(&world);
    boot(&world);
    assert_eq!(world.sessions().len(), 0, "{:?}", world.sessions());
    assert_eq!(world.text(DAY), format!("{BEFORE}meanwhile\n"));
    let kept = world.kept();
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(fs::read_to_string(kept[0]["path"].as_str().unwrap()).unwrap(), format!("{BEFORE}mine\n"));
    world.lease(DAY, "exit 0").run().ok();
}

/// What another program wrote and did not flush is a hole of zeros after a power cut, and so is what stood
/// behind it. The daemon's own text is in its log.
#[test]
fn what_stood_behind_a_lost_write_comes_back_where_it_stood() {
    let world = World::new();
    world.write(DAY, BEFORE);
    world.ponder(&["append", "-d", DAY, "first"]).run().ok();
    let lost = fs::read(world.entry(DAY)).unwrap().len();
    let theirs = format!("{}theirs\n", world.text(DAY));
    fs::write(world.entry(DAY), theirs).unwrap();
    world.ponder(&["append", "-d", DAY, "second"]).run().ok();
    world.ponder(&["append", "-d", OTHER, "elsewhere"]).run().ok();
    let whole = fs::read(world.entry(DAY)).unwrap();
    crash(&world);
    let mut bytes = whole.clone();
    bytes[lost..].fill(0);
    fs::write(world.entry(DAY), &bytes).unwrap();
    boot(&world);
    let found = fs::read(world.entry(DAY)).unwrap();
    let mut right = whole;
    right[lost..lost + "theirs\n".len()].fill(0);
    assert_eq!(String::from_utf8_lossy(&found), String::from_utf8_lossy(&right));
    assert!(world.kept().is_empty(), "{:?}", world.kept());
    assert!(world.text(OTHER).ends_with("elsewhere\n"));
}
