//! Which directory is the journal: `--journal`, `PONDER_DIR`, or `~/Documents/rubberducks`.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use ponder_proto::{printable, shown};

use crate::exit::{Exit, Failure};
use crate::platform::{os_string, usual_journal};

/// The journal's directory. A path that is given on the command line counts from the current
/// directory, as such paths do; `PONDER_DIR` has to be absolute once it is expanded, or it would
/// be another journal in every terminal.
pub(crate) fn resolve(flag: Option<&Path>) -> Result<PathBuf, Failure> {
    let failure = |message| Failure::new(Exit::Config, message);
    if let Some(path) = flag {
        let cannot = |error| failure(format!("cannot use --journal {}: {error}", shown(path)));
        return std::path::absolute(path).map_err(cannot);
    }
    match env::var_os("PONDER_DIR").filter(|dir| !dir.is_empty()) {
        Some(dir) => expand(&dir, |name| env::var_os(name), home()).map(PathBuf::from).map_err(failure),
        None => {
            usual().ok_or_else(|| failure("there is no home directory: set PONDER_DIR, or HOME".to_owned()))
        }
    }
}

/// The journal of somebody who has not said which. Nothing where there is no home directory.
pub(crate) fn usual() -> Option<PathBuf> {
    home().as_deref().map(usual_journal)
}

/// The home directory. An empty `HOME` is none: what is below it would be below `/`.
fn home() -> Option<PathBuf> {
    env::home_dir().filter(|home| !home.as_os_str().is_empty())
}

/// Replaces a leading `~` and every `$NAME` and `${NAME}`, once: what comes out of a variable is
/// taken as it is.
fn expand(
    text: &OsStr,
    variable: impl Fn(&OsStr) -> Option<OsString>,
    home: Option<PathBuf>,
) -> Result<OsString, String> {
    let whole = printable(&text.to_string_lossy());
    let mut rest = text.as_encoded_bytes();
    let mut expanded = Vec::with_capacity(rest.len());
    if let Some(after) = rest.strip_prefix(b"~") {
        if after.first().is_some_and(|&byte| !std::path::is_separator(char::from(byte))) {
            return Err(format!("PONDER_DIR is {whole}: only your own home can be written as ~"));
        }
        let home =
            home.ok_or_else(|| format!("PONDER_DIR is {whole}, and there is no home directory: set HOME"))?;
        expanded.extend_from_slice(home.as_os_str().as_encoded_bytes());
        rest = after;
    }
    while let Some(dollar) = rest.iter().position(|&byte| byte == b'$') {
        expanded.extend_from_slice(&rest[..dollar]);
        let (name, after) = variable_name(&rest[dollar + 1..])
            .ok_or_else(|| format!("PONDER_DIR is {whole}: after a $ comes NAME or {{NAME}}"))?;
        let name = os_string(name);
        let value = variable(&name).ok_or_else(|| {
            format!("PONDER_DIR is {whole}, and {} is not set", printable(&name.to_string_lossy()))
        })?;
        expanded.extend_from_slice(value.as_encoded_bytes());
        rest = after;
    }
    expanded.extend_from_slice(rest);
    Ok(os_string(&expanded))
}

/// The name at the start of what follows a `$`, and what comes after it.
fn variable_name(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, after) = if let Some(braced) = text.strip_prefix(b"{") {
        let end = braced.iter().position(|&byte| byte == b'}')?;
        (&braced[..end], &braced[end + 1..])
    } else {
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let end = text.iter().position(|byte| !is_name(byte)).unwrap_or(text.len());
        text.split_at(end)
    };
    let starts_well = name.first().is_some_and(|first| !first.is_ascii_digit());
    let all_well = name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    (starts_well && all_well).then_some((name, after))
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    fn expanded(text: &str) -> Result<String, String> {
        let variable = |name: &OsStr| match name.to_str()? {
            "HOME" => Some("/home/ada".into()),
            "NOTES" => Some("no$tes".into()),
            _ => None,
        };
        expand(text.as_ref(), variable, Some("/home/ada".into())).map(|path| path.into_string().unwrap())
    }

    #[test]
    fn tilde_and_variables() {
        for (text, path) in [
            ("~", "/home/ada"),
            ("~/journal", "/home/ada/journal"),
            ("$HOME/journal", "/home/ada/journal"),
            ("${HOME}s/x", "/home/adas/x"),
            ("/srv/$NOTES/${NOTES}", "/srv/no$tes/no$tes"),
            ("/srv/a~b", "/srv/a~b"),
            ("relative", "relative"),
        ] {
            assert_eq!(expanded(text).as_deref(), Ok(path), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_expanded_says_so() {
        for (text, part) in [
            ("~bob/journal", "your own home"),
            ("$NOPE/x", "NOPE is not set"),
            ("/srv/$", "after a $"),
            ("/srv/$1", "after a $"),
            ("/srv/${", "after a $"),
            ("/srv/${}", "after a $"),
            ("/srv/${A-b}", "after a $"),
        ] {
            let error = expanded(text).unwrap_err();
            assert!(error.contains(part) && error.contains(text), "{text}: {error}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_pass_through() {
        let path = OsStr::from_bytes(b"/srv/\xff/$A");
        let expanded = expand(path, |_| Some(OsStr::from_bytes(b"\xfe").to_owned()), None).unwrap();
        assert_eq!(expanded.as_bytes(), b"/srv/\xff/\xfe");
    }
}
