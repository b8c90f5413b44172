//! What Linux tells in `/proc` and `/etc`.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::LazyLock;

use super::unix::{named_runtime_dir, shared_temporary_dir};
use crate::PrivateDirError;

/// What tells this machine from others, if there is something.
pub(crate) fn machine_id() -> Option<Vec<u8>> {
    fs::read("/etc/machine-id").ok().filter(|id| !id.is_empty())
}

/// What tells this boot from others, if there is something.
pub(crate) fn boot() -> Option<String> {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()
}

/// Where a user's sockets belong, and how our directory is called there: `$XDG_RUNTIME_DIR`, which may
/// be wrong; without the variable `/run/user/<uid>`, or the temporary directory.
pub(crate) fn runtime_base() -> Result<(PathBuf, String), PrivateDirError> {
    if let Some(base) = named_runtime_dir()? {
        return Ok((base, "ponder".to_owned()));
    }
    let uid = rustix::process::geteuid().as_raw();
    let base = PathBuf::from(format!("/run/user/{uid}"));
    if fs::metadata(&base).is_ok_and(|found| found.is_dir() && found.uid() == uid) {
        return Ok((base, "ponder".to_owned()));
    }
    shared_temporary_dir()
}

/// As whom root's files look where root has no number of his own: in a user namespace that maps but us, as
/// the sandbox of the systemd unit is one (`user_namespaces(7)`). Everybody else's look so, too, and nothing
/// there tells them apart.
pub(super) fn hidden_root() -> Option<u32> {
    let map = fs::read_to_string("/proc/self/uid_map").ok()?; // lines of: first inside, first outside, count
    if map.lines().any(|line| line.split_ascii_whitespace().next() == Some("0")) {
        return None;
    }
    fs::read_to_string("/proc/sys/kernel/overflowuid").ok()?.trim_end().parse().ok()
}

/// When a process started, in clock ticks since the boot: field 22 of `/proc/<pid>/stat` (proc(5)). The
/// command's name before it may hold anything, closing brackets and spaces too, so that the fields are
/// counted from its end.
pub(crate) fn process_start(pid: u32) -> Option<u64> {
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let after_name = stat.iter().rposition(|byte| *byte == b')')? + 1;
    let rest = str::from_utf8(&stat[after_name..]).ok()?;
    // The first field behind the name is number 3.
    rest.split_ascii_whitespace().nth(22 - 3)?.parse().ok()
}

/// The name of the program that a process runs, cut to 15 bytes.
pub(crate) fn process_program(pid: u32) -> Option<String> {
    Some(fs::read_to_string(format!("/proc/{pid}/comm")).ok()?.trim_end().to_owned())
}

/// The start of a process in seconds since 1970.
pub(crate) fn process_started(start: u64) -> Option<i64> {
    let seconds = i64::try_from(start / rustix::param::clock_ticks_per_second()).ok()?;
    Some((*BOOT_TIME)? + seconds)
}

/// When the machine was started, in seconds since 1970.
static BOOT_TIME: LazyLock<Option<i64>> = LazyLock::new(boot_time);

fn boot_time() -> Option<i64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}
