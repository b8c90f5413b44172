//! What each platform has another way of doing or telling. Without `unsafe`: that is the library's.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::*;
#[cfg(windows)]
pub(crate) use windows::*;

/// Whose a directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Ours alone.
    Ours,
    /// Somebody else's.
    #[cfg_attr(windows, expect(dead_code, reason = "no numbers tell there"))]
    Foreign {
        /// His user id.
        owner: u32,
        /// And ours.
        you: u32,
    },
    /// Ours, and others can reach into it.
    #[cfg_attr(windows, expect(dead_code, reason = "a directory is as open as the one that it is in"))]
    Open {
        /// Its permission bits.
        mode: u32,
    },
}

/// What is where a daemon listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listening {
    /// Nothing.
    Nobody,
    /// Something else than a socket.
    #[cfg_attr(windows, expect(dead_code, reason = "there are only pipes among the pipes"))]
    NoSocket,
    /// Somebody: this is whose it is.
    Somebody(Owner),
}
