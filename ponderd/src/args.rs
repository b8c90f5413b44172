//! The daemon's command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use crate::lease::Windows;

/// The daemon that owns a journal: it grants leases in queue order and writes every entry.
///
/// People use `ponder`, which starts it when it is needed.
#[derive(Debug, Parser)]
#[command(version)]
#[expect(clippy::struct_excessive_bools, reason = "a command line has flags")]
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

    /// How long somebody waits for a holder that does not answer, or whose client is gone, before its
    /// lease is ended by force. Seconds of awake time.
    #[arg(long, value_name = "SECONDS", default_value = "15", env = "PONDER_WINDOW", value_parser = seconds)]
    pub window: Duration,

    /// How long a holder has that is asked to hand its lease back, before that is ended by force.
    #[arg(long, value_name = "SECONDS", default_value = "30", env = "PONDER_GRACE", value_parser = seconds)]
    pub grace: Duration,

    /// Started by `ponder`: standard input is the bound socket, standard output the journal's
    /// lock, and standard error a pipe that is closed once the daemon is ready.
    #[arg(long, hide = true)]
    pub handed_over: bool,

    /// Started by a service manager, which has bound the socket: it is standard input (systemd's
    /// `StandardInput=socket`), or launchd is asked for it. It is neither bound anew nor removed.
    #[arg(long, conflicts_with = "handed_over")]
    pub activated: bool,
}

/// The shape of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line.
    Json,
}

impl Args {
    /// How long is waited for whom. The other times follow from the window, so that they keep their
    /// proportions.
    pub fn windows(&self) -> Windows {
        let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let usual = Windows::default();
        let window = millis(self.window);
        let answer = usual.answer.min(window / 4);
        let back = usual.back.min(window);
        Windows { answer, window, again: window, grace: millis(self.grace), back, ..usual }
    }
}

/// A time in seconds, as in `15` or `0.5`.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let positive = seconds.filter(|seconds| !seconds.is_zero());
    positive.ok_or_else(|| "write a number of seconds above 0, as in 15 or 0.5".to_owned())
}
