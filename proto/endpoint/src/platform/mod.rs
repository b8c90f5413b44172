//! What each platform has another way of telling. The only module of this crate with `unsafe`, where
//! there is no safe form.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(unix)]
mod unix;

#[cfg(target_os = "linux")]
pub(crate) use linux::{boot, machine_id, process_program, process_start, process_started, runtime_base};
#[cfg(target_os = "macos")]
pub(crate) use macos::{boot, machine_id, process_program, process_start, process_started, runtime_base};
#[cfg(unix)]
pub(crate) use unix::host_name;
