//! The daemon under test: a binary, its socket, and nothing else of it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use std::{fs, io};

use anyhow::{Context as _, Result, bail, ensure};
use ponder_endpoint::{Journal, socket_path};
use ponder_tests::{DEADLINE, pidfd_wait};
use serde_json::json;

use crate::block;
use crate::boot::Boot;
use crate::client::Client;

/// Where a daemon lives, and which one.
#[derive(Clone, Debug)]
pub(crate) struct Home<'a> {
    /// The program.
    pub(crate) program: PathBuf,
    /// The directory of this file system's world.
    pub(crate) dir: PathBuf,
    /// The machine's boot id.
    pub(crate) boot: &'a Boot,
}

impl Home<'_> {
    /// The journal, on the file system under test.
    pub(crate) fn journal(&self) -> PathBuf {
        block::mountpoint(&self.dir).join("journal")
    }

    /// The state directories, on the same one.
    pub(crate) fn state(&self) -> PathBuf {
        block::mountpoint(&self.dir).join("state")
    }

    fn runtime(&self) -> PathBuf {
        self.dir.join("run")
    }

    fn log(&self) -> PathBuf {
        self.dir.join("ponderd.log")
    }

    /// The last lines of what the daemons logged.
    pub(crate) fn log_end(&self) -> String {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(12)..].join("\n")
    }

    /// Copies the file system to a directory, with what a daemon says of its log.
    pub(crate) fn keep(&self, to: &Path) -> Result<()> {
        fs::create_dir_all(to)?;
        block::run(Command::new("cp").arg("-a").arg(block::mountpoint(&self.dir)).arg(to))?;
        let mut print = Command::new(&self.program);
        print.arg("--journal").arg(self.journal()).arg("--print-log");
        let printed = print.env_clear().env("XDG_STATE_HOME", self.state()).output()?;
        fs::write(to.join("log.txt"), [printed.stdout, printed.stderr].concat())?;
        fs::write(to.join("daemon.txt"), self.log_end())?;
        Ok(())
    }

    /// Starts a daemon, in a new boot of the machine, and waits until it answers.
    pub(crate) fn start(&self) -> Result<Daemon> {
        self.boot.again()?;
        let log = File::create(self.log())?;
        // If we are killed it is, too: it must not hold a file system that nobody serves any more.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--"])
            .arg(&self.program)
            .arg("--journal")
            .arg(self.journal())
            .env_clear()
            .env("HOME", &self.dir)
            .env("TZ", "UTC")
            .env("XDG_STATE_HOME", self.state())
            .env("XDG_RUNTIME_DIR", self.runtime())
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("the daemon could not be started")?;
        let socket = socket_path(&self.runtime().join("ponder"), &Journal::open(&self.journal())?)?;
        let mut daemon = Daemon { child, socket };
        daemon.wait_until_ready()?;
        Ok(daemon)
    }
}

/// A daemon that runs. Dropped, it is killed.
#[derive(Debug)]
pub(crate) struct Daemon {
    child: Child,
    socket: PathBuf,
}

impl Daemon {
    /// Its socket.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// A connection to it.
    pub(crate) fn client(&self) -> Result<Client> {
        Client::connect(&self.socket)
    }

    /// There is no event for that: a daemon that nobody handed a socket to makes it when it is ready.
    fn wait_until_ready(&mut self) -> Result<()> {
        let start = Instant::now();
        let mut pause = Duration::from_millis(1);
        loop {
            if let Some(status) = self.child.try_wait()? {
                bail!("the daemon refused to start: {status}");
            }
            match self.client() {
                Ok(mut client) => return client.ask(json!({ "op": "status" })).map(drop),
                Err(error) if error.downcast_ref::<io::Error>().is_none() => return Err(error),
                Err(error) if start.elapsed() > DEADLINE => return Err(error.context("no daemon answers")),
                Err(_) => {}
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(10));
        }
    }

    /// Asks it to stop, and waits until it has ended.
    pub(crate) fn stop(mut self) -> Result<()> {
        self.client()?.ask(json!({ "op": "stop" }))?;
        ensure!(pidfd_wait(self.child.id()), "the daemon does not end");
        let status = self.child.wait()?;
        ensure!(status.success(), "the daemon was stopped and ended with {status}");
        Ok(())
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// `kill -9` while others still use it; it is waited for later.
    pub(crate) fn signal_kill(&self) {
        ponder_tests::kill(self.child.id(), rustix::process::Signal::KILL);
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended
        let _ = self.child.wait();
    }
}
