//! The writer: the one owner of the log and of what is published from it.
//!
//! Acknowledge at the log, publish to the entry second. Appends are planned as they come, flushed
//! together, and published in the order in which they came; a commit is flushed by itself. Nothing slow
//! is done here that could be done before: versions are made and merged by who asks for them.

mod anew;
mod append;
mod checkpoint;
mod compare;
mod deferred;
mod displaced;
mod group;
mod handle;
mod history;
mod late;
mod operations;
mod over;
mod publish;
mod recovery;
mod requests;
mod restore;
mod tail;
mod undo;
mod verdict;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use ponder_proto::EntryName;

pub use append::Appended;
pub(in crate::journal) use handle::Handle;
pub use handle::WriterThread;
pub(in crate::journal) use publish::{Publication, Published, Version};
pub(in crate::journal) use tail::Seen;

use self::deferred::Deferred;
use self::displaced::Watched;
use self::group::{Group, Item};
use self::late::Unrestored;
use self::operations::Operations;
use self::tail::Tail;
use super::disk::Disk;
use super::drafts::Slots;
use super::entries::Entries;
use super::log::Log;

/// The writer's state.
#[derive(Debug)]
pub(in crate::journal) struct Writer<D: Disk> {
    entries: Arc<Entries<D>>,
    slots: Arc<Slots<D>>,
    log: Log<D>,
    operations: Operations,
    /// The entries whose drafts are open.
    tails: HashMap<EntryName, Tail>,
    /// Appends that are in the log and not flushed yet.
    pending: Vec<Group<D>>,
    /// Appends that are durable and not published: another program holds the entry's lock, or keeps it from us.
    deferred: Vec<Deferred>,
    /// Versions that were replaced and may still be written to.
    displaced: Vec<Watched<D>>,
    /// Entries that were changed since the last checkpoint.
    touched: BTreeSet<EntryName>,
    /// Its thread wakes up by itself to look after something.
    is_looked_after: bool,
    /// Files of entries whose bytes or name could not be flushed, by their inode's number. They are
    /// written anew, never flushed again.
    failed: HashSet<(EntryName, u64)>,
    /// Since a flush of a directory failed, the entries whose names were flushed after all. Any other may
    /// be one that somebody had just made, and that a power cut takes, however often that is tried.
    named: Option<HashSet<EntryName>>,
    /// How large the log may grow before a checkpoint is made in the middle of work, in bytes.
    large: usize,
    /// Appends to an entry that is being restored at this moment: they come behind all that.
    behind: Vec<Item>,
    /// Looks for which no checkpoint is tried, after one has failed.
    pause: u32,
    /// What a dead daemon had acknowledged for entries that another program keeps from us.
    unrestored: Option<Unrestored>,
}
