//! The store on a real file system.

mod appends;
mod endings;
mod fence;
mod files;
mod ring;
mod saves;
mod store;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;

use ponder_endpoint::Journal;
use ponder_proto::{
    Append, CommitPolicy, Draft, EntryName, EntryOutcome, ErrorCode, KeptReason, LocalTime, Mode,
    OperationId, Outcome, SessionId, Text, Token,
};

use std::sync::Arc;

use self::store::Store;
use super::{Appended, Digest, Editor, Prepare, RealDisk, Saved, StateDir};
use crate::lease::Ending;

const HEADER: &str = "# November 23, 2026: Monday\n\n## 02:31:10\n\n";

const NEW: Appended = Appended { repeated: false, published: true };

/// A journal and its store, with one entry in mind.
struct World {
    dir: tempfile::TempDir,
    store: Store<RealDisk>,
    operations: u8,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("journal")).unwrap();
        let store = Self::open(&dir);
        Self { dir, store, operations: 0 }
    }

    fn open(dir: &tempfile::TempDir) -> Store<RealDisk> {
        Self::open_again(dir, &[])
    }

    fn open_again(dir: &tempfile::TempDir, restored: &[SessionId]) -> Store<RealDisk> {
        let journal = Journal::open(&dir.path().join("journal")).unwrap();
        let state = StateDir::make(&dir.path().join("state/ponder/id")).unwrap();
        let restored = restored.iter().copied().collect();
        Store::open_again(&Arc::new(RealDisk), &journal, &state, "this boot", 4096, &restored).unwrap()
    }

    /// As after a crash of the daemon.
    fn reopen(&mut self) {
        self.store = Self::open(&self.dir);
    }

    /// As after a crash of the daemon, with the editor's session going on.
    fn take_up(&mut self, commit: CommitPolicy) -> PathBuf {
        self.store = Self::open_again(&self.dir, &[one()]);
        PathBuf::from(&self.adopt(1, one(), commit)[0].path)
    }

    /// Takes over the drafts of a session.
    fn adopt(&mut self, session: u8, of: SessionId, commit: CommitPolicy) -> Vec<Draft> {
        let token = Token { epoch: 1, counter: session.into() };
        let (session, entries) = (SessionId([session; 16]), vec![day()]);
        let mode = Mode::Exclusive;
        let (create, time, adopt) = (true, None, Some(of));
        let order = Prepare { session, token, entries, mode, commit, create, time, adopt };
        self.store.prepare(&order).unwrap().into_iter().map(|(draft, _)| draft).collect()
    }

    fn path(&self, entry: EntryName) -> PathBuf {
        self.dir.path().join("journal").join(entry.file_name())
    }

    fn write(&self, text: &str) {
        fs::write(self.path(day()), text).unwrap();
    }

    fn read(&self) -> String {
        fs::read_to_string(self.path(day())).unwrap()
    }

    fn prepare(
        &mut self,
        session: u8,
        entries: &[EntryName],
        commit: CommitPolicy,
        mode: Mode,
    ) -> Vec<Draft> {
        let time = LocalTime::try_from("02:31:10".to_owned()).ok();
        let token = Token { epoch: 1, counter: session.into() };
        let (session, entries) = (SessionId([session; 16]), entries.to_vec());
        let order = Prepare { session, token, entries, mode, commit, create: true, time, adopt: None };
        self.store.prepare(&order).unwrap().into_iter().map(|(draft, _)| draft).collect()
    }

    /// An editor's session on the entry; returns its draft's path.
    fn edit(&mut self) -> PathBuf {
        PathBuf::from(&self.prepare(1, &[day()], CommitPolicy::OnSave, Mode::Exclusive)[0].path)
    }

    /// Looks at the draft as often as it takes to settle.
    fn save(&mut self, editor: Editor) -> Vec<EntryOutcome> {
        let mut seen: Option<Digest> = None;
        loop {
            match self.store.save(one(), day(), seen, editor) {
                Saved::Unsettled(digest) => seen = Some(digest),
                Saved::CutShort(_) => return Vec::new(),
                Saved::Settled(outcomes) => return outcomes,
            }
        }
    }

    fn append(&mut self, text: &str) {
        self.operations += 1;
        let operation = OperationId([self.operations; 16]);
        assert_eq!(self.store.append(&append(text), operation), Ok(NEW));
    }
}

fn day() -> EntryName {
    "20261123".parse().unwrap()
}

fn other_day() -> EntryName {
    "20261122".parse().unwrap()
}

fn one() -> SessionId {
    SessionId([1; 16])
}

fn append(text: &str) -> Append {
    let time = LocalTime::try_from("02:31:10".to_owned()).ok();
    Append { entry: day(), text: Text::from(text), operation: None, time }
}

/// Why the only outcome is a kept draft.
fn kept(outcomes: &[EntryOutcome]) -> Option<KeptReason> {
    match outcomes {
        [EntryOutcome { outcome: Outcome::Kept(kept), .. }] => Some(kept.why),
        _ => None,
    }
}

fn committed(outcomes: &[EntryOutcome]) -> bool {
    matches!(outcomes, [EntryOutcome { outcome: Outcome::Committed, .. }])
}
