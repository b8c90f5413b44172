//! One clock for all processes.

use rustix::time::{ClockId, clock_gettime};

/// Microseconds of the machine's monotonic clock.
pub(crate) type Moment = u64;

/// A second of it.
pub(crate) const SECOND: Moment = 1_000_000;

/// Now.
pub(crate) fn now() -> Moment {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec.unsigned_abs() * SECOND + now.tv_nsec.unsigned_abs() / 1000
}
