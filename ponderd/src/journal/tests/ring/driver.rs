//! Lets a history happen to a store on a simulated disk, and asks the oracle all the while.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use ponder_endpoint::Journal;
use ponder_proto::{EntryName, SessionId, Token};

use super::ops::{Add, Crash, Day, Kind, Op};
use super::oracle::Oracle;
use crate::journal::disk::simulated::{Act, Choices, Fault, Rules, Seeded, SimulatedDisk, When};
use crate::journal::tests::store::Store;
use crate::journal::{Editor, StateDir};

/// Where the journal and its state are: real directories, that only give their names.
pub(super) struct Ground {
    _dirs: [tempfile::TempDir; 2],
    pub(super) journal: Journal,
    pub(super) state: StateDir,
}

pub(super) static GROUND: LazyLock<Ground> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("j")).unwrap();
    let journal = Journal::open(&dir.path().join("j")).unwrap();
    // On another file system, as far as the simulation goes: under another top directory.
    let state_dir = tempfile::tempdir_in("/var/tmp").unwrap();
    let state = StateDir::make(&state_dir.path().join("s/ponder/id")).unwrap();
    Ground { _dirs: [dir, state_dir], journal, state }
});

/// Small, so that it is torn and grows.
const LOG_STEP: usize = 1024;

pub(super) struct Ring {
    pub(super) disk: SimulatedDisk,
    pub(super) store: Option<Store<SimulatedDisk>>,
    pub(super) oracle: Oracle,
    pub(super) boot: u32,
    pub(super) sessions: Vec<Session>,
    pub(super) asked: Vec<Add>,
    /// What comes when the planned end of the daemon has come.
    pub(super) crash: Option<Crash>,
    /// Nothing has gone wrong, and nobody else was there.
    pub(super) is_quiet: bool,
    /// How many sessions there were.
    pub(super) begun: u8,
    /// The last planned end of a recovery came before that was done.
    pub(super) was_ended_again: bool,
}

pub(super) struct Session {
    pub(super) id: SessionId,
    pub(super) token: Token,
    pub(super) kind: Kind,
    pub(super) drafts: Vec<(Day, PathBuf)>,
    pub(super) is_open: bool,
}

pub(super) type Outcomes = Result<(), String>;

pub(super) fn name(day: Day) -> EntryName {
    ["20261123", "20261122"][day].parse().unwrap()
}

pub(super) fn path(day: Day) -> PathBuf {
    GROUND.journal.entry_path(name(day))
}

impl Ring {
    pub(super) fn new(trace: usize) -> Result<Self, String> {
        let rules = Rules { trace, ..Rules::default() };
        let directories = [GROUND.journal.path().to_owned(), GROUND.state.slots()];
        let directories = directories.each_ref().map(|dir| dir.to_str().unwrap());
        let disk = SimulatedDisk::with(rules, &directories);
        (0..2).for_each(|day| disk.watch(path(day)));
        let mut ring = Self {
            disk,
            store: None,
            oracle: Oracle::default(),
            boot: 0,
            sessions: Vec::new(),
            asked: Vec::new(),
            crash: None,
            is_quiet: true,
            begun: 0,
            was_ended_again: false,
        };
        ring.open()?;
        Ok(ring)
    }

    /// Another ring that is as this one, whose daemon was just stopped.
    pub(super) fn fork(&self) -> Self {
        Self {
            disk: self.disk.fork(),
            store: None,
            oracle: self.oracle.clone(),
            boot: self.boot,
            sessions: Vec::new(),
            asked: self.asked.clone(),
            crash: None,
            is_quiet: self.is_quiet,
            begun: self.begun,
            was_ended_again: false,
        }
    }

    pub(super) fn open(&mut self) -> Result<(), String> {
        let boot = format!("boot {}", self.boot);
        let going_on = self.sessions.iter().filter(|session| session.is_open).map(|session| session.id);
        let (disk, going_on) = (Arc::new(self.disk.clone()), going_on.collect());
        let opened = Store::open(&disk, &GROUND.journal, &GROUND.state, &boot, LOG_STEP, &going_on);
        // Who starts waits for nobody's lock: what a dead daemon had begun is brought to its end.
        self.disk.forgive_trespasses();
        self.store = Some(opened.map_err(|error| error.to_string())?);
        Ok(())
    }

    /// One thing happens. Whatever it was, the promises hold.
    pub(super) fn step(&mut self, op: &Op) -> Outcomes {
        self.perform(op)?;
        self.settle_accounts()?;
        if self.disk.is_dead() {
            let crash = self.crash.take().unwrap_or(Crash::KILL);
            self.restart(&crash)?;
        }
        self.check()
    }

