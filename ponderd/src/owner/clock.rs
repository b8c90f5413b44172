//! The owner's clock: the lease core's ticks as instants of the runtime.

use std::time::Duration;

use tokio::time::Instant;

use crate::lease::Tick;

/// Ticks are milliseconds of the monotonic clock since the daemon started. On Linux that clock
/// stands still while the machine sleeps, so a wait is of awake time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock(Instant);

impl Clock {
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    pub(super) fn zero(&self) -> Instant {
        self.0
    }

    pub(super) fn now(&self) -> Tick {
        Tick(u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    /// The first instant at which [`Clock::now`] is not before the tick. A tick beyond what an
    /// instant can tell is a century off: waking up then, to find nothing due, is early enough.
    pub(super) fn instant(&self, tick: Tick) -> Instant {
        const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
        self.0 + Duration::from_millis(tick.0).min(CENTURY)
    }
}
