//! A disk in memory that forgets what was not flushed, fails on purpose, and is written to by others.
//!
//! It is hostile and honest: everything it does, some real disk does, and what was flushed is kept.
//!
//! - **Bytes.** A write changes what the running system shows (the cache). [`Disk::sync`] brings a
//!   file's bytes and length to the platter, not its names. At a power cut the length of an unflushed
//!   file is the old one, the new one, or one between them; each dirty block is old or new, and zeros
//!   where the file grew. What was cut off and written anew is old, or cut off and perhaps not written.
//!   The modified time may be the old one although bytes are new.
//! - **Attributes** ([`Disk::set_mode`], [`Disk::copy_attributes`]) become durable by the next `sync`
//!   that has bytes to flush, and by no other: that call is `fdatasync`.
//! - **Names.** Each operation on names is a unit that survives whole or not at all, also an exchange
//!   and one that touches two directories. [`Disk::sync_dir`] of *either* makes it durable, and with it
//!   what it rests on: earlier operations on the same names, and the making of a directory into which
//!   something is moved. Journaling file systems write it as one transaction; a simulation in which
//!   half of a rename survives would ask for what no disk needs. What is *created* in a directory whose
//!   own name was never flushed is lost with it.
//! - At a power cut each operation that is not durable survives or not, independently of the others
//!   (more than a journaling file system does: there it would be all up to some moment), unless it
//!   cannot be done because one that it rests on is lost.
//! - **A failed flush** drops what was dirty ([`Fault::LoseSync`]): the next one succeeds and writes
//!   nothing. The cache goes on showing the new bytes, until they are evicted, or shows the old ones
//!   again ([`Lost`]). A later change of the same block or of the same names is flushed as usual.
//! - **Inode numbers** are given out again as soon as nothing leads to the inode, the last one first.
//! - **Devices.** Each directory the disk starts with is a file system of its own ([`Rules::one_device`]).
//! - Handles die with the daemon's process ([`SimulatedDisk::kill`]) and at a power cut; a call on a dead
//!   one panics, because it is a mistake of the test. After a planned stop ([`Fault::Stop`]) every call
//!   fails until one of the two was called; its error is known by [`is_stop`].
//!
//! Everything random comes from [`Choices`].
//!
//! [`Disk::sync`]: super::Disk::sync
//! [`Disk::sync_dir`]: super::Disk::sync_dir
//! [`Disk::set_mode`]: super::Disk::set_mode
//! [`Disk::copy_attributes`]: super::Disk::copy_attributes

#![allow(dead_code, reason = "a tool box: what one history leaves out another one needs")]
#![allow(unused_imports, reason = "as before")]

mod calls;
mod choices;
mod data;
mod durability;
mod enter;
mod handle;
mod outsider;
mod plan;
#[cfg(test)]
mod tests;
mod trace;
mod tree;
mod witness;
mod world;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) use choices::{Best, Choices, Every, Replay, Seeded, Worst};
pub(crate) use handle::{Dir, File};
pub(crate) use outsider::Act;
pub(crate) use plan::{Count, Failure, Fault, Lost, When};
pub(crate) use witness::{Change, Late, Who};

use super::{Disk, Kind};
use outsider::Deed;
use tree::ROOT;
use world::World;

/// How the disk behaves when nothing goes wrong.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// Bytes that are written together. Small, so that short texts are torn, too.
    pub(crate) block: usize,
    /// Nanoseconds that modified times are rounded down to: what is written twice within one tick
    /// shows the same time.
    pub(crate) granularity: i128,
    /// After so many calls the clock goes on by so many nanoseconds.
    pub(crate) step: (u64, u64),
    /// All directories are on one file system.
    pub(crate) one_device: bool,
    /// Whether `nobody_writes` can tell.
    pub(crate) tells_writers: bool,
    /// How many calls the trace keeps.
    pub(crate) trace: usize,
}

impl Default for Rules {
    fn default() -> Self {
        // The tick is that of Linux at 250 Hz; some calls fall into one, some do not.
        Self {
            block: 16,
            granularity: 4_000_000,
            step: (8, 3_000_000),
            one_device: false,
            tells_writers: true,
            trace: 0,
        }
    }
}

/// A disk in memory. Copies are the same disk; [`SimulatedDisk::fork`] makes another one.
#[derive(Clone)]
pub(crate) struct SimulatedDisk {
    world: Arc<Mutex<World>>,
}

impl SimulatedDisk {
    /// A disk with these directories, which are durable and empty.
    pub(crate) fn new(directories: &[&str]) -> Self {
        Self::with(Rules::default(), directories)
    }

    /// As `new`, by other rules.
    pub(crate) fn with(rules: Rules, directories: &[&str]) -> Self {
        Self::of(World::new(rules, directories))
    }

    fn of(world: World) -> Self {
        Self { world: Arc::new(Mutex::new(world)) }
    }

    /// A second disk that is now as this one is: to cut its power and look, and go on with the first.
    /// No handle leads to it; `kill` or `power_cut` comes next.
    pub(crate) fn fork(&self) -> Self {
        Self::of(self.world().clone())
    }

