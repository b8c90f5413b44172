//! Starting a journal's daemon, on demand and only once.
//!
//! On Unix the client takes the journal's lock, binds the socket, and hands both to the daemon as its
//! standard output and input. So the socket answers from the first moment: nobody waits for readiness and
//! nobody polls. If the client dies halfway, lock and socket go with it. On Windows neither can be handed
//! over: the daemon takes them itself, and the client waits until it has.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::env;
use std::env::consts::EXE_SUFFIX;
use std::path::{Path, PathBuf};
use std::process::Command;

use ponder_endpoint::Journal;

use crate::{Error, find_program};

#[cfg(unix)]
pub(crate) use unix::Starting;
#[cfg(windows)]
pub(crate) use windows::Starting;

/// How a daemon is to be started, where one has to be.
#[derive(Clone, Debug, Default)]
pub struct StartOptions {
    /// How it writes its log: passed on as `--log-format`.
    pub log_format: Option<String>,
    /// Whether a daemon that is older than we are is asked to make way.
    pub upgrade: bool,
}

/// What a `ponder` that runs inside a session has in its environment: not the daemon's business.
const SESSION_VARIABLES: [&str; 4] = ["PONDER_SESSION", "PONDER_ENTRY", "PONDER_ENTRIES", "PONDER_TOKEN"];

/// The command that starts `ponderd`.
fn command(program: &Path, journal: &Journal, options: &StartOptions) -> Command {
    let mut command = Command::new(program);
    command.arg("--journal").arg(journal.path()).arg("--handed-over");
    if let Some(format) = &options.log_format {
        command.arg("--log-format").arg(format);
    }
    for variable in SESSION_VARIABLES {
        command.env_remove(variable);
    }
    command
}

/// What a daemon said about its end. Nothing where it said nothing.
fn reason(said: &[u8], code: Option<i32>) -> Option<Error> {
    let reason = String::from_utf8_lossy(said).trim_end().to_owned();
    (!reason.is_empty()).then_some(Error::CouldNotStart { reason, code })
}

/// The program `ponderd`: `$PONDERD`, else the one beside our own program, else the first in `PATH`.
pub fn daemon_program() -> Result<PathBuf, Error> {
    if let Some(named) = env::var_os("PONDERD").filter(|named| !named.is_empty()) {
        let searched = || format!("at {} (from PONDERD)", named.display());
        return std::path::absolute(&named)
            .ok()
            .and_then(|path| find_program(path.as_os_str()))
            .ok_or_else(|| Error::NoProgram { searched: searched() });
    }
    let beside = env::current_exe().ok().map(|own| own.with_file_name(format!("ponderd{EXE_SUFFIX}")));
    if let Some(found) = beside.as_ref().and_then(|path| find_program(path.as_os_str())) {
        return Ok(found);
    }
    find_program("ponderd".as_ref()).ok_or_else(|| Error::NoProgram {
        searched: match beside {
            Some(path) => format!("at {} or in PATH", path.display()),
            None => "in PATH".to_owned(),
        },
    })
}
