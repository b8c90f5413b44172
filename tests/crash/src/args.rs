//! The command line.

use std::path::{Path, PathBuf};
use std::{env, process};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};

use crate::block::FileSystem;
use crate::plan::Cut;

/// How many images a file system gets if nobody says: enough for every change, in a minute or so.
const FEW: usize = 250;

/// Records what a daemon does to a disk, and looks at what a power cut would have left of it.
///
/// Runs as root. The same recordings and images cannot be had twice by the same seed (the machine has
/// its own timing), so the recording of a violation is saved.
#[derive(Debug, Parser)]
pub(crate) struct Args {
    /// Images for each file system; `PONDER_IMAGES` in the environment says the same.
    #[arg(long, value_name = "N")]
    images: Option<usize>,

    /// The file systems.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = "ext4,xfs,btrfs")]
    pub(crate) fs: Vec<FileSystem>,

    /// The daemon; without, the one that was built beside this program.
    #[arg(long, value_name = "PATH")]
    ponderd: Option<PathBuf>,

    /// Chance begins here.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,

    /// Ask again, with the same ids, for the appends that a power cut left unanswered.
    #[arg(long)]
    pub(crate) repeat: bool,

    /// Count kept drafts that are lost, and do not call them a violation.
    #[arg(long)]
    pub(crate) lax_kept: bool,

    /// Where the recordings of violations are saved.
    #[arg(long, value_name = "DIR", default_value = "target/crash")]
    pub(crate) save: PathBuf,

    /// Look at one image of a saved recording.
    #[arg(long, value_name = "FS:PREFIX:SEED", requires = "recording", value_parser = only)]
    pub(crate) only: Option<(FileSystem, Cut)>,

    /// The saved recording.
    #[arg(long, value_name = "DIR", requires = "only")]
    pub(crate) recording: Option<PathBuf>,

    /// Where copies of the image are put, before and after each daemon, with what its log holds.
    #[arg(long, value_name = "DIR", requires = "only")]
    pub(crate) keep: Option<PathBuf>,

    #[command(subcommand)]
    pub(crate) part: Option<Part>,
}

/// What this program is when it started itself.
#[derive(Debug, Subcommand)]
pub(crate) enum Part {
    /// Serves a disk to the driver on the standard input.
    #[command(hide = true)]
    Serve {
        /// The disk's size in bytes.
        #[arg(long)]
        size: u64,
        /// The directory of a file system's world.
        dir: PathBuf,
    },
}

fn only(text: &str) -> Result<(FileSystem, Cut), String> {
    let (kind, cut) = text.split_once(':').ok_or_else(|| format!("{text:?} is not FS:PREFIX:SEED"))?;
    Ok((kind.parse()?, cut.parse()?))
}

impl Args {
    /// Reads the command line. A mistake in it exits with 1: clap's 2 means "not checked" here.
    pub(crate) fn read() -> Self {
        Self::try_parse().unwrap_or_else(|error| {
            let _ = error.print();
            process::exit(i32::from(error.use_stderr()))
        })
    }

    /// How many images a file system gets.
    pub(crate) fn images(&self) -> Result<usize> {
        match (self.images, env::var("PONDER_IMAGES")) {
            (Some(images), _) => Ok(images),
            (None, Ok(text)) => text.parse().context("PONDER_IMAGES is not a whole number"),
            (None, Err(_)) => Ok(FEW),
        }
    }

    /// The daemon.
    pub(crate) fn ponderd(&self) -> Result<PathBuf> {
        let beside = || Ok(env::current_exe()?.parent().unwrap_or(Path::new("/")).join("ponderd"));
        let path = self.ponderd.clone().map_or_else(beside, Ok::<_, anyhow::Error>)?;
        path.canonicalize().with_context(|| format!("there is no daemon {}: build it", path.display()))
    }
}
