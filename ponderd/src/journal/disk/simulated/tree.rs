//! The names: which stands for which inode, in one layer of the disk; and the operations on them.
//!
//! Operations are kept until they are durable. One is a unit: it is on the platter or it is not, also
//! where it touches two directories.

use std::sync::Arc;

/// An inode, by its place in the simulation. Never reused, unlike the number that programs see.
pub(super) type Id = usize;

pub(super) type Name = Arc<str>;

/// The directory above all.
pub(super) const ROOT: Id = 0;

/// A name in a directory, free or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) dir: Id,
    pub(super) name: Name,
}

/// What happens to names in one step.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    /// A new inode. `earlier` had its number before it.
    Create {
        at: Slot,
        node: Id,
        earlier: Vec<Id>,
    },
    Move {
        node: Id,
        from: Slot,
        to: Slot,
        replaces: bool,
        /// What stood there: its number may be given out again.
        replaced: Option<Id>,
    },
    Exchange {
        nodes: [Id; 2],
        slots: [Slot; 2],
    },
    Link {
        node: Id,
        from: Slot,
        to: Slot,
    },
    Remove {
        node: Id,
        at: Slot,
    },
}

impl Operation {
    fn slots(&self) -> [&Slot; 2] {
        match self {
            Self::Create { at, .. } | Self::Remove { at, .. } => [at, at],
            Self::Move { from, to, .. } | Self::Link { from, to, .. } => [from, to],
            Self::Exchange { slots: [one, other], .. } => [one, other],
        }
    }

    fn is_about(&self, inode: Id) -> bool {
        match self {
            Self::Create { node, .. } | Self::Remove { node, .. } | Self::Link { node, .. } => *node == inode,
            Self::Move { node, replaced, .. } => *node == inode || *replaced == Some(inode),
            Self::Exchange { nodes, .. } => nodes.contains(&inode),
        }
    }

    /// Whether a flush of the directory makes it durable.
    pub(super) fn touches(&self, dir: Id) -> bool {
        self.slots().iter().any(|slot| slot.dir == dir)
    }

