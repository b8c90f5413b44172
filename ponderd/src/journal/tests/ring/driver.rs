//! Lets a history happen to a store on a simulated disk, and asks the oracle all the while.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};

use ponder_endpoint::Journal;
use ponder_proto::{
    Append, CommitPolicy, EntryName, EntryOutcome, ErrorCode, LocalTime, Mode, OperationId, Outcome,
    SessionId, Text, Token,
};

use super::ops::{Add, Begin, Crash, Day, Deed, Edit, How, Kind, Mark, Op};
use super::oracle::{Answer, Oracle, Places};
use crate::journal::disk::simulated::{Act, Best, Choices, Fault, Rules, Seeded, SimulatedDisk, When, Worst};
use crate::journal::tests::store::Store;
use crate::journal::{Editor, Prepare, Saved, StateDir};
use crate::lease::Ending;

/// Where the journal and its state are: real directories, that only give their names.
struct Ground {
    _dirs: [tempfile::TempDir; 2],
    journal: Journal,
    state: StateDir,
}

static GROUND: LazyLock<Ground> = LazyLock::new(|| {
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
    store: Option<Store<SimulatedDisk>>,
    pub(super) oracle: Oracle,
    boot: u32,
    sessions: Vec<Session>,
    asked: Vec<Add>,
    /// What comes when the planned end of the daemon has come.
    crash: Option<Crash>,
    /// Nothing has gone wrong, and nobody else was there.
    is_quiet: bool,
    /// How many sessions there were.
    begun: u8,
    /// The last planned end of a recovery came before that was done.
    pub(super) was_ended_again: bool,
}

struct Session {
    id: SessionId,
    kind: Kind,
    drafts: Vec<(Day, PathBuf)>,
    is_open: bool,
}

pub(super) type Outcomes = Result<(), String>;

fn name(day: Day) -> EntryName {
    ["20261123", "20261122"][day].parse().unwrap()
}

fn path(day: Day) -> PathBuf {
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

    fn open(&mut self) -> Result<(), String> {
        let boot = format!("boot {}", self.boot);
        let opened =
            Store::open(&Arc::new(self.disk.clone()), &GROUND.journal, &GROUND.state, &boot, LOG_STEP);
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

    fn perform(&mut self, op: &Op) -> Outcomes {
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
                self.disk.plan(at(*calls), *fault);
            }
            Op::Spell(from, length, failure) => {
                self.is_quiet = false;
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

    fn store(&mut self) -> &mut Store<SimulatedDisk> {
        self.store.as_mut().expect("a daemon runs")
    }

    pub(super) fn idle(&mut self) {
        self.store().drafts.writer.call(crate::journal::writer::Writer::idle);
    }

    fn append(&mut self, adds: &[Add]) -> Outcomes {
        for add in adds {
            self.oracle.asked(add.id, add.mark, add.day);
        }
        let answers = Arc::new(Mutex::new(BTreeMap::new()));
        let (asked, disk, given) = (adds.to_vec(), self.disk.clone(), Arc::clone(&answers));
        let work = move |writer: &mut crate::journal::writer::Writer<SimulatedDisk>| {
            for add in asked {
                let (disk, given) = (disk.clone(), Arc::clone(&given));
                let answer = Box::new(move |result: Result<_, ponder_proto::Refusal>| {
                    // What a dead daemon says nobody hears.
                    let heard = (!disk.is_dead()).then(|| result.map_err(|refusal| refusal.code));
                    given.lock().unwrap().insert(add.id, heard);
                });
                let mut id = [0; 16];
                id[..4].copy_from_slice(&add.id.to_le_bytes());
                writer.append(add.append(), OperationId(id), answer);
            }
            writer.finish();
        };
        self.store().drafts.writer.call(work);
        let answers = std::mem::take(&mut *answers.lock().unwrap());
        for add in adds {
            let Some(answer) = answers.get(&add.id) else {
                return Err("an append was not answered".to_owned());
            };
            let answer = match answer {
                Some(Ok(_)) => Answer::Applied,
                None | Some(Err(ErrorCode::OutcomeUnknown)) => Answer::Unknown,
                Some(Err(_)) => Answer::Refused,
            };
            if self.is_quiet && answer != Answer::Applied && !self.disk.is_dead() {
                return Err("an append was refused for nothing".to_owned());
            }
            self.oracle.answered(add.id, add.mark, add.day, answer);
        }
        Ok(())
    }

    fn begin(&mut self, begin: Begin) {
        let Begin { kind, day, opens } = begin;
        let days = if kind == Kind::OnExit { vec![0, 1] } else { vec![day] };
        let taken = |session: &Session| {
            session.is_open
                && session.kind != Kind::Shared
                && session.drafts.iter().any(|(day, _)| days.contains(day))
        };
        if kind != Kind::Shared && self.sessions.iter().any(taken) {
            return; // the lease core would let it wait
        }
        self.begun += 1;
        let number = self.begun;
        let id = SessionId([number; 16]);
        let order = Prepare {
            session: id,
            token: Token { epoch: self.boot.into(), counter: number.into() },
            entries: days.iter().map(|day| name(*day)).collect(),
            mode: if kind == Kind::Shared { Mode::Shared } else { Mode::Exclusive },
            commit: match kind {
                Kind::OnSave | Kind::Shared => CommitPolicy::OnSave,
                Kind::OnExit => CommitPolicy::OnExit,
                Kind::InPlace => CommitPolicy::InPlace,
            },
            create: true,
            time: LocalTime::try_from("02:31:10".to_owned()).ok(),
        };
        let Ok(told) = self.store().prepare(&order) else { return };
        let day_of = |entry: EntryName| usize::from(entry != name(0));
        let drafts: Vec<_> =
            told.iter().map(|(draft, _)| (day_of(draft.entry), PathBuf::from(&draft.path))).collect();
        drafts.iter().for_each(|(_, path)| self.disk.watch(path));
        self.sessions.push(Session { id, kind, drafts, is_open: true });
        self.is_quiet &= kind != Kind::InPlace;
        if opens {
            let _failed = self.store().open_entries(id);
        }
    }

    fn session(&self, back: usize) -> Option<&Session> {
        self.sessions.iter().rev().nth(back)
    }

    fn open_session(&self, back: usize) -> Option<(SessionId, Kind)> {
        self.session(back).filter(|session| session.is_open).map(|session| (session.id, session.kind))
    }

    /// What an editor makes of a session's drafts: one of each, with a mark for each; both `at_once`, or
    /// with something in between.
    fn edited(&mut self, back: usize, edit: Edit, at_once: bool) -> Vec<(PathBuf, Vec<u8>)> {
        let Some(session) = self.session(back) else { return Vec::new() };
        let (both, is_open, mut edits) = (session.kind == Kind::OnExit, session.is_open, vec![edit]);
        let drafts = session.drafts.clone();
        if session.kind == Kind::InPlace {
            drafts.iter().for_each(|(day, _)| self.oracle.touched_soon(*day));
        }
        if both && let Edit::AddLast(mark) = edit {
            let other = Mark(mark.0 + 5000);
            edits.push(Edit::AddLast(other));
            if at_once && is_open && self.oracle.touched() == 0 {
                self.oracle.together(mark, other);
            }
        }
        let texts = drafts.into_iter().zip(edits).map(|((_, path), edit)| {
            let text = edit.apply(&self.disk.visible(&path).unwrap_or_default());
            (path, text)
        });
        texts.collect()
    }

    fn save(&mut self, back: usize, editor: Editor) -> Outcomes {
        let Some((id, kind)) = self.open_session(back) else { return Ok(()) };
        if kind != Kind::OnSave {
            return Ok(());
        }
        let Some((day, _)) = self.session(back).and_then(|session| session.drafts.first().cloned()) else {
            return Ok(());
        };
        let mut seen = None;
        for _ in 0..4 {
            match self.store().save(id, name(day), seen, editor) {
                Saved::Unsettled(digest) | Saved::CutShort(digest) => seen = Some(digest),
                Saved::Settled(outcomes) => return self.told(kind, &outcomes),
            }
        }
        Ok(())
    }

    fn finish(&mut self, back: usize, how: How) -> Outcomes {
        let Some((id, kind)) = self.open_session(back) else { return Ok(()) };
        let ending = match how {
            How::Succeeded => Ending::Succeeded,
            How::Failed => Ending::Failed,
            How::Orphaned => Ending::Orphaned,
            How::Drained => Ending::Drained,
        };
        let days = self.session(back).map_or(Vec::new(), |over| over.drafts.clone());
        let outcomes = self.store().finish(id, ending);
        if kind == Kind::InPlace {
            self.settle_accounts()?;
            days.iter().for_each(|(day, _)| self.oracle.in_place_ended(*day));
        }
        self.sessions.iter_mut().filter(|session| session.id == id).for_each(|over| over.is_open = false);
        self.told(kind, &outcomes)
    }

    /// What the daemon said of drafts.
    fn told(&mut self, kind: Kind, outcomes: &[EntryOutcome]) -> Outcomes {
        self.settle_accounts()?;
        if self.disk.is_dead() || matches!(kind, Kind::InPlace | Kind::Shared) {
            return Ok(());
        }
        for EntryOutcome { entry, outcome } in outcomes {
            match outcome {
                Outcome::Committed => self.oracle.committed(usize::from(*entry != name(0))),
                Outcome::Failed(refusal) if self.is_quiet => return Err(refusal.message.clone()),
                _ => {}
            }
        }
        Ok(())
    }

    /// Somebody removes all temporary files.
    fn sweep(&mut self) {
        self.is_quiet = false;
        let side = GROUND.journal.path().join(".ponder");
        for (file, bytes) in self.disk.all_files() {
            if file.starts_with(&side) {
                self.oracle.swept(&bytes);
                let _refused = self.disk.outsider(file, Act::Delete);
            }
        }
    }

    /// What the oracle has to know of a deed before it is done.
    fn foretell(&mut self, day: Day, deed: Deed) {
        match deed {
            Deed::Link => self.oracle.linked(day),
            Deed::Lock => self.oracle.locked(day),
            Deed::Open | Deed::Close | Deed::Sync | Deed::WriteBack(_) => {}
            Deed::Rewrite(_) => self.oracle.rewritten_soon(day),
            _ => self.oracle.touched_soon(day),
        }
    }

    /// What another program does, as the entry is now.
    fn act(&self, day: Day, deed: Deed) -> Option<Act> {
        let line = |mark: Mark| format!("{}\n", mark.text()).into_bytes();
        let now = || self.disk.visible(path(day));
        Some(match deed {
            Deed::Append(mark) => Act::Append(line(mark)),
            Deed::Rewrite(edit) => Act::Rewrite(edit.apply(&now()?)),
            Deed::Replace(edit) => Act::Replace(edit.apply(&now()?)),
            Deed::Overwrite(at, mark) => Act::Overwrite(at, line(mark)),
            Deed::Truncate(length) => Act::Truncate(length.min(now()?.len())),
            Deed::Delete => Act::Delete,
            Deed::MakeDir => Act::MakeDir,
            Deed::Lock => Act::Lock,
            Deed::Open => Act::Open,
            Deed::LateAppend(mark) => Act::LateAppend(line(mark)),
            Deed::LateOverwrite(at, mark) => Act::LateOverwrite(at, line(mark)),
            Deed::Close => Act::Close,
            Deed::Sync => Act::Sync,
            Deed::WriteBack(seed) => Act::WriteBack(seed),
            Deed::Link => Act::LinkTo(GROUND.journal.path().join(format!("second{day}.md"))),
        })
    }

    /// Tells the oracle what was seen.
    fn settle_accounts(&mut self) -> Outcomes {
        for late in self.disk.take_late() {
            let day = usize::from(late.path != path(0));
            self.oracle.wrote_late(day, &late);
        }
        let touched = self.oracle.touched();
        for change in self.disk.take_changes() {
            if let Some(day) = (0..2).find(|day| change.path == path(*day)) {
                self.oracle.entry_changed(day, &change)?;
            } else {
                let day = usize::from(change.path.file_name() != path(0).file_name());
                self.oracle.draft_changed(day, &change);
            }
        }
        if self.oracle.touched() != touched {
            self.oracle.forget_pairs();
        }
        Ok(())
    }

    /// The daemon ends, and another one comes.
    pub(super) fn restart(&mut self, crash: &Crash) -> Outcomes {
        self.crash = None;
        self.settle_accounts()?;
        self.fall(crash);
        for calls in &crash.again {
            self.stop_at(*calls);
            self.try_to_open()?;
            self.was_ended_again = self.disk.is_dead();
            self.fall(crash);
        }
        if let Some((calls, fault)) = crash.fault {
            self.is_quiet = false;
            let now = self.disk.count();
            self.disk.plan(When::Call(now.changes + now.reads + calls), fault);
            if self.try_to_open()? {
                self.disk.forget_plan();
                return self.settle_accounts();
            }
            self.fall(crash);
        }
        self.open().map_err(|error| format!("it does not start: {error}"))?;
        self.settle_accounts()?;
        self.oracle.is_in_order();
        self.check()
    }

    fn try_to_open(&mut self) -> Result<bool, String> {
        let opened = self.open().is_ok();
        self.settle_accounts()?;
        Ok(opened && !self.disk.is_dead())
    }

    fn fall(&mut self, crash: &Crash) {
        self.store = None;
        self.disk.forget_plan();
        self.sessions.iter_mut().for_each(|session| session.is_open = false);
        if crash.power.is_some() || crash.reboot {
            self.sessions.clear(); // no editor is left, either
        }
        match crash.power {
            Some(seed) => {
                match seed {
                    0 => self.disk.power_cut(&mut Worst),
                    1 => self.disk.power_cut(&mut Best),
                    seed => self.disk.power_cut(&mut Seeded(seed)),
                }
                self.oracle.power_cut();
                self.boot += 1;
            }
            None if crash.reboot => {
                // All that is dirty is written, and nothing else is in memory afterwards.
                self.disk.power_cut(&mut Best);
                self.oracle.rebooted();
                self.boot += 1;
            }
            None => self.disk.kill(),
        }
    }

    /// Everything is in order again: what was to be done is done, and all is where it belongs.
    pub(super) fn conclude(&mut self, seed: u64) -> Outcomes {
        if self.disk.is_dead() {
            self.restart(&Crash::KILL)?;
        }
        self.disk.forget_plan();
        for day in 0..2 {
            while self.disk.outsider(path(day), Act::Close).is_ok() {}
        }
        self.settle_accounts()?;
        (0..3).for_each(|_| self.idle());
        self.settle_accounts()?;
        self.check()?;
        if seed.is_multiple_of(4) {
            self.store().checkpoint().map_err(|fault| format!("no checkpoint: {fault}"))?;
            self.oracle.is_in_order();
        }
        let power = (seed % 4 < 3).then_some(seed);
        self.restart(&Crash { power, reboot: false, again: Vec::new(), within: None, fault: None })?;
        (0..2).for_each(|_| self.idle());
        self.settle_accounts()?;
        self.check_with(false)?;
        self.takes_appends()
    }

    /// Service goes on.
    fn takes_appends(&mut self) -> Outcomes {
        for day in 0..2 {
            if self.disk.visible(path(day)).is_none() && self.disk.attributes(path(day)).is_some() {
                continue; // a directory
            }
            let mark = Mark(9000 + u32::try_from(day).unwrap());
            let add = Add { day, mark, id: mark.0, ended: true };
            self.is_quiet = true;
            self.append(&[add])?;
            self.settle_accounts()?;
        }
        self.check_with(false)
    }

    pub(super) fn check(&self) -> Outcomes {
        if self.disk.retried_flushes() > 0 {
            return Err("a file was flushed again after a flush of it had failed".to_owned());
        }
        if self.disk.trespasses() > 0 {
            return Err("a file was written to or replaced that somebody had locked".to_owned());
        }
        self.check_with(true)
    }

    /// `watched`: versions that were replaced count, too.
    fn check_with(&self, watched: bool) -> Outcomes {
        let mut places = Places::default();
        let journal = GROUND.journal.path();
        let kept: Vec<PathBuf> = match &self.store {
            Some(store) if !watched => {
                store.list_kept().into_iter().map(|kept| PathBuf::from(&kept.path)).collect()
            }
            _ => Vec::new(),
        };
        for (file, bytes) in self.disk.all_files() {
            let (marks, _) = Mark::all_in(&bytes);
            if let Some(day) = (0..2).find(|day| file == path(*day)) {
                places.entries[day] = Some(marks);
                continue;
            }
            let is_base = file.extension().is_some_and(|extension| extension == "base");
            let is_side = file.starts_with(journal.join(".ponder"));
            let is_draft = file.starts_with(GROUND.state.slots()) && !is_base;
            let is_kept = kept.iter().any(|path| file.starts_with(path));
            if watched && (is_side || is_draft) || is_kept {
                places.elsewhere.extend(marks);
            }
        }
        for day in 0..2 {
            if places.entries[day].is_none() && self.disk.attributes(path(day)).is_none() {
                places.entries[day] = Some(Vec::new());
            }
        }
        if let Some(store) = self.store.as_ref().filter(|_| !self.disk.is_dead()) {
            for deferred in store.drafts.list_deferred() {
                let (marks, _) = Mark::all_in(&deferred.text.0);
                places.deferred[usize::from(deferred.entry != name(0))].extend(marks);
            }
        }
        self.oracle.check(&places)
    }
}

impl Add {
    fn append(self) -> Append {
        let end = if self.ended { "\n" } else { "" };
        let text = format!("{}{end}", self.mark.text());
        let time = LocalTime::try_from("02:31:10".to_owned()).ok();
        Append { entry: name(self.day), text: Text::from(&*text), operation: None, time }
    }
}