    /// The power is gone, and back: the disk shows what survived.
    pub(crate) fn power_cut(&self, choices: &mut dyn Choices) {
        let world = &mut *self.world();
        world.trace.event(world.count, || "power cut".into());
        world.observe(Who::Daemon);
        world.power_cut(choices);
        world.forget_failures();
        world.expect_change();
        world.observe(Who::Disk);
    }

    /// The daemon's process is gone: its handles and locks are. Whatever it did is still there.
    pub(crate) fn kill(&self) {
        let world = &mut *self.world();
        world.trace.event(world.count, || "killed".into());
        world.forget_friendly_failures();
        world.end_daemon();
    }

    /// Whether the daemon was stopped by the plan and every call of it fails.
    pub(crate) fn is_dead(&self) -> bool {
        self.world().is_dead
    }

    /// The system writes back some of what is dirty, as it may at any moment.
    pub(crate) fn write_back(&self, choices: &mut dyn Choices) {
        self.world().write_back(choices);
    }

    /// Memory was short: what is clean is read from the platter when it is next looked at.
    pub(crate) fn evict(&self) {
        let world = &mut *self.world();
        world.observe(Who::Daemon);
        world.evict();
        world.expect_change();
        world.observe(Who::Disk);
    }

    /// Something goes wrong with the first call from that one on to which it can happen.
    pub(crate) fn plan(&self, when: When, fault: Fault) {
        self.world().plan.fault(when, fault);
    }

    /// From one change to before another, calls fail. Where the disk is full those do that are sure to
    /// need space: writing over what is there goes on.
    pub(crate) fn plan_spell(&self, changes: Range<u64>, failure: Failure) {
        self.world().plan.spell(changes, failure);
    }

    /// Another program does something just before that call.
    pub(crate) fn plan_outsider(&self, when: When, path: impl AsRef<Path>, act: Act) {
        let path = path.as_ref().to_owned();
        self.world().plan.deed(when, Deed { path, act });
    }

    /// Nothing goes wrong any more.
    pub(crate) fn forget_plan(&self) {
        self.world().plan.forget();
    }

    /// Which planned faults happened, and when. A sweep over all calls goes on after the call that was
    /// hit.
    pub(crate) fn fired(&self) -> Vec<(Count, Fault)> {
        self.world().plan.fired.clone()
    }

    /// Another program does something now.
    pub(crate) fn outsider(&self, path: impl AsRef<Path>, act: Act) -> io::Result<()> {
        self.world().outsider(&Deed { path: path.as_ref().to_owned(), act })
    }

    /// What anyone who reads a path sees; nothing if there is no plain file.
    pub(crate) fn visible(&self, path: impl AsRef<Path>) -> Option<Vec<u8>> {
        let world = self.world();
        let node = world.resolve(path.as_ref()).ok()?;
        (world.nodes[node].kind == Kind::File).then(|| world.nodes[node].data.bytes().to_vec())
    }

    /// All plain files by their paths, through no symbolic link.
    pub(crate) fn all_files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let world = self.world();
        let mut files = BTreeMap::new();
        let mut todo = vec![(ROOT, PathBuf::from("/"))];
        while let Some((dir, path)) = todo.pop() {
            for (name, node) in world.cached.entries(dir) {
                let path = path.join(&**name);
                match world.nodes[*node].kind {
                    Kind::Dir => todo.push((*node, path)),
                    Kind::File => drop(files.insert(path, world.nodes[*node].data.bytes().to_vec())),
                    Kind::Link | Kind::Other => {}
                }
            }
        }
        files
    }

    /// What stands for a file's owner and extended attributes, and its permission bits.
    pub(crate) fn attributes(&self, path: impl AsRef<Path>) -> Option<(u64, u32)> {
        let world = self.world();
        let node = world.resolve(path.as_ref()).ok()?;
        let attributes = world.nodes[node].attributes;
        Some((attributes.tag, attributes.mode))
    }

    /// How many calls the daemon made.
    pub(crate) fn count(&self) -> Count {
        self.world().count
    }

    /// The time, in nanoseconds since 1970.
    pub(crate) fn now(&self) -> i128 {
        self.world().clock
    }

    /// Time goes by.
    pub(crate) fn advance(&self, nanoseconds: u64) {
        self.world().clock += i128::from(nanoseconds);
    }

    /// The last calls, as many as the rules keep.
    pub(crate) fn trace(&self) -> Vec<String> {
        self.world().trace.lines()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }
}

/// A test that panicked in the middle of a call still drops its handles.
fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for SimulatedDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let world = self.world();
        f.debug_struct("SimulatedDisk").field("count", &world.count).finish_non_exhaustive()
    }
}

/// The error of every call of a daemon that was stopped.
#[derive(Debug, thiserror::Error)]
#[error("the daemon was stopped here by the plan")]
struct Stopped;

fn stopped() -> io::Error {
    io::Error::other(Stopped)
}

/// Whether a call failed because the daemon was stopped by the plan.
pub(crate) fn is_stop(error: &io::Error) -> bool {
    error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<Stopped>)
}
