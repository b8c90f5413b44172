//! The disk: bytes that are served as files to loop devices, with a record of every write and
//! every flush. It is a process of its own, so that nobody waits for himself: a process that is
//! killed while it waits for its own file system never ends.

mod files;
mod pages;
mod saved;
mod server;
mod stream;

pub(crate) use server::{Answer, Ask, Kind, serve};
pub(crate) use stream::{ALL, Fate, NONE};

/// The file whose writes and flushes are recorded.
pub(crate) const DISK: &str = "disk";
/// The file that is the image asked for last. What is written to it goes with it.
pub(crate) const IMAGE: &str = "image";
