//! A room of our own: mounts that nobody else sees, and that go with the last process in it.

use std::env;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use anyhow::{Context as _, Error, Result};

/// Where the programs under test are; set when we are in the room.
const PROGRAMS: &str = "PONDER_TEST_PROGRAMS";
const INSIDE: &str = "PONDER_CHAOS_INSIDE";

pub(crate) fn is_inside() -> bool {
    env::var_os(INSIDE).is_some()
}

/// Starts this program again in a mount namespace of its own. Returns only if that is impossible.
pub(crate) fn go_inside() -> Error {
    let command = || -> Result<Command> {
        let own = env::current_exe()?;
        let programs = match env::var_os(PROGRAMS) {
            Some(named) => named,
            None => own.parent().context("this program is in a directory")?.as_os_str().to_owned(),
        };
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation", "private", "--"]).arg(own).args(env::args_os().skip(1));
        command.env(PROGRAMS, programs).env(INSIDE, "1");
        Ok(command)
    };
    match command() {
        Ok(mut command) => Error::from(command.exec()).context("unshare cannot be run"),
        Err(error) => error,
    }
}
