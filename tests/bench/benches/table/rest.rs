//! The daemon at rest.

use std::fs::{self, File, OpenOptions};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use ponder_proto::{Acquire, Body, CommitPolicy, Op, SessionId};

use crate::alone;
use crate::connection::{Daemon, exclusion};
use crate::stats::Row;
use crate::world::{World, run};

/// Editors that are open while nobody waits.
const OPEN: u8 = 10;

/// After some work and with nobody there: the system calls in a minute, and the memory.
pub(crate) fn at_rest(world: &World) -> Result<[Row; 2]> {
    world.start_daemon()?;
    for _ in 0..20 {
        run(&mut world.ponder(&["append", "-d", "2026-01-02", "a line"]))?;
    }
    let pid = world.daemon_pid()?;
    settle()?;
    let (seconds, calls) = (seconds(), count_calls(world, pid)?);
    let resident = resident(pid)?;
    Ok([
        alone(&format!("system calls of the daemon at rest, {seconds} s"), calls.to_string(), "0"),
        alone("the daemon's resident memory", format!("{:.1} MiB", resident / 1024.0), "≤ 6 MiB"),
    ])
}

/// With editors that are open and nobody who waits: nothing is asked, and nothing runs out.
pub(crate) fn with_open_sessions(world: &World) -> Result<[Row; 2]> {
    world.stop_daemon()?; // what was done before is not to be at rest, too
    world.start_daemon()?;
    let open: Vec<(Daemon, File)> = (1..=OPEN).map(|number| edit(world, number)).collect::<Result<_>>()?;
    let pid = world.daemon_pid()?;
    settle()?;
    // Before strace comes: with it, the kernel switches for each of its stops.
    let before = voluntary_switches(pid)?;
    run(Command::new("sleep").arg(seconds().to_string()))?;
    let switches = voluntary_switches(pid)? - before;
    let calls = count_calls(world, pid)?;
    for (mut daemon, _) in open {
        ensure!(daemon.pass_over()? == 0, "an editor at rest was told something");
    }
    world.stop_daemon()?;
    let row = |what: &str, count: u64| {
        let what = format!("{what} of the daemon with {OPEN} open editors at rest, {} s", seconds());
        alone(&what, count.to_string(), "0")
    };
    Ok([row("wake-ups", switches), row("system calls", calls as u64)])
}

/// An editor's session, as `ponder` has it: with a draft, and with its FIFO open.
fn edit(world: &World, number: u8) -> Result<(Daemon, File)> {
    let mut daemon = Daemon::connect(&world.socket()?)?;
    let session = SessionId([number; 16]);
    let entry = format!("202602{number:02}").parse()?;
    let acquire = Acquire { drafts: true, commit: CommitPolicy::OnSave, ..exclusion(session, entry) };
    daemon.send(Op::Acquire(acquire))?;
    let alive =
        daemon.hear(|body| if let Body::Granted { alive, .. } = body { Some(alive) } else { None })?;
    let alive = alive.context("it has no FIFO")?;
    // For both, so that this does not wait for the daemon to read.
    let fifo = OpenOptions::new().read(true).write(true).open(PathBuf::from(&alive))?;
    daemon.send(Op::Opened { session })?;
    daemon.hear(|body| matches!(body, Body::Opened { .. }).then_some(()))?;
    Ok((daemon, fifo))
}

/// The daemon's resident memory, in KiB.
pub(crate) fn resident(pid: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let text = field(&status, "VmRSS:").context("no VmRSS")?;
    Ok(text.trim_end_matches(" kB").parse()?)
}

/// How often a thread of a process has gone to sleep: each time it had been woken up before.
fn voluntary_switches(pid: u32) -> Result<u64> {
    let mut switches = 0;
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        let status = fs::read_to_string(thread?.path().join("status"))?;
        switches += field(&status, "voluntary_ctxt_switches:").context("no switches")?.parse::<u64>()?;
    }
    Ok(switches)
}

fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
}

/// How long it is watched.
fn seconds() -> u32 {
    std::env::var("PONDER_BENCH_REST").ok().and_then(|text| text.parse().ok()).unwrap_or(60)
}

/// The threads settle after the last client: idle ones of a pool end by themselves.
fn settle() -> Result<()> {
    run(Command::new("sleep").arg("12"))
}

/// Attaches strace(1) to all threads, and counts what it saw begin.
fn count_calls(world: &World, pid: u32) -> Result<usize> {
    let trace = world.path("trace");
    let status = Command::new("timeout")
        .args(["--signal=INT", &seconds().to_string(), "strace", "-f", "-qq", "-p", &pid.to_string(), "-o"])
        .arg(&trace)
        .stderr(Stdio::null())
        .status()
        .context("timeout(1) or strace(1) is missing")?;
    // 124: timeout ended it, as it should.
    ensure!(matches!(status.code(), Some(124 | 0)), "strace could not attach: {status}");
    let trace = fs::read_to_string(trace)?;
    // What a thread was sleeping in when strace came, and still when it went, is no call of this time.
    let asleep =
        |line: &&str| ["<unfinished", "<detached", "restart_syscall"].iter().any(|sign| line.contains(sign));
    Ok(trace.lines().filter(|line| line.contains('(') && !asleep(line)).count())
}
