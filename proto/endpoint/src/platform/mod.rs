//! What each platform has another way of doing or telling. The only module of this crate with `unsafe`,
//! where there is no safe form.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(unix)]
mod unix;
#[cfg(unix)]
mod way;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux::*;
#[cfg(target_os = "macos")]
pub(crate) use macos::*;
#[cfg(unix)]
pub(crate) use unix::*;
#[cfg(unix)]
pub(crate) use way::is_no_trap;
#[cfg(windows)]
pub(crate) use windows::*;
#[cfg(windows)]
pub use windows::{file_id, is_error, is_in_use, open_plain};
