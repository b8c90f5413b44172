//! Where everything random comes from.
//!
//! A history, a power cut, a fault: each asks a [`Choices`] to pick one of so many alternatives. The
//! same code therefore runs at random by a seed, through every sequence of choices there is, or once
//! more along a sequence that failed.
//!
//! Alternatives are in one order everywhere in the simulation: 0 is the loss (the old bytes, the
//! operation that did not happen), the last one is survival.

/// Picks among alternatives.
pub(crate) trait Choices {
    /// One of so many alternatives: a number below `alternatives`, which is at least 1.
    fn choose(&mut self, alternatives: usize) -> usize;

    /// Whether something happens that does so in one of `times` cases.
    fn one_in(&mut self, times: usize) -> bool {
        self.choose(times) == times - 1
    }

    /// One of the items.
    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T
    where
        Self: Sized,
    {
        &from[self.choose(from.len())]
    }
}

impl<F: FnMut(usize) -> usize> Choices for F {
    fn choose(&mut self, alternatives: usize) -> usize {
        self(alternatives)
    }
}

/// By a seed (`SplitMix64`).
#[derive(Clone, Debug)]
pub(crate) struct Seeded(pub(crate) u64);

impl Choices for Seeded {
    fn choose(&mut self, alternatives: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        // The upper half of a product: no division, and as even as a remainder.
        let picked = (u128::from(mixed) * alternatives as u128) >> 64;
        usize::try_from(picked).expect("less than alternatives")
    }
}

/// Every sequence of choices, depth first, as an odometer counts.
///
/// Nothing is stored but the path of the current run, so the run has to be deterministic: the same
/// choices lead to the same questions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Every {
    /// What was taken, of how many.
    path: Vec<(usize, usize)>,
    depth: usize,
}

impl Every {
    /// Runs once for every sequence of choices; says how many there were.
    pub(crate) fn each(mut run: impl FnMut(&mut Self)) -> u64 {
        let mut every = Self::default();
        let mut runs = 0;
        loop {
            run(&mut every);
            runs += 1;
            if !every.advance() {
                return runs;
            }
        }
    }

    /// Goes on to the next sequence; false after the last.
    pub(crate) fn advance(&mut self) -> bool {
        // What this run did not reach belongs to the branch of an earlier one.
        self.path.truncate(self.depth);
        self.depth = 0;
        while let Some((taken, alternatives)) = self.path.pop() {
            if taken + 1 < alternatives {
                self.path.push((taken + 1, alternatives));
                return true;
            }
        }
        false
    }

    /// What was taken so far in this run, for [`Replay`].
    pub(crate) fn taken(&self) -> Vec<usize> {
        self.path[..self.depth].iter().map(|(taken, _)| *taken).collect()
    }
}

impl Choices for Every {
    fn choose(&mut self, alternatives: usize) -> usize {
        // Not on the path: where there is nothing to choose, nothing has to be enumerated.
        if alternatives == 1 {
            return 0;
        }
        if self.depth == self.path.len() {
            self.path.push((0, alternatives));
        }
        let (taken, before) = self.path[self.depth];
        assert_eq!(before, alternatives, "the run is not deterministic");
        self.depth += 1;
        taken
    }
}

/// One sequence again, as [`Every::taken`] told it; after its end always 0.
#[derive(Clone, Debug)]
pub(crate) struct Replay {
    taken: std::vec::IntoIter<usize>,
}

impl Replay {
    /// The choices to be taken.
    pub(crate) fn new(taken: Vec<usize>) -> Self {
        Self { taken: taken.into_iter() }
    }
}

impl Choices for Replay {
    fn choose(&mut self, alternatives: usize) -> usize {
        if alternatives == 1 {
            return 0;
        }
        let taken = self.taken.next().unwrap_or(0);
        assert!(taken < alternatives, "the run is not the one that was recorded");
        taken
    }
}

/// Always the loss.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Worst;

impl Choices for Worst {
    fn choose(&mut self, _: usize) -> usize {
        0
    }
}

/// Always survival.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Best;

impl Choices for Best {
    fn choose(&mut self, alternatives: usize) -> usize {
        alternatives - 1
    }
}