    /// Whether it cannot be durable without one that came before it, in the layer that has both.
    pub(super) fn requires(&self, before: &Self, tree: &Tree) -> bool {
        let [one, other] = self.slots();
        if before.slots().iter().any(|slot| *slot == one || *slot == other) {
            return true;
        }
        match self {
            // A number is given out again by the step that follows the one that gave it back.
            Self::Create { earlier, .. } => earlier.iter().any(|inode| before.is_about(*inode)),
            // A directory is removed empty.
            Self::Remove { node, .. } => before.touches(*node),
            // What is moved is not moved into nothing. (What is created may well be lost together
            // with its directory: that one has to be flushed by name, too.)
            Self::Move { .. } | Self::Exchange { .. } => {
                tree.ancestors(one.dir).chain(tree.ancestors(other.dir)).any(|dir| before.is_about(dir))
            }
            Self::Link { .. } => false,
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Place {
    is_dir: bool,
    /// Its names, if it is a directory: few, so they are searched from the first.
    entries: Vec<(Name, Id)>,
    /// How many names it has itself.
    names: u32,
    /// Where a directory's name is.
    parent: Id,
}

/// One layer's names.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    places: Vec<Place>,
}

impl Tree {
    /// Makes room for an inode, without a name yet.
    pub(super) fn add(&mut self, is_dir: bool) {
        self.places.push(Place { is_dir, ..Place::default() });
    }

    pub(super) fn get(&self, dir: Id, name: &str) -> Option<Id> {
        self.places[dir].entries.iter().find(|(known, _)| **known == *name).map(|(_, node)| *node)
    }

    pub(super) fn entries(&self, dir: Id) -> &[(Name, Id)] {
        &self.places[dir].entries
    }

    pub(super) fn names(&self, node: Id) -> u32 {
        self.places[node].names
    }

    /// A directory and those above it; ends early where one has no name.
    fn ancestors(&self, dir: Id) -> impl Iterator<Item = Id> {
        let above =
            move |dir: &Id| Some(self.places[*dir].parent).filter(|_| *dir != ROOT && self.names(*dir) > 0);
        std::iter::successors(Some(dir), above)
    }

    /// Whether a path leads to a directory.
    pub(super) fn is_reachable(&self, dir: Id) -> bool {
        self.ancestors(dir).any(|above| above == ROOT)
    }

    /// Whether a directory is, or is below, another one.
    pub(super) fn is_within(&self, dir: Id, other: Id) -> bool {
        self.ancestors(dir).any(|above| above == other)
    }

    /// Does an operation if this layer is as it was where the operation was first done; says if so.
    pub(super) fn apply(&mut self, operation: &Operation) -> bool {
        let fits = self.fits(operation);
        if fits {
            self.force(operation);
        }
        fits
    }

    /// Whether an operation can be done here.
    pub(super) fn fits(&self, operation: &Operation) -> bool {
        let holds = |slot: &Slot, node: Id| self.get(slot.dir, &slot.name) == Some(node);
        let is_free = |slot: &Slot| self.get(slot.dir, &slot.name).is_none();
        let can_go_to = |node: Id, dir: Id| {
            self.is_reachable(dir) && !(self.places[node].is_dir && self.is_within(dir, node))
        };
        match operation {
            Operation::Create { at, earlier, .. } => {
                is_free(at) && earlier.iter().all(|node| self.names(*node) == 0)
            }
            Operation::Move { node, from, to, replaces, .. } => {
                let replaced = self.get(to.dir, &to.name);
                let free = replaced.is_none_or(|other| {
                    let same_kind = self.places[other].is_dir == self.places[*node].is_dir;
                    *replaces && same_kind && self.entries(other).is_empty()
                });
                free && holds(from, *node) && can_go_to(*node, to.dir)
            }
            Operation::Exchange { nodes: [one, other], slots } => {
                holds(&slots[0], *one)
                    && holds(&slots[1], *other)
                    && can_go_to(*one, slots[1].dir)
                    && can_go_to(*other, slots[0].dir)
            }
            Operation::Link { node, from, to } => holds(from, *node) && is_free(to),
            Operation::Remove { node, at } => holds(at, *node) && self.entries(*node).is_empty(),
        }
    }

    /// Writes what the names are after an operation, whatever they were before: as a flush does that
    /// succeeds after one that failed and dropped what led here.
    pub(super) fn force(&mut self, operation: &Operation) {
        match operation {
            Operation::Create { at, node, earlier } => {
                for stale in
                    earlier.iter().filter(|stale| self.names(**stale) > 0).copied().collect::<Vec<_>>()
                {
                    self.forget(stale);
                }
                self.set(at, Some(*node));
            }
            Operation::Move { node, from, to, .. } => {
                self.set(from, None);
                self.set(to, Some(*node));
            }
            Operation::Exchange { nodes: [one, other], slots } => {
                self.set(&slots[0], Some(*other));
                self.set(&slots[1], Some(*one));
            }
            Operation::Link { node, to, .. } => self.set(to, Some(*node)),
            Operation::Remove { at, .. } => self.set(at, None),
        }
    }

    fn set(&mut self, slot: &Slot, node: Option<Id>) {
        let entries = &mut self.places[slot.dir].entries;
        let at = entries.iter().position(|(name, _)| *name == slot.name);
        let before = at.map(|at| entries[at].1);
        match (at, node) {
            (Some(at), Some(node)) => entries[at].1 = node,
            // As directories do: what is listed last takes the free place.
            (Some(at), None) => drop(entries.swap_remove(at)),
            (None, Some(node)) => entries.push((slot.name.clone(), node)),
            (None, None) => {}
        }
        if let Some(before) = before {
            self.places[before].names -= 1;
        }
        if let Some(node) = node {
            self.places[node].names += 1;
            if self.places[node].is_dir {
                self.places[node].parent = slot.dir;
            }
        }
    }

    /// Takes all names from an inode.
    fn forget(&mut self, node: Id) {
        for place in &mut self.places {
            place.entries.retain(|(_, other)| *other != node);
        }
        self.places[node].names = 0;
    }

    /// Forgets what no path leads to, as a check of the file system does after a crash.
    pub(super) fn prune(&mut self) {
        let mut reached = vec![0_u32; self.places.len()];
        let mut todo = vec![ROOT];
        while let Some(dir) = todo.pop() {
            for (_, node) in &self.places[dir].entries {
                reached[*node] += 1;
                if self.places[*node].is_dir && reached[*node] == 1 {
                    todo.push(*node);
                }
            }
        }
        for (node, names) in reached.into_iter().enumerate() {
            self.places[node].names = names;
            if names == 0 && node != ROOT {
                self.places[node].entries.clear();
            }
        }
    }
}
