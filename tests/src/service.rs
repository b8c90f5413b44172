//! The daemon as a service of a real service manager.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use crate::{Process, UserManager, World};

/// A service manager and the service of its world's journal.
#[derive(Debug)]
pub struct Service {
    /// The manager.
    pub manager: UserManager,
    /// The unit, with `.service`.
    pub name: String,
}

impl Service {
    /// Installed, and active.
    pub fn installed() -> Self {
        let manager = UserManager::new();
        manager.world.ponder(&["service", "install"]).run().ok();
        let name = format!("{}.service", manager.unit());
        Self { manager, name }
    }

    /// Only the socket is there.
    pub fn waiting() -> Self {
        let service = Self::installed();
        service.manager.systemctl(&["stop", &service.name]).run().ok();
        service
    }

    /// The unit that listens, with `.socket`.
    pub fn socket_unit(&self) -> String {
        self.name.replace(".service", ".socket")
    }

    /// The unit's main process.
    pub fn main(&self) -> Process {
        Process(self.is("MainPID").parse().unwrap())
    }

    /// Its user's world.
    pub fn world(&self) -> &World {
        &self.manager.world
    }

    /// A property of the unit.
    pub fn is(&self, property: &str) -> String {
        self.manager.property(&self.name, property)
    }

    /// The daemon that the manager has started; there is no other one.
    pub fn daemon(&self) -> Process {
        let daemon = self.world().daemon();
        assert_eq!(daemon.0.to_string(), self.is("MainPID"));
        daemon
    }

    /// Which file the socket is.
    pub fn socket(&self) -> (u64, u64) {
        let path = self.world().path("run/ponder").join(format!("{}.sock", self.world().journal().id()));
        let found = fs::symlink_metadata(path).unwrap();
        (found.dev(), found.ino())
    }
}
