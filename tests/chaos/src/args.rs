//! The command line, and what the environment says in its place.

use std::path::PathBuf;
use std::time::Duration;
use std::{env, fmt};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};

use crate::days::Day;
use crate::inside::Way;

/// How long it takes if nobody says.
const SECONDS: u64 = 120;

/// Many clients at once, some of them killed, stopped or out of room; every promise is judged afterwards.
///
/// Runs as root, who may mount the small disks that get full.
#[derive(Debug, Parser)]
pub(crate) struct Args {
    /// How long; `PONDER_CHAOS_SECONDS` says the same.
    #[arg(long)]
    seconds: Option<u64>,

    /// How many operations; `PONDER_CHAOS_OPERATIONS` says the same. With both, whichever comes first.
    #[arg(long)]
    operations: Option<usize>,

    /// Chance begins here; `PONDER_SEED` says the same.
    #[arg(long)]
    seed: Option<u64>,

    /// Where the history of a violation is saved, with the journal and the state directory.
    #[arg(long, value_name = "DIR", default_value = "target/chaos")]
    pub(crate) save: PathBuf,

    #[command(subcommand)]
    pub(crate) part: Option<Part>,
}

/// What this program is when it started itself.
#[derive(Debug, Subcommand)]
pub(crate) enum Part {
    /// A command under `ponder lease`.
    #[command(hide = true)]
    Script(Script),
    /// An editor.
    #[command(hide = true)]
    Editor(Editor),
}

/// What both do.
#[derive(Debug, clap::Args)]
pub(crate) struct Inside {
    /// Where it tells what it does.
    #[arg(long)]
    pub(crate) report: PathBuf,
    /// The directory of the files that only one may have at a time.
    #[arg(long)]
    pub(crate) markers: PathBuf,
    /// The session's number.
    #[arg(long)]
    pub(crate) number: u64,
    /// The session's days.
    #[arg(long, value_delimiter = ',')]
    pub(crate) days: Vec<Day>,
    /// Milliseconds between any two things it does.
    #[arg(long)]
    pub(crate) pause: u64,
}

/// A command under `ponder lease`.
#[derive(Debug, clap::Args)]
pub(crate) struct Script {
    #[command(flatten)]
    pub(crate) inside: Inside,
    /// It fails in the end.
    #[arg(long)]
    pub(crate) fail: bool,
    /// Others may have the entries as well.
    #[arg(long)]
    pub(crate) shared: bool,
}

/// An editor.
#[derive(Debug, clap::Args)]
pub(crate) struct Editor {
    #[command(flatten)]
    pub(crate) inside: Inside,
    /// How often it saves.
    #[arg(long)]
    pub(crate) saves: usize,
    /// How it saves.
    #[arg(long)]
    pub(crate) way: Way,
    /// The draft.
    pub(crate) draft: PathBuf,
}

/// When it is enough.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) time: Option<Duration>,
    pub(crate) operations: Option<usize>,
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.time, self.operations) {
            (Some(time), None) => write!(f, "{} s", time.as_secs()),
            (None, Some(operations)) => write!(f, "{operations} operations"),
            (Some(time), Some(most)) => write!(f, "{} s or {most} operations", time.as_secs()),
            (None, None) => f.write_str("for ever"),
        }
    }
}

fn number(given: Option<u64>, variable: &str) -> Result<Option<u64>> {
    match (given, env::var(variable)) {
        (Some(number), _) => Ok(Some(number)),
        (None, Ok(text)) => text.parse().map(Some).with_context(|| format!("{variable} is no whole number")),
        (None, Err(_)) => Ok(None),
    }
}

impl Args {
    pub(crate) fn read() -> Self {
        Self::parse()
    }

    pub(crate) fn size(&self) -> Result<Size> {
        let seconds = number(self.seconds, "PONDER_CHAOS_SECONDS")?;
        let given = self.operations.map(u64::try_from).transpose()?;
        let operations = number(given, "PONDER_CHAOS_OPERATIONS")?.map(usize::try_from).transpose()?;
        let seconds = if operations.is_none() { seconds.or(Some(SECONDS)) } else { seconds };
        Ok(Size { time: seconds.map(Duration::from_secs), operations })
    }

    pub(crate) fn seed(&self) -> Result<u64> {
        Ok(number(self.seed, "PONDER_SEED")?.unwrap_or(1))
    }
}
