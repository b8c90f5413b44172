//! What needs the operating system's raw interface, or has another name on each: the only module of the
//! daemon with `unsafe`.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(unix)]
mod unix;

#[cfg(target_os = "linux")]
pub use linux::ignore_lease_breaks;
#[cfg(target_os = "linux")]
pub(crate) use linux::{
    awake_since_boot, copy_extended, make_fifo, nobody_writes, passed_in_socket, sync_dir, sync_file_system,
};
#[cfg(target_os = "macos")]
pub use macos::ignore_lease_breaks;
#[cfg(target_os = "macos")]
pub(crate) use macos::{
    awake_since_boot, copy_extended, make_fifo, nobody_writes, passed_in_socket, sync_dir, sync_file_system,
};
#[cfg(unix)]
pub use unix::close_stray_descriptors;
