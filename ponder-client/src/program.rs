//! Finding a program as a shell would.

use std::env;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::Access;

/// The file that running `name` would execute: `name` itself if it has a slash, else the first
/// executable of that name in `PATH`.
pub fn find_program(name: &OsStr) -> Option<PathBuf> {
    if name.as_bytes().contains(&b'/') {
        return Some(PathBuf::from(name)).filter(|path| is_executable(path));
    }
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(name)).find(|path| is_executable(path))
}

fn is_executable(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, Access::EXEC_OK).is_ok()
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
