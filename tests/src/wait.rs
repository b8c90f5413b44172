//! Deadlines.

use std::env;
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take before a test fails. Generous: the machine may be loaded, and only
/// a failing test ever waits that long.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Looks again and again until `look` finds something. For what gives no event: a tmux screen, a
/// file that another program writes, a process's state in `/proc`.
pub fn wait_until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < DEADLINE, "waited {} s in vain: {what}", DEADLINE.as_secs());
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

/// How often a test repeats itself: `PONDER_ROUNDS`, or `default`.
pub fn rounds(default: usize) -> usize {
    match env::var("PONDER_ROUNDS") {
        Ok(text) => text.parse().expect("PONDER_ROUNDS is a whole number"),
        Err(_) => default,
    }
}
