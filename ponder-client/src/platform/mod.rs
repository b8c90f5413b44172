//! How each platform waits, and what its programs are. The only module of the client with `unsafe`.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::{Wire, find_program};
#[cfg(windows)]
pub use windows::{Console, Event, file_system_name, keep_standard_handles, shows_colours, wait_for_any};
#[cfg(windows)]
pub(crate) use windows::{Wire, find_program};
