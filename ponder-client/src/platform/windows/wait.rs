//! Waiting for the first of several things.

use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle as _, OwnedHandle};
use std::ptr;
use std::time::Duration;

use windows_sys::Win32::Foundation::{WAIT_FAILED, WAIT_TIMEOUT};
use windows_sys::Win32::System::Threading::{
    CreateEventW, INFINITE, ResetEvent, SetEvent, WaitForMultipleObjects,
};

/// Something that is set or not, and can be waited for.
#[derive(Debug)]
pub struct Event(OwnedHandle);

impl Event {
    /// One that is not set.
    pub fn new() -> io::Result<Self> {
        // SAFETY: an event without a name and with the usual rights; it stays set until it is reset.
        let handle = unsafe { CreateEventW(ptr::null(), 1, 0, ptr::null()) };
        if handle.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: it was just made, and nobody else has it.
        Ok(Self(unsafe { OwnedHandle::from_raw_handle(handle) }))
    }

    /// Sets it.
    pub fn set(&self) {
        // SAFETY: the handle is open. It cannot fail for an event of ours.
        unsafe { SetEvent(self.0.as_raw_handle()) };
    }

    /// Sets it no more.
    pub fn reset(&self) {
        // SAFETY: as above.
        unsafe { ResetEvent(self.0.as_raw_handle()) };
    }
}

impl AsHandle for Event {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.as_handle()
    }
}

/// Waits until one of them is set, or has ended if it is a process. Which is the first; none if nothing
/// happened for that long.
pub fn wait_for_any(sources: &[BorrowedHandle<'_>], limit: Option<Duration>) -> io::Result<Option<usize>> {
    let handles: Vec<_> = sources.iter().map(AsRawHandle::as_raw_handle).collect();
    let count = u32::try_from(handles.len()).map_err(io::Error::other)?;
    let millis = |limit: Duration| u32::try_from(limit.as_millis()).unwrap_or(INFINITE - 1).max(1);
    // SAFETY: there are as many handles as is said, and all are open until the call is over.
    let woken = unsafe { WaitForMultipleObjects(count, handles.as_ptr(), 0, limit.map_or(INFINITE, millis)) };
    match woken {
        WAIT_FAILED => Err(io::Error::last_os_error()),
        WAIT_TIMEOUT => Ok(None),
        first => Ok(usize::try_from(first).ok()), // WAIT_OBJECT_0 is 0
    }
}
