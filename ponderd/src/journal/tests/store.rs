//! A journal's storage in one thread: what its owner, its desk and its writer's thread put together.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::channel;

use ponder_endpoint::Journal;
use ponder_proto::{Append, Draft, EntryName, EntryOutcome, KeptDraft, OperationId, Refusal, SessionId};

use crate::journal::disk::Disk;
use crate::journal::open::open_directly;
use crate::journal::{
    Appended, Digest, Drafts, Editor, Fault, LogError, OpenSession, Prepare, Saved, StateDir,
};
use crate::lease::Ending;

pub(super) struct Store<D: Disk> {
    pub(super) drafts: Drafts<D>,
    sessions: HashMap<SessionId, OpenSession<D>>,
}

impl<D: Disk> Store<D> {
    pub(super) fn open(
        disk: &Arc<D>,
        journal: &Journal,
        state: &StateDir,
        boot: &str,
        log_step: usize,
    ) -> Result<Self, LogError> {
        Self::open_again(disk, journal, state, boot, log_step, &BTreeSet::new())
    }

    /// The same with sessions that go on.
    pub(super) fn open_again(
        disk: &Arc<D>,
        journal: &Journal,
        state: &StateDir,
        boot: &str,
        log_step: usize,
        restored: &BTreeSet<SessionId>,
    ) -> Result<Self, LogError> {
        let drafts = open_directly(disk, journal, state, boot.to_owned(), log_step, restored)?;
        Ok(Self { drafts, sessions: HashMap::new() })
    }

    pub(super) fn prepare(&mut self, order: &Prepare) -> Result<Vec<(Draft, PathBuf)>, Fault> {
        let (session, told) = self.drafts.prepare(order)?;
        self.sessions.insert(order.session, session);
        Ok(told)
    }

    pub(super) fn open_entries(&mut self, id: SessionId) -> Result<(), Fault> {
        self.sessions.get_mut(&id).map_or(Ok(()), |session| self.drafts.open_entries(session))
    }

    pub(super) fn save(
        &mut self,
        id: SessionId,
        entry: EntryName,
        seen: Option<Digest>,
        editor: Editor,
    ) -> Saved {
        let session = self.sessions.get_mut(&id).expect("an open session");
        self.drafts.save(session, entry, seen, editor)
    }

    pub(super) fn commit_now(&mut self, id: SessionId, editor: Editor) -> Vec<EntryOutcome> {
        self.drafts.commit_now(self.sessions.get_mut(&id).expect("an open session"), editor)
    }

    pub(super) fn finish(&mut self, id: SessionId, ending: Ending) -> Vec<EntryOutcome> {
        self.drafts.finish(self.sessions.remove(&id).expect("an open session"), ending)
    }

    pub(super) fn append(&mut self, append: &Append, id: OperationId) -> Result<Appended, Refusal> {
        let (answer, result) = channel();
        let answered = Box::new(move |result| answer.send(result).expect("somebody waits"));
        self.drafts.writer.append(append.clone(), id, answered);
        result.try_recv().expect("it is answered at once")
    }

    pub(super) fn list_kept(&self) -> Vec<KeptDraft> {
        self.drafts.list_kept()
    }

    pub(super) fn checkpoint(&mut self) -> Result<(), Fault> {
        self.drafts.writer.call(super::super::writer::Writer::checkpoint)
    }
}
