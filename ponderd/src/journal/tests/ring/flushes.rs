//! A flush of one entry fails, or one of the directory that it shares with others, and the daemon dies at any
//! moment after that: what was acknowledged of both is there, however the power goes.

use std::path::PathBuf;

use ponder_proto::{CommitPolicy, KeptDraft};

use super::keepers::{LONG, SESSION, append, begin, open, order, text};
use super::ops::Day;
use crate::journal::disk::simulated::{Act, Fault, Lost, SimulatedDisk, When, Worst};
use crate::journal::tests::store::Store;
use crate::journal::writer::Writer;
use crate::lease::Ending;

/// A session commits a new text, in another file.
fn commit(disk: &SimulatedDisk, store: &mut Store<SimulatedDisk>, day: Day) {
    let told = store.prepare(&order(&[day], CommitPolicy::OnExit)).unwrap();
    disk.outsider(PathBuf::from(&told[0].0.path), Act::Rewrite(LONG.into())).unwrap();
    store.finish(SESSION, Ending::Succeeded);
}

/// A session that changes nothing of an entry: that is flushed.
fn look_at(store: &mut Store<SimulatedDisk>, day: Day) {
    if store.prepare(&order(&[day], CommitPolicy::OnExit)).is_ok() {
        store.finish(SESSION, Ending::Succeeded);
    }
}

fn holds(disk: &SimulatedDisk, kept: &KeptDraft, text: &str) -> bool {
    let found = disk.visible(PathBuf::from(&kept.path)).unwrap_or_default();
    String::from_utf8_lossy(&found).contains(text)
}

#[test]
fn nothing_is_lost_by_a_flush_that_failed_and_that_nobody_noted() {
    let mut failed = 0;
    for fails in 1..40 {
        for dies in 1..8 {
            let (disk, mut store) = begin();
            commit(&disk, &mut store, 0);
            append(&mut store, 1, "a line", 1).expect("it is appended");
            let before = disk.count().changes;
            disk.plan(When::Change(before + fails), Fault::LoseSync(Lost::ShowsNew));
            disk.plan(When::Change(before + fails + dies), Fault::Stop);
            look_at(&mut store, 1);
            look_at(&mut store, 0);
            failed += usize::from(disk.fired().iter().any(|(_, fault)| matches!(fault, Fault::LoseSync(_))));
            drop(store);
            disk.forget_plan();
            disk.kill();
            let store = open(&disk, &[]);
            (0..4).for_each(|_| store.drafts.writer.call(Writer::idle));
            drop(store);
            disk.power_cut(&mut Worst);
            let store = open(&disk, &[]);
            for (day, acknowledged) in [(0, LONG), (1, "a line")] {
                let is_kept = || store.list_kept().iter().any(|kept| holds(&disk, kept, acknowledged));
                let found = text(&disk, day);
                assert!(found.contains(acknowledged) || is_kept(), "{fails}, {dies}: {day}: {found:?}");
            }
        }
    }
    assert!(failed > 20, "{failed} flushes failed");
}
