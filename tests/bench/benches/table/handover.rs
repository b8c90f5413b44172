//! From a release to the next holder that runs, against flock(2).
//!
//! Two ways. Processes that live on: each asks on its connection, or sleeps in flock(2), and asks again
//! after it has had its turn. And whole commands: `ponder lease`, or flock(1), starts one when its turn
//! has come.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::ops::Range;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{sleep, spawn, yield_now};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use ponder_proto::{Body, EntryName, Op, SessionId};
use rustix::fs::{FlockOperation, flock};

use crate::connection::{Daemon, exclusion};
use crate::processes::now;
use crate::stats::{Pairs, Row, median};
use crate::world::World;

/// How many wait: few, and as many as are never seen.
const WAITING: [usize; 2] = [2, 50];

/// How long each holds it, and how long it stays away after that: what a release and a request leave to
/// be done is done before the next release, on both sides.
const HELD: Duration = Duration::from_millis(3);
const AWAY: Duration = Duration::from_millis(1);

/// How long turns are taken in one round, some hundred of them; and rounds.
const TAKING: Duration = Duration::from_millis(400);
const ROUNDS: usize = 9;

const DAY: &str = "20260110";

pub(crate) fn rows(world: &World) -> Result<Vec<Row>> {
    // On one processor, whatever the daemon does for the others the next holder waits for; on several,
    // each hand-over wakes an idle one, once for flock(2) and twice for us.
    let processes = |on: &str| -> Result<Vec<Row>> {
        world.start_daemon()?;
        WAITING.into_iter().map(|waiting| between_processes(world, waiting, on)).collect()
    };
    let mut rows = world.on_one_processor(|| processes("one processor"))?;
    rows.extend(processes("any processor")?);
    for waiting in WAITING {
        rows.push(between_commands(world, waiting)?);
    }
    world.stop_daemon()?;
    Ok(rows)
}

/// What is handed over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lease,
    Lock,
}

impl Kind {
    /// What a process has to know to ask for it: the socket, or the file.
    fn place(self, world: &World) -> Result<PathBuf> {
        match self {
            Self::Lease => world.socket(),
            Self::Lock => {
                let path = world.path("lock");
                OpenOptions::new().create(true).append(true).open(&path)?;
                Ok(path)
            }
        }
    }

    /// How many wait for it.
    fn count_waiting(self, place: &Path) -> Result<usize> {
        if self == Self::Lease {
            return Daemon::connect(place)?.count_waiting();
        }
        // proc_locks(5): those who are blocked have an arrow.
        let inode = format!(":{} ", fs::metadata(place)?.ino());
        let locks = fs::read_to_string("/proc/locks")?;
        Ok(locks.lines().filter(|line| line.contains("-> FLOCK") && line.contains(&inode)).count())
    }

    fn until_all_wait(self, place: &Path, waiting: usize) -> Result<()> {
        while self.count_waiting(place)? < waiting {
            yield_now(); // they have just been started
        }
        Ok(())
    }
}

/// One who takes turns.
enum Turns {
    Lease { daemon: Daemon, session: SessionId },
    Lock(File),
}

impl Turns {
    fn new(kind: Kind, place: &Path) -> Result<Self> {
        Ok(match kind {
            Kind::Lease => Self::Lease { daemon: Daemon::connect(place)?, session: SessionId([0; 16]) },
            Kind::Lock => Self::Lock(File::open(place)?),
        })
    }

    /// Waits for its turn.
    fn take(&mut self) -> Result<()> {
        match self {
            Self::Lock(file) => flock(file, FlockOperation::LockExclusive)?,
            Self::Lease { daemon, session } => {
                // No other process has this id, and this one no more.
                let id = now().as_nanos() << 32 | u128::from(std::process::id());
                *session = SessionId(id.to_be_bytes());
                let entry: EntryName = DAY.parse()?;
                daemon.send(Op::Acquire(exclusion(*session, entry)))?;
                daemon.hear(|body| matches!(body, Body::Granted { .. }).then_some(()))?;
            }
        }
        Ok(())
    }

    fn give(&mut self) -> Result<()> {
        match self {
            Self::Lock(file) => flock(file, FlockOperation::Unlock)?,
            Self::Lease { daemon, session } => {
                daemon.send(Op::Release { session: *session, succeeded: true })?;
                daemon.hear(|body| matches!(body, Body::Released { .. }).then_some(()))?;
            }
        }
        Ok(())
    }
}

fn between_processes(world: &World, waiting: usize, on: &str) -> Result<Row> {
    let mut pairs = Pairs::default();
    for round in 0..=ROUNDS {
        let (ours, theirs) = (turns(world, Kind::Lease, waiting)?, turns(world, Kind::Lock, waiting)?);
        if round > 0 {
            pairs.add(ours, theirs);
        }
    }
    let what = format!("hand-over to the next of {waiting} processes with open connections, on {on}");
    Ok(pairs.row(&what, "processes in `flock(2)`", "≤ 2 ×"))
}

