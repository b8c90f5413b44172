//! The journal's files: entries, drafts, commits, appends, kept drafts.
//!
//! One thread, the [`Writer`], does all of it, in the order it is told: it owns the journal's
//! directory and the slots. It takes [`Order`]s and answers [`Done`]s. (One thing is done beside
//! it, because it reads the whole journal and can be done without: [`link_neighbours`].) Whether somebody *may* write is not decided here but in `lease`; what is checked
//! here is that a draft belongs to a session that is open, and that its entry is still the text
//! that the draft started from.

mod append;
mod commit;
mod content;
mod directory;
mod disk;
mod draft;
mod epoch;
mod fault;
mod header;
mod links;
mod operations;
mod order;
mod recovery;
mod slot;
mod slots;
mod state;
mod store;
#[cfg(test)]
mod tests;
mod watch;
mod writer;

pub use content::Digest;
pub use disk::{Disk, RealDisk};
pub use epoch::next_epoch;
pub use fault::Fault;
pub use links::link_neighbours;
pub use order::{Done, Editor, Order, Prepare, Saved, Ticket};
pub use state::StateDir;
pub use store::Store;
pub use watch::{DraftKey, Sign, Watch};
pub use writer::Writer;
