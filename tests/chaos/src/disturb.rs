//! What befalls them: signals, daemons that end, disks that are full.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use ponder_tests::{Mount, Process, Rng, kill};
use rustix::process::Signal as Number;

use crate::clock::now;
use crate::history::{Did, Record, Signal, SignalName};
use crate::work::Stage;

/// How often somebody is disturbed, in milliseconds.
const PAUSES: [u64; 4] = [80, 150, 250, 500];
/// How long somebody is stopped: shorter than the windows of two seconds, and longer than both together.
const STOPS: [u64; 6] = [100, 300, 800, 1600, 3000, 5500];
/// The same for the daemon, for which everybody waits.
const DAEMON_STOPS: [u64; 4] = [50, 300, 1000, 3000];
/// How long a disk is full.
const FULL: [u64; 4] = [200, 700, 1500, 3000];

/// What can befall them, and how often.
#[derive(Clone, Copy, Debug)]
enum Blow {
    Kill(&'static [&'static str]),
    Stop(&'static [&'static str]),
    Restart,
    Halt,
    Full,
}
const CLIENTS: &[&str] = &["ponder"];
const WORKERS: &[&str] = &["ponder-chaos", "vim"];
const DAEMON: &[&str] = &["ponderd"];
const BLOWS: [(Blow, usize); 9] = [
    (Blow::Stop(CLIENTS), 24),
    (Blow::Stop(WORKERS), 16),
    (Blow::Kill(CLIENTS), 14),
    (Blow::Kill(WORKERS), 12),
    (Blow::Kill(DAEMON), 10),
    (Blow::Stop(DAEMON), 8),
    (Blow::Restart, 5),
    (Blow::Halt, 3),
    (Blow::Full, 4),
];

/// Who disturbs.
#[derive(Debug)]
pub(crate) struct Disturber<'a> {
    stage: &'a Stage<'a>,
    disks: &'a [(&'static str, Mount)],
    rng: Rng,
    /// Who is stopped, and until when.
    stopped: Vec<(Process, Instant)>,
    /// Which disk is full, since when in the history, and until when.
    full: Option<(usize, u64, Instant)>,
}

impl<'a> Disturber<'a> {
    pub(crate) fn new(stage: &'a Stage<'a>, disks: &'a [(&'static str, Mount)], rng: Rng) -> Self {
        Self { stage, disks, rng, stopped: Vec::new(), full: None }
    }

    /// Disturbs until it is enough, and leaves nobody stopped and no disk full.
    pub(crate) fn disturb(mut self) -> Result<()> {
        while !self.stage.is_over() {
            let pause = Duration::from_millis(*self.rng.pick(&PAUSES));
            let next = Instant::now() + pause;
            self.rest_until(next)?;
            let blow = self.choose();
            self.strike(blow)?;
        }
        let far = Instant::now() + Duration::from_secs(3600);
        self.repair(far)
    }

    /// Rests, and meanwhile ends what is over: the time of a stop is the disturbance itself.
    fn rest_until(&mut self, next: Instant) -> Result<()> {
        loop {
            let dues = self.stopped.iter().map(|(_, due)| *due).chain(self.full.map(|(_, _, due)| due));
            let due = dues.min().unwrap_or(next).min(next);
            thread::sleep(due.saturating_duration_since(Instant::now()));
            self.repair(due)?;
            if due == next {
                return Ok(());
            }
        }
    }

    /// Ends what is over by then.
    fn repair(&mut self, by: Instant) -> Result<()> {
        let (over, stopped): (Vec<_>, Vec<_>) = self.stopped.drain(..).partition(|(_, due)| *due <= by);
        self.stopped = stopped;
        for (process, _) in over {
            self.send(process, SignalName::Continue)?;
        }
        if let Some((disk, from, _)) = self.full.take_if(|(_, _, due)| *due <= by) {
            let (name, mount) = &self.disks[disk];
            mount.free();
            self.stage.recorder.note(Record::Full { disk: (*name).to_owned(), from, to: now() })?;
        }
        Ok(())
    }

    fn choose(&mut self) -> Blow {
        let mut left = self.rng.below(BLOWS.iter().map(|(_, weight)| weight).sum());
        for (blow, weight) in BLOWS {
            if left < weight {
                return blow;
            }
            left -= weight;
        }
        BLOWS[0].0
    }

    fn strike(&mut self, blow: Blow) -> Result<()> {
        match blow {
            Blow::Kill(who) => {
                let Some(victim) = self.somebody(who) else { return Ok(()) };
                self.send(victim, SignalName::Kill)
            }
            Blow::Stop(who) => {
                let times: &[u64] = if who == DAEMON { &DAEMON_STOPS } else { &STOPS };
                let time = Duration::from_millis(*self.rng.pick(times));
                let Some(victim) = self.somebody(who) else { return Ok(()) };
                if self.stopped.iter().any(|(stopped, _)| *stopped == victim) {
                    return Ok(());
                }
                self.send(victim, SignalName::Stop)?;
                self.stopped.push((victim, Instant::now() + time));
                Ok(())
            }
            Blow::Restart => self.end_daemon("restart", Did::Restart),
            Blow::Halt => self.end_daemon("stop", Did::Stop),
            Blow::Full => {
                let time = Duration::from_millis(*self.rng.pick(&FULL));
                let disk = self.rng.below(self.disks.len());
                if self.full.is_none() {
                    let from = now();
                    self.disks[disk].1.fill();
                    self.full = Some((disk, from, Instant::now() + time));
                }
                Ok(())
            }
        }
    }

    /// A daemon that is stopped cannot end: it is woken up first.
    fn end_daemon(&mut self, how: &str, did: Did) -> Result<()> {
        let stopped = std::mem::take(&mut self.stopped);
        for (process, due) in stopped {
            if process.name() == DAEMON[0] {
                self.send(process, SignalName::Continue)?;
            } else {
                self.stopped.push((process, due));
            }
        }
        self.stage.recorder.note(Record::Daemon { did, at: now() })?;
        self.stage.ponder(&["daemon", how]).map(drop)
    }

    /// Somebody who runs such a program.
    fn somebody(&mut self, programs: &[&str]) -> Option<Process> {
        let mut processes = self.stage.world.processes();
        processes.retain(|process| programs.contains(&process.name().as_str()) && process.runs());
        processes.sort_unstable_by_key(|process| process.0);
        if processes.is_empty() { None } else { Some(*self.rng.pick(&processes)) }
    }

    fn send(&self, process: Process, name: SignalName) -> Result<()> {
        let number = match name {
            SignalName::Kill => Number::KILL,
            SignalName::Stop => Number::STOP,
            SignalName::Continue => Number::CONT,
        };
        let parent = parent(process).unwrap_or(0);
        let (program, pid, at) = (process.name(), process.0, now());
        kill(process.0, number);
        self.stage.recorder.note(Record::Signal(Signal { name, program, pid, parent, at }))
    }
}

/// Whose child a process is. It may be gone by now.
fn parent(process: Process) -> Option<u32> {
    let stat = std::fs::read_to_string(process.proc("stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
