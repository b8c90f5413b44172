//! Finding a program as a shell would.

use std::ffi::OsStr;
use std::path::PathBuf;

use crate::platform;

/// The file that running `name` would execute: `name` itself if it is a path, else the first executable
/// of that name in `PATH`. On Windows also with one of the endings in `PATHEXT`.
pub fn find_program(name: &OsStr) -> Option<PathBuf> {
    platform::find_program(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_executable_files_are_programs() {
        assert!(find_program("sh".as_ref()).is_some_and(|path| path.ends_with("sh")));
        assert_eq!(find_program("/bin/sh".as_ref()), Some(PathBuf::from("/bin/sh")));
        for missing in ["no-such-program-anywhere", "/bin", "/etc/passwd", "./sh", ""] {
            assert_eq!(find_program(missing.as_ref()), None, "{missing}");
        }
    }
}
