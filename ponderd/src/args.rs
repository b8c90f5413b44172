//! The daemon's command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// The daemon that owns a journal: it grants leases in queue order and writes every entry.
///
/// People use `ponder`, which starts it when it is needed.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Args {
    /// The journal's directory, an absolute path.
    #[arg(long, value_name = "DIR")]
    pub journal: PathBuf,

    /// Log to this file instead of standard error.
    #[arg(long, value_name = "FILE")]
    pub log_file: Option<PathBuf>,

    /// How to write the log.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,

    /// Log more.
    #[arg(short, long)]
    pub verbose: bool,

    /// Print what the journal's write-ahead log holds, without anybody's text, and end. Nothing is
    /// changed, and a daemon that runs is not disturbed.
    #[arg(long, conflicts_with_all = ["log_file", "handed_over"])]
    pub print_log: bool,

    /// Started by `ponder`: standard input is the bound socket, standard output the journal's
    /// lock, and standard error a pipe that is closed once the daemon is ready.
    #[arg(long, hide = true)]
    pub handed_over: bool,
}

/// The shape of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line.
    Json,
}