    /// As `step`, but what comes after the daemon's end is left to the caller.
    pub(super) fn perform_and_settle(&mut self, op: &Op) -> Outcomes {
        self.perform(op)?;
        self.settle_accounts()
    }

    /// The daemon ends at a later call.
    pub(super) fn stop_at(&self, calls: u64) {
        let now = self.disk.count();
        self.disk.plan(When::Call(now.changes + now.reads + calls), Fault::Stop);
    }

    /// The power is cut, and another daemon comes.
    pub(super) fn power_cut(&mut self, choices: &mut dyn Choices) -> Outcomes {
        self.store = None;
        self.disk.forget_plan();
        self.disk.power_cut(choices);
        self.oracle.power_cut();
        self.boot += 1;
        self.open()?;
        self.settle_accounts()?;
        self.check()
    }

    pub(super) fn perform(&mut self, op: &Op) -> Outcomes {
        let now = self.disk.count();
        let at = |calls: u64| When::Call(now.changes + now.reads + calls);
        match op {
            Op::Append(adds) => {
                self.asked.extend(adds);
                self.append(adds)?;
            }
            Op::Repeat(back) => {
                let add = self.asked.iter().rev().nth(*back).copied();
                self.append(add.as_slice())?;
            }
            Op::Begin(begin) => self.begin(*begin),
            Op::Edit { session, edit, rename } => {
                for (path, text) in self.edited(*session, *edit, true) {
                    let act = if *rename { Act::Replace(text) } else { Act::Rewrite(text) };
                    let _refused = self.disk.outsider(path, act);
                }
            }
            Op::EditAt(calls, session, edit) => {
                for (path, text) in self.edited(*session, *edit, false) {
                    self.disk.plan_outsider(at(*calls), path, Act::Rewrite(text));
                }
            }
            Op::Save { session, editor_lives } => {
                let editor = if *editor_lives { Editor::Alive } else { Editor::PerhapsDead };
                self.save(*session, editor)?;
            }
            Op::CommitNow { session } => {
                if let Some((id, kind)) = self.open_session(*session)
                    && kind != Kind::InPlace
                {
                    let outcomes = self.store().commit_now(id, Editor::Alive);
                    self.told(kind, &outcomes)?;
                }
            }
            Op::Finish { session, how } => self.finish(*session, *how)?,
            Op::Checkpoint => {
                let done = self.store().checkpoint();
                if done.is_ok() && !self.disk.is_dead() {
                    self.settle_accounts()?;
                    self.oracle.is_in_order();
                }
            }
            Op::Idle => self.idle(),
            Op::Outsider(day, deed) => {
                self.is_quiet = false;
                self.foretell(*day, *deed);
                if let Some(act) = self.act(*day, *deed) {
                    let _refused = self.disk.outsider(path(*day), act);
                }
            }
            Op::OutsiderAt(calls, day, deed) => {
                self.is_quiet = false;
                self.foretell(*day, *deed);
                if let Some(act) = self.act(*day, *deed) {
                    self.disk.plan_outsider(at(*calls), path(*day), act);
                }
            }
            Op::Sweep => self.sweep(),
            Op::Tick(time) => self.disk.advance(*time),
            Op::FaultAt(calls, fault) => {
                self.is_quiet = false;
                self.oracle.trouble(true);
                self.disk.plan(at(*calls), *fault);
            }
            Op::Spell(from, length, failure) => {
                self.is_quiet = false;
                self.oracle.trouble(true);
                self.disk.plan_spell(now.changes + from..now.changes + from + length, *failure);
            }
            Op::Evict => self.disk.evict(),
            Op::WriteBack(seed) => self.disk.write_back(&mut Seeded(*seed)),
            Op::Crash(crash) => self.restart(crash)?,
            Op::CrashAt(calls, crash) if self.crash.is_none() => {
                let fault = crash.within.map_or(Fault::Stop, Fault::StopWithin);
                self.disk.plan(at(*calls), fault);
                self.crash = Some(crash.clone());
            }
            Op::CrashAt(..) => {}
        }
        Ok(())
    }

    pub(super) fn store(&mut self) -> &mut Store<SimulatedDisk> {
        self.store.as_mut().expect("a daemon runs")
    }

    pub(super) fn idle(&mut self) {
        self.store().drafts.writer.call(crate::journal::writer::Writer::idle);
    }
}
