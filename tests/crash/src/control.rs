//! The driver's end of the line to the process that serves the disk.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use rustix::mount::{UnmountFlags, unmount};

use crate::block;
use crate::disk::{Answer, Ask, Fate, Kind};
use crate::plan::Cut;

/// How long the server may take for an answer: it has everything in memory.
const PATIENCE: Duration = Duration::from_secs(60);

/// The process that serves the disk. Dropped, it ends, and takes with it what is still mounted.
#[derive(Debug)]
pub(crate) struct Server {
    line: Mutex<Option<BufReader<UnixStream>>>,
    child: Child,
    files: PathBuf,
}

impl Server {
    /// Starts it over a directory, with a disk of `size` bytes.
    pub(crate) fn start(dir: &Path, size: u64) -> Result<Self> {
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_read_timeout(Some(PATIENCE))?;
        let child = Command::new(env::current_exe()?)
            .args(["serve", "--size", &size.to_string()])
            .arg(dir)
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .process_group(0) // Ctrl-C is for the driver, who lets go of it in order
            .spawn()
            .context("the server of the disk could not be started")?;
        let server = Self { line: Mutex::new(Some(BufReader::new(ours))), child, files: block::files(dir) };
        let hello = server.read()?;
        ensure!(matches!(hello, Answer::Ready), "the server of the disk is not ready: {hello:?}");
        Ok(server)
    }

    /// How many operations there are: a mark. What was acknowledged before it was asked was
    /// acknowledged before the operation with that number.
    pub(crate) fn position(&self) -> Result<usize> {
        self.number(&Ask::Position)
    }

    /// How many operations the image has seen.
    pub(crate) fn image_position(&self) -> Result<usize> {
        self.number(&Ask::ImagePosition)
    }

    fn number(&self, ask: &Ask) -> Result<usize> {
        match self.ask(ask)? {
            Answer::Number(number) => Ok(number),
            other => bail!("the server answered {other:?}"),
        }
    }

    /// What was done, from an operation on.
    pub(crate) fn kinds(&self, from: usize) -> Result<Vec<Kind>> {
        match self.ask(&Ask::Kinds { from })? {
            Answer::Kinds(kinds) => Ok(kinds),
            other => bail!("the server answered {other:?}"),
        }
    }

    /// Makes the image of a power cut.
    pub(crate) fn image(&self, Cut { prefix, seed }: Cut) -> Result<Fate> {
        self.fate(&Ask::Image { prefix, seed })
    }

    /// Makes the image of a power cut that came while the last image was recovered.
    pub(crate) fn image_again(&self, Cut { prefix, seed }: Cut) -> Result<Fate> {
        self.fate(&Ask::ImageAgain { prefix, seed })
    }

    fn fate(&self, ask: &Ask) -> Result<Fate> {
        match self.ask(ask)? {
            Answer::Image(fate) => Ok(fate),
            other => bail!("the server answered {other:?}"),
        }
    }

    /// Writes what was recorded to a file.
    pub(crate) fn save(&self, path: &Path) -> Result<()> {
        self.done(&Ask::Save(path.to_owned()))
    }

    /// Takes what was recorded by another one.
    pub(crate) fn load(&self, path: &Path) -> Result<()> {
        self.done(&Ask::Load(path.to_owned()))
    }

    fn done(&self, ask: &Ask) -> Result<()> {
        match self.ask(ask)? {
            Answer::Done => Ok(()),
            other => bail!("the server answered {other:?}"),
        }
    }

    fn ask(&self, ask: &Ask) -> Result<Answer> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let line = line.as_mut().context("the server has ended")?;
        line.get_mut().write_all((serde_json::to_string(ask)? + "\n").as_bytes())?;
        hear(line)
    }

    fn read(&self) -> Result<Answer> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        hear(line.as_mut().context("the server has ended")?)
    }
}

fn hear(line: &mut BufReader<UnixStream>) -> Result<Answer> {
    let mut answer = String::new();
    let count = line.read_line(&mut answer).context("the server of the disk does not answer")?;
    ensure!(count > 0, "the server of the disk has ended");
    match serde_json::from_str(&answer)? {
        Answer::Failed(why) => bail!(why),
        answer => Ok(answer),
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It hears that nobody is there, and lets go of everything.
        self.line.lock().unwrap_or_else(PoisonError::into_inner).take();
        let _ = self.child.wait();
        let _ = unmount(&self.files, UnmountFlags::DETACH); // if it was killed it could not itself
    }
}
