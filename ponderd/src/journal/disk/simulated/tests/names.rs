//! What becomes of names.

use super::*;
use crate::journal::disk::simulated::Act;
use crate::journal::disk::{Kind, Rename};

#[test]
fn a_name_is_durable_by_its_directory_and_bytes_by_their_file() {
    let lost = after_power_cuts(|disk, dir| disk.sync(&put(disk, dir, "a", "text")).unwrap());
    assert_eq!(lost, ["", "a=text"]);
    let torn = after_power_cuts(|disk, dir| {
        put(disk, dir, "a", "text");
        disk.sync_dir(dir).unwrap();
    });
    assert_eq!(torn, ["a=", "a=....", "a=text"]);
    let kept = after_power_cuts(|disk, dir| _ = keep(disk, dir, "a", "text"));
    assert_eq!(kept, ["a=text"]);
}

#[test]
fn what_rests_on_a_lost_creation_is_lost() {
    let states = after_power_cuts(|disk, dir| {
        disk.sync(&put(disk, dir, "t", "new")).unwrap();
        disk.rename((dir, "t"), (dir, "a"), Rename::NoReplace).unwrap();
    });
    assert_eq!(states, ["", "a=new", "t=new"]);
}

#[test]
fn an_exchange_is_one_step() {
    let states = after_power_cuts(|disk, dir| {
        keep(disk, dir, "a", "old");
        keep(disk, dir, "t", "new");
        disk.rename((dir, "t"), (dir, "a"), Rename::Exchange).unwrap();
    });
    assert_eq!(states, ["a=new t=old", "a=old t=new"]);
}

#[test]
fn a_rename_between_directories_is_one_step_that_either_flush_keeps() {
    let moved = |flushed: Option<bool>| {
        after_power_cuts(|disk, dir| {
            disk.make_dir(dir, "d").unwrap();
            let below = disk.open_dir(dir, "d").unwrap();
            keep(disk, dir, "a", "text");
            disk.rename((dir, "a"), (&below, "b"), Rename::Replace).unwrap();
            if let Some(source) = flushed {
                disk.sync_dir(if source { dir } else { &below }).unwrap();
            }
        })
    };
    assert_eq!(moved(None), ["a=text", "d/b=text"]);
    assert_eq!(moved(Some(true)), ["d/b=text"]);
    assert_eq!(moved(Some(false)), ["d/b=text"]);
}

#[test]
fn a_flush_keeps_what_it_rests_on_in_other_directories() {
    let states = after_power_cuts(|disk, dir| {
        disk.sync(&put(disk, dir, "t", "text")).unwrap();
        disk.make_dir(dir, "d").unwrap();
        let below = disk.open_dir(dir, "d").unwrap();
        disk.rename((dir, "t"), (&below, "a"), Rename::Replace).unwrap();
        disk.sync_dir(&below).unwrap();
    });
    assert_eq!(states, ["d/a=text"]);
}

#[test]
fn what_is_created_is_lost_with_its_directory() {
    let states = after_power_cuts(|disk, dir| {
        disk.make_dir(dir, "d").unwrap();
        keep(disk, &disk.open_dir(dir, "d").unwrap(), "a", "text");
    });
    assert_eq!(states, ["", "d/a=text"]);
}

#[test]
fn the_number_of_what_was_lost_with_its_directory_is_free() {
    let (disk, dir) = disk();
    disk.make_dir(&dir, "d").unwrap();
    let file = keep(&disk, &disk.open_dir(&dir, "d").unwrap(), "a", "text");
    let number = disk.stat(&file).unwrap().inode;
    disk.power_cut(&mut Worst);
    let next = put(&disk, &root(&disk), "b", "");
    assert_eq!(disk.stat(&next).unwrap().inode, number);
}

#[test]
fn a_flushed_removal_of_a_directory_loses_nothing_that_was_moved_out() {
    let states = after_power_cuts(|disk, dir| {
        let [from, to] = ["d", "e"].map(|name| {
            disk.make_dir(dir, name).unwrap();
            disk.open_dir(dir, name).unwrap()
        });
        keep(disk, &from, "a", "text");
        disk.sync_dir(dir).unwrap();
        disk.rename((&from, "a"), (&to, "a"), Rename::Replace).unwrap();
        disk.remove_dir(dir, "d").unwrap();
        disk.sync_dir(dir).unwrap();
    });
    assert_eq!(states, ["e/a=text"]);
}

#[test]
fn of_two_replacements_any_may_be_lost() {
    let states = after_power_cuts(|disk, dir| {
        for (name, text) in [("a", "0"), ("s", "1"), ("t", "2")] {
            keep(disk, dir, name, text);
        }
        disk.rename((dir, "s"), (dir, "a"), Rename::Replace).unwrap();
        disk.rename((dir, "t"), (dir, "a"), Rename::Replace).unwrap();
    });
    assert_eq!(states, ["a=0 s=1 t=2", "a=1 t=2", "a=2", "a=2 s=1"]);
}

