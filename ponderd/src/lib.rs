//! The daemon that owns a journal.
//!
//! `docs/design.md` tells how it is built; in short, who knows what:
//!
//! - [`lease`] decides who may edit. Pure: no I/O, no clock.
//! - [`journal`] does the disk work, on a thread of its own, in the order it is told.
//! - [`owner`] is the one task that drives both and knows every client.
//! - [`connection`] translates between one client's socket and the owner.
//! - [`listener`] is where connections come from.
//! - [`run`] puts them together and takes them apart.

pub mod args;
pub mod connection;
pub mod journal;
pub mod lease;
pub mod listener;
pub mod logging;
pub mod owner;
pub mod platform;
pub mod run;

use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

/// The wall clock in seconds since 1970: only ever shown to people.
pub(crate) fn unix_now() -> i64 {
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
    if getrandom::fill(&mut bytes).is_err() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().to_ne_bytes();
        bytes.iter_mut().zip(now.iter().cycle()).for_each(|(byte, now)| *byte = *now);
    }
    bytes
}
