//! The server's life: it mounts, answers the driver, and ends when the driver does.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use fuser::{Config, MountOption};
use serde::{Deserialize, Serialize};

use super::files::{Files, Shared};
use super::saved;
use super::stream::{Fate, Op};
use crate::block;

/// What the driver asks: one JSON object a line.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) enum Ask {
    /// How many operations there are. It is a mark: what was acknowledged before it was asked was
    /// acknowledged before the operation with that number.
    Position,
    /// What was done, from an operation on.
    Kinds {
        /// The first operation.
        from: usize,
    },
    /// Make the image of a power cut.
    Image {
        /// How many operations had been done.
        prefix: usize,
        /// What became of those after the last flush.
        seed: u64,
    },
    /// How many operations the image has seen.
    ImagePosition,
    /// Make the image of a power cut that came while the last image was recovered.
    ImageAgain {
        /// How many operations the image had seen.
        prefix: usize,
        /// What became of those after the last flush.
        seed: u64,
    },
    /// Write what was recorded to a file.
    Save(PathBuf),
    /// Take what another one recorded.
    Load(PathBuf),
}

/// What the server answers.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) enum Answer {
    /// The files are there.
    Ready,
    /// A number.
    Number(usize),
    /// Operations without their bytes.
    Kinds(Vec<Kind>),
    /// The image is there, and this became of what was not flushed.
    Image(Fate),
    /// It was done.
    Done,
    /// It could not be done.
    Failed(String),
}

/// An operation without its bytes.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) enum Kind {
    /// Offset and length.
    Write(usize, usize),
    /// A flush.
    Flush,
}

/// Serves two files of `size` bytes in `dir`, to the driver that is on the standard input.
pub(crate) fn serve(dir: &Path, size: u64) -> Result<()> {
    let driver = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let contents = Shared::new();
    let files = Files { contents: contents.clone(), size };
    let mut config = Config::default();
    config.mount_options = vec![MountOption::FSName("ponder-crash".to_owned())];
    let session =
        fuser::spawn_mount(files, block::files(dir), &config).context("FUSE could not be mounted")?;
    let end = answer_all(&driver, &contents);
    // The driver is gone, perhaps killed: what it had mounted would never answer anybody again.
    block::release(dir);
    session.umount_and_join()?;
    end
}

fn answer_all(driver: &UnixStream, contents: &Shared) -> Result<()> {
    let mut lines = BufReader::new(driver).lines();
    let say = |answer: &Answer| -> Result<()> {
        let line = serde_json::to_string(answer)? + "\n";
        (&mut &*driver).write_all(line.as_bytes()).context("the driver does not listen")
    };
    say(&Answer::Ready)?;
    while let Some(line) = lines.next().transpose()? {
        let answer = answer(serde_json::from_str(&line)?, contents);
        say(&answer.unwrap_or_else(|error| Answer::Failed(format!("{error:#}"))))?;
    }
    Ok(())
}

fn answer(ask: Ask, contents: &Shared) -> Result<Answer> {
    let mut contents = contents.lock();
    Ok(match ask {
        Ask::Position => Answer::Number(contents.stream.ops().len()),
        Ask::Kinds { from } => {
            let ops = contents.stream.ops().get(from..).unwrap_or_default();
            Answer::Kinds(ops.iter().map(kind).collect())
        }
        Ask::Image { prefix, seed } => {
            let (image, fate) = contents.stream.image(prefix, seed);
            contents.show(image);
            Answer::Image(fate)
        }
        Ask::ImagePosition => Answer::Number(contents.recovery.ops().len()),
        Ask::ImageAgain { prefix, seed } => {
            let (image, fate) = contents.recovery.image(prefix, seed);
            contents.show(image);
            Answer::Image(fate)
        }
        Ask::Save(path) => {
            saved::save(&contents.stream, &path)?;
            Answer::Done
        }
        Ask::Load(path) => {
            contents.stream = saved::load(&path)?;
            Answer::Done
        }
    })
}

fn kind(op: &Op) -> Kind {
    match op {
        Op::Write { offset, bytes } => Kind::Write(*offset, bytes.len()),
        Op::Flush => Kind::Flush,
    }
}
