//! The harness for tests of the whole: worlds with real processes, sockets and editors.
//!
//! A [`World`] is one person's machine in a directory of its own: a home, a journal that does not
//! exist yet, a runtime and a state directory, and a clean environment in which [`World::ponder`]
//! runs the real programs. Fake editors are shell scripts that stop at a [`Gate`] until the test
//! lets them go on; a [`Script`] speaks JSON Lines on the socket; a [`Tmux`] has real terminals.
//!
//! Nothing here sleeps to wait for something else: it waits for a message, for output, for a line
//! in a FIFO or for a process's end, each with [`DEADLINE`]. Where no such event exists, and only
//! there, [`wait_until`] looks again and again.
//!
//! It needs Linux (`/proc`, pidfds), `sh`, and for some tests `tmux`, editors, `git` and `python3`.
//! What is missing makes a test fail, never pass.

#![allow(clippy::missing_panics_doc, reason = "a harness fails by panicking, everywhere")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails by panicking")]
#![allow(clippy::return_self_not_must_use, reason = "checks stand in a row, or alone")]
#![allow(clippy::needless_pass_by_value, reason = "a day is given as it stands in the test")]

mod bystanders;
mod crowd;
pub mod editors;
mod gate;
mod journald;
mod manager;
mod mount;
pub mod outsiders;
mod processes;
mod programs;
mod raw;
mod release;
mod rng;
mod run;
mod script;
mod sentence;
mod service;
mod strace;
mod stream;
mod sweep;
mod tmux;
mod tree;
mod user;
mod wait;
mod workload;
mod world;

pub use bystanders::Bystanders;
pub use crowd::{all_back, standing, ten_and_ten};
pub use gate::Gate;
pub use journald::Journald;
pub use manager::UserManager;
pub use mount::{FILE_SYSTEMS, FileSystem, Mount};
pub use processes::{Process, kill, pidfd_wait};
pub use raw::{Raw, hello, request};
pub use release::repository;
pub use rng::Rng;
pub use run::{Finished, Program, Running};
pub use script::{Script, new_id};
pub use sentence::{assert_refused, assert_sentence};
pub use service::Service;
pub use strace::{Injection, Place, Trace, Traced, WRITING};
pub use sweep::{Sweep, Swept};
pub use tmux::{Pane, Tmux};
pub use tree::{chmod, link, mkdir, mode, tree, write};
pub use user::give_away;
pub use wait::{DEADLINE, rounds, wait_until};
pub use workload::Day;
pub use world::World;
