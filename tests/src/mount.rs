//! File systems of a test's own: small ones, full ones, ones that are taken away.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::fs::{FallocateFlags, fallocate};

use crate::World;

/// A kind of file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileSystem {
    /// In memory.
    Tmpfs,
    /// In an image.
    Ext4,
    /// In an image.
    Xfs,
    /// In an image.
    Btrfs,
}

/// All of them.
pub const FILE_SYSTEMS: [FileSystem; 4] =
    [FileSystem::Tmpfs, FileSystem::Ext4, FileSystem::Xfs, FileSystem::Btrfs];

/// A file system that is mounted in a world, and goes with it.
#[derive(Clone, Debug)]
pub struct Mount {
    kind: FileSystem,
    /// In MiB.
    size: u64,
    at: PathBuf,
    image: PathBuf,
}

impl FileSystem {
    /// The smallest that its tools make, in MiB.
    fn size(self) -> u64 {
        match self {
            Self::Tmpfs | Self::Ext4 => 16,
            Self::Xfs => 320,
            Self::Btrfs => 128,
        }
    }

    fn make(self, size: u64, image: &Path) {
        let file = File::create(image).unwrap();
        file.set_len(size * 1024 * 1024).unwrap();
        match self {
            Self::Tmpfs => {}
            Self::Ext4 => run("mkfs.ext4", &["-q", "-F"], image),
            Self::Xfs => run("mkfs.xfs", &["-q", "-f"], image),
            Self::Btrfs => run("mkfs.btrfs", &["-q", "-f"], image),
        }
    }
}

/// Runs a program of the system's, which has to succeed.
fn run(program: &str, arguments: &[&str], last: &Path) {
    let path = "/usr/sbin:/usr/bin:/sbin:/bin"; // mkfs is not in everybody's
    let output = Command::new(program).env("PATH", path).args(arguments).arg(last).output();
    let output = output.unwrap_or_else(|error| panic!("{program} cannot be run: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?} {}: {said}", last.display());
}

impl World {
    /// Makes a file system and mounts it at a path of this world, which is made. It is unmounted when the
    /// world goes. Takes root.
    pub fn mount(&self, kind: FileSystem, name: &str) -> Mount {
        self.mount_sized(kind, kind.size(), name)
    }

    /// The same, of so many MiB.
    pub fn mount_sized(&self, kind: FileSystem, size: u64, name: &str) -> Mount {
        let mount = self.another_sized(kind, size, name);
        mount.again();
        crate::chmod(&mount.at, 0o700);
        self.own(&mount.at);
        mount
    }

    /// The same, not mounted yet.
    pub fn another(&self, kind: FileSystem, name: &str) -> Mount {
        self.another_sized(kind, kind.size(), name)
    }

    fn another_sized(&self, kind: FileSystem, size: u64, name: &str) -> Mount {
        let mut mounts = self.mounts.lock().unwrap();
        let mount =
            Mount { kind, size, at: self.path(name), image: self.path(&format!("image.{}", mounts.len())) };
        kind.make(size, &mount.image);
        fs::create_dir_all(&mount.at).unwrap();
        mounts.push(mount.clone());
        mount
    }

    /// Takes all file systems away, from whoever still uses them, too.
    pub(crate) fn unmount_all(&self) {
        for mount in self.mounts.lock().unwrap().drain(..).rev() {
            let _ = Command::new("umount").arg("-l").arg(&mount.at).output(); // it may be gone already
        }
    }
}

impl Mount {
    /// Mounts it once more, as it was left. One in memory is a new one.
    pub fn again(&self) {
        let size = format!("size={}m", self.size);
        match self.kind {
            FileSystem::Tmpfs => run("mount", &["-t", "tmpfs", "-o", &size, "ponder-test"], &self.at),
            _ => run("mount", &["-o", "loop", &self.image.display().to_string()], &self.at),
        }
    }

    /// Takes it away, though it may be in use.
    pub fn take_away(&self) {
        run("umount", &["-l"], &self.at);
    }

    /// Changes its options: `ro`, `rw`. Fails where somebody writes to it.
    pub fn remount(&self, options: &str) {
        run("mount", &["-o", &format!("remount,{options}")], &self.at);
    }

    /// Fills it to the last byte.
    pub fn fill(&self) {
        let mut step = self.size * 1024 * 1024;
        let filler = File::options().create(true).append(true).open(self.filler()).unwrap();
        while step >= 4096 {
            let length = filler.metadata().unwrap().len();
            if fallocate(&filler, FallocateFlags::empty(), length, step).is_err() {
                step /= 2;
            }
        }
        // What cannot be allocated ahead of time may still be written.
        for number in 0.. {
            let rest = File::create(self.at.join(format!("filler.{number}")));
            if rest.and_then(|mut rest| rest.write_all(&[1; 4096]).and_then(|()| rest.sync_all())).is_err() {
                break;
            }
        }
    }

    /// Makes room again.
    pub fn free(&self) {
        for item in fs::read_dir(&self.at).unwrap() {
            let item = item.unwrap();
            if item.file_name().to_string_lossy().starts_with("filler") {
                fs::remove_file(item.path()).unwrap();
            }
        }
        let directory = File::open(&self.at).unwrap();
        rustix::fs::syncfs(&directory).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.at.join("filler")
    }
}
