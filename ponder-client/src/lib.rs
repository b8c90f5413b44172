//! The thin client of `ponderd`: blocking, without a runtime, because it runs once per thought.
//!
//! An [`Endpoint`] is where a journal's daemon is found, and started if there is none. What is
//! asked there gives a [`Connection`], which carries [`ponder_proto`]'s messages in frames.
//!
//! ```no_run
//! use ponder_client::{Endpoint, StartOptions};
//! use ponder_proto::{Append, Body, Op, Text};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let journal = ponder_endpoint::Journal::open("/home/ada/journal".as_ref())?;
//! let append = Append {
//!     entry: "20261123".parse()?,
//!     text: Text::from("a thought"),
//!     operation: Some(ponder_client::new_operation()?),
//!     time: None,
//! };
//! let endpoint = Endpoint::of(journal)?;
//! let (_connection, answer) = endpoint.begin(&Op::Append(append), &StartOptions::default())?;
//! assert!(matches!(answer.body, Body::Appended { .. }));
//! # Ok(())
//! # }
//! ```

mod ask;
mod autostart;
mod connection;
mod endpoint;
mod error;
mod glance;
mod platform;
mod program;
mod upgrade;

use std::io;

use ponder_proto::{OperationId, SessionId};

pub use autostart::{StartOptions, daemon_program};
pub use connection::{Connection, ConnectionError};
pub use endpoint::Endpoint;
pub use error::Error;
#[cfg(windows)]
pub use platform::{Console, Event, file_system_name, keep_standard_handles, shows_colours, wait_for_any};
pub use program::find_program;
pub use upgrade::OlderDaemon;

/// A session id that nobody else has.
pub fn new_session() -> io::Result<SessionId> {
    random().map(SessionId)
}

/// An operation id that nobody else has.
pub fn new_operation() -> io::Result<OperationId> {
    random().map(OperationId)
}

fn random() -> io::Result<[u8; 16]> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}
