//! Opening a journal: its log is replayed, its slots are judged, its writer is started.

use std::collections::BTreeSet;
use std::sync::Arc;

use ponder_endpoint::Journal;
use ponder_proto::SessionId;

use super::disk::Disk;
use super::drafts::{Alive, Drafts, Slots};
use super::entries::Entries;
use super::log::{LogError, STEP};
#[cfg(test)]
use super::writer::Handle;
use super::writer::{Writer, WriterThread};
use super::{Fault, RealDisk, StateDir};

/// A journal that is in order and can be worked on.
#[derive(Debug)]
pub struct OpenedJournal {
    /// Its drafts; with them goes the way to its writer.
    pub drafts: Drafts<RealDisk>,
    /// Its writer.
    pub writer: WriterThread,
}

/// Opens a journal, and brings to its end what a dead daemon had acknowledged.
///
/// # Errors
/// When the journal, the log or the slots cannot be used.
///
/// The drafts of `restored` sessions are left as they are: they go on.
pub fn open(
    journal: &Journal,
    state: &StateDir,
    restored: &BTreeSet<SessionId>,
) -> Result<OpenedJournal, LogError> {
    let boot = ponder_endpoint::boot();
    let (entries, slots, writer) = put_in_order(&Arc::new(RealDisk), journal, state, boot, STEP)?;
    let path = journal.path().to_owned();
    // Not as of a disk: that there is no thread to spare is told in the same way as that a file is kept.
    let no_thread = |source| Fault::Disk { doing: "start the writer of", path, source };
    let (thread, writer) = WriterThread::start(writer).map_err(no_thread)?;
    let alive = Some(Alive::new(state.alive()));
    let drafts = Drafts { entries, slots, writer, alive };
    drafts.recover(restored)?;
    Ok(OpenedJournal { drafts, writer: thread })
}

/// The same on any disk, with a writer that has no thread: whoever calls it does its work.
#[cfg(test)]
pub(super) fn open_directly<D: Disk>(
    disk: &Arc<D>,
    journal: &Journal,
    state: &StateDir,
    boot: String,
    log_step: usize,
    restored: &BTreeSet<SessionId>,
) -> Result<Drafts<D>, LogError> {
    let (entries, slots, writer) = put_in_order(disk, journal, state, boot, log_step)?;
    let drafts = Drafts { entries, slots, writer: Handle::without_thread(writer), alive: None };
    drafts.recover(restored)?;
    Ok(drafts)
}

type Parts<D> = (Arc<Entries<D>>, Arc<Slots<D>>, Writer<D>);

fn put_in_order<D: Disk>(
    disk: &Arc<D>,
    journal: &Journal,
    state: &StateDir,
    boot: String,
    log_step: usize,
) -> Result<Parts<D>, LogError> {
    let entries = Arc::new(Entries::open_journal(disk, journal)?);
    let slots = Arc::new(Slots::open(disk, state.slots(), journal.path(), boot)?);
    let writer = Writer::open(&entries, &slots, state.path(), log_step)?;
    Ok((entries, slots, writer))
}
