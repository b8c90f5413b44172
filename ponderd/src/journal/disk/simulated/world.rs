//! All that there is on the disk, and who has what of it open.

use std::io;
use std::path::{Component, Path, PathBuf};

use rustix::io::Errno;

use super::super::{Kind, Rename};
use super::Rules;
use super::data::Data;
use super::outsider::Hold;
use super::plan::{Count, Plan};
use super::trace::Trace;
use super::tree::{Id, Name, Operation, ROOT, Slot, Tree};
use super::witness::Witness;

/// Of an inode: what `chmod` and the like change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Attributes {
    pub(super) mode: u32,
    /// Stands for the owner, the extended attributes and the access list.
    pub(super) tag: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) number: u64,
    pub(super) device: u64,
    pub(super) kind: Kind,
    /// Its first name, for the trace.
    pub(super) label: Name,
    pub(super) target: PathBuf,
    pub(super) attributes: Attributes,
    pub(super) kept_attributes: Attributes,
    pub(super) modified: i128,
    pub(super) kept_modified: i128,
    pub(super) data: Data,
    /// How often the daemon has it open, and how often to write.
    pub(super) opens: u32,
    pub(super) writers: u32,
    /// Which handle has the lock.
    pub(super) lock: Option<u64>,
    /// Who allows nobody else to write to it.
    pub(super) keeper: Option<Keeper>,
    /// The next append finds the disk full.
    pub(super) is_full: bool,
    /// Its number was given back.
    pub(super) is_free: bool,
}

/// Another program that keeps a file to itself.
#[derive(Clone, Debug)]
pub(super) struct Keeper {
    pub(super) handle: u64,
    /// From readers, too.
    pub(super) is_secret: bool,
}

#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) rules: Rules,
    pub(super) nodes: Vec<Node>,
    pub(super) cached: Tree,
    pub(super) platter: Tree,
    /// Done in the cache and not yet on the platter, the oldest first.
    pub(super) pending: Vec<Operation>,
    /// Numbers to be given out again, with their devices; the last first.
    pub(super) free: Vec<(u64, u64)>,
    pub(super) next_number: u64,
    pub(super) clock: i128,
    pub(super) count: Count,
    pub(super) plan: Plan,
    pub(super) trace: Trace,
    pub(super) witness: Witness,
    /// Of the daemon: its handles are of one generation and die with it.
    pub(super) generation: u64,
    pub(super) next_handle: u64,
    pub(super) is_dead: bool,
    pub(super) holds: Vec<Hold>,
}

impl World {
    pub(super) fn new(rules: Rules, directories: &[&str]) -> Self {
        let mut world = Self {
            nodes: Vec::with_capacity(16),
            cached: Tree::default(),
            platter: Tree::default(),
            pending: Vec::with_capacity(16),
            free: Vec::new(),
            next_number: 2,
            // Any time at all, but one that people can read.
            clock: 1_800_000_000_000_000_000,
            count: Count::default(),
            plan: Plan::default(),
            trace: Trace::new(rules.trace),
            witness: Witness::default(),
            generation: 0,
            next_handle: 0,
            is_dead: false,
            holds: Vec::new(),
            rules,
        };
        world.add(Kind::Dir, &"/".into(), 0o755, 1);
        for (at, directory) in (2..).zip(directories) {
            let mut dir = ROOT;
            for name in Path::new(directory).components().filter_map(plain) {
                let device = if world.rules.one_device || dir != ROOT { world.nodes[dir].device } else { at };
                dir = match world.cached.get(dir, name) {
                    Some(known) => known,
                    None => world.make_on(dir, name, Kind::Dir, 0o755, device).expect("a free name"),
                };
            }
        }
        for operation in world.pending.drain(..) {
            world.platter.force(&operation);
        }
        world
    }

