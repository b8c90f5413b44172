//! Tests of the whole on Windows, with real `ponderd.exe` and `ponder.exe` over real pipes. `.ci/windows`
//! runs them under Wine; on Windows `cargo test -p ponder-windows` does, after `cargo build` of these programs
//! and of `ponderw.exe`: `cargo build -p ponderd -p ponder-client -p ponderw`.
//!
//! On other systems there is nothing here: `ponder-tests` has theirs.

#![cfg(windows)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]

mod hand;
mod platform;
mod script;
mod stage;
mod wait;
mod world;

pub use hand::Hand;
pub use platform::outlive_ctrl_c;
pub use script::Script;
pub use stage::{Stage, stage};
pub use wait::{DEADLINE, wait_until};
pub use world::{Ended, World, program};
