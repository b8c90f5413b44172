//! What has to be true of any bytes, whoever wrote them.
//!
//! Each check takes bytes and panics where something that ponder relies on does not hold of them:
//! not only that nothing panics, but round trips, bounds and laws. They are used twice. The fuzz
//! targets in `fuzz/`, a workspace of its own, are one line each and call them with what libFuzzer
//! makes up; `tests/corpus`, a plain test, calls them with every file of `fuzz/corpus` and with
//! mutations of those.

#![forbid(unsafe_code)]
#![allow(clippy::expect_used, clippy::missing_panics_doc, reason = "a check fails by panicking")]

mod frames;
mod handshake;
mod lines;
mod log;
mod memory;
mod merge;
mod table;
mod wal;

pub use frames::frames;
pub use handshake::handshake;
pub use lines::lines;
pub use log::log;
pub use merge::merge;
pub use table::table;

/// A check of any bytes.
pub type Check = fn(&[u8]);

/// Every check by the name of its fuzz target and of its folder in `fuzz/corpus`.
///
/// Where one is added: a module here, a line here, a target in `fuzz/Cargo.toml` and
/// `fuzz/fuzz_targets`, and seeds. The corpus test says what is missing.
pub const CHECKS: &[(&str, Check)] = &[
    ("frames", frames),
    ("lines", lines),
    ("handshake", handshake),
    ("log", log),
    ("merge", merge),
    ("table", table),
];
