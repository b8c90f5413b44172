//! Other users. To be one needs root, as CI has it; to be an ordinary one needs nothing more if
//! the tests run as one.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use rustix::process::geteuid;

use crate::programs::programs;
use crate::{Program, World};

/// Somebody's id, user and group. No account needs to have it.
const SOMEBODY: u32 = 54_321;

impl World {
    /// A world of a user to whom permissions mean something. They mean nothing to root, so there it
    /// is somebody else's, with copies of the programs that this user can reach.
    pub fn of_an_ordinary_user() -> Self {
        Self::new().of_somebody()
    }

    /// The same world, as somebody else's if we are root.
    pub(crate) fn of_somebody(mut self) -> Self {
        if geteuid().is_root() {
            for name in ["ponder", "ponderd"] {
                fs::copy(programs().join(name), self.path("bin").join(name)).unwrap();
            }
            self.owner = Some(SOMEBODY);
            for dir in ["", "home", "run", "state", "bin"] {
                self.own(&self.path(dir));
            }
        }
        self
    }

    /// A program that runs as somebody who does not own this world.
    pub fn as_somebody_else(&self, program: &str) -> Program {
        need_root();
        let mut command = Command::new(program);
        command.env_clear().envs(self.environment()).current_dir("/").uid(SOMEBODY).gid(SOMEBODY);
        Program::new(command)
    }

    /// Makes a file or directory its user's.
    pub(crate) fn own(&self, path: &Path) {
        if let Some(owner) = self.owner {
            chown(path, Some(owner), Some(owner)).unwrap();
        }
    }

    /// A command as this world's user, without what [`Program`] does about its output.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.environment()).current_dir(self.path("home"));
        if let Some(owner) = self.owner {
            command.uid(owner).gid(owner); // other groups go with it
        }
        command
    }
}

/// Makes a file or directory somebody else's.
pub fn give_away(path: &Path) {
    need_root();
    chown(path, Some(SOMEBODY), Some(SOMEBODY)).unwrap();
}

pub(crate) fn need_root() {
    assert!(
        geteuid().is_root(),
        "there is no other user to be tested with: run the tests as root, as CI does"
    );
}
