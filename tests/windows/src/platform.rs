//! A console of a test's own, and what is said to the programs in it: calls that have no safe form.

#![expect(unsafe_code, reason = "consoles are made with calls that have no safe form")]

use std::ffi::OsStr;
use std::io::{self, PipeReader, PipeWriter};
use std::os::windows::ffi::OsStrExt as _;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::ptr;

use windows_sys::Win32::System::Console::{
    COORD, CTRL_C_EVENT, ClosePseudoConsole, CreatePseudoConsole, GenerateConsoleCtrlEvent, HPCON,
    SetConsoleCtrlHandler,
};
use windows_sys::Win32::System::Threading::{
    CreateProcessW, DeleteProcThreadAttributeList, EXTENDED_STARTUPINFO_PRESENT,
    InitializeProcThreadAttributeList, PROC_THREAD_ATTRIBUTE_PSEUDOCONSOLE, PROCESS_INFORMATION,
    STARTUPINFOEXW, STARTUPINFOW, UpdateProcThreadAttribute,
};

/// A console without a window: what is typed and what it shows goes through pipes. Its programs end with it.
#[derive(Debug)]
pub(crate) struct PseudoConsole(HPCON);

impl PseudoConsole {
    /// A wide one, so that no sentence is wrapped.
    pub(crate) fn new(typed: &PipeReader, shown: &PipeWriter) -> Self {
        let mut console = 0;
        let size = COORD { X: 400, Y: 50 };
        // SAFETY: both pipes are open, and the system has its own handles of them afterwards.
        let made = unsafe {
            CreatePseudoConsole(size, typed.as_raw_handle(), shown.as_raw_handle(), 0, &raw mut console)
        };
        assert!(made >= 0, "CreatePseudoConsole: {made:#x}");
        Self(console)
    }

    /// Starts a program in it. Standard handles that lead into the console it has to open for itself.
    pub(crate) fn start(&self, command_line: &OsStr) -> OwnedHandle {
        let mut line: Vec<u16> = command_line.encode_wide().chain([0]).collect();
        let mut list = AttributeList::new(self.0);
        let startup = STARTUPINFOEXW {
            StartupInfo: STARTUPINFOW {
                cb: u32::try_from(size_of::<STARTUPINFOEXW>()).unwrap(),
                ..Default::default()
            },
            lpAttributeList: list.0.as_mut_ptr().cast(),
        };
        let mut made = PROCESS_INFORMATION::default();
        // SAFETY: the line ends with NUL and may be written to, the list outlives the call, and the handles
        // that it gives are ours.
        unsafe {
            let started = CreateProcessW(
                ptr::null(),
                line.as_mut_ptr(),
                ptr::null(),
                ptr::null(),
                0,
                EXTENDED_STARTUPINFO_PRESENT,
                ptr::null(),
                ptr::null(),
                &raw const startup.StartupInfo,
                &raw mut made,
            );
            assert!(started != 0, "{}: {}", command_line.display(), io::Error::last_os_error());
            drop(OwnedHandle::from_raw_handle(made.hThread));
            OwnedHandle::from_raw_handle(made.hProcess)
        }
    }
}

impl Drop for PseudoConsole {
    fn drop(&mut self) {
        // SAFETY: it was made, and is closed once.
        unsafe { ClosePseudoConsole(self.0) };
    }
}

/// What says in which console a process is to be. Eight bytes each, so that it is aligned.
struct AttributeList(Vec<u64>);

impl AttributeList {
    fn new(console: HPCON) -> Self {
        let mut size = 0;
        // SAFETY: the first call only tells how much room it takes; the second has that much. The value of
        // this attribute is the console itself, not a pointer to it.
        unsafe {
            InitializeProcThreadAttributeList(ptr::null_mut(), 1, 0, &raw mut size);
            let mut list = Self(vec![0; size.div_ceil(8)]);
            let place = list.0.as_mut_ptr().cast();
            assert!(InitializeProcThreadAttributeList(place, 1, 0, &raw mut size) != 0);
            let attribute = PROC_THREAD_ATTRIBUTE_PSEUDOCONSOLE as usize;
            let value = ptr::without_provenance(console.cast_unsigned());
            let (none, size) = (ptr::null_mut(), size_of::<HPCON>());
            let set = UpdateProcThreadAttribute(place, 0, attribute, value, size, none, ptr::null());
            assert!(set != 0, "{}", io::Error::last_os_error());
            list
        }
    }
}

impl Drop for AttributeList {
    fn drop(&mut self) {
        // SAFETY: it was made, and is deleted once.
        unsafe { DeleteProcThreadAttributeList(self.0.as_mut_ptr().cast()) };
    }
}

/// Says Ctrl-C to every program of our own console.
pub(crate) fn say_ctrl_c() {
    // SAFETY: two numbers.
    assert!(unsafe { GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0) } != 0, "{}", io::Error::last_os_error());
}

/// From here on Ctrl-C does not end us. Unlike what is ignored, this is not inherited.
pub fn outlive_ctrl_c() {
    unsafe extern "system" fn hear(_what: u32) -> i32 {
        1
    }
    // SAFETY: the handler is there for the process's whole life, and touches nothing.
    assert!(unsafe { SetConsoleCtrlHandler(Some(hear), 1) } != 0, "{}", io::Error::last_os_error());
}
