//! Who a process is, by the kernel's word: an id that is used again is another process.

use serde::{Deserialize, Serialize};

#[cfg(unix)]
use crate::platform::process_program;
#[cfg(windows)]
use crate::platform::wait_for_process;
use crate::platform::{process_runs, process_start, process_started};

/// A process of this boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// When it started, in units of the platform; none where the system does not tell. With the id it
    /// names one process of this boot, and no other ever.
    pub start: Option<u64>,
}

impl Process {
    /// The process that has this id now.
    pub fn of(pid: u32) -> Self {
        Self { pid, start: process_start(pid) }
    }

    /// Whether this very process still runs. Where the system does not tell, it may.
    pub fn runs(self) -> bool {
        self.start.is_none_or(|start| process_runs(self.pid, start))
    }

    /// Waits until this very process has ended.
    ///
    /// # Errors
    /// When that cannot be waited for: it may run.
    #[cfg(windows)]
    pub fn wait(self) -> std::io::Result<()> {
        let Some(start) = self.start else { return Err(std::io::ErrorKind::Unsupported.into()) };
        wait_for_process(self.pid, start)
    }

    /// The name of the program that it runs, where the system tells; perhaps cut to 15 bytes. (What it has
    /// open would tell more, and is not told to a daemon in a user namespace of its own, as a hardened unit
    /// gives it.)
    #[cfg(unix)]
    pub fn program(self) -> Option<String> {
        process_program(self.pid)
    }

    /// When it started, in seconds since 1970.
    pub fn started(self) -> Option<i64> {
        process_started(self.start?)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_told_from_the_next_one_with_its_id() {
        let ourselves = Process::of(std::process::id());
        assert!(ourselves.start.is_some() && ourselves.runs());
        let earlier = Process { start: ourselves.start.map(|start| start - 1), ..ourselves };
        assert!(!earlier.runs());
        let started = ourselves.started().unwrap();
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs().cast_signed();
        assert!((now - started).abs() < 3600, "started {started}");
    }

    #[test]
    fn a_process_that_ended_does_not_run() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let process = Process::of(child.id());
        child.wait().unwrap();
        assert!(!process.runs());
    }
}