    /// An inode without a name. Its number is the one that was given back last: programs that know
    /// files by their numbers have to live with that.
    fn add(&mut self, kind: Kind, label: &Name, mode: u32, device: u64) -> Id {
        let again = self.free.iter().rposition(|(free_on, _)| *free_on == device);
        let number = again.map_or_else(
            || {
                self.next_number += 1;
                self.next_number - 1
            },
            |at| self.free.remove(at).1,
        );
        let (attributes, modified) = (Attributes { mode, tag: 0 }, self.tick());
        self.nodes.push(Node {
            number,
            device,
            kind,
            label: label.clone(),
            target: PathBuf::new(),
            attributes,
            kept_attributes: attributes,
            modified,
            kept_modified: modified,
            data: Data::new(self.rules.block),
            opens: 0,
            writers: 0,
            lock: None,
            keeper: None,
            is_full: false,
            is_free: false,
        });
        self.cached.add(kind == Kind::Dir);
        self.platter.add(kind == Kind::Dir);
        self.nodes.len() - 1
    }

    /// What a file's modified time becomes when it is written to now.
    pub(super) fn tick(&self) -> i128 {
        self.clock - self.clock % self.rules.granularity
    }

    pub(super) fn touch(&mut self, node: Id) {
        self.nodes[node].modified = self.tick();
    }

    fn done(&mut self, operation: Operation) {
        assert!(self.cached.apply(&operation), "checked by the caller: {operation:?}");
        self.pending.push(operation);
    }

    /// Whether names in a directory may be changed.
    fn may_change(&self, dir: Id) -> io::Result<()> {
        if dir != ROOT && self.cached.names(dir) == 0 {
            return Err(Errno::NOENT.into());
        }
        if self.nodes[dir].attributes.mode & 0o200 == 0 {
            return Err(Errno::ACCESS.into());
        }
        Ok(())
    }

    fn slot(dir: Id, name: &str) -> Slot {
        Slot { dir, name: name.into() }
    }

    pub(super) fn make(&mut self, dir: Id, name: &str, kind: Kind, mode: u32) -> io::Result<Id> {
        self.make_on(dir, name, kind, mode, self.nodes[dir].device)
    }

    fn make_on(&mut self, dir: Id, name: &str, kind: Kind, mode: u32, device: u64) -> io::Result<Id> {
        self.may_change(dir)?;
        if self.cached.get(dir, name).is_some() {
            return Err(Errno::EXIST.into());
        }
        let at = Self::slot(dir, name);
        let reuses = self.free.iter().any(|(free_on, _)| *free_on == device);
        let node = self.add(kind, &at.name, mode, device);
        let mut earlier = Vec::new();
        if reuses {
            let number = self.nodes[node].number;
            earlier.extend((0..node).filter(|other| self.nodes[*other].number == number));
        }
        self.done(Operation::Create { at, node, earlier });
        Ok(node)
    }

    pub(super) fn rename(&mut self, from: (Id, &str), to: (Id, &str), how: Rename) -> io::Result<()> {
        self.may_change(from.0)?;
        self.may_change(to.0)?;
        if self.nodes[from.0].device != self.nodes[to.0].device {
            return Err(Errno::XDEV.into());
        }
        let node = self.cached.get(from.0, from.1).ok_or(Errno::NOENT)?;
        let other = self.cached.get(to.0, to.1);
        match (how, other) {
            (Rename::NoReplace, Some(_)) => return Err(Errno::EXIST.into()),
            (Rename::Exchange, None) => return Err(Errno::NOENT.into()),
            // Two names of one file: nothing happens, and both stay.
            (_, Some(other)) if other == node => return Ok(()),
            (Rename::Replace, Some(other)) => match (self.is_dir(node), self.is_dir(other)) {
                (false, true) => return Err(Errno::ISDIR.into()),
                (true, false) => return Err(Errno::NOTDIR.into()),
                _ if !self.cached.entries(other).is_empty() => return Err(Errno::NOTEMPTY.into()),
                _ => {}
            },
            _ => {}
        }
        let comes_back = how == Rename::Exchange
            && other.is_some_and(|other| self.is_dir(other) && self.cached.is_within(from.0, other));
        if comes_back || self.is_dir(node) && self.cached.is_within(to.0, node) {
            return Err(Errno::INVAL.into());
        }
        let (from, to) = (Self::slot(from.0, from.1), Self::slot(to.0, to.1));
        self.done(match (how, other) {
            (Rename::Exchange, Some(other)) => {
                Operation::Exchange { nodes: [node, other], slots: [from, to] }
            }
            _ => Operation::Move { node, from, to, replaces: how == Rename::Replace, replaced: other },
        });
        if let Some(other) = other {
            self.release(other);
        }
        Ok(())
    }

