//! The journal's files: entries, drafts, commits, appends, merges, kept drafts.
//!
//! - `disk`: the calls by which all of it touches a disk; the real one, and in tests a simulated.
//! - `log`: the write-ahead log. `entries` and `staging`: where entries are, and new versions.
//! - `writer`: the one thread that owns the log and publishes from it.
//! - `drafts`: sessions with drafts, on threads of their own; it asks the writer to publish.
//! - `watch`: tells that a draft was saved.
//!
//! Whether somebody *may* write is decided in `lease`. What is checked here, where a commit is put
//! into the log, is that it comes under the grant that has the entry now, and that the entry is still
//! what the new version was made of.

mod content;
mod disk;
mod drafts;
mod entries;
mod epoch;
mod fault;
mod log;
mod open;
mod order;
mod staging;
mod state;
#[cfg(test)]
mod tests;
mod watch;
mod writer;

pub use content::Digest;
pub use disk::{Disk, RealDisk};
pub use drafts::{Alive, Desk, Drafts, Look, OpenSession, Returned, Witness, link_neighbours};
pub use epoch::next_epoch;
pub use fault::Fault;
pub use log::{LogError, print as print_log};
#[doc(hidden)] // for the fuzz targets
pub use log::{Reread, reread as reread_log};
pub use open::{OpenedJournal, open};
pub use order::{Done, Editor, Order, Prepare, Saved, Ticket};
pub use state::{StateDir, StateDirError};
pub use watch::{DraftKey, Sign, Watch};
pub use writer::{Appended, WriterThread};
