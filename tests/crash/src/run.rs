//! Recordings and their images, for one file system after the other or all at once.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, bail};

use crate::args::Args;
use crate::block::{self, FileSystem};
use crate::boot::Boot;
use crate::check::Checker;
use crate::control::Server;
use crate::daemon::Home;
use crate::history::History;
use crate::plan::{Cut, cuts};
use crate::record::record;
use crate::report::{Recording, Tally};

/// The most images of one recording: then there is more to be learnt from another one.
const OF_ONE: usize = 500;

/// Worlds are made here: a socket's path has at most 107 bytes.
const PLACE: &str = "/var/tmp";

/// What they are called, with the process's number behind it.
const NAME: &str = "ponder-crash-";

/// Everything that is the same for all file systems.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    args: &'a Args,
    program: PathBuf,
    images: usize,
    interrupted: Arc<AtomicBool>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(args: &'a Args, interrupted: Arc<AtomicBool>) -> Result<Self> {
        Ok(Self { args, program: args.ponderd()?, images: args.images()?, interrupted })
    }

    /// All file systems at once: most of the time each of them waits.
    pub(crate) fn all(&self, kinds: &[FileSystem]) -> Result<Vec<(FileSystem, Tally)>> {
        sweep();
        let name = format!("{NAME}{}.", std::process::id());
        let root = tempfile::Builder::new().prefix(&name).tempdir_in(PLACE)?;
        let boot = &Boot::new(root.path())?;
        let worlds: Vec<_> = thread::scope(|scope| {
            let start = |kind: &FileSystem| {
                let (kind, dir) = (*kind, root.path().join(kind.name()));
                scope.spawn(move || Ok::<_, anyhow::Error>((kind, self.one(kind, &dir, boot)?)))
            };
            let worlds: Vec<_> = kinds.iter().map(start).collect();
            worlds.into_iter().map(thread::ScopedJoinHandle::join).collect()
        });
        let results = worlds.into_iter().zip(kinds).map(|(world, kind)| {
            world.unwrap_or_else(|_| Err(anyhow!("it panicked"))).with_context(|| kind.to_string())
        });
        results.collect()
    }

    fn home<'b>(&self, dir: &Path, boot: &'b Boot) -> Result<Home<'b>> {
        for part in [dir, &block::files(dir), &block::mountpoint(dir), &dir.join("run")] {
            DirBuilder::new().mode(0o700).recursive(true).create(part)?;
        }
        Ok(Home { program: self.program.clone(), dir: dir.to_owned(), boot })
    }

    fn one(&self, kind: FileSystem, dir: &Path, boot: &Boot) -> Result<Tally> {
        let home = self.home(dir, boot)?;
        let start = Instant::now();
        let mut tally = Tally::default();
        if let (Some((_, cut)), Some(saved)) = (self.args.only, &self.args.recording) {
            self.again(kind, cut, saved, &home, &mut tally)?;
        }
        while self.args.only.is_none() && tally.images < self.images {
            let seed = self.args.seed + tally.recordings as u64;
            let server = Server::start(&home.dir, kind.size())?;
            let history = record(&home, &server, kind, seed)?;
            let recording = Recording { kind, seed, history, kinds: server.kinds(0)? };
            let count = OF_ONE.min(self.images - tally.images);
            let wanted = cuts(&recording.history, &recording.kinds, count, seed);
            tally.recordings += 1;
            self.look(&recording, &wanted, &home, &server, &mut tally)?;
            tally.time = start.elapsed();
        }
        Ok(tally)
    }

    /// One image of a saved recording.
    fn again(
        &self,
        kind: FileSystem,
        cut: Cut,
        saved: &Path,
        home: &Home<'_>,
        tally: &mut Tally,
    ) -> Result<()> {
        let server = Server::start(&home.dir, kind.size())?;
        server.load(&saved.join("stream").canonicalize()?)?;
        let history = History::load(&saved.join("history.json"))?;
        let recording = Recording { kind, seed: self.args.seed, history, kinds: server.kinds(0)? };
        self.look(&recording, &[cut], home, &server, tally)
    }

    fn look(
        &self,
        recording: &Recording,
        wanted: &[Cut],
        home: &Home<'_>,
        server: &Server,
        tally: &mut Tally,
    ) -> Result<()> {
        let Recording { kind, history, .. } = recording;
        let (repeat, lax) = (self.args.repeat, self.args.lax_kept);
        let checker =
            Checker { home, server, kind: *kind, history, repeat, lax, keep: self.args.keep.as_deref() };
        let operations = history.end - history.start;
        println!("{kind}: {} facts in {operations} operations of the disk", history.facts.len());
        for cut in wanted {
            if self.interrupted.load(Ordering::Relaxed) {
                bail!("interrupted");
            }
            let verdict = checker.check(*cut).with_context(|| format!("power cut {cut}"))?;
            if !verdict.violations.is_empty() {
                recording.tell(*cut, &verdict, tally.failed, server, &self.args.save)?;
            }
            tally.add(&verdict);
        }
        Ok(())
    }
}

/// Removes the worlds of processes that were killed. Nothing is mounted there: that went with them.
fn sweep() {
    for item in fs::read_dir(PLACE).into_iter().flatten().flatten() {
        let name = item.file_name();
        let pid =
            name.to_str().and_then(|name| name.strip_prefix(NAME)?.split_once('.')?.0.parse::<u32>().ok());
        if pid.is_some_and(|pid| !Path::new("/proc").join(pid.to_string()).exists()) {
            let _ = fs::remove_dir_all(item.path());
        }
    }
}
