//! Whoever reads some paths all the time, and what he sees.

use std::path::{Path, PathBuf};

use super::super::Kind;
use super::SimulatedDisk;
use super::outsider::Act;
use super::tree::Id;
use super::world::World;

/// Who changed what a reader sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Daemon,
    /// Another program, that added or put another file in its place.
    Outsider,
    /// Another program, that wrote over what was there.
    Writer,
    /// A flush failed and the old bytes came back, or the power was gone.
    Disk,
}

/// What a reader saw, and what he saw then.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) path: PathBuf,
    pub(crate) by: Who,
    /// It is the same file that was written to.
    pub(crate) same_file: bool,
    pub(crate) before: Option<Vec<u8>>,
    pub(crate) after: Option<Vec<u8>>,
}

/// What another program wrote into a file that it had opened before.
#[derive(Clone, Debug)]
pub(crate) struct Late {
    pub(crate) path: PathBuf,
    pub(crate) act: Act,
    /// What was in the file, and what is in it now.
    pub(crate) before: Vec<u8>,
    pub(crate) after: Vec<u8>,
    /// The file still has a name somewhere.
    pub(crate) has_name: bool,
}

/// The paths that are read all the time.
#[derive(Clone, Debug, Default)]
pub(super) struct Witness {
    watched: Vec<Watched>,
    changes: Vec<Change>,
    late: Vec<Late>,
    /// The last call may have changed what is seen.
    is_due: bool,
    /// Files whose flush has failed, and whether it dropped what was dirty.
    failed: Vec<(Id, bool)>,
    /// How often such a file was flushed again.
    retried: u64,
    /// How often the daemon wrote to or replaced a file that another program had locked.
    trespasses: u64,
}

#[derive(Clone, Debug)]
struct Watched {
    path: PathBuf,
    node: Option<Id>,
    bytes: Option<Vec<u8>>,
}

impl World {
    fn seen(&self, path: &Path) -> Option<Id> {
        self.resolve(path).ok().filter(|node| self.nodes[*node].kind == Kind::File)
    }

    /// The next look finds what a call did.
    pub(super) fn expect_change(&mut self) {
        self.witness.is_due = true;
    }

    /// Looks at all paths, if anything was done since the last time.
    pub(super) fn observe(&mut self, by: Who) {
        if !std::mem::take(&mut self.witness.is_due) {
            return;
        }
        let mut witness = std::mem::take(&mut self.witness);
        for watched in &mut witness.watched {
            let node = self.seen(&watched.path);
            let bytes = node.map(|node| self.nodes[node].data.bytes());
            if bytes != watched.bytes.as_deref() {
                let after = bytes.map(<[u8]>::to_vec);
                let before = std::mem::replace(&mut watched.bytes, after.clone());
                let (path, same_file) = (watched.path.clone(), node == watched.node);
                witness.changes.push(Change { path, by, same_file, before, after });
            }
            watched.node = node;
        }
        self.witness = witness;
    }

    /// Puts bytes into a file by a descriptor that was open before.
    pub(super) fn put_late(&mut self, path: &Path, act: &Act, node: Id, offset: usize, bytes: &[u8]) {
        let before = self.nodes[node].data.bytes().to_vec();
        self.put(node, offset, bytes);
        let after = self.nodes[node].data.bytes().to_vec();
        let has_name = self.cached.names(node) > 0;
        self.witness.late.push(Late { path: path.to_owned(), act: act.clone(), before, after, has_name });
    }

    pub(super) fn flush_failed(&mut self, node: Id, dropped: bool) {
        self.witness.failed.push((node, dropped));
    }

    /// The next daemon cannot know of it if nothing at all could be written. Then it is no failure
    /// after which a flush lies.
    pub(super) fn forget_friendly_failures(&mut self) {
        self.witness.failed.retain(|(_, dropped)| *dropped);
    }

    /// The daemon writes to a file or replaces it.
    pub(super) fn lays_hands_on(&mut self, node: Id) {
        let owner = self.nodes[node].lock;
        let is_others = owner.is_some_and(|owner| self.holds.iter().any(|hold| hold.handle == owner));
        self.witness.trespasses += u64::from(is_others);
    }

    /// After a power cut what is shown is what is there.
    pub(super) fn forget_failures(&mut self) {
        self.witness.failed.clear();
    }

    pub(super) fn flushed(&mut self, node: Id) {
        self.witness.retried += u64::from(self.witness.failed.iter().any(|(failed, _)| *failed == node));
    }
}

impl SimulatedDisk {
    /// Somebody reads this path all the time from here on.
    pub(crate) fn watch(&self, path: impl AsRef<Path>) {
        let path = path.as_ref().to_owned();
        let world = &mut *self.world();
        world.observe(Who::Daemon);
        if world.witness.watched.iter().any(|watched| watched.path == path) {
            return;
        }
        let node = world.seen(&path);
        let bytes = node.map(|node| world.nodes[node].data.bytes().to_vec());
        world.witness.watched.push(Watched { path, node, bytes });
    }

    /// What was seen since this was last asked.
    pub(crate) fn take_changes(&self) -> Vec<Change> {
        let world = &mut *self.world();
        world.observe(Who::Daemon);
        std::mem::take(&mut world.witness.changes)
    }

    /// What other programs wrote late since this was last asked.
    pub(crate) fn take_late(&self) -> Vec<Late> {
        std::mem::take(&mut self.world().witness.late)
    }

    /// How often the daemon wrote to or replaced a file that another program had locked.
    pub(crate) fn trespasses(&self) -> u64 {
        self.world().witness.trespasses
    }

    /// Those so far do not count.
    pub(crate) fn forgive_trespasses(&self) {
        self.world().witness.trespasses = 0;
    }

    /// How often a file was flushed after a flush of it had failed.
    pub(crate) fn retried_flushes(&self) -> u64 {
        self.world().witness.retried
    }
}
