//! The epoch of fencing tokens: made durable once, when the daemon starts.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use ponder_endpoint::{patiently, patiently_named};

use super::Fault;
use crate::platform::sync_names;

/// Takes the next epoch and makes it durable before it is used.
///
/// It is the larger of the stored one plus one and the seconds since 1970: a state directory that
/// was lost or restored from a backup does not make tokens go back.
///
/// # Errors
/// [`Fault::Disk`]: without a durable epoch no lease may be granted, so the daemon does not start.
pub fn next_epoch(state: &Path) -> Result<u64, Fault> {
    let path = state.join("epoch");
    let stored = match fs::read_to_string(&path) {
        Ok(text) => text.trim().parse::<u64>().unwrap_or(0),
        Err(_) => 0,
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let epoch = now.max(stored.saturating_add(1));

    let fresh = path.with_extension("new");
    let write = || {
        let mut file = patiently(|| File::create(&fresh))?;
        writeln!(file, "{epoch}")?;
        file.sync_all()?;
        patiently_named(|| fs::rename(&fresh, &path))?;
        sync_names(state)
    };
    write().map_err(Fault::at("store the epoch in", &path))?;
    Ok(epoch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rises_with_every_start_whatever_is_stored() {
        let dir = tempfile::tempdir().unwrap();
        let first = next_epoch(dir.path()).unwrap();
        let second = next_epoch(dir.path()).unwrap();
        assert!(second > first);
        fs::write(dir.path().join("epoch"), "99999999999\n").unwrap();
        assert_eq!(next_epoch(dir.path()).unwrap(), 100_000_000_000, "a clock that was set back");
        fs::write(dir.path().join("epoch"), "garbage").unwrap();
        assert!(next_epoch(dir.path()).unwrap() >= first, "a damaged file: the clock");
    }
}
