//! Windows.

#![expect(unsafe_code, reason = "waiting for several things, and the console, have no safe form")]

mod console;
mod volume;
mod wait;
mod wire;

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

pub use console::{Console, keep_standard_handles, shows_colours};
pub use volume::file_system_name;
pub use wait::{Event, wait_for_any};
pub(crate) use wire::Wire;

/// The endings of programs, where the environment does not say.
const ENDINGS: &str = ".COM;.EXE;.BAT;.CMD";

/// A name with a separator is a path. One without a program's ending gets each of them in turn.
pub(crate) fn find_program(name: &OsStr) -> Option<PathBuf> {
    let given = Path::new(name);
    let named = env::var("PATHEXT").unwrap_or_else(|_| ENDINGS.to_owned());
    let endings: Vec<&str> = named.split(';').filter(|ending| !ending.is_empty()).collect();
    if given.components().count() > 1 {
        return with_ending(given, &endings);
    }
    let path = env::var_os("PATH")?;
    env::split_paths(&path).find_map(|dir| with_ending(&dir.join(name), &endings))
}

fn with_ending(path: &Path, endings: &[&str]) -> Option<PathBuf> {
    let end = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    let is_whole = endings.iter().any(|ending| ending[1..].eq_ignore_ascii_case(end));
    let longer = |ending: &&str| {
        let mut name = OsString::from(path);
        name.push(ending.to_ascii_lowercase());
        PathBuf::from(name)
    };
    let whole = is_whole.then(|| path.to_owned());
    whole.into_iter().chain(endings.iter().map(longer)).find(|path| path.is_file())
}
