//! Loop devices, file systems and mounts, each let go of when its owner is dropped.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::io::Errno;
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};

/// How long an unmount may find its file system busy: a process that was killed is still ending.
const BUSY: Duration = Duration::from_secs(10);

/// Where the server's files are.
pub(crate) fn files(dir: &Path) -> PathBuf {
    dir.join("files")
}

/// Where the file system on them is mounted, recorded disk and images alike. The journal's path is its
/// identity, so it is the same in every run: a saved recording is looked at again by another one. Who
/// runs this at the same time sees his own mounts alone.
pub(crate) fn mountpoint(dir: &Path) -> PathBuf {
    Path::new("/run/ponder-crash").join(dir.file_name().unwrap_or_default()) // the file system's name
}

/// A file system that people keep their journals on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FileSystem {
    /// The common one.
    Ext4,
    /// Forgets what was not flushed more thoroughly than ext4.
    Xfs,
    /// Never writes in place.
    Btrfs,
}

impl FileSystem {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Ext4, Self::Xfs, Self::Btrfs];

    /// The kernel's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ext4 => "ext4",
            Self::Xfs => "xfs",
            Self::Btrfs => "btrfs",
        }
    }

    /// The disk's size in bytes: larger than the smallest that each of them accepts.
    pub(crate) fn size(self) -> u64 {
        let mebibytes = match self {
            Self::Ext4 | Self::Btrfs => 256,
            Self::Xfs => 384,
        };
        mebibytes << 20
    }

    /// What makes one. Everything is written at once: nothing initializes itself behind our back.
    fn mkfs(self) -> Command {
        let mut command = Command::new(self.mkfs_name());
        command.args(match self {
            Self::Ext4 => &["-q", "-F", "-E", "nodiscard,lazy_itable_init=0,lazy_journal_init=0"][..],
            Self::Xfs | Self::Btrfs => &["-q", "-f", "-K"],
        });
        command
    }

    /// The program that makes one.
    pub(crate) fn mkfs_name(self) -> String {
        format!("mkfs.{}", self.name())
    }

    /// Mount options beside the defaults. The images of one disk all have its UUID.
    fn options(self) -> &'static std::ffi::CStr {
        match self {
            Self::Ext4 => c"",
            Self::Xfs => c"nouuid",
            Self::Btrfs => c"nodiscard",
        }
    }
}

impl fmt::Display for FileSystem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for FileSystem {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|known| known.name() == name);
        found.ok_or_else(|| format!("{name:?} is none of ext4, xfs and btrfs"))
    }
}

/// A loop device.
#[derive(Debug)]
pub(crate) struct Loop(PathBuf);

impl Loop {
    /// Attaches a file. Past the page cache, so that a write to the device is a write to the file.
    pub(crate) fn attach(file: &Path) -> Result<Self> {
        let found =
            run(Command::new("losetup").args(["--find", "--show", "--direct-io=on", "--"]).arg(file))?;
        Ok(Self(PathBuf::from(found.trim())))
    }

    /// Makes a file system on it.
    pub(crate) fn make(&self, kind: FileSystem) -> Result<()> {
        run(kind.mkfs().arg(&self.0)).map(drop)
    }

    /// Whether the device really goes past the page cache: else the recording is not exact.
    pub(crate) fn is_direct(&self) -> Result<bool> {
        let name = self.0.file_name().context("a loop device has a name")?;
        let file = Path::new("/sys/block").join(name).join("loop/dio");
        Ok(fs::read_to_string(&file).with_context(|| file.display().to_string())?.trim() == "1")
    }
}

impl Drop for Loop {
    fn drop(&mut self) {
        if let Err(error) = run(Command::new("losetup").arg("--detach").arg(&self.0)) {
            eprintln!("{error:#}");
        }
    }
}

/// A mounted file system.
#[derive(Debug)]
pub(crate) struct Mount(PathBuf);

impl Mount {
    /// Mounts a device; the kernel recovers what it finds.
    pub(crate) fn new(device: &Loop, kind: FileSystem, at: &Path) -> Result<Self> {
        mount(&device.0, at, kind.name(), MountFlags::NOATIME, kind.options())
            .with_context(|| format!("{kind} cannot be mounted at {}", at.display()))?;
        Ok(Self(at.to_owned()))
    }

    /// Unmounts it.
    pub(crate) fn unmount(self) -> Result<()> {
        let at = self.0.clone();
        std::mem::forget(self);
        unmount_when_idle(&at)
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        if let Err(error) = unmount_when_idle(&self.0) {
            eprintln!("{error:#}");
        }
    }
}

/// Nothing tells when a file system is busy no more: one tries again.
fn unmount_when_idle(at: &Path) -> Result<()> {
    let start = Instant::now();
    loop {
        match unmount(at, UnmountFlags::empty()) {
            Err(Errno::BUSY) if start.elapsed() < BUSY => std::thread::sleep(Duration::from_millis(5)),
            result => return result.with_context(|| format!("{} cannot be unmounted", at.display())),
        }
    }
}

/// Lets go of what a driver left that was killed. Through programs of their own: a process must not
/// wait for a file system that it serves.
pub(crate) fn release(dir: &Path) {
    let quietly = |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
    let mounted = |at: &Path| quietly(Command::new("mountpoint").arg("-q").arg(at));
    let start = Instant::now();
    let at = mountpoint(dir);
    while mounted(&at) && start.elapsed() < BUSY {
        quietly(Command::new("umount").arg(&at)); // the daemon on it was killed and is still ending
    }
    for file in [crate::disk::DISK, crate::disk::IMAGE] {
        let listed = Command::new("losetup")
            .args(["--noheadings", "-O", "NAME", "-j"])
            .arg(files(dir).join(file))
            .output();
        let listed =
            listed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        for device in listed.split_whitespace() {
            quietly(Command::new("losetup").args(["--detach", device]));
        }
    }
}

/// Runs a program that has to succeed. Returns what it printed.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_owned();
    let name = AsRef::<OsStr>::as_ref(&name).to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("{name} cannot be run"))?;
    if !output.status.success() {
        bail!("{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