    pub(super) fn link(&mut self, from: (Id, &str), to: (Id, &str)) -> io::Result<()> {
        self.may_change(to.0)?;
        if self.nodes[from.0].device != self.nodes[to.0].device {
            return Err(Errno::XDEV.into());
        }
        let node = self.cached.get(from.0, from.1).ok_or(Errno::NOENT)?;
        if self.is_dir(node) {
            return Err(Errno::PERM.into());
        }
        if self.cached.get(to.0, to.1).is_some() {
            return Err(Errno::EXIST.into());
        }
        self.done(Operation::Link { node, from: Self::slot(from.0, from.1), to: Self::slot(to.0, to.1) });
        Ok(())
    }

    pub(super) fn remove(&mut self, dir: Id, name: &str, directory: bool) -> io::Result<()> {
        self.may_change(dir)?;
        let node = self.cached.get(dir, name).ok_or(Errno::NOENT)?;
        match (directory, self.is_dir(node)) {
            (false, true) => return Err(Errno::ISDIR.into()),
            (true, false) => return Err(Errno::NOTDIR.into()),
            _ if !self.cached.entries(node).is_empty() => return Err(Errno::NOTEMPTY.into()),
            _ => {}
        }
        self.done(Operation::Remove { node, at: Self::slot(dir, name) });
        self.release(node);
        Ok(())
    }

    /// Gives an inode's number back if nothing leads to it any more.
    pub(super) fn release(&mut self, node: Id) {
        let is_held = self.nodes[node].opens > 0 || self.holds.iter().any(|hold| hold.node == node);
        if self.cached.names(node) == 0 && !is_held && !self.nodes[node].is_free {
            self.nodes[node].is_free = true;
            // After names came back that had been removed, another one may have the number.
            let number = self.nodes[node].number;
            if (0..self.nodes.len())
                .any(|other| self.nodes[other].number == number && !self.nodes[other].is_free)
            {
                return;
            }
            self.free.push((self.nodes[node].device, self.nodes[node].number));
        }
    }

    pub(super) fn is_dir(&self, node: Id) -> bool {
        self.nodes[node].kind == Kind::Dir
    }

    /// Where a path leads; links are followed.
    pub(super) fn resolve(&self, path: &Path) -> io::Result<Id> {
        self.follow(path, 8)
    }

    fn follow(&self, path: &Path, links: u32) -> io::Result<Id> {
        let mut at = ROOT;
        let mut so_far = PathBuf::from("/");
        for name in path.components().filter_map(plain) {
            if !self.is_dir(at) {
                return Err(Errno::NOTDIR.into());
            }
            let found = self.cached.get(at, name).ok_or(Errno::NOENT)?;
            if self.nodes[found].kind == Kind::Link {
                let left = links.checked_sub(1).ok_or(Errno::LOOP)?;
                at = self.follow(&so_far.join(&self.nodes[found].target), left)?;
            } else {
                at = found;
            }
            so_far.push(name);
        }
        Ok(at)
    }

    /// The directory that a path's last name is in, and that name.
    pub(super) fn place<'a>(&self, path: &'a Path) -> io::Result<(Id, &'a str)> {
        let name = path.file_name().and_then(|name| name.to_str()).ok_or(Errno::INVAL)?;
        let dir = self.resolve(path.parent().unwrap_or(Path::new("/")))?;
        if self.is_dir(dir) { Ok((dir, name)) } else { Err(Errno::NOTDIR.into()) }
    }
}

fn plain(component: Component<'_>) -> Option<&str> {
    match component {
        Component::Normal(name) => name.to_str(),
        _ => None,
    }
}
