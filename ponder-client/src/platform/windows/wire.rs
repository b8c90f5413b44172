//! A named pipe that is read in the background, so that it can be waited for.

use std::io;
use std::mem;
use std::os::windows::io::{AsHandle as _, AsRawHandle as _, BorrowedHandle, OwnedHandle};
use std::ptr;
use std::time::Duration;

use interprocess::local_socket::Stream;
use ponder_endpoint::is_error;
use windows_sys::Win32::Foundation::{
    ERROR_BROKEN_PIPE, ERROR_IO_PENDING, ERROR_NO_DATA, ERROR_PIPE_NOT_CONNECTED,
};
use windows_sys::Win32::Storage::FileSystem::{ReadFile, WriteFile};
use windows_sys::Win32::System::IO::{CancelIoEx, GetOverlappedResult, OVERLAPPED};

use super::wait::{Event, wait_for_any};

/// A pipe's end.
#[derive(Debug)]
pub(crate) struct Wire {
    pipe: OwnedHandle,
    /// On the heap, at one place: the system writes there.
    reading: Box<Reading>,
    state: State,
}

struct Reading {
    how: OVERLAPPED,
    into: [u8; 4096],
    /// Set when the system is done.
    done: Option<Event>,
}

/// How far reading is.
#[derive(Debug)]
enum State {
    Idle,
    /// The system reads.
    Pending,
    /// It has read so much, of which so much was taken.
    Read {
        taken: usize,
        length: usize,
    },
    /// There is nothing more.
    Ended,
    Failed(io::Error),
}

// SAFETY: what makes it not so by itself is the pointer in OVERLAPPED, which leads nowhere but to the
// event's handle; handles belong to the whole process.
unsafe impl Send for Wire {}

impl Wire {
    pub(crate) fn new(stream: Stream) -> Self {
        let Stream::NamedPipe(stream) = stream;
        // SAFETY: a structure of numbers and pointers, for which zeros are valid.
        let how = unsafe { mem::zeroed() };
        let reading = Box::new(Reading { how, into: [0; 4096], done: None });
        Self { pipe: stream.into(), reading, state: State::Idle }
    }

    /// Has the system read, unless it does or has.
    fn begin(&mut self) -> io::Result<&Event> {
        let reading = &mut *self.reading;
        if reading.done.is_none() {
            reading.done = Some(Event::new()?);
        }
        let Some(done) = &reading.done else { return Err(io::ErrorKind::Other.into()) };
        if !matches!(self.state, State::Idle) {
            return Ok(done);
        }
        done.reset();
        // SAFETY: a structure of numbers and pointers, for which zeros are valid.
        reading.how = unsafe { mem::zeroed() };
        reading.how.hEvent = done.as_handle().as_raw_handle();
        let size = u32::try_from(reading.into.len()).unwrap_or(0);
        // SAFETY: the pipe is open for overlapped reading. Structure and buffer stay where they are, and
        // untouched, until the system is done with them: nobody looks at them while the state is pending,
        // and they are not dropped before that either.
        let read = unsafe {
            let into = reading.into.as_mut_ptr();
            ReadFile(self.pipe.as_raw_handle(), into, size, ptr::null_mut(), &raw mut reading.how)
        };
        let error = io::Error::last_os_error();
        self.state = State::Pending;
        if read == 0 && !is_error(&error, ERROR_IO_PENDING) {
            self.state = if is_end(&error) { State::Ended } else { State::Failed(error) };
            done.set();
        }
        Ok(done)
    }

    /// Waits until the system is done.
    fn finish(&mut self) {
        if !matches!(self.state, State::Pending) {
            return;
        }
        let mut length = 0;
        // SAFETY: the structure is the one of the read that is pending on this pipe.
        let done = unsafe {
            GetOverlappedResult(self.pipe.as_raw_handle(), &raw const self.reading.how, &raw mut length, 1)
        };
        let error = io::Error::last_os_error();
        self.state = match done {
            0 if is_end(&error) => State::Ended,
            0 => State::Failed(error),
            _ => State::Read { taken: 0, length: length as usize },
        };
    }

    /// Reads what there is. Nothing at the end: nobody tells here whether the daemon had read all that was
    /// sent to it.
    pub(crate) fn read(&mut self, chunk: &mut [u8]) -> io::Result<usize> {
        self.begin()?;
        self.finish();
        match mem::replace(&mut self.state, State::Idle) {
            State::Read { taken, length } => {
                let taking = chunk.len().min(length - taken);
                chunk[..taking].copy_from_slice(&self.reading.into[taken..taken + taking]);
                if taken + taking < length {
                    self.state = State::Read { taken: taken + taking, length };
                }
                Ok(taking)
            }
            State::Failed(error) => Err(error),
            _ => {
                self.state = State::Ended;
                Ok(0)
            }
        }
    }

    /// Writes all of it.
    pub(crate) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let done = Event::new()?;
        let mut left = bytes;
        while !left.is_empty() {
            let size = u32::try_from(left.len()).unwrap_or(u32::MAX);
            let mut length = 0;
            // SAFETY: structure and bytes outlive the call that waits for the end, and the event is reset
            // by the system when it begins.
            let written = unsafe {
                let mut how: OVERLAPPED = mem::zeroed();
                how.hEvent = done.as_handle().as_raw_handle();
                let pipe = self.pipe.as_raw_handle();
                let begun = WriteFile(pipe, left.as_ptr(), size, ptr::null_mut(), &raw mut how);
                if begun == 0 && !is_error(&io::Error::last_os_error(), ERROR_IO_PENDING) {
                    0
                } else {
                    GetOverlappedResult(pipe, &raw const how, &raw mut length, 1)
                }
            };
            if written == 0 {
                let error = io::Error::last_os_error();
                return Err(if is_end(&error) { io::ErrorKind::BrokenPipe.into() } else { error });
            }
            left = &left[length as usize..];
        }
        Ok(())
    }

    /// Whether there is something to read, or the end, within that time.
    pub(crate) fn wait(&mut self, limit: Duration) -> io::Result<bool> {
        let done = self.begin()?.as_handle();
        Ok(wait_for_any(&[done], Some(limit))?.is_some())
    }

    /// What is set when there is something to read, or the end.
    pub(crate) fn readable(&mut self) -> io::Result<BorrowedHandle<'_>> {
        Ok(self.begin()?.as_handle())
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if matches!(self.state, State::Pending) {
            // SAFETY: the structure is the one of the read that is pending on this pipe.
            unsafe { CancelIoEx(self.pipe.as_raw_handle(), &raw const self.reading.how) };
            self.finish(); // the buffer must outlive it
        }
    }
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading").finish_non_exhaustive()
    }
}

/// Whether an error says that nobody is at the other end any more.
fn is_end(error: &io::Error) -> bool {
    [ERROR_BROKEN_PIPE, ERROR_NO_DATA, ERROR_PIPE_NOT_CONNECTED].iter().any(|code| is_error(error, *code))
}
