//! Appends that are durable and wait: another program holds their entry's lock, or keeps it from us.

use ponder_proto::EntryName;

use super::Writer;
use super::group::{Group, Item};
use crate::journal::disk::Disk;
use crate::journal::log::{Append, Record};

/// Appends that wait for an entry.
#[derive(Debug)]
pub(super) struct Deferred {
    pub(super) entry: EntryName,
    pub(super) items: Vec<Item>,
}

impl<D: Disk> Writer<D> {
    pub(super) fn defer(&mut self, entry: EntryName, items: Vec<Item>) {
        if items.is_empty() {
            return;
        }
        match self.deferred.iter_mut().find(|deferred| deferred.entry == entry) {
            Some(deferred) => deferred.items.extend(items),
            None => self.deferred.push(Deferred { entry, items }),
        }
    }

    /// Defers appends whose publication was begun. The log has to know: what was begun before the
    /// entry's next version is made counts as a part of that, and these are not.
    pub(super) fn defer_again(&mut self, entry: EntryName, mut items: Vec<Item>) {
        for item in &mut items {
            item.append = waiting(&item.append);
        }
        let numbers = items.iter().map(|item| item.number).collect();
        if let Err(fault) = self.log.note(&Record::Waiting(numbers)) {
            tracing::warn!(%entry, %fault, "the log could not be told that appends wait");
        }
        self.defer(entry, items);
    }

    /// Bytes of text that wait.
    pub(super) fn waiting_bytes(&self) -> usize {
        let items = self.deferred.iter().flat_map(|deferred| &deferred.items);
        items.map(|item| item.append.text.len()).sum()
    }

    /// Publishes appends of an earlier daemon, as soon as it can be done.
    pub(super) fn publish_or_defer(&mut self, entry: EntryName, mut items: Vec<Item>) {
        if self.has_failed(entry) {
            // Whoever mends it has to know that these wait.
            self.defer(entry, items);
            if let Err(fault) = self.mend(entry) {
                return tracing::debug!(%entry, %fault, "appends still wait to be published");
            }
            items = self.take_deferred(entry);
            if items.is_empty() {
                return;
            }
        }
        match self.begin_group(entry) {
            Ok(group) if !group.locked => self.publish_deferred(group, items),
            Ok(_) => self.defer(entry, items),
            Err(fault) => {
                tracing::debug!(%entry, %fault, "appends still wait to be published");
                self.defer(entry, items);
            }
        }
    }

    /// Publishes what waited for a lock that is free now, and what an earlier daemon has left for an entry
    /// that could not be had. Says whether something still waits.
    pub(super) fn retry_deferred(&mut self) -> bool {
        for Deferred { entry, items } in std::mem::take(&mut self.deferred) {
            // Asked without patience: others wait for us meanwhile.
            if self.entries.is_kept(entry) {
                self.defer(entry, items);
            } else {
                self.publish_or_defer(entry, items);
            }
        }
        let unrestored = self.unrestored.iter().flat_map(|late| late.entries.clone()).collect::<Vec<_>>();
        for entry in unrestored {
            if !self.entries.is_kept(entry)
                && let Err(fault) = self.mend(entry)
            {
                tracing::debug!(%entry, %fault, "what the log has for an entry still waits");
            }
        }
        self.waits()
    }

    /// Whether something waits for another program to give an entry back.
    pub(super) fn waits(&self) -> bool {
        !self.deferred.is_empty() || self.unrestored.is_some()
    }

    /// What waits for an entry.
    pub(super) fn take_deferred(&mut self, entry: EntryName) -> Vec<Item> {
        let at = self.deferred.iter().position(|deferred| deferred.entry == entry);
        at.map(|at| self.deferred.swap_remove(at).items).unwrap_or_default()
    }

    fn publish_deferred(&mut self, mut group: Group<D>, items: Vec<Item>) {
        let entry = group.entry;
        group.items = items;
        let published = self.plan_again(&mut group).and_then(|()| self.try_to_publish(&mut group));
        match published {
            Ok(()) => {
                let numbers = group.items.iter().map(|item| item.number).collect();
                let _ = self.log.note(&Record::Published(numbers)); // without it the next start compares
            }
            // They were acknowledged: they stay until they can be published.
            Err(fault) => {
                tracing::warn!(%entry, %fault, "appends still wait to be published");
                self.defer_again(entry, group.items);
            }
        }
    }
}

/// As it stands in the log while it waits: it has no place yet.
pub(super) fn waiting(append: &Append) -> Append {
    Append { header: Vec::new(), plan: None, ..append.clone() }
}
