//! What reaches the platter, and what is left after the power or the daemon is gone.

use std::io;

use super::choices::Choices;
use super::plan::{Failure, Lost};
use super::tree::{Id, Operation, Tree};
use super::world::World;

impl World {
    /// Flushes a file: its bytes and length, and with them the rest of its inode. Where no byte was
    /// dirty its attributes stay as they are on the platter: the call is `fdatasync`, which need not
    /// write what nobody needs to read the bytes.
    pub(super) fn sync(&mut self, node: Id) {
        let node = &mut self.nodes[node];
        if node.data.is_dirty() {
            node.kept_attributes = node.attributes;
            node.kept_modified = node.modified;
        }
        node.data.sync();
    }

    /// A flush of a file that fails.
    pub(super) fn lose_sync(&mut self, node: Id, lost: Lost) -> io::Error {
        self.nodes[node].data.lose(lost);
        Failure::Io.error()
    }

    /// Flushes a directory: what happened to its names, and what that rests on.
    pub(super) fn sync_dir(&mut self, dir: Id) {
        for operation in self.take_pending(dir) {
            self.platter.force(&operation);
        }
    }

    /// A flush of a directory that fails: what it should have written will never be.
    pub(super) fn lose_sync_dir(&mut self, dir: Id, lost: Lost) -> io::Error {
        let _dropped = self.take_pending(dir);
        if lost == Lost::ShowsOld {
            // Unless something rests on them that was done since, such as a number given out again: a
            // system that shows half of that is none.
            let mut shown = self.platter.clone();
            if self.pending.iter().all(|operation| shown.apply(operation)) {
                self.cached = shown;
                self.count_numbers_anew();
            }
        }
        Failure::Io.error()
    }

    /// Takes out of the pending operations those that touch a directory and those they rest on, in
    /// their order.
    fn take_pending(&mut self, dir: Id) -> Vec<Operation> {
        let count = self.pending.len();
        let mut taken = vec![false; count];
        let mut all = true;
        for at in (0..count).rev() {
            let this = &self.pending[at];
            taken[at] = this.touches(dir)
                || (at + 1..count)
                    .any(|later| taken[later] && self.pending[later].requires(this, &self.cached));
            all &= taken[at];
        }
        if all {
            return std::mem::take(&mut self.pending);
        }
        let mut is_taken = taken.into_iter();
        let (out, left) = self.pending.drain(..).partition(|_| is_taken.next() == Some(true));
        self.pending = left;
        out
    }

    /// The system writes something in its own time, as it may at any moment: some blocks of each file,
    /// and the names as they were at some moment since the last flush. Nothing that runs can tell; what
    /// is left after a power cut may be older than the last version and newer than the last flushed.
    pub(super) fn write_back(&mut self, choices: &mut dyn Choices) {
        let until = choices.choose(self.pending.len() + 1);
        for operation in self.pending.drain(..until) {
            self.platter.force(&operation);
        }
        for node in &mut self.nodes {
            node.data.write_back(choices);
        }
    }

    /// What is clean in memory is forgotten and shown from the platter.
    pub(super) fn evict(&mut self) {
        for node in &mut self.nodes {
            node.data.evict();
        }
    }

    /// The power is gone, and back.
    pub(super) fn power_cut(&mut self, choices: &mut dyn Choices) {
        for operation in std::mem::take(&mut self.pending) {
            // One that rests on a lost one cannot be done, and that is no choice.
            if self.platter.fits(&operation) && choices.choose(2) == 1 {
                self.platter.force(&operation);
            }
        }
        self.platter.prune();
        for id in 0..self.nodes.len() {
            let node = &mut self.nodes[id];
            if self.platter.names(id) > 0 {
                let landed = node.data.write_back(choices);
                // The time is in the inode, the bytes are not: new bytes may show an old time.
                if landed && node.modified != node.kept_modified && choices.choose(2) == 1 {
                    node.kept_modified = node.modified;
                }
                if node.attributes != node.kept_attributes && choices.choose(2) == 1 {
                    node.kept_attributes = node.attributes;
                }
            }
            node.data.forget_cache();
            node.attributes = node.kept_attributes;
            node.modified = node.kept_modified;
        }
        self.cached = self.platter.clone();
        self.holds.clear();
        for node in &mut self.nodes {
            (node.lock, node.keeper) = (None, None);
        }
        // Nothing is quicker than a second to come up again.
        self.clock += 1_000_000_000;
        self.end_daemon();
    }

    /// The daemon is gone: what it has open and locked is free. What it did stays.
    pub(super) fn end_daemon(&mut self) {
        self.generation += 1;
        self.is_dead = false;
        for node in 0..self.nodes.len() {
            let held = &mut self.nodes[node];
            (held.opens, held.writers, held.is_full) = (0, 0, false);
            if held.lock.is_some_and(|owner| !self.holds.iter().any(|hold| hold.handle == owner)) {
                held.lock = None;
            }
        }
        self.count_numbers_anew();
    }

    /// A number is in use where a name leads to it or somebody has it open, and free otherwise.
    fn count_numbers_anew(&mut self) {
        let of = |number| self.nodes.iter().find(|node| node.number == number).map(|node| node.device);
        self.free = (2..self.next_number).filter_map(|number| Some((of(number)?, number))).collect();
        for id in 0..self.nodes.len() {
            let held = self.nodes[id].opens > 0 || self.holds.iter().any(|hold| hold.node == id);
            let in_use = id == super::tree::ROOT || held || self.cached.names(id) > 0;
            self.nodes[id].is_free = !in_use;
            if in_use {
                let number = self.nodes[id].number;
                self.free.retain(|(_, free)| *free != number);
            }
        }
    }

    /// Whether all names are on the platter as they are shown, for the simulation's own tests.
    pub(super) fn is_settled(&self) -> bool {
        let sorted = |tree: &Tree, dir| {
            let mut entries = tree.entries(dir).to_vec();
            entries.sort();
            entries
        };
        self.pending.is_empty()
            && (0..self.nodes.len()).all(|dir| sorted(&self.cached, dir) == sorted(&self.platter, dir))
    }
}
