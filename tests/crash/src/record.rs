//! A recording: a file system, a daemon on it that is stopped, killed and started again, and those
//! who work with it.

use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::block::{self, FileSystem, Loop, Mount};
use crate::control::Server;
use crate::daemon::Home;
use crate::disk::{self, Kind as Op};
use crate::history::{Fact, History, Recorder};
use crate::text::Kind;
use crate::work::{OLD_DAYS, RECKLESS_DAY, Stage, name};

/// Records one.
pub(crate) fn record(home: &Home<'_>, server: &Server, kind: FileSystem, seed: u64) -> Result<History> {
    let device = Loop::attach(&block::files(&home.dir).join(disk::DISK))?;
    ensure!(device.is_direct()?, "the loop device does not go past the page cache");
    device.make(kind)?;
    let mounted = Mount::new(&device, kind, &block::mountpoint(&home.dir))?;
    is_exact(server, &block::mountpoint(&home.dir))?;
    let recorder = Recorder::new(server);
    furnish(home, &recorder)?;
    recorder.begin()?;

    let journal = home.journal();
    let daemon = home.start()?;
    Stage::new(&recorder, &journal, &daemon, 0).play(&daemon, seed, 12, None)?;
    daemon.stop()?;
    let daemon = home.start()?;
    Stage::new(&recorder, &journal, &daemon, 1).play(&daemon, seed + 1, 12, Some(50))?;
    daemon.kill()?;
    let daemon = home.start()?;
    Stage::new(&recorder, &journal, &daemon, 2).play(&daemon, seed + 2, 4, None)?;
    let history = recorder.finish()?;
    daemon.kill()?;
    mounted.unmount()?;
    Ok(history)
}

/// The recording sees what happens: an fsync of a file is a flush, after the bytes.
fn is_exact(server: &Server, at: &Path) -> Result<()> {
    let before = server.position()?;
    let path = at.join("exact");
    fs::write(&path, vec![b'x'; 100_000])?;
    File::open(&path)?.sync_all()?;
    let kinds = server.kinds(before)?;
    let flush = kinds.iter().position(|op| *op == Op::Flush).context("an fsync flushed nothing")?;
    let written = kinds[..flush].iter().map(|op| match op {
        Op::Write(_, length) => *length,
        Op::Flush => 0,
    });
    ensure!(written.sum::<usize>() >= 100_000, "an fsync flushed before the bytes were written: {kinds:?}");
    fs::remove_file(path)?;
    Ok(())
}

/// Entries that have been there for long.
fn furnish(home: &Home<'_>, recorder: &Recorder<'_>) -> Result<()> {
    let private = |path: &Path| {
        fs::create_dir(path)?;
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))
    };
    private(&home.journal())?;
    private(&home.state())?;
    for day in OLD_DAYS.into_iter().chain([RECKLESS_DAY]) {
        let block = recorder.block(Kind::Version, day, 3_000, 0);
        fs::write(home.journal().join(name(day)), block.text().as_bytes())?;
        recorder.note(Fact::There(block.number))?;
    }
    rustix::fs::syncfs(File::open(home.journal())?)?;
    Ok(())
}
