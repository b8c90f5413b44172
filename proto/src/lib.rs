//! What `ponder` and `ponderd` say to each other.
//!
//! One socket, two encodings of the same messages: length-prefixed bincode [`frame`]s for the
//! `ponder` command, JSON [`mod@line`]s for scripts. The first byte of a connection tells which
//! ([`Encoding::sniff`]). A client says [`Op::Hello`] first, then sends [`Request`]s; the daemon
//! answers with [`Message`]s, some of which arrive unasked.
//!
//! This crate does no I/O and knows no runtime: both sides feed it bytes.
//! `docs/protocol.md` has the byte tables and a recorded conversation.

#![forbid(unsafe_code)]

mod encoding;
mod entry;
mod error;
pub mod frame;
mod handshake;
mod id;
pub mod limits;
pub mod line;
mod message;
mod raw;
mod request;
mod shown;
mod status;
mod version;

pub use encoding::{Encoding, MAGIC, Unreadable};
pub use entry::{EntryName, LocalTime, NotATime, NotAnEntry};
pub use error::{ErrorCode, Refusal};
pub use handshake::{CAPABILITIES, Hello, PROTOCOL, ProtocolRange, Welcome, negotiate};
pub use id::{BadId, OperationId, SessionId, Token};
pub use message::{Body, Change, Deferred, Draft, EntryOutcome, KeptReason, Message, Outcome, Successor};
pub use raw::{RawPath, Text};
pub use request::{Acquire, Append, CommitPolicy, Holder, Mode, Op, Request, Wait};
pub use shown::{is_harmless, printable, shown};
pub use status::{By, DaemonInfo, Forced, KeptDraft, Life, Past, SessionState, StatusReport, Who};

pub use version::is_older;

#[cfg(test)]
mod golden;