#[test]
fn links_and_removals_are_lost_one_by_one() {
    let states = after_power_cuts(|disk, dir| {
        let file = keep(disk, dir, "a", "text");
        disk.link((dir, "a"), (dir, "b")).unwrap();
        assert_eq!(disk.stat(&file).unwrap().names, 2);
        disk.unlink(dir, "a").unwrap();
        assert_eq!(disk.stat(&file).unwrap().names, 1);
    });
    assert_eq!(states, ["", "a=text", "a=text b=text", "b=text"]);
}

#[test]
fn a_directory_is_removed_only_when_it_is_empty() {
    let (disk, dir) = disk();
    disk.make_dir(&dir, "d").unwrap();
    let below = disk.open_dir(&dir, "d").unwrap();
    keep(&disk, &below, "a", "text");
    let refused = disk.remove_dir(&dir, "d").unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::DirectoryNotEmpty);
    disk.unlink(&below, "a").unwrap();
    disk.remove_dir(&dir, "d").unwrap();
    assert_eq!(disk.look(&dir, "d").unwrap(), None);
    let gone = disk.create(&below, "b", 0o600).unwrap_err();
    assert_eq!(gone.kind(), std::io::ErrorKind::NotFound);
    // Flushing the removal flushes what it rests on.
    disk.sync_dir(&dir).unwrap();
    disk.power_cut(&mut Worst);
    assert_eq!(disk.look(&root(&disk), "d").unwrap(), None);
}

#[test]
fn names_are_refused_as_the_system_refuses_them() {
    use std::io::ErrorKind;
    let (disk, dir) = disk();
    keep(&disk, &dir, "a", "1");
    keep(&disk, &dir, "b", "2");
    let to = |name, how| disk.rename((&dir, "a"), (&dir, name), how).map_err(|error| error.kind());
    assert_eq!(to("b", Rename::NoReplace), Err(ErrorKind::AlreadyExists));
    assert_eq!(to("c", Rename::Exchange), Err(ErrorKind::NotFound));
    assert_eq!(to("a", Rename::Replace), Ok(()));
    assert_eq!(disk.create(&dir, "a", 0o600).unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(disk.unlink(&dir, "c").unwrap_err().kind(), ErrorKind::NotFound);
    assert!(disk.open(&dir, "c", Access::Read).unwrap().is_none());
    disk.outsider("/j/l", Act::SymlinkTo("a".into())).unwrap();
    assert!(disk.open(&dir, "l", Access::Read).is_err());
    assert_eq!(disk.look(&dir, "l").unwrap().map(|found| found.0), Some(Kind::Link));
    assert_eq!(disk.read_link(&dir, "l").unwrap(), Path::new("a"));
    assert_eq!(text(&disk, "/j/l").unwrap(), "1");
}

#[test]
fn the_number_of_a_file_that_is_gone_is_given_to_the_next() {
    let (disk, dir) = disk();
    let number = disk.stat(&put(&disk, &dir, "t", "lost")).unwrap().inode;
    disk.power_cut(&mut Worst);
    let dir = root(&disk);
    let file = keep(&disk, &dir, "a", "other");
    assert_eq!(disk.stat(&file).unwrap().inode, number);
    // Also without a power cut, but not while it is open.
    disk.unlink(&dir, "a").unwrap();
    assert_ne!(disk.stat(&put(&disk, &dir, "b", "")).unwrap().inode, number);
    drop(file);
    assert_eq!(disk.stat(&put(&disk, &dir, "c", "")).unwrap().inode, number);
}

#[test]
fn two_files_never_have_one_number_on_the_platter() {
    let states = after_power_cuts(|disk, dir| {
        drop(keep(disk, dir, "a", "old"));
        disk.unlink(dir, "a").unwrap();
        disk.sync(&put(disk, dir, "b", "new")).unwrap();
    });
    assert_eq!(states, ["", "a=old", "b=new"]);
}

#[test]
fn file_systems_are_not_renamed_between() {
    let disk = SimulatedDisk::new(&["/journal", "/state/ponder/id"]);
    let journal = disk.open_root(Path::new("/journal")).unwrap();
    let state = disk.open_root(Path::new("/state/ponder/id")).unwrap();
    let file = keep(&disk, &journal, "a", "text");
    let refused = disk.rename((&journal, "a"), (&state, "a"), Rename::Replace).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::CrossesDevices);
    assert_ne!(disk.stat(&file).unwrap().device, disk.stat(&keep(&disk, &state, "a", "")).unwrap().device);
}