/// Starts processes that take turns, of which so many wait at any time, and returns the median of the
/// times from one's last instruction with it to the next one's first.
fn turns(world: &World, kind: Kind, waiting: usize) -> Result<Duration> {
    let all = u32::try_from(waiting)? + 1;
    let place = kind.place(world)?;
    let mut first = Turns::new(kind, &place)?;
    first.take()?;
    let name = if kind == Kind::Lease { "lease" } else { "lock" };
    let processes = (0..all).map(|_| {
        let mut process = world.command(std::env::current_exe()?);
        process.args(["play-turns", name]).arg(&place);
        process.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()
    });
    let mut processes: Vec<Child> = processes.collect::<std::io::Result<_>>()?;
    kind.until_all_wait(&place, waiting + 1)?;
    first.give()?;
    sleep(all * (HELD + AWAY)); // each has had it once, and is warm
    let from = now();
    sleep(TAKING);
    let until = now();
    // They take no more turns when their input has ended; nobody has to wait for another to read it.
    for process in &mut processes {
        drop(process.stdin.take());
    }
    let mut stamps = Vec::new();
    for process in processes {
        let output = process.wait_with_output()?;
        ensure!(output.status.success(), "one who takes turns failed");
        stamps.extend(read_stamps(&String::from_utf8(output.stdout)?)?);
    }
    let between = hand_overs(stamps, from..until)?;
    ensure!(!between.is_empty(), "nothing was handed over");
    Ok(median(&between))
}

/// One of the processes: notes when each of its turns began and ended, and says it in the end.
pub(crate) fn play_turns(kind: &str, place: &str) -> Result<()> {
    let kind = if kind == "lease" { Kind::Lease } else { Kind::Lock };
    let mut turns = Turns::new(kind, Path::new(place))?;
    let enough = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&enough);
    spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new()); // nothing comes but its end
        told.store(true, Ordering::Relaxed);
    });
    let mut stamps = String::new();
    while !enough.load(Ordering::Relaxed) {
        turns.take()?;
        let began = now();
        sleep(HELD);
        let ended = now();
        turns.give()?;
        writeln!(stamps, "{} {}", began.as_nanos(), ended.as_nanos())?;
        sleep(AWAY);
    }
    Ok(std::io::stdout().write_all(stamps.as_bytes())?)
}

fn read_stamps(text: &str) -> Result<Vec<(Duration, Duration)>> {
    let stamp = |text: &str| -> Result<Duration> { Ok(Duration::from_nanos(text.parse()?)) };
    let line = |line: &str| -> Result<(Duration, Duration)> {
        let (began, ended) = line.split_once(' ').context("half a stamp")?;
        Ok((stamp(began)?, stamp(ended)?))
    };
    text.lines().map(line).collect()
}

/// From each end to the next beginning, as far as that is within a time.
fn hand_overs(mut stamps: Vec<(Duration, Duration)>, within: Range<Duration>) -> Result<Vec<Duration>> {
    stamps.sort_unstable();
    let mut between = Vec::new();
    for pair in stamps.windows(2) {
        let (ended, began) = (pair[0].1, pair[1].0);
        let Some(time) = began.checked_sub(ended) else { bail!("two have had it together") };
        if within.contains(&began) {
            between.push(time);
        }
    }
    Ok(between)
}

fn between_commands(world: &World, waiting: usize) -> Result<Row> {
    // What one hand-over takes differs more from the next one here.
    let rounds = if waiting > 10 { 15 } else { 60 };
    let mut pairs = Pairs::default();
    for round in 0..=rounds {
        let (ours, theirs) = (commands(world, Kind::Lease, waiting)?, commands(world, Kind::Lock, waiting)?);
        if round > 0 {
            pairs.add(ours, theirs);
        }
    }
    let what = format!("hand-over to the next of {waiting} commands under `ponder lease --no-draft`");
    Ok(pairs.row(&what, "commands under `flock FILE`", "≤ 2 ×"))
}

/// One command holds it until so many others wait. The time from its last instruction to the first one
/// of the next.
fn commands(world: &World, kind: Kind, waiting: usize) -> Result<Duration> {
    let (place, stamps) = (kind.place(world)?, world.path("stamps"));
    File::create(&stamps)?; // empty
    let command = |turn: &str| -> Result<Command> {
        let mut command = match kind {
            Kind::Lease => world.ponder(&["-q", "lease", "--no-draft", "-d", "2026-01-10", "--"]),
            Kind::Lock => world.command("flock"),
        };
        if kind == Kind::Lock {
            command.arg(&place);
        }
        command.arg(std::env::current_exe()?).args(["play-command", turn]).arg(&stamps);
        Ok(command)
    };
    let mut first = command("first")?.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    first.stdout.as_mut().context("a pipe was asked for")?.read_exact(&mut [0])?;
    let others: Vec<Child> = (0..waiting).map(|_| Ok(command("later")?.spawn()?)).collect::<Result<_>>()?;
    kind.until_all_wait(&place, waiting)?;
    drop(first.stdin.take());
    for mut one in std::iter::once(first).chain(others) {
        ensure!(one.wait()?.success(), "a command failed");
    }
    let between = hand_overs(read_stamps(&fs::read_to_string(stamps)?)?, Duration::ZERO..Duration::MAX)?;
    ensure!(between.len() == waiting, "{} hand-overs of {waiting}", between.len());
    between.first().copied().context("no hand-over")
}

/// A command that notes when it began and ended. The first one says when it runs, and goes on until
/// its input ends.
pub(crate) fn play_command(turn: &str, stamps: &str) -> Result<()> {
    let began = now();
    if turn == "first" {
        std::io::stdout().write_all(b".")?;
        std::io::stdout().flush()?;
        std::io::stdin().read_to_end(&mut Vec::new())?;
    }
    let mut stamps = OpenOptions::new().append(true).open(stamps)?;
    Ok(stamps.write_all(format!("{} {}\n", began.as_nanos(), now().as_nanos()).as_bytes())?)
}
