//! "An editor saved": changes of drafts, as they happen.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Config, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use ponder_proto::{EntryName, SessionId};

/// A draft that was closed after writing, or renamed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Changed {
    /// Its session.
    pub session: SessionId,
    /// Its entry.
    pub entry: EntryName,
}

type Slots = Arc<Mutex<HashMap<PathBuf, Changed>>>;

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
    pub fn new(tell: impl Fn(Changed) + Send + 'static) -> notify::Result<Self> {
        let slots = Slots::default();
        let watched = Arc::clone(&slots);
        let handler = move |event: notify::Result<Event>| {
            if let Ok(event) = event {
                let slots = watched.lock().unwrap_or_else(PoisonError::into_inner);
                changed(&event, &slots).for_each(&tell);
            }
        };
        Ok(Self { watcher: RecommendedWatcher::new(handler, Config::default())?, slots })
    }

    /// Watches a slot for changes of its draft.
    ///
    /// # Errors
    /// When the system's limit of watches is reached.
    pub fn add(&mut self, slot: &Path, draft: Changed) -> notify::Result<()> {
        self.watcher.watch(slot, RecursiveMode::NonRecursive)?;
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).insert(slot.to_owned(), draft);
        Ok(())
    }

    /// Watches a session's slots no more.
    pub fn remove(&mut self, session: SessionId) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let (over, rest) = slots.drain().partition(|(_, draft)| draft.session == session);
        *slots = rest;
        drop(slots);
        let over: HashMap<PathBuf, Changed> = over;
        for slot in over.into_keys() {
            let _ = self.watcher.unwatch(&slot); // a slot that is gone is not watched any more
        }
    }
}

/// The drafts that an event is about.
fn changed<'a>(
    event: &'a Event,
    slots: &'a HashMap<PathBuf, Changed>,
) -> Box<dyn Iterator<Item = Changed> + 'a> {
    // Events were lost: any of them may have changed.
    if event.need_rescan() {
        return Box::new(slots.values().copied());
    }
    let saved = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) | EventKind::Modify(ModifyKind::Name(_)) => {
            true
        }
        // Where no close is told (kqueue), every change may be the last.
        EventKind::Modify(_) | EventKind::Create(_) => !cfg!(target_os = "linux"),
        _ => false,
    };
    let paths = if saved { event.paths.as_slice() } else { &[] };
    Box::new(paths.iter().filter_map(|path| {
        let draft = slots.get(path.parent()?)?;
        (path.file_name() == Some(OsStr::new(&draft.entry.file_name()))).then_some(*draft)
    }))
}
