//! "An editor saved": changes of drafts, as they happen.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use notify::event::{AccessKind, AccessMode, ModifyKind, RenameMode};
use notify::{Config, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use ponder_proto::{EntryName, SessionId};

/// A draft of an open session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DraftKey {
    /// Its session.
    pub session: SessionId,
    /// Its entry.
    pub entry: EntryName,
}

/// What somebody does to a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It is being written to: what can be read now may be half of it.
    Writing,
    /// It was closed after writing, or renamed in.
    Saved,
}

/// kqueue(2) tells of a file that it changes, and of a directory that there are other names in it; not
/// which, and nothing of the files below. So a draft is watched itself, and anew after each save.
const TELLS_FILES_ONLY: bool = cfg!(target_os = "macos");

type Slots = Arc<Mutex<HashMap<PathBuf, DraftKey>>>;

/// Watches the slots of open sessions, and nothing else: never the journal.
#[derive(Debug)]
pub struct Watch {
    watcher: RecommendedWatcher,
    slots: Slots,
}

impl Watch {
    /// Starts to watch nothing yet; `tell` is called from the watcher's own thread.
    ///
    /// # Errors
    /// When the system has no watcher to spare. Sessions then commit when they end.
    pub fn new(tell: impl Fn(DraftKey, Sign) + Send + 'static) -> notify::Result<Self> {
        let slots = Slots::default();
        let watched = Arc::clone(&slots);
        let handler = move |event: notify::Result<Event>| {
            if let Ok(event) = event {
                let slots = watched.lock().unwrap_or_else(PoisonError::into_inner);
                for (draft, sign) in signs(&event, &slots) {
                    tell(draft, sign);
                }
            }
        };
        Ok(Self { watcher: RecommendedWatcher::new(handler, Config::default())?, slots })
    }

    /// Watches a slot for changes of its draft.
    ///
    /// # Errors
    /// When the system's limit of watches is reached.
    pub fn add(&mut self, slot: &Path, draft: DraftKey) -> notify::Result<()> {
        self.watcher.watch(slot, RecursiveMode::NonRecursive)?;
        if TELLS_FILES_ONLY {
            self.watcher.watch(&slot.join(draft.entry.file_name()), RecursiveMode::NonRecursive)?;
        }
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).insert(slot.to_owned(), draft);
        Ok(())
    }

    /// Watches a draft on that was saved: it may be another file by now.
    pub fn renew(&mut self, draft: DraftKey) {
        if !TELLS_FILES_ONLY {
            return;
        }
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let of_draft = slots.iter().filter(|(_, watched)| **watched == draft);
        let paths: Vec<PathBuf> = of_draft.map(|(slot, _)| slot.join(draft.entry.file_name())).collect();
        drop(slots); // the watcher's thread may wait for it, and we for that thread
        for path in paths {
            let _ = self.watcher.unwatch(&path); // the old file is gone, or is still the one
            let _ = self.watcher.watch(&path, RecursiveMode::NonRecursive); // the slot is watched anyway
        }
    }

    /// Watches a session's slots no more.
    pub fn remove(&mut self, session: SessionId) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let (over, rest) = slots.drain().partition(|(_, draft)| draft.session == session);
        *slots = rest;
        drop(slots);
        let over: HashMap<PathBuf, DraftKey> = over;
        for (slot, draft) in over {
            if TELLS_FILES_ONLY {
                let _ = self.watcher.unwatch(&slot.join(draft.entry.file_name())); // as below
            }
            let _ = self.watcher.unwatch(&slot); // a slot that is gone is not watched any more
        }
    }
}

/// What an event says of which drafts.
fn signs(event: &Event, slots: &HashMap<PathBuf, DraftKey>) -> Vec<(DraftKey, Sign)> {
    // Events were lost: any of them may have changed.
    if event.need_rescan() {
        return slots.values().map(|draft| (*draft, Sign::Saved)).collect();
    }
    let sign = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write))
        | EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Any)) => Sign::Saved,
        EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Any) | EventKind::Create(_) => {
            // Where no close is told (kqueue), every change may be the last.
            if cfg!(target_os = "linux") { Sign::Writing } else { Sign::Saved }
        }
        EventKind::Remove(_) if TELLS_FILES_ONLY => Sign::Saved,
        _ => return Vec::new(),
    };
    let about = |path: &PathBuf| {
        // That something in a slot has another name by now is told without saying what.
        if TELLS_FILES_ONLY && let Some(draft) = slots.get(path).or_else(|| slots.get(path.parent()?)) {
            return Some((*draft, sign));
        }
        let draft = slots.get(path.parent()?)?;
        (path.file_name() == Some(OsStr::new(&draft.entry.file_name()))).then_some((*draft, sign))
    };
    event.paths.iter().filter_map(about).collect()
}
