//! The bytes of a file: what the running system shows of them, and what is on the platter.

use std::ops::Range;

use super::choices::Choices;
use super::plan::Lost;

/// Both layers of one file's bytes.
#[derive(Clone, Debug)]
pub(super) struct Data {
    block: usize,
    cache: Vec<u8>,
    platter: Vec<u8>,
    /// One bit for each block that was written to since it was last flushed.
    dirty: Vec<u64>,
    length_is_dirty: bool,
    /// The shortest it has been since its length was last flushed: what is cut off and written anew
    /// may come back cut off and not written.
    shortest: usize,
}

impl Data {
    pub(super) fn new(block: usize) -> Self {
        Self {
            block,
            cache: Vec::new(),
            platter: Vec::new(),
            dirty: Vec::new(),
            length_is_dirty: false,
            shortest: 0,
        }
    }

    /// What the running system sees.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.cache
    }

    pub(super) fn write(&mut self, offset: usize, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let (end, before) = (offset + bytes.len(), self.cache.len());
        if end > before {
            self.cache.resize(end, 0);
            self.length_is_dirty = true;
        }
        self.cache[offset..end].copy_from_slice(bytes);
        // From the old end on: a hole is zeros that have to reach the platter as well.
        self.mark(offset.min(before)..end);
    }

    pub(super) fn truncate(&mut self, length: usize) {
        let before = self.cache.len();
        if length == before {
            return;
        }
        self.cache.resize(length, 0);
        self.length_is_dirty = true;
        self.shortest = self.shortest.min(length);
        if length > before {
            self.mark(before..length);
        }
    }

    /// Whether a flush has something to do.
    pub(super) fn is_dirty(&self) -> bool {
        self.length_is_dirty || self.dirty.iter().any(|word| *word != 0)
    }

    /// Makes everything durable that is dirty, and nothing else: bytes that a failed flush dropped
    /// are not dirty any more.
    pub(super) fn sync(&mut self) {
        if self.length_is_dirty {
            self.platter.truncate(self.shortest);
            self.platter.resize(self.cache.len(), 0);
        }
        for block in self.dirty_blocks() {
            let range = self.range(block, self.platter.len());
            self.platter[range.clone()].copy_from_slice(&self.cache[range]);
        }
        self.clean();
    }

    /// A flush that failed: what was dirty is dropped.
    pub(super) fn lose(&mut self, lost: Lost) {
        if lost == Lost::ShowsOld {
            if self.length_is_dirty {
                self.cache.resize(self.platter.len(), 0);
            }
            for block in self.dirty_blocks() {
                self.show_platter(block);
            }
        }
        self.clean();
    }

    /// Memory was short: what is clean is read again from the platter when it is needed, and may be
    /// other than what was shown.
    pub(super) fn evict(&mut self) {
        for block in 0..self.cache.len().div_ceil(self.block) {
            if !self.is_dirty_block(block) {
                self.show_platter(block);
            }
        }
    }

    /// The system writes some of what is dirty in its own time. Says if anything reached the platter.
    ///
    /// A file that grew gets any length up to the new one, at a block's bound; a file that was cut off
    /// any down to the shortest, and what was written after that only once it is that short. Each dirty
    /// block within the length is old (zeros where it is new ground) or new.
    pub(super) fn write_back(&mut self, choices: &mut dyn Choices) -> bool {
        if !self.is_dirty() {
            return false;
        }
        let before = self.platter.clone();
        let after = self.cache.len();
        let mut within = before.len();
        if self.length_is_dirty {
            if self.shortest < before.len() {
                self.platter.truncate(self.choose_length(before.len(), self.shortest, choices));
            }
            within = self.shortest;
            if self.platter.len() <= self.shortest {
                within = self.choose_length(self.platter.len(), after, choices);
                self.platter.resize(within, 0);
                // Nothing is left to be cut off.
                self.shortest = within;
                self.length_is_dirty = within != after;
            }
        }
        for block in self.dirty_blocks() {
            let range = self.range(block, within.min(after));
            let is_new = self.platter[range.clone()] == self.cache[range.clone()] || choices.choose(2) == 1;
            if is_new {
                self.platter[range.clone()].copy_from_slice(&self.cache[range.clone()]);
                if range == self.range(block, after) {
                    self.dirty[block / 64] &= !(1 << (block % 64));
                }
            }
        }
        self.platter != before
    }

    /// After a power cut: what is on the platter is all there is.
    pub(super) fn forget_cache(&mut self) {
        self.cache.clone_from(&self.platter);
        self.clean();
    }

    /// One length, the other, or one of the blocks' bounds between them.
    fn choose_length(&self, old: usize, new: usize, choices: &mut dyn Choices) -> usize {
        let (low, high) = (old.min(new), old.max(new));
        let bounds = low / self.block + 1..high.div_ceil(self.block);
        let picked = choices.choose(bounds.len() + 1 + usize::from(old != new));
        match picked {
            0 => old,
            _ if picked > bounds.len() => new,
            _ => (bounds.start + picked - 1) * self.block,
        }
    }

    fn show_platter(&mut self, block: usize) {
        let range = self.range(block, self.cache.len());
        let kept = self.range(block, self.platter.len()).len().min(range.len());
        self.cache[range.start..range.start + kept]
            .copy_from_slice(&self.platter[range.start.min(self.platter.len())..][..kept]);
        self.cache[range.start + kept..range.end].fill(0);
    }

    fn range(&self, block: usize, length: usize) -> Range<usize> {
        let start = (block * self.block).min(length);
        start..(start + self.block).min(length)
    }

    fn mark(&mut self, range: Range<usize>) {
        let blocks = range.start / self.block..range.end.div_ceil(self.block);
        let words = blocks.end.div_ceil(64);
        if self.dirty.len() < words {
            self.dirty.resize(words, 0);
        }
        for block in blocks {
            self.dirty[block / 64] |= 1 << (block % 64);
        }
    }

    fn is_dirty_block(&self, block: usize) -> bool {
        self.dirty.get(block / 64).is_some_and(|word| word & (1 << (block % 64)) != 0)
    }

    fn dirty_blocks(&self) -> Vec<usize> {
        let words = self.dirty.iter().enumerate().filter(|(_, word)| **word != 0);
        words
            .flat_map(|(at, word)| {
                (0..64).filter(move |bit| word & (1 << bit) != 0).map(move |bit| at * 64 + bit)
            })
            .collect()
    }

    fn clean(&mut self) {
        self.dirty.fill(0);
        self.length_is_dirty = false;
        self.shortest = self.cache.len();
    }
}
