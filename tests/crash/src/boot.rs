//! A room of our own: mounts that nobody else sees, and boots that are none.
//!
//! After a power cut a machine has another boot id, by which a daemon knows that whoever held a
//! lease is gone. The machine of these tests goes on, so each daemon is shown an id of its own.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, Error, Result};
use rustix::mount::mount_bind;

/// Set in the environment of a process that is in its room.
const INSIDE: &str = "PONDER_CRASH_INSIDE";

const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// Whether this process is in its room.
pub(crate) fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

/// Starts this program again in a mount namespace of its own: whatever is mounted there is gone when
/// the last process in it is, even if all of them are killed. Returns only if that is impossible.
pub(crate) fn go_inside() -> Error {
    let own = match std::env::current_exe() {
        Ok(own) => own,
        Err(error) => return error.into(),
    };
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "--"]).arg(own);
    Error::from(command.args(std::env::args_os().skip(1)).env(INSIDE, "1").exec())
}

/// The boot id that is shown to daemons.
#[derive(Debug)]
pub(crate) struct Boot {
    file: PathBuf,
    count: AtomicU32,
}

impl Boot {
    /// Takes the machine's place.
    pub(crate) fn new(dir: &Path) -> Result<Self> {
        let boot = Self { file: dir.join("boot_id"), count: AtomicU32::new(0) };
        boot.again()?;
        mount_bind(&boot.file, BOOT_ID).context("no other boot id can be shown")?;
        Ok(boot)
    }

    /// The machine was started anew.
    pub(crate) fn again(&self) -> Result<()> {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let id = format!("{:08x}-{count:04x}-4000-8000-00000000c4a5\n", std::process::id());
        fs::write(&self.file, id).with_context(|| self.file.display().to_string())
    }
}
