//! What goes wrong on purpose.

use std::io::ErrorKind;

use super::*;
use crate::journal::disk::simulated::{Act, Count, Failure, Lost, is_stop};
use crate::journal::disk::{OpenError, Rename};

#[test]
fn a_stopped_daemon_can_do_nothing_until_it_starts_again() {
    let (disk, dir) = disk();
    let file = keep(&disk, &dir, "a", "text");
    let made = disk.count().changes;
    disk.plan(When::Change(made + 2), Fault::Stop);
    disk.write(&file, 0, b"TE").unwrap();
    let stopped = disk.write(&file, 2, b"XT").unwrap_err();
    assert!(is_stop(&stopped) && disk.is_dead());
    assert!(is_stop(&disk.read(&file, 0, 4).unwrap_err()));
    assert!(is_stop(&disk.open_root(Path::new("/j")).unwrap_err()));
    assert!(!is_stop(&Failure::Io.error()));
    disk.kill();
    // Nothing was flushed, and nothing had to be: the system lives.
    let file = open(&disk, &root(&disk), "a", Access::Read);
    assert_eq!(disk.read(&file, 0, 9).unwrap(), b"TExt");
    assert_eq!(disk.fired(), [(Count { changes: made + 2, reads: 1 }, Fault::Stop)]);
}

#[test]
fn a_daemon_may_be_stopped_in_the_middle_of_a_write() {
    let (disk, dir) = disk();
    let file = keep(&disk, &dir, "a", "text");
    disk.plan(When::Call(0), Fault::StopWithin(3));
    assert!(is_stop(&disk.write(&file, 0, b"TEXT").unwrap_err()));
    disk.kill();
    assert_eq!(text(&disk, "/j/a").unwrap(), "TEXt");
}

#[test]
#[should_panic(expected = "opened by a daemon that is gone")]
fn the_handles_of_a_daemon_that_is_gone_are_not_used() {
    let (disk, dir) = disk();
    disk.kill();
    _ = disk.list(&dir);
}

#[test]
fn a_full_disk_takes_a_part() {
    let (disk, dir) = disk();
    keep(&disk, &dir, "a", "");
    let file = open(&disk, &dir, "a", Access::Append);
    disk.plan(When::Change(0), Fault::Short(2));
    assert_eq!(disk.append(&file, b"text").unwrap(), 2);
    assert_eq!(disk.append(&file, b"xt").unwrap_err().kind(), ErrorKind::StorageFull);
    assert_eq!(disk.append(&file, b"xt").unwrap(), 2);
    assert_eq!(text(&disk, "/j/a").unwrap(), "text");
    disk.plan(When::Change(0), Fault::Short(1));
    let file = open(&disk, &dir, "a", Access::Write);
    assert_eq!(disk.write(&file, 4, b"and more").unwrap_err().kind(), ErrorKind::StorageFull);
    assert_eq!(text(&disk, "/j/a").unwrap(), "texta");
}

#[test]
fn a_fault_waits_for_a_call_that_it_can_happen_to() {
    let (disk, dir) = disk();
    disk.plan(When::Change(1), Fault::Fail(Failure::TooManyOpen));
    disk.make_dir(&dir, "d").unwrap();
    let many = disk.create(&dir, "a", 0o600).unwrap_err();
    assert_eq!(many.raw_os_error(), Failure::TooManyOpen.error().raw_os_error());
    assert_eq!(disk.fired()[0].0.changes, 2);
    disk.plan(When::Read(0), Fault::Fail(Failure::Io));
    let file = put(&disk, &dir, "a", "text");
    assert!(disk.read(&file, 0, 4).is_err());
    assert_eq!(disk.read(&file, 0, 4).unwrap(), b"text");
    disk.plan(When::Call(0), Fault::Fail(Failure::ReadOnly));
    assert!(matches!(disk.open(&dir, "a", Access::Write), Err(OpenError::Io(_))));
}

