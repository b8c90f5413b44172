//! Whole processes: what a person or a script waits for.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rustix::time::{ClockId, clock_gettime};

use crate::stats::{Pairs, Row, median, show};
use crate::world::{World, run};

const RUNS: usize = 200;
const COLD_RUNS: usize = 30;

/// `ponder lease` around nothing, against flock(1) around nothing.
pub(crate) fn lease_command(world: &World) -> Result<Row> {
    world.start_daemon()?;
    let lock = world.path("lock");
    let mut pairs = Pairs::default();
    for round in 0..RUNS + 5 {
        let ours = time(&mut world.ponder(&["lease", "--no-draft", "-d", "2026-01-01", "--", "true"]))?;
        let theirs = time(world.command("flock").arg(&lock).arg("true"))?;
        if round >= 5 {
            pairs.add(ours, theirs);
        }
    }
    Ok(pairs.row("`ponder lease --no-draft -- true`, whole process", "`flock FILE true`", "≤ 1.3 ×"))
}

pub(crate) fn time(command: &mut Command) -> Result<Duration> {
    let start = Instant::now();
    run(command)?;
    Ok(start.elapsed())
}

/// From `ponder` to the first instruction of its editor: with no daemon, and with one.
pub(crate) fn to_the_editor(world: &World) -> Result<[Row; 2]> {
    let stamp = world.path("stamp");
    let editor = std::env::current_exe()?;
    let ponder = || {
        let mut command = world.ponder(&["-q"]);
        command.env("PONDER_EDITOR", format!("'{}' play-editor", editor.display()));
        command
    };
    let bare = || {
        let mut command = world.command(&editor);
        command.arg("play-editor");
        command
    };
    let (mut cold, mut warm, mut alone, mut over) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..COLD_RUNS {
        world.stop_daemon()?;
        cold.push(until_stamp(&mut ponder(), &stamp)?);
    }
    for _ in 0..RUNS {
        let (with, without) = (until_stamp(&mut ponder(), &stamp)?, until_stamp(&mut bare(), &stamp)?);
        warm.push(with);
        alone.push(without);
        over.push(with.saturating_sub(without));
    }
    let row = |what: &str, ours: &[Duration], extra: &[Duration], goal: &str| Row {
        what: what.to_owned(),
        ours: show(median(ours)),
        against: "the bare editor".to_owned(),
        theirs: show(median(&alone)),
        ratio: format!("+ {}", show(median(extra))),
        goal: goal.to_owned(),
    };
    let cold_over: Vec<_> = cold.iter().map(|cold| cold.saturating_sub(median(&alone))).collect();
    Ok([
        row("`ponder` from no daemon to its editor", &cold, &cold_over, "≤ 20 ms"),
        row("`ponder` with a daemon to its editor", &warm, &over, "≤ 3 ms over"),
    ])
}

fn until_stamp(command: &mut Command, stamp: &Path) -> Result<Duration> {
    let start = now();
    run(command.env("PONDER_BENCH_STAMP", stamp))?;
    let stamped: u64 = fs::read_to_string(stamp)?.parse()?;
    Ok(Duration::from_nanos(stamped).saturating_sub(start))
}

/// An editor that notes when it began, and ends.
pub(crate) fn editor() -> Result<()> {
    let began = now();
    let stamp = std::env::var_os("PONDER_BENCH_STAMP").context("PONDER_BENCH_STAMP is not set")?;
    Ok(fs::write(stamp, began.as_nanos().to_string())?)
}

/// One clock for all processes.
pub(crate) fn now() -> Duration {
    let now = clock_gettime(ClockId::Monotonic);
    Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or_default())
}
