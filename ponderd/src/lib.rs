//! The daemon that owns a journal.
pub mod lease;
