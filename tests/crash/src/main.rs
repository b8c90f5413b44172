//! Power cuts: what a disk may hold after one, for every moment at which it can come.
//!
//! A file system is made on a disk that this program serves itself and that remembers every write and
//! every flush ([`disk`]). A real daemon works on it ([`record`], [`work`]), journal and state, and
//! what it acknowledges is noted with its place among the disk's operations ([`history`]). Then, for
//! many of these places ([`plan`]), the disk is made as a power cut could have left it: what was
//! flushed is there, and of the rest some. The kernel mounts it, another daemon starts on it, and
//! the promises are put to what it shows ([`check`], [`judge`]); then once more after another start,
//! and for some after another power cut, in the middle of the recovery.

mod args;
mod block;
mod boot;
mod check;
mod client;
mod control;
mod daemon;
mod disk;
mod found;
mod history;
mod judge;
mod need;
mod parse;
mod plan;
mod record;
mod report;
mod run;
mod text;
mod work;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Result, ensure};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use self::args::{Args, Part};
use self::block::FileSystem;
use self::run::Run;

/// Something was not checked because this machine does not allow it. Nothing that was, failed.
const NOT_CHECKED: u8 = 2;

fn main() -> ExitCode {
    let args = Args::read();
    let result = match &args.part {
        Some(Part::Serve { size, dir }) => disk::serve(dir, *size).map(|()| ExitCode::SUCCESS),
        None => drive(&args),
    };
    result.unwrap_or_else(|error| {
        eprintln!("ponder-crash: {error:#}");
        ExitCode::FAILURE
    })
}

fn drive(args: &Args) -> Result<ExitCode> {
    let powers = need::missing_powers();
    if !powers.is_empty() {
        not_checked(&args.fs, &powers);
        return Ok(ExitCode::from(NOT_CHECKED));
    }
    let programs = need::missing_programs(&args.fs);
    ensure!(programs.is_empty(), "these programs have to be installed: {}", programs.join(", "));
    if !boot::is_inside() {
        return Err(boot::go_inside());
    }
    let absent = need::missing_in_kernel(&args.fs);
    if !absent.is_empty() {
        not_checked(&absent, &["a kernel that has them".to_owned()]);
    }
    let mut kinds: Vec<FileSystem> = match args.only {
        Some((kind, _)) => vec![kind],
        None => args.fs.clone(),
    };
    kinds.retain(|kind| !absent.contains(kind));

    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // The second one ends it at once; what is mounted goes all the same.
        flag::register_conditional_default(signal, interrupted.clone())?;
        flag::register(signal, interrupted.clone())?;
    }
    let tallies = Run::new(args, interrupted)?.all(&kinds)?;
    report::summary(&tallies);
    let failed = tallies.iter().any(|(_, tally)| tally.failed > 0);
    Ok(match (failed, absent.is_empty()) {
        (true, _) => ExitCode::FAILURE,
        (false, false) => ExitCode::from(NOT_CHECKED),
        (false, true) => ExitCode::SUCCESS,
    })
}

fn not_checked(kinds: &[FileSystem], missing: &[String]) {
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    eprintln!("WARNING: NOT CHECKED: what a power cut leaves on {}.", names.join(", "));
    eprintln!("WARNING: this machine lacks {}", missing.join("; "));
}
