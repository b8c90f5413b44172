//! Replay, where another program keeps an entry from us when the daemon starts: what the log has for it waits
//! until it can be had, and everything else goes on.

use std::collections::BTreeSet;

use ponder_proto::EntryName;

use super::Writer;
use super::group::Item;
use super::history::{AppendStep, History};
use crate::journal::Fault;
use crate::journal::disk::Disk;
use crate::journal::log::Record;

/// Such entries, and what the log had for them when the daemon began. The log goes on until all of them are
/// what they have to be.
#[derive(Debug)]
pub(super) struct Unrestored {
    pub(super) entries: BTreeSet<EntryName>,
    history: History,
    same_boot: bool,
}

impl<D: Disk> Writer<D> {
    /// These could not be had.
    pub(super) fn restore_later(
        &mut self,
        entries: BTreeSet<EntryName>,
        mut history: History,
        same_boot: bool,
    ) {
        if entries.is_empty() {
            return;
        }
        // After another boot nobody knows without a look which appends are in an entry already. Otherwise those
        // are not whose publication was never begun, and they are shown meanwhile.
        if same_boot {
            let waits = |step: &AppendStep| {
                let AppendStep { began, published, append, .. } = step;
                began.is_none() && published.is_none() && entries.contains(&append.operation.entry)
            };
            let appends = std::mem::take(&mut history.appends).into_iter();
            let (waiting, others): (Vec<AppendStep>, _) = appends.partition(waits);
            history.appends = others;
            for AppendStep { number, append, .. } in waiting {
                let append = super::deferred::waiting(&append);
                self.defer(append.operation.entry, vec![Item { number, append, answer: None }]);
            }
        }
        self.unrestored = Some(Unrestored { entries, history, same_boot });
    }

    /// Makes durable what was restored, where another program keeps an entry and with it all from their
    /// checkpoint. What comes is put behind that: a power cut is not to undo it.
    pub(super) fn settle_others(&mut self) {
        if self.log.note(&Record::Settling).is_err() {
            return;
        }
        for entry in self.touched.clone() {
            if !self.is_unrestored(entry)
                && let Err(fault) = self.settle(entry)
            {
                tracing::warn!(%entry, %fault, "what was restored could not be flushed");
            }
        }
    }

    /// Whether what the log has for an entry waits.
    pub(in crate::journal) fn is_unrestored(&self, entry: EntryName) -> bool {
        self.unrestored.as_ref().is_some_and(|late| late.entries.contains(&entry))
    }

    /// Makes an entry what it has to be that could not be had before, if it is one of those.
    pub(super) fn restore_late(&mut self, entry: EntryName) -> Result<(), Fault> {
        let Some(mut late) = self.unrestored.take_if(|late| late.entries.contains(&entry)) else {
            return Ok(());
        };
        self.behind = self.take_deferred(entry);
        let restored = self.restore_entry(entry, &late.history, late.same_boot);
        let newer = std::mem::take(&mut self.behind);
        if restored.is_ok() {
            late.entries.remove(&entry);
            let parts = late.history.commits.iter().filter_map(|step| step.part(entry));
            parts.for_each(|part| self.judge_displaced(part));
        }
        if !late.entries.is_empty() {
            self.unrestored = Some(late);
        }
        match &restored {
            Ok(()) if !newer.is_empty() => self.publish_or_defer(entry, newer), // they are behind it
            _ => self.defer(entry, newer),
        }
        restored
    }
}
