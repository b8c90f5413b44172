//! Other programs, and the end of the daemon.

use super::*;
use crate::journal::disk::Rename;
use crate::journal::disk::simulated::Act;

#[test]
fn who_has_a_file_open_writes_into_it_wherever_it_went() {
    let (disk, dir) = disk();
    keep(&disk, &dir, "a", "old");
    keep(&disk, &dir, "t", "new");
    disk.outsider("/j/a", Act::Open).unwrap();
    disk.rename((&dir, "t"), (&dir, "a"), Rename::Exchange).unwrap();
    let displaced = open(&disk, &dir, "t", Access::Read);
    assert_eq!(disk.nobody_writes(&displaced).unwrap(), Some(false));
    disk.outsider("/j/a", Act::LateAppend(b" and late".to_vec())).unwrap();
    disk.outsider("/j/a", Act::Close).unwrap();
    assert_eq!(disk.nobody_writes(&displaced).unwrap(), Some(true));
    assert_eq!(disk.read(&displaced, 0, 99).unwrap(), b"old and late");
    assert_eq!(text(&disk, "/j/a").unwrap(), "new");
    // The daemon's own handles count: that is how the system sees it.
    let _writer = open(&disk, &dir, "t", Access::Append);
    assert_eq!(disk.nobody_writes(&displaced).unwrap(), Some(false));
}

#[test]
fn a_lock_belongs_to_the_inode_and_goes_with_its_handle() {
    let (disk, dir) = disk();
    let file = keep(&disk, &dir, "a", "");
    let other = open(&disk, &dir, "a", Access::Read);
    assert!(disk.try_lock(&file).unwrap() && disk.try_lock(&file).unwrap());
    assert!(!disk.try_lock(&other).unwrap());
    assert!(disk.outsider("/j/a", Act::Lock).is_err());
    drop(file);
    disk.outsider("/j/a", Act::Lock).unwrap();
    assert!(!disk.try_lock(&other).unwrap());
    disk.outsider("/j/a", Act::Replace(b"new".to_vec())).unwrap();
    assert!(disk.try_lock(&open(&disk, &dir, "a", Access::Read)).unwrap());
    disk.outsider("/j/a", Act::Close).unwrap();
    assert!(disk.try_lock(&other).unwrap());
}

#[test]
fn the_end_of_the_daemon_ends_its_locks_and_no_others() {
    let (disk, dir) = disk();
    let (mine, _theirs) = (keep(&disk, &dir, "a", ""), keep(&disk, &dir, "b", ""));
    assert!(disk.try_lock(&mine).unwrap());
    disk.outsider("/j/b", Act::Lock).unwrap();
    disk.kill();
    let dir = root(&disk);
    let lock = |name| disk.try_lock(&open(&disk, &dir, name, Access::Read)).unwrap();
    assert_eq!((lock("a"), lock("b")), (true, false));
    // What was dropped by then belongs to the past and frees nothing of now.
    let again = open(&disk, &dir, "a", Access::Read);
    assert!(disk.try_lock(&again).unwrap());
    drop(mine);
    assert!(!lock("a"));
}

#[test]
fn others_act_just_before_a_call() {
    let (disk, dir) = disk();
    let file = keep(&disk, &dir, "a", "");
    let append = |text: &str| Act::Append(text.into());
    disk.plan_outsider(When::Read(3), "/j/a", append("1"));
    disk.plan_outsider(When::Change(4), "/j/a", append("2"));
    assert_eq!(disk.read(&file, 0, 9).unwrap(), b"");
    assert_eq!(disk.read(&file, 0, 9).unwrap(), b"1");
    let mine = open(&disk, &dir, "a", Access::Append);
    disk.append(&mine, b"3").unwrap();
    assert_eq!(disk.read(&file, 0, 9).unwrap(), b"123");
}

#[test]
fn others_do_what_programs_do() {
    let (disk, dir) = disk();
    let act = |path: &str, act| disk.outsider(path, act).map_err(|error| error.kind());
    act("/j/a", Act::Append(b"text".to_vec())).unwrap();
    let before = disk.stat(&open(&disk, &dir, "a", Access::Read)).unwrap().inode;
    act("/j/a", Act::Overwrite(1, b"EX".to_vec())).unwrap();
    assert_eq!(text(&disk, "/j/a").unwrap(), "tEXt");
    act("/j/a", Act::Truncate(2)).unwrap();
    assert_eq!(text(&disk, "/j/a").unwrap(), "tE");
    act("/j/a", Act::Rewrite(b"new".to_vec())).unwrap();
    assert_eq!(disk.stat(&open(&disk, &dir, "a", Access::Read)).unwrap().inode, before);
    act("/j/a", Act::Replace(b"newer".to_vec())).unwrap();
    assert_ne!(disk.stat(&open(&disk, &dir, "a", Access::Read)).unwrap().inode, before);
    act("/j/d", Act::MakeDir).unwrap();
    act("/j/a", Act::LinkTo("/j/d/b".into())).unwrap();
    act("/j/a", Act::RenameTo("/j/d/c".into())).unwrap();
    act("/j/d/b", Act::SetMode(0o400)).unwrap();
    assert!(disk.open(&disk.open_dir(&dir, "d").unwrap(), "c", Access::Write).is_err());
    assert!(act("/j/d", Act::Delete).is_err());
    act("/j/d/b", Act::Sync).unwrap();
    act("/j/d", Act::SyncDir).unwrap();
    act("/j", Act::SyncDir).unwrap();
    disk.power_cut(&mut Worst);
    let files: Vec<_> = disk.all_files().into_iter().collect();
    assert_eq!(files, [("/j/d/b".into(), b"newer".to_vec()), ("/j/d/c".into(), b"newer".to_vec())]);
}

#[test]
fn the_directory_may_be_moved_away() {
    let (disk, dir) = disk();
    assert!(disk.is_at(&dir, Path::new("/j")).unwrap());
    disk.outsider("/j", Act::RenameTo("/k".into())).unwrap();
    assert!(disk.is_at(&dir, Path::new("/j")).is_err());
    disk.outsider("/j", Act::MakeDir).unwrap();
    assert!(!disk.is_at(&dir, Path::new("/j")).unwrap());
    put(&disk, &dir, "a", "text");
    assert_eq!(text(&disk, "/k/a").unwrap(), "text");
}

#[test]
fn a_fork_goes_its_own_way() {
    let (disk, dir) = disk();
    put(&disk, &dir, "a", "text");
    let other = disk.fork();
    other.power_cut(&mut Worst);
    assert!(other.all_files().is_empty());
    assert_eq!(text(&disk, "/j/a").unwrap(), "text");
}
