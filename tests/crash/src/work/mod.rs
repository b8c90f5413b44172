//! What goes on while the disk is recorded: clients that append and edit, and an outsider.

mod appender;
mod outsider;
mod session;

pub(crate) use appender::append;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread;

use anyhow::{Result, anyhow};
use ponder_tests::Rng;
use serde_json::Value;

use crate::daemon::Daemon;
use crate::history::Recorder;
use crate::text::Day;

/// Days with entries from the beginning.
pub(crate) const OLD_DAYS: [Day; 4] = [20_261_101, 20_261_102, 20_261_103, 20_261_104];
/// The day of the outsider who does not flush what he renames.
pub(crate) const RECKLESS_DAY: Day = 20_261_105;
/// How many new days each stage has.
const NEW_DAYS: u32 = 6;

/// One life of a daemon, with those who work with it.
#[derive(Debug)]
pub(crate) struct Stage<'a> {
    recorder: &'a Recorder<'a>,
    journal: PathBuf,
    socket: PathBuf,
    /// Outsiders who read, change and rename have a day to themselves: what they overwrite in
    /// between is theirs to lose, and proves nothing.
    days: BTreeMap<Day, RwLock<()>>,
    /// The daemon was killed: from here on everybody fails.
    killed: AtomicBool,
    /// How many clients still work.
    working: AtomicUsize,
}

impl<'a> Stage<'a> {
    /// The `number`th stage.
    pub(crate) fn new(recorder: &'a Recorder<'a>, journal: &Path, daemon: &Daemon, number: u32) -> Self {
        let new = (0..NEW_DAYS).map(|day| 20_270_101 + 100 * number + day);
        let days = OLD_DAYS.into_iter().chain([RECKLESS_DAY]).chain(new);
        Self {
            recorder,
            journal: journal.to_owned(),
            socket: daemon.socket().to_owned(),
            days: days.map(|day| (day, RwLock::new(()))).collect(),
            killed: AtomicBool::new(false),
            working: AtomicUsize::new(0),
        }
    }

    /// Everybody works, `amount` times; the daemon is killed after so many acknowledgements.
    pub(crate) fn play(&self, daemon: &Daemon, seed: u64, amount: usize, kill: Option<usize>) -> Result<()> {
        let clients = [appender::work, appender::work, appender::work, session::work, session::work];
        self.working.store(clients.len(), Ordering::SeqCst);
        thread::scope(|scope| {
            let mut workers = Vec::new();
            for (number, work) in clients.into_iter().enumerate() {
                let rng = Rng::new(&[seed, number as u64]);
                workers.push(scope.spawn(move || {
                    let _ends = Ends(self);
                    work(self, rng, amount)
                }));
            }
            let rng = Rng::new(&[seed, u64::MAX]);
            workers.push(scope.spawn(move || outsider::work(self, rng)));
            if let Some(count) = kill {
                self.recorder.wait_for(self.recorder.count() + count, || self.is_over());
                self.killed.store(true, Ordering::SeqCst);
                daemon.signal_kill();
            }
            let results = workers.into_iter().map(|worker| {
                worker.join().unwrap_or_else(|_| Err(anyhow!("a client of the recording panicked")))
            });
            // Joined one and all, whoever failed first.
            let results: Vec<Result<()>> = results.collect();
            results.into_iter().find(|result| result.is_err() && !self.is_killed()).unwrap_or(Ok(()))
        })
    }

    fn is_killed(&self) -> bool {
        self.killed.load(Ordering::SeqCst)
    }

    fn is_over(&self) -> bool {
        self.working.load(Ordering::SeqCst) == 0
    }

    /// A day, an old one as often as a new one.
    fn pick_day(&self, rng: &mut Rng) -> Day {
        let days: Vec<Day> = self.days.keys().copied().collect();
        if rng.chance(1, 2) { *rng.pick(&OLD_DAYS) } else { *rng.pick(&days) }
    }

    /// Held while something is asked of the daemon, until what came of it is noted.
    fn with_others(&self, day: Day) -> Option<RwLockReadGuard<'_, ()>> {
        self.days.get(&day).map(|lock| lock.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Held by an outsider who must be alone.
    fn alone(&self, day: Day) -> Option<RwLockWriteGuard<'_, ()>> {
        self.days.get(&day).map(|lock| lock.write().unwrap_or_else(PoisonError::into_inner))
    }

    fn entry(&self, day: Day) -> PathBuf {
        self.journal.join(name(day))
    }
}

/// Counts a client that has ended, however it did.
struct Ends<'a>(&'a Stage<'a>);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.working.fetch_sub(1, Ordering::SeqCst);
        self.0.recorder.wake();
    }
}

/// An entry's name.
pub(crate) fn name(day: Day) -> String {
    format!("{day}.md")
}

/// The day of an entry's name in a message.
fn day_of(entry: &Value) -> Option<Day> {
    entry.as_str()?.strip_suffix(".md")?.parse().ok()
}
