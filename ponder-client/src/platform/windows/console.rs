//! The console: Ctrl-C and its end, and what is inherited of it.

use std::io;
use std::os::windows::io::{AsHandle as _, BorrowedHandle};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use windows_sys::Win32::Foundation::{HANDLE_FLAG_INHERIT, SetHandleInformation};
use windows_sys::Win32::System::Console::{
    CTRL_BREAK_EVENT, CTRL_C_EVENT, ENABLE_VIRTUAL_TERMINAL_PROCESSING, GetConsoleMode, GetStdHandle,
    STD_ERROR_HANDLE, STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, SetConsoleCtrlHandler, SetConsoleMode,
};

use super::wait::Event;

/// What the console says to the programs in it.
#[derive(Debug)]
pub struct Console {
    said: &'static Event,
}

static SAID: OnceLock<Event> = OnceLock::new();
/// How often Ctrl-C or Ctrl-Break were pressed, or the console began to end, and nobody has taken note of it
/// yet. Of a logoff only services are told.
static TIMES: AtomicU32 = AtomicU32::new(0);

impl Console {
    /// From here on nothing of that ends this process at once.
    pub fn listen() -> io::Result<Self> {
        let said = if let Some(said) = SAID.get() {
            said
        } else {
            let event = Event::new()?;
            SAID.get_or_init(|| event)
        };
        // SAFETY: the handler is there for the process's whole life, and only touches what may be touched
        // from any thread. Added twice it would be called twice: it says that it was enough.
        if unsafe { SetConsoleCtrlHandler(Some(hear), 1) } == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Self { said })
    }

    /// What is set when something was said.
    pub fn said(&self) -> BorrowedHandle<'_> {
        self.said.as_handle()
    }

    /// Takes note of one thing that was said; says whether there was one.
    pub fn take(&self) -> bool {
        let one_less = |times: u32| times.checked_sub(1);
        let taken = TIMES.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_less);
        if taken.is_ok_and(|before| before > 1) {
            return true;
        }
        self.said.reset();
        if TIMES.load(Ordering::Acquire) > 0 {
            self.said.set(); // it was said at this very moment
        }
        taken.is_ok()
    }
}

/// On a thread of the system's own. When the console ends, the process does as soon as this returns, or after
/// some seconds (`HandlerRoutine`): so it never does. Meanwhile the lease is handed back, and `main` returns.
unsafe extern "system" fn hear(what: u32) -> i32 {
    TIMES.fetch_add(1, Ordering::AcqRel);
    if let Some(said) = SAID.get() {
        said.set();
    }
    if !matches!(what, CTRL_C_EVENT | CTRL_BREAK_EVENT) {
        loop {
            thread::park();
        }
    }
    1
}

/// Has the console understand escape sequences, if standard error is one; says whether it does.
pub fn shows_colours() -> bool {
    // SAFETY: the handle is this process's own, and the mode is a number.
    unsafe {
        let handle = GetStdHandle(STD_ERROR_HANDLE);
        let mut mode = 0;
        GetConsoleMode(handle, &raw mut mode) != 0
            && SetConsoleMode(handle, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0
    }
}

/// A child inherits everything here that may be inherited, whatever it is given for its own. A daemon that
/// had somebody's pipe open would keep its reader waiting for days. What the library gives to a child on
/// purpose are copies, which may be inherited all the same.
pub fn keep_standard_handles() {
    for number in [STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE] {
        // SAFETY: the handle is this process's own, or none, which the call refuses.
        unsafe { SetHandleInformation(GetStdHandle(number), HANDLE_FLAG_INHERIT, 0) };
    }
}
