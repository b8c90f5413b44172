//! What the daemon has open.

use std::fmt;
use std::sync::{Arc, Mutex};

use super::super::Access;
use super::tree::{Id, Name};
use super::world::World;
use super::{SimulatedDisk, lock};

/// An open inode, of one run of the daemon.
struct Handle {
    world: Arc<Mutex<World>>,
    node: Id,
    generation: u64,
    /// Among all handles, for locks.
    number: u64,
    label: Name,
    access: Access,
}

/// An open directory.
#[derive(Clone, Debug)]
pub(crate) struct Dir(Arc<Handle>);

/// An open file. Its lock, if it has it, goes when the last copy is dropped.
#[derive(Clone, Debug)]
pub(crate) struct File(Arc<Handle>);

impl Dir {
    pub(super) fn new(disk: &SimulatedDisk, world: &mut World, node: Id) -> Self {
        Self(Handle::new(disk, world, node, Access::Read))
    }

    pub(super) fn check(&self, disk: &SimulatedDisk) {
        self.0.check(disk);
    }

    pub(super) fn node(&self) -> Id {
        self.0.node
    }

    pub(super) fn label(&self) -> &Name {
        &self.0.label
    }
}

impl File {
    pub(super) fn new(disk: &SimulatedDisk, world: &mut World, node: Id, access: Access) -> Self {
        Self(Handle::new(disk, world, node, access))
    }

    pub(super) fn check(&self, disk: &SimulatedDisk) {
        self.0.check(disk);
    }

    pub(super) fn node(&self) -> Id {
        self.0.node
    }

    pub(super) fn number(&self) -> u64 {
        self.0.number
    }

    pub(super) fn label(&self) -> &Name {
        &self.0.label
    }

    pub(super) fn access(&self) -> Access {
        self.0.access
    }
}

impl Handle {
    fn new(disk: &SimulatedDisk, world: &mut World, node: Id, access: Access) -> Arc<Self> {
        world.next_handle += 1;
        world.nodes[node].opens += 1;
        world.nodes[node].writers += u32::from(access != Access::Read);
        Arc::new(Self {
            world: disk.world.clone(),
            node,
            generation: world.generation,
            number: world.next_handle,
            label: world.nodes[node].label.clone(),
            access,
        })
    }

    /// A handle of a daemon that is gone, or of another disk, is a mistake of the test.
    fn check(&self, disk: &SimulatedDisk) {
        assert!(Arc::ptr_eq(&self.world, &disk.world), "{} is open on another disk", self.label);
        let now = disk.world().generation;
        assert_eq!(self.generation, now, "{} was opened by a daemon that is gone", self.label);
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let mut world = lock(&self.world);
        if self.generation != world.generation {
            return;
        }
        let node = &mut world.nodes[self.node];
        node.opens -= 1;
        node.writers -= u32::from(self.access != Access::Read);
        if node.lock == Some(self.number) {
            node.lock = None;
        }
        world.release(self.node);
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?})", self.label, self.access)
    }
}
