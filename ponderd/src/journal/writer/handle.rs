//! Reaching the writer: from other threads through its queue, in tests directly.

use std::fmt;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ponder_proto::{Append, OperationId};

use super::Writer;
use super::append::Answer;
use crate::journal::disk::Disk;

/// How long the writer waits after its last work before it makes a checkpoint.
const IDLE: Duration = Duration::from_secs(1);

/// After a checkpoint has failed, for how many looks of the longest kind none is tried.
const PAUSE: u32 = if cfg!(test) { 0 } else { 10 };

/// How long a group that is forming waits for one more append, if others have just come together.
const LINGER: Duration = Duration::from_micros(50);

/// The most appends that go into one flush: who came first is not to wait for ever.
const GROUP: usize = 256;

/// How often a lock or a late writer is looked after: at first, and at most.
const FIRST_LOOK: Duration = Duration::from_millis(10);
const LAST_LOOK: Duration = Duration::from_secs(1);

/// A way to the writer. Whoever has a version to publish does that on his own thread, and nobody else
/// writes meanwhile: two threads that woke each other for it would cost more than the work.
#[derive(Debug)]
pub(in crate::journal) struct Handle<D: Disk> {
    shared: Arc<Shared<D>>,
    /// Its thread's queue; none in tests.
    thread: Option<Sender<Work>>,
}

/// The writer, and the turn to have it.
#[derive(Debug)]
struct Shared<D: Disk> {
    writer: Mutex<Writer<D>>,
    /// Held while waiting for the writer: a thread that has just given it back waits behind it, and
    /// does not get it again at once.
    turn: Mutex<()>,
}

impl<D: Disk> Shared<D> {
    fn new(writer: Writer<D>) -> Arc<Self> {
        Arc::new(Self { writer: Mutex::new(writer), turn: Mutex::new(()) })
    }

    /// A panic ends the whole daemon: nobody finds a writer that somebody left half-way.
    fn lock(&self) -> MutexGuard<'_, Writer<D>> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the writer's thread is given.
pub(in crate::journal) enum Work {
    Append(Append, OperationId, Answer),
    /// There is something to look after later.
    Nudge,
}

impl<D: Disk> Clone for Handle<D> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), thread: self.thread.clone() }
    }
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Append(..) => "Append",
            Self::Nudge => "Nudge",
        })
    }
}

impl<D: Disk> Handle<D> {
    /// A writer that has no thread: what is asked of it is done by who asks.
    #[cfg(test)]
    pub(in crate::journal) fn without_thread(writer: Writer<D>) -> Self {
        Self { shared: Shared::new(writer), thread: None }
    }

    /// Does something with the writer when it is free.
    pub(in crate::journal) fn call<T>(&self, work: impl FnOnce(&mut Writer<D>) -> T) -> T {
        let mut writer = self.shared.lock();
        let result = work(&mut writer);
        if let Some(thread) = &self.thread
            && !writer.is_looked_after
            && writer.next_look(None).is_some()
        {
            writer.is_looked_after = true;
            let _ = thread.send(Work::Nudge); // at the daemon's end its thread makes a checkpoint anyway
        }
        result
    }

    /// Gives it an append; does not wait.
    pub(in crate::journal) fn append(&self, append: Append, id: OperationId, answer: Answer) {
        let Some(thread) = &self.thread else {
            return self.call(|writer| {
                writer.append(append, id, answer);
                writer.finish();
            });
        };
        if thread.send(Work::Append(append, id, answer)).is_err() {
            tracing::error!("the writer is gone; an append was not taken");
        }
    }
}

/// The writer's thread. At rest it sleeps in the kernel. A bug in it ends the whole daemon.
#[derive(Debug)]
pub struct WriterThread(JoinHandle<()>);

impl WriterThread {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system has no thread to spare.
    pub(in crate::journal) fn start<D: Disk>(writer: Writer<D>) -> std::io::Result<(Self, Handle<D>)> {
        let (sender, inbox) = channel();
        let shared = Shared::new(writer);
        let ours = Arc::clone(&shared);
        let thread = thread::Builder::new().name("writer".to_owned()).spawn(move || run(&ours, &inbox))?;
        Ok((Self(thread), Handle { shared, thread: Some(sender) }))
    }

