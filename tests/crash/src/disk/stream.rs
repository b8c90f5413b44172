//! Everything that was done to a disk, in order, and what a power cut can leave of it.
//!
//! A disk has a cache: what was written after the last flush is there, or not, each write on its
//! own, and a long write perhaps in part. What was written before it stays.

use std::sync::Arc;

use ponder_tests::Rng;
use serde::{Deserialize, Serialize};

use super::pages::{Pages, pieces};

/// One thing that was done to the disk.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    /// Bytes were written at an offset.
    Write {
        /// Where.
        offset: usize,
        /// What.
        bytes: Arc<[u8]>,
    },
    /// Everything before was flushed.
    Flush,
}

/// The seed of the image in which everything up to the cut survives.
pub(crate) const ALL: u64 = 0;
/// The seed of the image in which nothing survives that was not flushed.
pub(crate) const NONE: u64 = 1;

/// All that was done, and the image of the flushed part that was made last.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    /// The disk before.
    base: Pages,
    ops: Vec<Op>,
    /// The disk after the first so many operations: images are asked for in ascending order.
    flushed: (usize, Pages),
}

/// What became of the writes after the last flush.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Fate {
    /// Writes that were not flushed.
    pub(crate) writes: usize,
    /// Those of them that are lost.
    pub(crate) lost: usize,
    /// Those of them that are there in part.
    pub(crate) torn: usize,
}

impl Stream {
    /// What is going to be done to a disk that is not new.
    pub(crate) fn over(base: Pages) -> Self {
        Self { flushed: (0, base.clone()), base, ops: Vec::new() }
    }

    pub(crate) fn push(&mut self, op: Op) {
        self.ops.push(op);
    }

    pub(crate) fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// The disk after a power cut that came when `prefix` operations had been done. The same seed
    /// makes the same image.
    pub(crate) fn image(&mut self, prefix: usize, seed: u64) -> (Pages, Fate) {
        let prefix = prefix.min(self.ops.len());
        let last = self.ops[..prefix].iter().rposition(|op| matches!(op, Op::Flush));
        let safe = last.map_or(0, |last| last + 1);
        let mut image = self.flushed(safe).clone();
        let mut fate = Fate::default();
        let mut rng = Rng::new(&[seed, prefix as u64]);
        let odds = *rng.pick(&[1, 4, 7]);
        for op in &self.ops[safe..prefix] {
            let Op::Write { offset, bytes } = op else { continue };
            fate.writes += 1;
            let (survives, whole) = match seed {
                ALL => (true, true),
                NONE => (false, true),
                _ => (rng.chance(odds, 8), !rng.chance(1, 4)),
            };
            if survives && whole {
                image.write(*offset, bytes);
            } else if survives {
                fate.torn += 1;
                for (at, ..) in pieces(*offset, bytes.len()).filter(|_| rng.chance(1, 2)) {
                    image.write(offset + at.start, &bytes[at]);
                }
            } else {
                fate.lost += 1;
            }
        }
        (image, fate)
    }

    /// The disk after the first so many operations.
    fn flushed(&mut self, count: usize) -> &Pages {
        if self.flushed.0 > count {
            self.flushed = (0, self.base.clone());
        }
        let (done, pages) = &mut self.flushed;
        for op in &self.ops[*done..count] {
            if let Op::Write { offset, bytes } = op {
                pages.write(*offset, bytes);
            }
        }
        *done = count;
        pages
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::pages::PAGE;

    fn written(page: usize, byte: u8) -> Op {
        Op::Write { offset: page * PAGE, bytes: vec![byte; PAGE].into() }
    }

    fn stream() -> Stream {
        let mut stream = Stream::default();
        stream.push(written(0, 1));
        stream.push(Op::Flush);
        (1..=64).for_each(|page| stream.push(written(page, 2)));
        stream
    }

    fn survivors(image: &Pages) -> usize {
        (1..=64).filter(|page| image.read(page * PAGE, 1) == [2]).count()
    }

    #[test]
    fn what_was_flushed_is_in_every_image() {
        let mut stream = stream();
        for seed in 0..50 {
            let (image, _) = stream.image(66, seed);
            assert_eq!(image.read(0, 1), [1]);
        }
    }

    #[test]
    fn the_rest_survives_as_the_seed_says() {
        let mut stream = stream();
        let mut count = |seed| {
            let (image, fate) = stream.image(66, seed);
            assert_eq!(fate.writes, 64);
            survivors(&image)
        };
        assert_eq!((count(ALL), count(NONE)), (64, 0));
        let seen: Vec<usize> = (2..20).map(&mut count).collect();
        assert!(seen.iter().all(|seen| (1..64).contains(seen)), "{seen:?}");
        assert_eq!(seen, (2..20).map(count).collect::<Vec<_>>(), "the same seeds, the same images");
    }

    #[test]
    fn a_recovery_begins_where_the_power_cut_ended() {
        let (image, _) = stream().image(10, ALL);
        let mut recovery = Stream::over(image);
        recovery.push(written(40, 2));
        assert_eq!(survivors(&recovery.image(1, ALL).0), 9);
        assert_eq!(survivors(&recovery.image(0, ALL).0), 8);
        assert_eq!(survivors(&recovery.image(1, NONE).0), 8);
    }

    #[test]
    fn an_earlier_image_can_be_made_after_a_later_one() {
        let mut stream = stream();
        stream.push(Op::Flush);
        assert_eq!(survivors(&stream.image(67, NONE).0), 64);
        assert_eq!(survivors(&stream.image(10, NONE).0), 0);
        assert_eq!(survivors(&stream.image(10, ALL).0), 8);
    }
}
