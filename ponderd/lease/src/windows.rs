//! How long is waited for whom.

/// All in milliseconds of awake time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Windows {
    /// A holder that was asked has this long to answer before it is suspect. One that was heard of more
    /// recently than this is not asked at all.
    pub answer: u64,
    /// A suspect or orphaned holder's lease ends this long after somebody began to wait for it.
    pub window: u64,
    /// A holder that answers is asked again after this long, while somebody waits.
    pub again: u64,
    /// A holder that is asked to release has this long.
    pub grace: u64,
    /// Sessions of the daemon before this one have this long to come back.
    pub back: u64,
    /// A holder with a limit is warned this long before its end, or when three quarters are over.
    pub warning: u64,
}

impl Default for Windows {
    fn default() -> Self {
        Self { answer: 2_000, window: 15_000, again: 15_000, grace: 30_000, back: 10_000, warning: 60_000 }
    }
}

impl Windows {
    /// How long before its end a lease with this limit is warned.
    pub(super) fn warning_for(&self, hold: u64) -> u64 {
        self.warning.min(hold / 4)
    }
}
