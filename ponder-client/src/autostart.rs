//! Starting a journal's daemon, on demand and only once.
//!
//! The client takes the journal's lock, binds the socket, and hands both to the daemon as its
//! standard output and input. So the socket answers from the first moment: nobody waits for
//! readiness and nobody polls. If the client dies halfway, lock and socket go with it.

use std::env;
use std::ffi::OsStr;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use ponder_endpoint::{Journal, JournalLock};
use ponder_proto::{printable, shown};

use crate::{Error, find_program};

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
const NEEDED: [&str; 8] =
    ["HOME", "PATH", "RUST_BACKTRACE", "TMPDIR", "TZ", "TZDIR", "XDG_RUNTIME_DIR", "XDG_STATE_HOME"];

/// What its settings begin with.
const SETTING: &[u8] = b"PONDER_";

/// What begins like a setting, and is of the session that a `ponder` runs in: not the daemon's business.
const SESSION_VARIABLES: [&str; 4] = ["PONDER_SESSION", "PONDER_ENTRY", "PONDER_ENTRIES", "PONDER_TOKEN"];

fn is_for_the_daemon(variable: &OsStr) -> bool {
    let is_setting = variable.as_bytes().starts_with(SETTING);
    NEEDED.iter().any(|name| variable == *name)
        || is_setting && !SESSION_VARIABLES.iter().any(|name| variable == *name)
}

/// A daemon that was started and has not answered yet.
#[derive(Debug)]
pub(crate) struct Starting(Child);

impl Starting {
    /// Starts `ponderd` and hands it what makes it the journal's daemon.
    pub(crate) fn spawn(
        program: PathBuf,
        journal: &Journal,
        listener: OwnedFd,
        lock: JournalLock,
        options: &StartOptions,
    ) -> Result<Self, Error> {
        let mut command = Command::new(&program);
        command.arg("--journal").arg(journal.path()).arg("--handed-over");
        if let Some(format) = &options.log_format {
            command.arg("--log-format").arg(format);
        }
        command
            .env_clear()
            .envs(env::vars_os().filter(|(name, _)| is_for_the_daemon(name)))
            .current_dir("/") // no file system is kept busy by a daemon that has nothing to do there
            .stdin(listener)
            .stdout(lock.into_descriptor())
            .stderr(Stdio::piped())
            .spawn()
            .map(Self)
            .map_err(|source| Error::NotStarted { program, source })
    }

    /// Why the daemon ended, if it said so: waits until it has let go of its standard error, which
    /// it does when it ends or when it serves.
    pub(crate) fn reason(mut self) -> Option<Error> {
        let mut reason = Vec::new();
        self.0.stderr.take()?.read_to_end(&mut reason).ok()?;
        let reason = String::from_utf8_lossy(&reason).trim_end().to_owned();
        if reason.is_empty() {
            return None;
        }
        let code = self.0.wait().ok().and_then(|status| status.code());
        Some(Error::CouldNotStart { reason, code })
    }
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
    let beside = env::current_exe().ok().map(|own| own.with_file_name("ponderd"));
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
