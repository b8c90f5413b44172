//! What the machine has to have.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use rustix::process::geteuid;

use crate::block::FileSystem;

/// What is missing that no installation brings: then nothing is checked, and that is said.
pub(crate) fn missing_powers() -> Vec<String> {
    let mut missing = Vec::new();
    if !geteuid().is_root() {
        missing.push("root: it mounts file systems".to_owned());
    }
    for device in ["/dev/fuse", "/dev/loop-control"] {
        if let Err(error) = File::options().read(true).write(true).open(device) {
            missing.push(format!("{device}: {error}"));
        }
    }
    if missing.is_empty() && !succeeds(Command::new("unshare").args(["--mount", "true"])) {
        missing.push("the right to mount file systems (CAP_SYS_ADMIN)".to_owned());
    }
    missing
}

/// What is missing that can be installed: that is a mistake.
pub(crate) fn missing_programs(kinds: &[FileSystem]) -> Vec<String> {
    let own = ["losetup", "setpriv", "unshare", "umount", "mountpoint"].map(str::to_owned);
    let makers = kinds.iter().map(|kind| kind.mkfs_name());
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let is_there = |name: &str| std::env::split_paths(&paths).any(|dir| dir.join(name).is_file());
    own.into_iter().chain(makers).filter(|name| !is_there(name)).collect()
}

/// The file systems that the kernel does not have, not even as a module.
pub(crate) fn missing_in_kernel(kinds: &[FileSystem]) -> Vec<FileSystem> {
    kinds.iter().copied().filter(|kind| !has(*kind)).collect()
}

fn has(kind: FileSystem) -> bool {
    let listed = || {
        let list = fs::read_to_string("/proc/filesystems").unwrap_or_default();
        list.lines().any(|line| line.trim() == kind.name())
    };
    listed()
        || (Path::new("/sbin/modprobe").exists()
            && succeeds(Command::new("/sbin/modprobe").arg(kind.name()))
            && listed())
}

fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}
