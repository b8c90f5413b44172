//! Which process holds the lock on a file (`flock(2)`), as far as the system tells.

#[cfg(target_os = "linux")]
mod linux;

use ponder_proto::printable;
use serde::Serialize;

#[cfg(target_os = "linux")]
pub(crate) use linux::of;

/// A process that holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct LockHolder {
    pid: u32,
    /// None where it has ended: then a child of it has the lock.
    #[serde(skip_serializing_if = "Option::is_none")]
    program: Option<String>,
}

/// Who holds a lock on the file at this path: nobody is found, because this system does not tell.
#[cfg(not(target_os = "linux"))]
pub(crate) fn of(_path: &std::path::Path) -> Vec<LockHolder> {
    Vec::new()
}

/// `flock (pid 4242)`, `2 programs`… or `another program`.
pub(crate) fn told(holders: &[LockHolder]) -> String {
    let one = |holder: &LockHolder| match &holder.program {
        Some(program) => format!("{} (pid {})", printable(program), holder.pid),
        None => format!("a child of pid {}, which has ended,", holder.pid),
    };
    match holders {
        [] => "another program".to_owned(),
        several => several.iter().map(one).collect::<Vec<_>>().join(" and "),
    }
}
