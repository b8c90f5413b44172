//! What needs the operating system's raw interface, or has another name on each: the only module of the
//! daemon with `unsafe`.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub use linux::ignore_lease_breaks;
#[cfg(target_os = "linux")]
pub(crate) use linux::*;
#[cfg(target_os = "macos")]
pub use macos::ignore_lease_breaks;
#[cfg(target_os = "macos")]
pub(crate) use macos::*;
#[cfg(unix)]
pub use unix::close_stray_descriptors;
#[cfg(unix)]
pub(crate) use unix::*;
#[cfg(windows)]
pub(crate) use windows::*;
#[cfg(windows)]
pub use windows::{close_stray_descriptors, ignore_lease_breaks};
