//! Who a process is, by the kernel's word: an id that is used again is another process.

use std::sync::LazyLock;

use rustix::process::{Pid, Signal, kill_process};

use serde::{Deserialize, Serialize};

/// A process of this boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// When it started, in clock ticks since the boot; none where the system does not tell. With the id
    /// it names one process of this boot, and no other ever.
    pub start: Option<u64>,
}

impl Process {
    /// The process that has this id now.
    pub fn of(pid: u32) -> Self {
        Self { pid, start: start_of(pid) }
    }

    /// Whether this very process still runs. Where the system does not tell, it may.
    pub fn runs(self) -> bool {
        self.start.is_none() || start_of(self.pid) == self.start
    }

    /// Whether it runs a program of this name. (What it has open would tell more, and is not told to a
    /// daemon in a user namespace of its own, as a hardened unit gives it.)
    pub fn is_program(self, name: &str) -> bool {
        let found = std::fs::read_to_string(format!("/proc/{}/comm", self.pid));
        found.is_ok_and(|found| found.trim_end() == name)
    }

    /// Asks it to end. One that is gone, or is another one by now, is left alone.
    pub fn terminate(self) {
        if let Some(pid) = i32::try_from(self.pid).ok().and_then(Pid::from_raw)
            && self.runs()
        {
            let _ = kill_process(pid, Signal::TERM); // it may end at this moment
        }
    }

    /// When it started, in seconds since 1970.
    pub fn started(self) -> Option<i64> {
        let seconds = i64::try_from(self.start? / rustix::param::clock_ticks_per_second()).ok()?;
        Some((*BOOT_TIME)? + seconds)
    }
}

/// Field 22 of `/proc/<pid>/stat` (proc(5)). The command's name before it may hold anything, closing
/// brackets and spaces too, so that the fields are counted from its end.
fn start_of(pid: u32) -> Option<u64> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    let after_name = stat.iter().rposition(|byte| *byte == b')')? + 1;
    let rest = str::from_utf8(&stat[after_name..]).ok()?;
    // The first field behind the name is number 3.
    rest.split_ascii_whitespace().nth(22 - 3)?.parse().ok()
}

/// When the machine was started, in seconds since 1970.
static BOOT_TIME: LazyLock<Option<i64>> = LazyLock::new(boot_time);

fn boot_time() -> Option<i64> {
    let stat = std::fs::read_to_string("/proc/stat").ok()?;
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
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
        assert!((crate::unix_now() - started).abs() < 3600, "started {started}");
    }

    #[test]
    fn a_process_that_ended_does_not_run() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let process = Process::of(child.id());
        child.wait().unwrap();
        assert!(!process.runs());
    }
}