#[test]
fn a_disk_that_is_full_for_a_while_takes_what_needs_no_space() {
    let (disk, dir) = disk();
    let file = keep(&disk, &dir, "a", "text");
    let now = disk.count().changes;
    disk.plan_spell(now + 1..now + 5, Failure::NoSpace);
    disk.write(&file, 0, b"TEXT").unwrap();
    assert_eq!(disk.write(&file, 4, b"!").unwrap_err().kind(), ErrorKind::StorageFull);
    assert_eq!(disk.create(&dir, "b", 0o600).unwrap_err().kind(), ErrorKind::StorageFull);
    disk.rename((&dir, "a"), (&dir, "b"), Rename::NoReplace).unwrap();
    disk.write(&file, 4, b"!").unwrap();
    assert_eq!(text(&disk, "/j/b").unwrap(), "TEXT!");
    disk.plan_spell(0..u64::MAX, Failure::ReadOnly);
    assert_eq!(disk.unlink(&dir, "b").unwrap_err().kind(), ErrorKind::ReadOnlyFilesystem);
    disk.forget_plan();
    disk.unlink(&dir, "b").unwrap();
}

#[test]
fn a_repeated_flush_of_a_directory_loses_what_the_failed_one_dropped() {
    for (lost, shown) in [(Lost::ShowsNew, true), (Lost::ShowsOld, false)] {
        let (disk, dir) = disk();
        let file = put(&disk, &dir, "a", "text");
        disk.sync(&file).unwrap();
        disk.plan(When::Change(0), Fault::LoseSync(lost));
        assert!(disk.sync_dir(&dir).is_err());
        assert_eq!(disk.visible("/j/a").is_some(), shown);
        disk.sync_dir(&dir).unwrap();
        // Another name is kept as ever.
        keep(&disk, &dir, "b", "");
        disk.power_cut(&mut Best);
        assert_eq!(disk.list(&root(&disk)).unwrap(), ["b"], "{lost:?}");
    }
}

#[test]
fn names_that_were_dropped_and_changed_again_are_flushed() {
    let (disk, dir) = disk();
    for (name, text) in [("a", "0"), ("s", "1"), ("t", "2")] {
        keep(&disk, &dir, name, text);
    }
    disk.rename((&dir, "s"), (&dir, "a"), Rename::Replace).unwrap();
    disk.plan(When::Change(0), Fault::LoseSync(Lost::ShowsNew));
    assert!(disk.sync_dir(&dir).is_err());
    disk.rename((&dir, "t"), (&dir, "a"), Rename::Exchange).unwrap();
    disk.sync_dir(&dir).unwrap();
    disk.power_cut(&mut Worst);
    let shown = ["a", "s", "t"].map(|name| text(&disk, &format!("/j/{name}")).unwrap_or_default());
    // The removal of "s" was dropped and is not done again; "a" and "t" are as they were shown.
    assert_eq!(shown, ["2", "1", "1"]);
}

#[test]
fn a_sweep_goes_through_every_call_once() {
    let mut hits = Vec::new();
    let mut from = 1;
    loop {
        let (disk, dir) = disk();
        disk.plan(When::Change(from), Fault::Fail(Failure::NoSpace));
        let done = disk.create(&dir, "t", 0o600).and_then(|file| {
            disk.write(&file, 0, b"text")?;
            disk.sync(&file)?;
            disk.rename((&dir, "t"), (&dir, "a"), Rename::NoReplace)?;
            disk.sync_dir(&dir)
        });
        let Some((hit, _)) = disk.fired().first().copied() else { break };
        assert!(done.is_err());
        hits.push(hit.changes);
        from = hit.changes + 1;
    }
    assert_eq!(hits, [1, 2, 4]);
}

#[test]
fn the_trace_tells_what_happened() {
    let rules = crate::journal::disk::simulated::Rules { trace: 4, ..Default::default() };
    let disk = SimulatedDisk::with(rules, &["/j"]);
    let dir = root(&disk);
    let file = keep(&disk, &dir, "a", "text");
    disk.plan(When::Change(0), Fault::Fail(Failure::Io));
    disk.plan_outsider(When::Change(5), "/j/b", Act::Delete);
    assert!(disk.write(&file, 4, b"more").is_err());
    disk.power_cut(&mut Best);
    let trace = disk.trace();
    assert_eq!(
        trace,
        [
            "change   4 read   1: SyncDir j",
            "change   5 read   1: -- outsider /j/b: Delete: No such file or directory (os error 2)",
            "change   5 read   1: Write a at 4, 4 bytes: \"more\": Input/output error (os error 5)",
            "change   5 read   1: -- power cut",
        ]
    );
}
