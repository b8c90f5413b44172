//! Another program keeps an entry to itself when a daemon starts, and gives it back later: everything ends as
//! if it had never been there.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use ponder_proto::{Append, CommitPolicy, Mode, OperationId, SessionId, Text, Token};

use super::driver::{GROUND, name, path};
use super::ops::Day;
use crate::journal::disk::simulated::{Act, Fault, Rules, SimulatedDisk, When};
use crate::journal::tests::store::Store;
use crate::journal::writer::Writer;
use crate::journal::{Editor, Prepare, Saved};
use crate::lease::Ending;

pub(super) const SESSION: SessionId = SessionId([1; 16]);

/// Three of it are longer than what is logged whole.
pub(super) const LONG: &str = "a line of a text that is only in a file of its own until that has the name\n";

/// A disk with two entries, and a daemon.
pub(super) fn begin() -> (SimulatedDisk, Store<SimulatedDisk>) {
    let dirs = [GROUND.journal.path().to_owned(), GROUND.state.slots()];
    let dirs = dirs.each_ref().map(|dir| dir.to_str().unwrap());
    let disk = SimulatedDisk::with(Rules { trace: 300, ..Rules::default() }, &dirs);
    for day in 0..2 {
        disk.outsider(path(day), Act::Append(b"begun\n".to_vec())).unwrap();
        disk.outsider(path(day), Act::Sync).unwrap();
    }
    disk.outsider(GROUND.journal.path(), Act::SyncDir).unwrap();
    let store = open(&disk, &[]);
    (disk, store)
}

pub(super) fn open(disk: &SimulatedDisk, restored: &[SessionId]) -> Store<SimulatedDisk> {
    let restored: BTreeSet<_> = restored.iter().copied().collect();
    Store::open(&Arc::new(disk.clone()), &GROUND.journal, &GROUND.state, "boot", 1024, &restored).unwrap()
}

pub(super) fn order(days: &[Day], commit: CommitPolicy) -> Prepare {
    let entries = days.iter().map(|day| name(*day)).collect();
    let token = Token { epoch: 1, counter: 1 };
    Prepare {
        session: SESSION,
        token,
        entries,
        mode: Mode::Exclusive,
        commit,
        create: true,
        time: None,
        adopt: None,
    }
}

pub(super) fn append(store: &mut Store<SimulatedDisk>, day: Day, text: &str, id: u8) -> Option<bool> {
    let append = Append { entry: name(day), text: Text(text.into()), operation: None, time: None };
    store.append(&append, OperationId([id; 16])).ok().map(|appended| appended.published)
}

pub(super) fn text(disk: &SimulatedDisk, day: Day) -> String {
    String::from_utf8(disk.visible(path(day)).unwrap()).unwrap()
}

/// The daemon is killed, and the next one comes while another program keeps an entry, if one is named.
fn with_keeper(disk: &SimulatedDisk, keeper: Option<(Day, Act)>) -> (SimulatedDisk, Store<SimulatedDisk>) {
    let disk = disk.fork();
    disk.kill();
    if let Some((day, act)) = keeper {
        disk.outsider(path(day), act).unwrap();
    }
    let store = open(&disk, &[]);
    (disk, store)
}

/// The keepers go, and the daemon has had time.
fn settle(disk: &SimulatedDisk, store: &Store<SimulatedDisk>) -> [String; 2] {
    for day in 0..2 {
        while disk.outsider(path(day), Act::Close).is_ok() {}
    }
    (0..4).for_each(|_| store.drafts.writer.call(Writer::idle));
    [text(disk, 0), text(disk, 1)]
}

fn keepers() -> Vec<(Day, Act)> {
    [0, 1].into_iter().flat_map(|day| [(day, Act::Keep), (day, Act::KeepSecret)]).collect()
}

