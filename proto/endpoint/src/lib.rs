//! Where a `ponder` and its `ponderd` meet.
//!
//! Both sides have to agree, without speaking, on four things: which directory a journal is
//! ([`Journal`]), who may be its daemon ([`JournalLock`]), at which socket it listens
//! ([`socket_path`]), and how a client with another environment still finds it ([`Record`]).
//! They live in one crate so that there is one answer to each.
//!
//! The daemon and the client both use it; it spawns nothing and speaks no protocol.

mod files;
mod journal;
mod lock;
mod plain;
mod platform;
mod private;
mod process;
mod record;
mod socket;

pub use files::{patiently, patiently_named, replace};
pub use journal::{Journal, JournalError};
pub use lock::{JournalLock, LockError, StartGate};
#[cfg(unix)]
pub use plain::open_plain;
pub use plain::{PlainFileError, read_plain};
#[cfg(windows)]
pub use platform::{file_id, is_error, is_in_use, open_plain};
pub use private::{OwnerOnly, PrivateDirError, base_dir, is_private, private_dir, private_dirs};
pub use process::Process;
pub use record::{Record, RecordError, SIDE_DIR, side_dir};
pub use socket::{SocketError, connect, find_runtime_dir, runtime_dir, socket_path};
#[cfg(unix)]
pub use socket::{bind, is_named_for, remove_socket};
#[cfg(windows)]
pub use socket::{is_listening, listener_options};

/// This machine, as a short name for files in a journal that several machines share: hexadecimal,
/// from the machine's id where it has one, otherwise from its name in the network.
pub fn machine() -> String {
    short_hash(&platform::machine_id().unwrap_or_else(platform::host_name))
}

/// This boot of the machine: what was left behind by another one has no living process. Empty
/// where the platform does not tell.
pub fn boot() -> String {
    platform::boot().unwrap_or_default().trim().to_owned()
}

/// The first 64 bits of a SHA-256, hexadecimal.
fn short_hash(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a String cannot fail
        text
    })
}
