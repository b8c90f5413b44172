//! Bounds on what one peer may ask of the other. Past a bound the answer is an error, at once.

/// The most bytes one frame's payload or one JSON line may have, line feed not counted.
///
/// Room for [`TEXT`] even when JSON has to escape a good part of it.
pub const MESSAGE: usize = 8 * 1024 * 1024;

/// The most bytes of text one append may carry.
pub const TEXT: usize = 4 * 1024 * 1024;

/// The most bytes the first message of a connection may have: a stranger gets little memory.
pub const FIRST_MESSAGE: usize = 16 * 1024;

/// The most entries one session may ask for. A year of days and a leap day fit.
pub const ENTRIES: usize = 366;

/// The most bytes of a holder's program, terminal or purpose that are kept; longer ones are cut.
pub const HOLDER_TEXT: usize = 256;

/// Sessions (granted and waiting) that one connection may have at once.
pub const SESSIONS_PER_CONNECTION: usize = 64;

/// Sessions (granted and waiting) in the whole daemon.
pub const SESSIONS: usize = 16_384;

/// Connections at once.
pub const CONNECTIONS: usize = 16_384;

/// Messages that may wait for a client that reads slowly; one more and it is cut off.
pub const OUTBOX: usize = 1024;