/// For each change that a daemon makes while it does something: the disk as it is when it dies there.
fn ends(doing: impl Fn(&SimulatedDisk, &mut Store<SimulatedDisk>)) -> Vec<SimulatedDisk> {
    let mut ends = Vec::new();
    for change in 1.. {
        let (disk, mut store) = begin();
        disk.plan(When::Change(disk.count().changes + change), Fault::Stop);
        doing(&disk, &mut store);
        if disk.fired().is_empty() {
            break;
        }
        disk.forget_plan();
        ends.push(disk);
    }
    assert!(ends.len() > 4, "it did something");
    ends
}

#[test]
fn a_commit_of_several_entries_is_whole_whoever_keeps_one_of_them() {
    for disk in ends(|disk, store| {
        let Ok(told) = store.prepare(&order(&[0, 1], CommitPolicy::OnExit)) else { return };
        for (draft, _) in &told {
            let _dead = disk.outsider(PathBuf::from(&draft.path), Act::Rewrite(LONG.repeat(3).into()));
        }
        store.finish(SESSION, Ending::Succeeded);
    }) {
        let (free, store) = with_keeper(&disk, None);
        let right = settle(&free, &store);
        for keeper in keepers() {
            let (kept, store) = with_keeper(&disk, Some(keeper.clone()));
            assert_eq!(settle(&kept, &store), right, "{keeper:?}");
        }
    }
}

#[test]
fn an_append_that_waits_is_not_called_published_and_comes_before_what_is_asked_later() {
    for disk in ends(|_, store| _ = append(store, 0, "one", 1)) {
        for keeper in [Act::Keep, Act::KeepSecret] {
            let (disk, mut store) = with_keeper(&disk, Some((0, keeper)));
            let was_there = text(&disk, 0).contains("one");
            let again = append(&mut store, 0, "one", 1);
            assert!(was_there || again == Some(false), "{again:?} of what is not there");
            assert_eq!(append(&mut store, 0, "two", 2), Some(false));
            assert_eq!(append(&mut store, 1, "elsewhere", 3), Some(true));
            let [first, second] = settle(&disk, &store);
            assert_eq!((first.as_str(), second.as_str()), ("begun\none\ntwo\n", "begun\nelsewhere\n"));
            assert_eq!(append(&mut store, 0, "one", 1), Some(true), "once");
            assert!(store.list_kept().is_empty());
        }
    }
}

/// Whoever waits for a lock makes another version when it is free. A daemon that dies then leaves one that
/// knows what that was made of.
#[test]
fn what_was_merged_after_a_wait_is_not_merged_twice() {
    let mut merged = 0;
    for gives_back in (1..60).step_by(2) {
        for change in (1..60).step_by(3) {
            let (disk, mut store) = begin();
            let told = store.prepare(&order(&[0], CommitPolicy::OnSave)).unwrap();
            let draft = PathBuf::from(&told[0].0.path);
            disk.outsider(&draft, Act::Rewrite(b"begun\nours\n".to_vec())).unwrap();
            let Saved::Unsettled(seen) = store.save(SESSION, name(0), None, Editor::Alive) else {
                panic!("read once");
            };
            disk.outsider(path(0), Act::Lock).unwrap();
            let now = disk.count();
            let then = When::Call(now.changes + now.reads + gives_back);
            disk.plan_outsider(then, path(0), Act::LateAppend(b"theirs\n".to_vec()));
            disk.plan_outsider(then, path(0), Act::Close);
            disk.plan(When::Change(now.changes + change), Fault::Stop);
            store.save(SESSION, name(0), Some(seen), Editor::Alive);
            let died = disk.is_dead();
            drop(store);
            disk.forget_plan();
            disk.kill();
            while disk.outsider(path(0), Act::Close).is_ok() {}
            let mut store = open(&disk, &[SESSION]);
            store.prepare(&Prepare { adopt: Some(SESSION), ..order(&[0], CommitPolicy::OnSave) }).unwrap();
            store.finish(SESSION, Ending::Succeeded);
            let after = text(&disk, 0);
            assert!(after.matches("ours").count() <= 1 && after.matches("theirs").count() <= 1, "{after:?}");
            merged += usize::from(died && after.contains("ours") && after.contains("theirs"));
        }
    }
    assert!(merged > 20, "only {merged} of them came to it");
}
