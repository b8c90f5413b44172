//! Deadlines.

use std::env;
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take before a test fails. Generous: the machine may be loaded, and only
/// a failing test ever waits that long.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Looks again and again until `look` finds something. For what gives no event: a tmux screen, a
/// file that another program writes, a process's state in `/proc`.
pub fn wait_until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    try_until(look).unwrap_or_else(|| panic!("waited {} s in vain: {what}", DEADLINE.as_secs()))
}

/// The same; none when the deadline is over.
pub(crate) fn try_until<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        let found = look();
        if found.is_some() || start.elapsed() > DEADLINE {
            return found;
        }
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
