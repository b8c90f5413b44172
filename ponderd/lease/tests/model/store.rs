//! Entries as the store has them: a version each, and a fence.

use ponder_proto::Token;

/// How many entries there are. A set of them is a number: a bit for each.
pub const ENTRIES: usize = 2;

/// The entries of a set.
pub fn entries_of(set: u8) -> impl Iterator<Item = usize> {
    (0..ENTRIES).filter(move |entry| set & (1 << entry) != 0)
}

/// What is on the disk, and who may change it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Store {
    /// How many commits each entry has seen: each made of the one before.
    versions: [u8; ENTRIES],
    /// The lease whose drafts become commits; none where nobody has one. Only in the daemon's memory.
    fences: [Option<Token>; ENTRIES],
}

impl Store {
    /// A lease is granted: from here on its commits count and those of its predecessor do not. Tells
    /// the versions that its drafts are made of.
    pub fn grant(&mut self, set: u8, token: Token) -> [u8; ENTRIES] {
        for entry in entries_of(set) {
            self.fences[entry] = self.fences[entry].max(Some(token));
        }
        self.versions
    }

    /// A lease has ended: its commits do not count any more.
    pub fn end(&mut self, set: u8, token: Token) {
        for entry in entries_of(set) {
            if self.fences[entry] == Some(token) {
                self.fences[entry] = None;
            }
        }
    }

    /// The daemon ends, and what it knew of leases.
    pub fn forget(&mut self) {
        self.fences = [None; ENTRIES];
    }

    /// Whether a commit would be accepted that names this token and is made of this version.
    pub fn accepts(&self, entry: usize, token: Token, base: u8) -> bool {
        self.fences[entry] == Some(token) && self.versions[entry] == base
    }

    /// Commits. Tells whether it was accepted.
    pub fn commit(&mut self, entry: usize, token: Token, base: &mut u8) -> bool {
        let accepted = self.accepts(entry, token, *base);
        if accepted {
            self.versions[entry] += 1;
            *base += 1;
        }
        accepted
    }
}
