//! The daemon at rest.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::alone;
use crate::stats::Row;
use crate::world::{World, run};

/// After some work and with nobody there: the system calls in a minute, and the memory.
pub(crate) fn at_rest(world: &World) -> Result<[Row; 2]> {
    world.start_daemon()?;
    for _ in 0..20 {
        run(&mut world.ponder(&["append", "-d", "2026-01-02", "a line"]))?;
    }
    let pid = world.daemon_pid()?;
    let seconds: u32 =
        std::env::var("PONDER_BENCH_REST").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let calls = count_calls(world, pid, seconds)?;
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let resident: f64 =
        line("VmRSS:").and_then(|text| text.split(' ').next()?.parse().ok()).context("no VmRSS")?;
    Ok([
        alone(&format!("system calls of the daemon at rest, {seconds} s"), calls.to_string(), "0"),
        alone("the daemon's resident memory", format!("{:.1} MiB", resident / 1024.0), "≤ 6 MiB"),
    ])
}

/// Attaches strace(1) to all threads, and counts what it saw begin.
fn count_calls(world: &World, pid: u32, seconds: u32) -> Result<usize> {
    let trace = world.path("trace");
    // The threads settle after the last client: idle ones of a pool end by themselves.
    run(Command::new("sleep").arg("12"))?;
    let status = Command::new("timeout")
        .args(["--signal=INT", &seconds.to_string(), "strace", "-f", "-qq", "-p", &pid.to_string(), "-o"])
        .arg(&trace)
        .stderr(Stdio::null())
        .status()
        .context("timeout(1) or strace(1) is missing")?;
    // 124: timeout ended it, as it should.
    anyhow::ensure!(matches!(status.code(), Some(124 | 0)), "strace could not attach: {status}");
    let trace = fs::read_to_string(trace)?;
    // What a thread was sleeping in when strace came, and still when it went, is no call of this time.
    let asleep =
        |line: &&str| ["<unfinished", "<detached", "restart_syscall"].iter().any(|sign| line.contains(sign));
    Ok(trace.lines().filter(|line| line.contains('(') && !asleep(line)).count())
}
