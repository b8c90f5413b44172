//! The daemon that owns a journal.
//!
//! `docs/design.md` tells how it is built; in short, who knows what:
//!
//! - [`lease`] (a crate of its own) decides who may edit. Pure: no I/O, no clock.
//! - [`journal`] does the disk work, on a thread of its own, in the order it is told.
//! - [`owner`] is the one task that drives both and knows every client.
//! - [`connection`] translates between one client's socket and the owner.
//! - [`listener`] is where connections come from.
//! - [`manager`] is told how it goes, where a service manager started the daemon.
//! - [`run`] puts them together and takes them apart.

pub mod args;
pub mod connection;
mod incumbent;
pub mod journal;
pub mod listener;
pub mod logging;
pub mod manager;
pub mod owner;
pub mod platform;
pub mod run;
mod signals;
pub mod table;

pub use ponder_lease as lease;

use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

/// The wall clock in seconds since 1970: only ever shown to people.
pub(crate) fn unix_now() -> i64 {
    #[cfg(test)]
    if chance::is_seeded() {
        return chance::NOW;
    }
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// This start of the daemon: another number every time, hexadecimal.
pub(crate) fn instance() -> &'static str {
    static INSTANCE: LazyLock<String> = LazyLock::new(random_hex);
    &INSTANCE
}

/// Sixteen random hexadecimal digits.
pub(crate) fn random_hex() -> String {
    format!("{:016x}", u64::from_ne_bytes(random_bytes()))
}

/// Random bytes from the operating system. Where it has none (early boot of an odd machine), the
/// clock: ids have to be different, not secret.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[cfg(test)]
    if chance::fill(&mut bytes) {
        return bytes;
    }
    if getrandom::fill(&mut bytes).is_err() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().to_ne_bytes();
        bytes.iter_mut().zip(now.iter().cycle()).for_each(|(byte, now)| *byte = *now);
    }
    bytes
}

/// Random bytes and a clock that a test can have again.
#[cfg(test)]
pub(crate) mod chance {
    use std::cell::Cell;

    /// The time of seeded threads.
    pub(crate) const NOW: i64 = 1_800_000_000;

    thread_local! {
        static STATE: Cell<Option<u64>> = const { Cell::new(None) };
    }

    /// From here on this thread gets the bytes of that seed.
    pub(crate) fn seed(seed: u64) {
        STATE.set(Some(seed));
    }

    pub(crate) fn is_seeded() -> bool {
        STATE.get().is_some()
    }

    pub(crate) fn fill(bytes: &mut [u8]) -> bool {
        let Some(mut state) = STATE.get() else { return false };
        for byte in bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
        STATE.set(Some(state));
        true
    }
}
