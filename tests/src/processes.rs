//! Processes by their numbers.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

use crate::DEADLINE;

/// A process that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process(pub u32);

impl Process {
    /// All processes that have this in their environment.
    pub(crate) fn with(variable: &str) -> Vec<Self> {
        let numbers = fs::read_dir("/proc").unwrap().flatten();
        let numbers = numbers.filter_map(|item| item.file_name().to_str()?.parse().ok());
        let has = |process: &Self| {
            let environment = fs::read(format!("/proc/{}/environ", process.0)).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|set| set == variable.as_bytes())
        };
        numbers.map(Self).filter(has).collect()
    }

    /// The name of the program that it runs.
    pub fn name(self) -> String {
        fs::read_to_string(self.proc("comm")).unwrap_or_default().trim_end().to_owned()
    }

    /// Its directory's file in `/proc`.
    pub fn proc(self, file: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{file}", self.0))
    }

    /// What its descriptors are open on.
    pub fn open_files(self) -> Vec<PathBuf> {
        let listed = fs::read_dir(self.proc("fd")).unwrap();
        listed.flatten().filter_map(|fd| fs::read_link(fd.path()).ok()).collect()
    }

    /// Its environment, by name.
    pub fn environment(self) -> BTreeMap<String, String> {
        let bytes = fs::read(self.proc("environ")).unwrap();
        let set = bytes.split(|byte| *byte == 0).filter(|set| !set.is_empty());
        let named = set.map(|set| String::from_utf8_lossy(set).into_owned());
        named.filter_map(|set| set.split_once('=').map(|(name, value)| (name.into(), value.into()))).collect()
    }

    /// Its descriptors: the number, what it is open on, and its flags as open(2) has them.
    pub fn descriptors(self) -> Vec<(u32, PathBuf, u32)> {
        let listed = fs::read_dir(self.proc("fd")).unwrap().flatten();
        let numbers = listed.filter_map(|fd| fd.file_name().to_str()?.parse().ok());
        let of = |number: u32| {
            let info = fs::read_to_string(self.proc(&format!("fdinfo/{number}"))).ok()?;
            let flags = info.lines().find_map(|line| line.strip_prefix("flags:"))?.trim();
            let path = fs::read_link(self.proc(&format!("fd/{number}"))).ok()?;
            Some((number, path, u32::from_str_radix(flags, 8).unwrap()))
        };
        numbers.filter_map(of).collect()
    }

    /// A field of `status` that counts memory, such as `VmHWM`, in KiB.
    pub fn memory(self, field: &str) -> u64 {
        let status = fs::read_to_string(self.proc("status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        line.unwrap().split_whitespace().next().unwrap().parse().unwrap()
    }

    /// The fields of `stat` that come after the program's name: state, parent, group, session,
    /// terminal, and so on.
    pub fn stat(self) -> Vec<String> {
        let stat = fs::read_to_string(self.proc("stat")).unwrap();
        let after = stat.rsplit_once(')').expect("the name is in parentheses").1;
        after.split_whitespace().map(str::to_owned).collect()
    }

    /// Whether it runs. One that has ended and was not waited for by its parent does not.
    pub fn runs(self) -> bool {
        fs::read_to_string(self.proc("stat")).is_ok_and(|stat| !stat.contains(") Z "))
    }

    /// Ends it at once and waits for that.
    pub fn kill(self) {
        kill(self.0, Signal::KILL);
        assert!(pidfd_wait(self.0), "process {} does not end", self.0);
    }
}

/// Sends a signal. A process that has ended is no error.
pub fn kill(pid: u32, signal: Signal) {
    match kill_process(pid_of(pid), signal) {
        Ok(()) | Err(Errno::SRCH) => {}
        Err(error) => panic!("cannot send {signal:?} to process {pid}: {error}"),
    }
}

/// Waits for a process's end, whoever's child it is. Says whether it came in time.
pub fn pidfd_wait(pid: u32) -> bool {
    let pidfd = match pidfd_open(pid_of(pid), PidfdFlags::empty()) {
        Ok(pidfd) => pidfd,
        Err(Errno::SRCH) => return true,
        Err(error) => panic!("cannot watch process {pid}: {error}"),
    };
    let limit = Timespec { tv_sec: DEADLINE.as_secs().cast_signed(), tv_nsec: 0 };
    loop {
        match poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], Some(&limit)) {
            Ok(count) => return count > 0,
            Err(Errno::INTR) => {}
            Err(error) => panic!("cannot wait for process {pid}: {error}"),
        }
    }
}

fn pid_of(pid: u32) -> Pid {
    i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a process id")
}
