//! Before a call of the daemon does anything: it is counted and noted, other programs act, and it may fail.

use std::io;
use std::sync::MutexGuard;

use super::handle::{Dir, File};
use super::plan::{Failure, Fault, Lost};
use super::trace::Call;
use super::witness::Who;
use super::world::World;
use super::{SimulatedDisk, stopped};

/// A call that may go on, and how.
pub(super) struct Entered<'a> {
    pub(super) world: MutexGuard<'a, World>,
    pub(super) twist: Option<Twist>,
}

/// What is special about a call that goes on.
#[derive(Clone, Copy)]
pub(super) enum Twist {
    /// Takes only so many bytes; then the disk is full, or the daemon dead.
    Short {
        taken: usize,
        dies: bool,
    },
    Lose(Lost),
}

impl SimulatedDisk {
    /// Counts a call, lets other programs act before it, and lets it fail if it is to.
    pub(super) fn enter(
        &self,
        call: Call,
        grows: bool,
        about: impl FnOnce() -> String,
    ) -> io::Result<Entered<'_>> {
        let mut world = self.world();
        if world.is_dead {
            return Err(stopped());
        }
        world.observe(Who::Daemon);
        let count = &mut world.count;
        *(if call.changes() { &mut count.changes } else { &mut count.reads }) += 1;
        let count = *count;
        if (count.changes + count.reads).is_multiple_of(world.rules.step.0) {
            world.clock += i128::from(world.rules.step.1);
        }
        for deed in world.plan.due_deeds(count, call) {
            // What cannot be done is not done: the trace says so.
            let _failed = world.outsider(&deed);
        }
        world.trace.call(count, call, about);
        if call.changes() {
            world.expect_change();
        }
        let twist = match world.plan.due_fault(count, call, grows) {
            None => None,
            Some(Fault::Fail(failure)) => return Err(noted(&mut world, failure.error())),
            Some(Fault::Stop) => {
                world.is_dead = true;
                return Err(noted(&mut world, stopped()));
            }
            Some(Fault::StopWithin(taken)) => Some(Twist::Short { taken, dies: true }),
            Some(Fault::Short(taken)) => Some(Twist::Short { taken, dies: false }),
            Some(Fault::LoseSync(lost)) => Some(Twist::Lose(lost)),
        };
        Ok(Entered { world, twist })
    }

    pub(super) fn in_dir(&self, call: Call, dir: &Dir, name: &str) -> io::Result<MutexGuard<'_, World>> {
        dir.check(self);
        let grows = matches!(call, Call::Create | Call::MakeDir);
        let mut world = self.enter(call, grows, || format!("{}/{name}", dir.label()))?.world;
        if matches!(call, Call::Open | Call::OpenToWrite | Call::Unlink) {
            let given = world.is_given(dir.node(), name, call == Call::Open);
            given.map_err(|error| noted(&mut world, error))?;
        }
        Ok(world)
    }

    pub(super) fn between(
        &self,
        call: Call,
        from: (&Dir, &str),
        to: (&Dir, &str),
    ) -> io::Result<MutexGuard<'_, World>> {
        from.0.check(self);
        to.0.check(self);
        let about = || format!("{}/{} -> {}/{}", from.0.label(), from.1, to.0.label(), to.1);
        let mut world = self.enter(call, call == Call::Link, about)?.world;
        let given = |(dir, name): (&Dir, &str)| world.is_given(dir.node(), name, false);
        let given = given(from).and_then(|()| given(to));
        given.map_err(|error| noted(&mut world, error))?;
        Ok(world)
    }

    pub(super) fn on_file(&self, call: Call, file: &File, about: &str) -> io::Result<MutexGuard<'_, World>> {
        file.check(self);
        Ok(self.enter(call, false, || format!("{}{about}", file.label()))?.world)
    }

    /// Puts bytes into a file; says how many were taken, or that the disk is full or the daemon dead.
    pub(super) fn put(
        &self,
        call: Call,
        file: &File,
        offset: Option<u64>,
        bytes: &[u8],
    ) -> io::Result<usize> {
        file.check(self);
        let length = || self.world().nodes[file.node()].data.bytes().len();
        let start = offset.map_or_else(length, to_size);
        let grows = start + bytes.len() > length();
        let about = || {
            let first = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]);
            format!("{} at {start}, {} bytes: {first:?}", file.label(), bytes.len())
        };
        let Entered { mut world, twist } = self.enter(call, grows, about)?;
        // Asked again: somebody may have written before this call.
        let start = if offset.is_some() { start } else { world.nodes[file.node()].data.bytes().len() };
        if call == Call::Append && std::mem::take(&mut world.nodes[file.node()].is_full) {
            return Err(noted(&mut world, Failure::NoSpace.error()));
        }
        let (taken, dies) = match twist {
            Some(Twist::Short { taken, dies }) => (taken.min(bytes.len()), dies),
            _ => (bytes.len(), false),
        };
        world.lays_hands_on(file.node());
        world.nodes[file.node()].data.write(start, &bytes[..taken]);
        if taken > 0 {
            world.touch(file.node());
        }
        if dies {
            world.is_dead = true;
            return Err(noted(&mut world, stopped()));
        }
        if taken < bytes.len() {
            if call == Call::Write || taken == 0 {
                return Err(noted(&mut world, Failure::NoSpace.error()));
            }
            world.nodes[file.node()].is_full = true;
        }
        Ok(taken)
    }
}

pub(super) fn noted(world: &mut World, error: io::Error) -> io::Error {
    world.trace.failed(&error);
    error
}

pub(super) fn to_size(offset: u64) -> usize {
    usize::try_from(offset).expect("offsets of this machine")
}