    /// Waits until it has done all that it was told. Its handles have to be dropped first.
    pub fn join(self) {
        if self.0.join().is_err() {
            tracing::error!("the writer ended by a bug");
        }
    }
}

fn run<D: Disk>(shared: &Shared<D>, inbox: &Receiver<Work>) {
    let mut timer = Timer::new(shared.lock().next_look(None));
    let mut grouped = 0;
    loop {
        let work = match timer.rest() {
            Some(rest) => inbox.recv_timeout(rest),
            None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        let mut writer = shared.lock();
        let is_idle = work.is_err();
        match work {
            Ok(work) => {
                grouped = take_group(&mut writer, inbox, work, grouped > 1);
                writer.keep_log_small();
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        // What waits for others is looked after in time, however much there is to do.
        if is_idle || (timer.is_due() && writer.waits_for_others()) {
            timer = Timer::new(writer.look_after(timer.wait, is_idle));
        } else if !writer.waits_for_others() || timer.due.is_none() {
            timer = Timer::new(writer.next_look(None));
        }
        writer.is_looked_after = timer.due.is_some();
    }
    let mut writer = shared.lock();
    writer.look_at_all_displaced(); // those of the last commits
    if let Err(fault) = writer.checkpoint() {
        tracing::warn!(%fault, "no checkpoint could be made; the next daemon will read the log");
    }
}

/// When the writer has something to look after, if nothing comes before.
struct Timer {
    wait: Option<Duration>,
    due: Option<Instant>,
}

impl Timer {
    fn new(wait: Option<Duration>) -> Self {
        Self { wait, due: wait.map(|wait| Instant::now() + wait) }
    }

    fn rest(&self) -> Option<Duration> {
        self.due.map(|due| due.saturating_duration_since(Instant::now()))
    }

    fn is_due(&self) -> bool {
        self.due.is_some_and(|due| due <= Instant::now())
    }
}

/// Takes what has come, flushes it together, and answers. Returns how much that was.
fn take_group<D: Disk>(writer: &mut Writer<D>, inbox: &Receiver<Work>, first: Work, crowded: bool) -> usize {
    let mut next = Some(first);
    let mut taken = 0;
    while let Some(work) = next {
        taken += 1;
        match work {
            Work::Append(append, id, answer) => writer.append(append, id, answer),
            Work::Nudge => {}
        }
        next = if taken == GROUP {
            None
        } else if crowded {
            // Those whose answers have just been sent are about to come back.
            inbox.try_recv().ok().or_else(|| inbox.recv_timeout(LINGER).ok())
        } else {
            inbox.try_recv().ok()
        };
    }
    writer.finish();
    taken
}

impl<D: Disk> Writer<D> {
    /// How long to wait for work before something has to be looked after; `None` for ever.
    fn next_look(&self, last: Option<Duration>) -> Option<Duration> {
        if self.waits_for_others() {
            return Some(last.map_or(FIRST_LOOK, |last| (last * 2).min(LAST_LOOK)));
        }
        self.has_news().then_some(IDLE)
    }

    /// Whether something waits for other programs: for a lock, or for what they may still write.
    fn waits_for_others(&self) -> bool {
        self.waits() || !self.displaced.is_empty()
    }

    /// What it does when nothing came for as long as it ever waits, for tests.
    #[cfg(test)]
    pub(in crate::journal) fn idle(&mut self) {
        self.look_after(Some(LAST_LOOK), true);
    }

    /// Something is due; nothing came for a while if it is idle.
    fn look_after(&mut self, waited: Option<Duration>, is_idle: bool) -> Option<Duration> {
        let waits = self.retry_deferred();
        let watched = self.look_at_all_displaced();
        let others = waits || watched;
        let long = !others || waited.is_some_and(|waited| waited >= LAST_LOOK);
        if !(is_idle && long && self.has_news()) {
            return self.next_look(waited);
        }
        if others && self.pause > 0 {
            self.pause -= 1;
        } else if let Err(fault) = self.checkpoint() {
            self.pause = PAUSE;
            if fault.is_of_the_disk() {
                tracing::warn!(%fault, "no checkpoint could be made; it is tried again");
            } else {
                tracing::debug!(%fault, "a checkpoint waits");
            }
            if !others {
                return Some(IDLE * 10);
            }
        }
        self.next_look(waited)
    }
}
