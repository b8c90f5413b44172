//! The directories of a journal's state, as far as a service manager needs them before the daemon runs.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use ponder_endpoint::{Journal, PrivateDirError, base_dir, private_dir, private_dirs};
use ponder_proto::shown;

use crate::exit::{Exit, Failure};
use crate::platform::sync_names;

/// The directory that holds every journal's state: a daemon in its sandbox can make a directory in it, and
/// not the one itself.
pub(super) fn base(journal: &Journal) -> Result<PathBuf, Failure> {
    let state = journal.state_dir()?;
    Ok(state.parent().unwrap_or(&state).to_owned())
}

/// Makes a state directory, or the one that holds them all, where nobody else can put another in its place.
pub(super) fn make(dir: &Path) -> Result<(), Failure> {
    let known = dir.ancestors().find(|dir| dir.exists()).unwrap_or(dir).to_owned();
    if let Some(parent) = dir.parent() {
        // In its sandbox the daemon cannot tell whose the directories above are.
        base_dir(parent, "set XDG_STATE_HOME to a directory of yours")
            .map_err(|error| refused(dir, &error))?;
        private_dirs(parent).map_err(|error| cannot_make(dir, &error))?;
    }
    private_dir(dir).map_err(|error| refused(dir, &error))?;
    // The daemon flushes the names of what it makes itself: a power cut is not to take its log with ours.
    for above in dir.ancestors().skip(1).take_while(|above| above.starts_with(&known)) {
        sync_names(above).map_err(|error| cannot_make(dir, &error))?;
    }
    Ok(())
}

fn refused(dir: &Path, error: &PrivateDirError) -> Failure {
    if error.is_not_ours_alone() {
        return Failure::new(Exit::NotYours, error.to_string());
    }
    cannot_make(dir, error)
}

fn cannot_make(dir: &Path, error: &dyn Display) -> Failure {
    Failure::new(Exit::Config, format!("cannot make {}: {error}", shown(dir)))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn what_is_made_is_as_private_as_the_daemon_wants_it() {
        let home = tempfile::tempdir().unwrap();
        let all = home.path().join("state/ponder");
        let own = all.join("0123456789abcdef");
        make(&all).unwrap();
        make(&own).unwrap();
        make(&own).unwrap();
        for dir in [&all, &own] {
            assert_eq!(fs::metadata(dir).unwrap().permissions().mode() & 0o777, 0o700, "{}", dir.display());
        }
        fs::set_permissions(&own, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(make(&own).unwrap_err().exit, Exit::NotYours);
    }
}
