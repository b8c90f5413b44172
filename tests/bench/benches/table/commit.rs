//! A whole-file commit, against its bare system calls.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use ponder_proto::{Acquire, Body, Op, SessionId};
use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::connection::{Daemon, exclusion};
use crate::stats::{Pairs, Row};
use crate::world::World;

const SIZE: usize = 10 * 1024;
const ROUNDS: u32 = 200;

pub(crate) fn whole_file(world: &World) -> Result<Row> {
    world.start_daemon()?;
    let mut daemon = Daemon::connect(&world.socket()?)?;
    let session = SessionId([7; 16]);
    let acquire = Acquire { drafts: true, ..exclusion(session, "20260108".parse()?) };
    let Body::Granted { token, drafts, .. } = daemon.ask(Op::Acquire(acquire))?.0.body else {
        bail!("not granted")
    };
    let draft = PathBuf::from(&drafts.first().context("no draft")?.path);
    let bare = world.path("bare");
    fs::create_dir_all(bare.join(".side"))?;
    fs::write(bare.join("entry"), "before")?;
    let mut pairs = Pairs::default();
    for round in 0..ROUNDS {
        let text = format!("{round:08}\n").repeat(SIZE / 9);
        fs::write(&draft, &text)?;
        let start = Instant::now();
        let answer = daemon.ask(Op::Commit { session, token })?.0.body;
        let ours = start.elapsed();
        ensure!(matches!(answer, Body::Committed { .. }), "not committed: {answer:?}");
        pairs.add(ours, calls(&bare, text.as_bytes())?);
    }
    // Or the next daemon waits for this session, and ends it while it is watched at rest.
    daemon.ask(Op::Release { session, succeeded: true })?;
    world.stop_daemon()?;
    Ok(pairs.row("commit of a whole entry, 10 KB", "its bare system calls, one after the other", "≤ 1.3 ×"))
}

/// A temporary file, flushed, exchanged with the old one; that removed, both directories flushed.
fn calls(dir: &std::path::Path, text: &[u8]) -> Result<Duration> {
    let start = Instant::now();
    let (fresh, entry) = (dir.join(".side/fresh"), dir.join("entry"));
    let mut file = File::create_new(&fresh)?;
    file.write_all(text)?;
    file.sync_all()?;
    renameat_with(CWD, &fresh, CWD, &entry, RenameFlags::EXCHANGE)?;
    fs::remove_file(&fresh)?;
    File::open(dir)?.sync_all()?;
    File::open(dir.join(".side"))?.sync_all()?;
    Ok(start.elapsed())
}
