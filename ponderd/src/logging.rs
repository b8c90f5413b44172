//! The log: what the daemon did, never a word of what anybody wrote.
//!
//! Nothing here filters text out. It is kept out at the source: the types that carry text print
//! their length ([`ponder_proto::Text`]), and no log line is given a request.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::Mutex;

use ponder_endpoint::{OwnerOnly as _, patiently_named};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::args::LogFormat;

/// A log file that has grown over this size, in bytes, is put aside at the next start.
const LARGE: u64 = 1024 * 1024;

/// Where the log goes.
#[expect(missing_debug_implementations, reason = "what writes to the systemd journal has none")]
pub enum Target {
    /// Standard error.
    Stderr,
    /// A file that was opened by [`open_file`].
    File(File),
    /// The systemd journal, with fields of their own: `PONDER_SESSION`, `PONDER_TOKEN` and so on.
    Journal(Journal),
}

/// What writes to the systemd journal.
#[cfg(target_os = "linux")]
pub type Journal = tracing_journald::Layer;
/// There is none.
#[cfg(not(target_os = "linux"))]
pub type Journal = tracing_subscriber::layer::Identity;

/// Where the log of a daemon goes that was not told otherwise: to standard error, and where that is
/// connected to the systemd journal (systemd.exec(5), `JOURNAL_STREAM`), to it directly.
pub fn standard() -> Target {
    journal().map_or(Target::Stderr, Target::Journal)
}

#[cfg(target_os = "linux")]
fn journal() -> Option<Journal> {
    use std::os::unix::fs::MetadataExt as _;
    let stream = std::env::var("JOURNAL_STREAM").ok()?;
    let stderr = File::from(std::os::fd::AsFd::as_fd(&io::stderr()).try_clone_to_owned().ok()?);
    let found = stderr.metadata().ok()?;
    if stream != format!("{}:{}", found.dev(), found.ino()) {
        return None; // inherited from somebody whose standard error it is
    }
    let layer = tracing_journald::layer().ok()?;
    Some(layer.with_field_prefix(Some("PONDER".to_owned())).with_syslog_identifier("ponderd".to_owned()))
}

#[cfg(not(target_os = "linux"))]
fn journal() -> Option<Journal> {
    None
}

/// Opens a log file for its owner alone, to add to it. A large one is renamed to `*.old` first, if it can be.
pub fn open_file(path: &Path) -> io::Result<File> {
    if fs::metadata(path).is_ok_and(|found| found.len() > LARGE) {
        // One that somebody keeps where it is grows on: that is no reason not to start.
        let _ = patiently_named(|| fs::rename(path, path.with_extension("log.old")));
    }
    OpenOptions::new().create(true).append(true).owner_only().open(path)
}

/// Starts logging for the rest of the process's life.
pub fn start(target: Target, format: LogFormat, verbose: bool) {
    let level = if verbose { LevelFilter::DEBUG } else { LevelFilter::INFO };
    let builder = tracing_subscriber::fmt().with_max_level(level).with_ansi(false).with_target(false);
    // A line that cannot be written is lost. To say so on standard error, the same full disk often,
    // would be a panic.
    let builder = builder.log_internal_errors(false);
    match (target, format) {
        (Target::Journal(journal), _) => tracing_subscriber::registry().with(level).with(journal).init(),
        (Target::Stderr, LogFormat::Text) => builder.with_writer(io::stderr).init(),
        (Target::Stderr, LogFormat::Json) => builder.json().with_writer(io::stderr).init(),
        (Target::File(file), LogFormat::Text) => builder.with_writer(Mutex::new(file)).init(),
        (Target::File(file), LogFormat::Json) => builder.json().with_writer(Mutex::new(file)).init(),
    }
}
