//! A journal, a home and a daemon of the benchmark's own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context as _, Result, ensure};
use rustix::thread::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};
use tempfile::TempDir;

/// Everything lives in one temporary directory, and the daemon ends with it.
pub(crate) struct World {
    dir: TempDir,
    ponder: PathBuf,
}

impl World {
    pub(crate) fn new() -> Result<Self> {
        // target/release/deps/table-… → target/release/ponder
        let target = env::current_exe()?.parent().and_then(Path::parent).map(Path::to_owned);
        let ponder = target.context("where was this built?")?.join("ponder");
        ensure!(ponder.exists(), "{} is missing: run `cargo build --release` first", ponder.display());
        let dir = tempfile::Builder::new().prefix("pb").tempdir()?;
        for part in ["home", "run", "journal"] {
            let part = dir.path().join(part);
            fs::create_dir(&part)?;
            fs::set_permissions(&part, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        }
        Ok(Self { dir, ponder })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A command with nothing of this machine's settings in its environment.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path("home"))
            .env("XDG_RUNTIME_DIR", self.path("run"))
            .env("PONDER_DIR", self.path("journal"))
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    pub(crate) fn ponder(&self, args: &[&str]) -> Command {
        let mut command = self.command(&self.ponder);
        command.args(args);
        command
    }

    pub(crate) fn start_daemon(&self) -> Result<()> {
        run(&mut self.ponder(&["-q", "daemon", "start"]))
    }

    pub(crate) fn stop_daemon(&self) -> Result<()> {
        run(&mut self.ponder(&["-q", "daemon", "stop"]))
    }

    /// Measures with everybody on one processor, a daemon that is started meanwhile included. On two, a
    /// ping-pong costs what it costs to wake the other one, four times as much as on one, and the
    /// scheduler's mood of this minute would be the result.
    pub(crate) fn on_one_processor<T>(&self, measure: impl FnOnce() -> Result<T>) -> Result<T> {
        self.stop_daemon()?;
        let anywhere = sched_getaffinity(None)?;
        let mut here = CpuSet::new();
        here.set(sched_getcpu());
        sched_setaffinity(None, &here)?;
        let measured = measure();
        sched_setaffinity(None, &anywhere)?;
        self.stop_daemon()?;
        measured
    }

    /// The daemon's socket.
    pub(crate) fn socket(&self) -> Result<PathBuf> {
        let journal = ponder_endpoint::Journal::open(&self.path("journal"))?;
        Ok(ponder_endpoint::socket_path(&self.path("run/ponder"), &journal)?)
    }

    /// What the daemon wrote about itself for clients with another environment.
    pub(crate) fn daemon_pid(&self) -> Result<u32> {
        let journal = ponder_endpoint::Journal::open(&self.path("journal"))?;
        Ok(ponder_endpoint::Record::read(&journal).context("no daemon runs")?.pid)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Err(error) = self.stop_daemon() {
            eprintln!("the daemon could not be stopped: {error}");
        }
    }
}

/// Runs a command that has to succeed.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status =
        command.status().with_context(|| format!("{} could not be run", command.get_program().display()))?;
    ensure!(status.success(), "{} failed: {status}", command.get_program().display());
    Ok(())
}
