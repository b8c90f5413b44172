//! One world from its begin to its judgement.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use ponder_tests::{FileSystem, Mount, Rng, World};

use crate::args::{Args, Size};
use crate::disturb::Disturber;
use crate::history::{Record, Recorder};
use crate::judge::Judge;
use crate::report::Summary;
use crate::rest::{self, Found};
use crate::work::{self, Stage};

/// How long holders have who do not answer, or are asked for their lease.
const WINDOW: Duration = Duration::from_secs(2);
/// Room on the disks, in MiB: enough as long as nobody fills them.
const ROOM: u64 = 128;

/// Lets it happen, and judges it. Returns how many violations there were.
pub(crate) fn run(args: &Args, seed: u64, size: Size) -> Result<(Summary, usize)> {
    let world = World::with_windows(WINDOW, WINDOW);
    let disks = ["journal", "state"].map(|name| (name, world.mount_sized(FileSystem::Tmpfs, ROOM, name)));
    for dir in ["reports", "markers"] {
        fs::create_dir(world.path(dir))?;
    }
    let path = world.path("history.jsonl");
    let recorder = Recorder::new(&path)?;
    let over = AtomicBool::new(false);
    let stage = Stage {
        world: &world,
        recorder: &recorder,
        over: &over,
        size,
        start: Instant::now(),
        own: env::current_exe()?,
    };
    let found =
        live(&stage, &disks, seed).and_then(|()| Ok((rest::look(&stage)?, rest::look_again(&stage)?)));
    let time = stage.start.elapsed();
    let works = |number| work::works(&stage, number);
    let (first, second) = match found {
        Ok(found) => found,
        Err(error) => {
            let saved = save(args, seed, &world, &[])?;
            return Err(error.context(format!("what there is of it: {saved}")));
        }
    };
    let mut history: Vec<Record> = recorder.take();
    for record in &mut history {
        if let Record::Session(session) = record {
            session.works = works(session.number);
        }
    }
    let mut violations = Judge::new(&history).judge(&first);
    violations.extend(changed_at_rest(&history, &first, &second));
    let summary = Summary::new(&history, &first, time, violations.len());
    if !violations.is_empty() {
        for violation in violations.iter().take(20) {
            println!("VIOLATION: {violation}");
        }
        write_history(&path, &history)?;
        println!("{} violations; saved in {}", violations.len(), save(args, seed, &world, &violations)?);
        println!("again: PONDER_SEED={seed} cargo run -p ponder-chaos");
    }
    Ok((summary, violations.len()))
}

/// Everybody does what he does, until it is enough.
fn live(stage: &Stage<'_>, disks: &[(&'static str, Mount)], seed: u64) -> Result<()> {
    // The journal has to be there before anybody writes to it without asking.
    stage.ponder(&["daemon", "start"])?;
    thread::scope(|scope| {
        let disturber = Disturber::new(stage, disks, Rng::new(&[seed, 0]));
        let mut threads = vec![scope.spawn(|| ending(stage, disturber.disturb()))];
        for (worker, number) in (0..work::COUNT).zip(1..) {
            let rng = Rng::new(&[seed, number]);
            threads.push(scope.spawn(move || ending(stage, work::work(stage, worker, rng))));
        }
        let ended: Vec<_> = threads.into_iter().map(thread::ScopedJoinHandle::join).collect();
        ended.into_iter().try_for_each(|ended| ended.map_err(|_| anyhow!("somebody panicked; see above"))?)
    })
}

/// The first one that cannot go on ends it for all.
fn ending(stage: &Stage<'_>, result: Result<()>) -> Result<()> {
    if result.is_err() {
        stage.over.store(true, Ordering::Relaxed);
    }
    result
}

/// What the next daemon finds is what the last one left.
fn changed_at_rest(history: &[Record], first: &Found, second: &Found) -> Vec<String> {
    let mut changed = second.restless.clone();
    // A full disk may leave half of a slot, or one of which nobody can tell any more whether an editor has
    // it open. That takes room until the machine is started anew or the slot is used again, and nothing else.
    if !history.iter().any(|record| matches!(record, Record::Full { disk, .. } if disk == "state")) {
        changed.extend(second.leftovers.clone());
    }
    if first.entries != second.entries {
        changed.push("the entries are others after a restart at rest".to_owned());
    }
    if first.kept != second.kept {
        changed.push("the kept drafts are others after a restart at rest".to_owned());
    }
    changed
}

fn write_history(path: &Path, history: &[Record]) -> Result<()> {
    let lines = history.iter().map(|record| Ok(serde_json::to_string(record)? + "\n"));
    Ok(fs::write(path, lines.collect::<Result<String>>()?)?)
}

/// Copies everything to where it stays. Returns where that is.
fn save(args: &Args, seed: u64, world: &World, violations: &[String]) -> Result<String> {
    let dir = args.save.join(seed.to_string());
    fs::create_dir_all(&dir).with_context(|| dir.display().to_string())?;
    for name in ["history.jsonl", "journal", "state", "reports"] {
        let copied = Command::new("cp").arg("-a").arg(world.path(name)).arg(&dir).output()?;
        if !copied.status.success() {
            eprintln!("{}", String::from_utf8_lossy(&copied.stderr).trim_end());
        }
    }
    fs::write(dir.join("violations"), violations.join("\n") + "\n")?;
    Ok(dir.canonicalize()?.display().to_string())
}
