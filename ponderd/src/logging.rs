//! The log: what the daemon did, never a word of what anybody wrote.
//!
//! Nothing here filters text out. It is kept out at the source: the types that carry text print
//! their length ([`ponder_proto::Text`]), and no log line is given a request.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Mutex;

use tracing::level_filters::LevelFilter;

use crate::args::LogFormat;

/// A log file that has grown over this size, in bytes, is put aside at the next start.
const LARGE: u64 = 1024 * 1024;

/// Where the log goes.
#[derive(Debug)]
pub enum Target {
    /// Standard error.
    Stderr,
    /// A file that was opened by [`open_file`].
    File(File),
}

/// Opens a log file for its owner alone, to add to it. A large one is renamed to `*.old` first.
pub fn open_file(path: &Path) -> io::Result<File> {
    if fs::metadata(path).is_ok_and(|found| found.len() > LARGE) {
        fs::rename(path, path.with_extension("log.old"))?;
    }
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

/// Starts logging for the rest of the process's life.
pub fn start(target: Target, format: LogFormat, verbose: bool) {
    let level = if verbose { LevelFilter::DEBUG } else { LevelFilter::INFO };
    let builder = tracing_subscriber::fmt().with_max_level(level).with_ansi(false).with_target(false);
    // A line that cannot be written is lost. To say so on standard error, the same full disk often,
    // would be a panic.
    let builder = builder.log_internal_errors(false);
    match (target, format) {
        (Target::Stderr, LogFormat::Text) => builder.with_writer(io::stderr).init(),
        (Target::Stderr, LogFormat::Json) => builder.json().with_writer(io::stderr).init(),
        (Target::File(file), LogFormat::Text) => builder.with_writer(Mutex::new(file)).init(),
        (Target::File(file), LogFormat::Json) => builder.json().with_writer(Mutex::new(file)).init(),
    }
}
