//! Processes, by their handles: as long as one is open, no other process gets its id.

use std::io;
use std::mem::MaybeUninit;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};

use windows_sys::Win32::Foundation::{ERROR_INVALID_PARAMETER, FILETIME, WAIT_OBJECT_0};
use windows_sys::Win32::System::Threading::{
    GetProcessTimes, INFINITE, OpenProcess, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE,
    WaitForSingleObject,
};

use super::is_error;

/// When a process started, in units of 100 ns since 1601; none where it has ended, or is somebody else's.
pub(crate) fn process_start(pid: u32) -> Option<u64> {
    let process = open_process(pid).ok()??;
    if has_ended(&process, 0) { None } else { start_of(&process).ok() }
}

/// Whether the process with this id that started then runs. Where the system does not tell, it may.
pub(crate) fn process_runs(pid: u32, start: u64) -> bool {
    match open_process(pid) {
        Ok(Some(process)) => is_the_one(&process, start) && !has_ended(&process, 0),
        Ok(None) => false,
        Err(_) => true,
    }
}

/// Waits until the process with this id that started then has ended: at once if another one has its id.
///
/// # Errors
/// When the system does not let us look at it: it may run.
pub(crate) fn wait_for_process(pid: u32, start: u64) -> io::Result<()> {
    // From here on nobody else gets its id.
    let Some(process) = open_process(pid)? else { return Ok(()) };
    if is_the_one(&process, start) && !has_ended(&process, INFINITE) {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// A process; nothing if there is none with that id.
fn open_process(pid: u32) -> io::Result<Option<OwnedHandle>> {
    // SAFETY: the handle is ours if there is one, and nobody else has it.
    let handle = unsafe { OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_SYNCHRONIZE, 0, pid) };
    if !handle.is_null() {
        // SAFETY: see above.
        return Ok(Some(unsafe { OwnedHandle::from_raw_handle(handle) }));
    }
    let error = io::Error::last_os_error();
    if is_error(&error, ERROR_INVALID_PARAMETER) { Ok(None) } else { Err(error) }
}

/// Whether a process has ended, or does so in that many milliseconds. A wait that fails tells nothing.
fn has_ended(process: &OwnedHandle, millis: u32) -> bool {
    // SAFETY: the handle is open.
    unsafe { WaitForSingleObject(process.as_raw_handle(), millis) == WAIT_OBJECT_0 }
}

/// Whether a process started then. One that does not tell may have.
fn is_the_one(process: &OwnedHandle, start: u64) -> bool {
    start_of(process).map_or(true, |found| found == start)
}

fn start_of(process: &OwnedHandle) -> io::Result<u64> {
    let mut times = [const { MaybeUninit::<FILETIME>::uninit() }; 4];
    let [created, ended, kernel, user] = times.each_mut().map(MaybeUninit::as_mut_ptr);
    // SAFETY: the handle is open; the four buffers are filled if the call says so.
    unsafe {
        if GetProcessTimes(process.as_raw_handle(), created, ended, kernel, user) == 0 {
            return Err(io::Error::last_os_error());
        }
        let created = times[0].assume_init();
        Ok(u64::from(created.dwHighDateTime) << 32 | u64::from(created.dwLowDateTime))
    }
}

/// The start of a process in seconds since 1970.
pub(crate) fn process_started(start: u64) -> Option<i64> {
    Some(i64::try_from(start / 10_000_000).ok()? - 11_644_473_600)
}
