//! What users and other programs do.

use super::ops::{Add, Begin, Day, Deed, Edit, How, Kind, Mark};
use super::oracle::Answer;
use crate::journal::disk::simulated::{Act, SimulatedDisk};
use crate::journal::{Editor, Prepare, Saved};
use crate::lease::Ending;
use ponder_proto::{
    Append, CommitPolicy, EntryName, EntryOutcome, ErrorCode, LocalTime, Mode, OperationId, Outcome,
    SessionId, Text, Token,
};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::driver::{GROUND, Outcomes, Ring, Session, name, path};

impl Ring {
    pub(super) fn append(&mut self, adds: &[Add]) -> Outcomes {
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

    pub(super) fn begin(&mut self, begin: Begin) {
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
        let granted = Token { epoch: self.boot.into(), counter: number.into() };
        let order = order(id, granted, kind, &days, None);
        let Ok(told) = self.store().prepare(&order) else { return };
        let day_of = |entry: EntryName| usize::from(entry != name(0));
        let drafts: Vec<_> =
            told.iter().map(|(draft, _)| (day_of(draft.entry), PathBuf::from(&draft.path))).collect();
        drafts.iter().for_each(|(_, path)| self.disk.watch(path));
        self.sessions.push(Session { id, token: granted, kind, drafts, is_open: true });
        self.is_quiet &= kind != Kind::InPlace;
        if opens {
            let _failed = self.store().open_entries(id);
        }
    }

    pub(super) fn session(&self, back: usize) -> Option<&Session> {
        self.sessions.iter().rev().nth(back)
    }

    pub(super) fn open_session(&self, back: usize) -> Option<(SessionId, Kind)> {
        self.session(back).filter(|session| session.is_open).map(|session| (session.id, session.kind))
    }

    /// What an editor makes of a session's drafts: one of each, with a mark for each; both `at_once`, or
    /// with something in between.
    pub(super) fn edited(&mut self, back: usize, edit: Edit, at_once: bool) -> Vec<(PathBuf, Vec<u8>)> {
        let Some(session) = self.session(back) else { return Vec::new() };
        let (both, is_open, mut edits) = (session.kind == Kind::OnExit, session.is_open, vec![edit]);
        let drafts = session.drafts.clone();
        if session.kind == Kind::InPlace {
            // Its editor writes over what it leaves as it is, too, and need not flush that.
            drafts.iter().for_each(|(day, _)| self.oracle.rewritten_soon(*day));
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

    pub(super) fn save(&mut self, back: usize, editor: Editor) -> Outcomes {
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

    pub(super) fn finish(&mut self, back: usize, how: How) -> Outcomes {
        let Some((id, kind)) = self.open_session(back) else { return Ok(()) };
        let ending = match how {
            How::Succeeded => Ending::Succeeded,
            How::Failed => Ending::Failed,
            How::Died => Ending::Died,
            How::Forced => Ending::Forced(ponder_proto::Forced::Expired),
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
    pub(super) fn told(&mut self, kind: Kind, outcomes: &[EntryOutcome]) -> Outcomes {
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
    pub(super) fn sweep(&mut self) {
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
    pub(super) fn foretell(&mut self, day: Day, deed: Deed) {
        match deed {
            Deed::Link => self.oracle.linked(day),
            Deed::Lock | Deed::Keep | Deed::KeepSecret => self.oracle.locked(day),
            Deed::Open | Deed::Close | Deed::Sync | Deed::WriteBack(_) => {}
            Deed::Rewrite(_) => self.oracle.rewritten_soon(day),
            _ => self.oracle.touched_soon(day),
        }
    }

    /// What another program does, as the entry is now.
    pub(super) fn act(&self, day: Day, deed: Deed) -> Option<Act> {
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
            Deed::Keep => Act::Keep,
            Deed::KeepSecret => Act::KeepSecret,
            Deed::Open => Act::Open,
            Deed::LateAppend(mark) => Act::LateAppend(line(mark)),
            Deed::LateOverwrite(at, mark) => Act::LateOverwrite(at, line(mark)),
            Deed::Close => Act::Close,
            Deed::Sync => Act::Sync,
            Deed::WriteBack(seed) => Act::WriteBack(seed),
            Deed::Link => Act::LinkTo(GROUND.journal.path().join(format!("second{day}.md"))),
        })
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

/// What is to be prepared for a session.
pub(super) fn order(
    session: SessionId,
    token: Token,
    kind: Kind,
    days: &[Day],
    adopt: Option<SessionId>,
) -> Prepare {
    Prepare {
        session,
        token,
        entries: days.iter().map(|day| name(*day)).collect(),
        mode: if kind == Kind::Shared { Mode::Shared } else { Mode::Exclusive },
        commit: match kind {
            Kind::OnSave | Kind::Shared => CommitPolicy::OnSave,
            Kind::OnExit => CommitPolicy::OnExit,
            Kind::InPlace => CommitPolicy::InPlace,
        },
        create: true,
        time: LocalTime::try_from("02:31:10".to_owned()).ok(),
        adopt,
    }
}
