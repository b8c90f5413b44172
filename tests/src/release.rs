//! Releases as people unpack them, and their `install.sh`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Program, World, chmod, write};

/// Where the project is.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

impl World {
    /// A release, made from the programs under test and unpacked.
    pub fn release(&self) -> PathBuf {
        let out = self.path("release");
        let script = repository().join("packaging/tarball.sh");
        let made = Command::new(script).arg(self.programs()).arg(&out).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let tarball = String::from_utf8(made.stdout).unwrap();
        chmod(&out, 0o755);
        let unpacked = self.path("state");
        self.program("tar").arg("-C").arg(&unpacked).arg("-xzf").arg(tarball.trim_end()).run().ok();
        let mut items = fs::read_dir(unpacked).unwrap();
        items.next().expect("something is in there").unwrap().path()
    }

    /// The same with a `ponder` that is this shell script, quickly copied.
    pub fn small_release(&self, at: &str, ponder: &str) -> PathBuf {
        let dir = self.path(at);
        fs::create_dir_all(dir.join("bin")).unwrap();
        for (name, script) in [("ponder", ponder), ("ponderd", "")] {
            write(&dir.join("bin").join(name), &format!("#!/bin/sh\n{script}"));
        }
        for part in ["share", "install.sh"] {
            let copied =
                Command::new("cp").arg("-R").arg(repository().join(part)).arg(&dir).status().unwrap();
            assert!(copied.success());
        }
        dir
    }

    /// The `install.sh` in a directory, in the environment of somebody who has never heard of ponder.
    pub fn install_script(&self, at: &Path) -> Program {
        let path = format!("{}:/usr/bin:/bin", self.path("home/.local/bin").display());
        self.program(at.join("install.sh")).env("PATH", path)
    }
}
