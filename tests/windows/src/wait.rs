//! Deadlines.

use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take before a test fails. Generous: only a failing test ever waits that long.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Looks again and again until `look` finds something. For what gives no event: a file that another
/// program writes.
pub fn wait_until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < DEADLINE, "waited {} s in vain: {what}", DEADLINE.as_secs());
        thread::sleep(Duration::from_millis(10));
    }
}
