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
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use ponder_endpoint::Journal;
use ponder_proto::{printable, shown};

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

/// What a daemon needs of the environment of whoever happens to start it: where its places are and what
/// time it is. It lives for days and serves other terminals, so that nothing else of this one is for it: no
/// password that a script had for a moment, no socket of another program's service manager.
const NEEDED: &[&str] = if cfg!(windows) {
    &[
        "APPDATA",
        "COMPUTERNAME",
        "LOCALAPPDATA",
        "PATH",
        "PATHEXT",
        "RUST_BACKTRACE",
        "SYSTEMDRIVE",
        "SYSTEMROOT",
        "TEMP",
        "TMP",
        "TZ",
        "USERNAME",
        "USERPROFILE",
        "WINDIR",
    ]
} else {
    &["HOME", "PATH", "RUST_BACKTRACE", "TMPDIR", "TZ", "TZDIR", "XDG_RUNTIME_DIR", "XDG_STATE_HOME"]
};

/// What its settings begin with.
const SETTING: &[u8] = b"PONDER_";

/// What begins like a setting, and is of the session that a `ponder` runs in: not the daemon's business.
const SESSION_VARIABLES: [&str; 4] = ["PONDER_SESSION", "PONDER_ENTRY", "PONDER_ENTRIES", "PONDER_TOKEN"];

/// Names of variables are the same in capitals and small letters on Windows, and two on Unix.
fn is_for_the_daemon(variable: &OsStr) -> bool {
    let name = if cfg!(windows) { variable.to_ascii_uppercase() } else { variable.to_owned() };
    let is_setting = name.as_encoded_bytes().starts_with(SETTING);
    NEEDED.iter().any(|needed| name == *needed)
        || is_setting && !SESSION_VARIABLES.iter().any(|of_session| name == *of_session)
}

/// The command that starts `ponderd`.
fn command(program: &Path, journal: &Journal, options: &StartOptions) -> Command {
    let mut command = Command::new(program);
    command.arg("--journal").arg(journal.path()).arg("--handed-over");
    if let Some(format) = &options.log_format {
        command.arg("--log-format").arg(format);
    }
    command.env_clear().envs(env::vars_os().filter(|(name, _)| is_for_the_daemon(name)));
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
        let searched = || format!("at {} (from PONDERD)", printable(&named.to_string_lossy()));
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
            Some(path) => format!("at {} or in PATH", shown(&path)),
            None => "in PATH".to_owned(),
        },
    })
}
