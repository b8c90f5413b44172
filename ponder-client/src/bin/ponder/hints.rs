//! Commands that people are told to type next.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use ponder_endpoint::Journal;
use ponder_proto::{is_harmless, printable};

use crate::journal_dir;

/// A command of ours about this journal, in backquotes, as it has to be typed here: the journal is
/// named only where the environment means another one.
pub(crate) fn command(journal: &Journal, words: &str) -> String {
    format!("`{}`", bare_command(journal, words))
}

/// The same on a line of its own.
pub(crate) fn bare_command(journal: &Journal, words: &str) -> String {
    let meant = journal_dir::resolve(None).ok().and_then(|path| Journal::open(&path).ok());
    if meant.as_ref() == Some(journal) {
        return format!("ponder {words}");
    }
    format!("ponder --journal {} {words}", typed(journal.path()))
}

/// The command that brings a kept draft and its entry together.
pub(crate) fn apply(journal: &Journal, id: &str) -> String {
    bare_command(journal, &format!("recover apply {}", printable(id)))
}

/// The command that moves something out of the way, whatever it is, to where nothing is yet: nothing is lost
/// by that.
pub(crate) fn put_aside(path: &Path) -> String {
    let aside = |number: u32| {
        let mut aside = path.as_os_str().to_owned();
        aside.push(if number == 1 { ".aside".to_owned() } else { format!(".aside{number}") });
        PathBuf::from(aside)
    };
    let is_free = |aside: &PathBuf| aside.symlink_metadata().is_err();
    let aside = (1..100).map(aside).find(is_free).unwrap_or_else(|| aside(100));
    let moves = if cfg!(windows) { "move" } else { "mv" };
    format!("{moves} {} {}", typed(path), typed(&aside))
}

/// A path as it is typed into a shell, safe for a terminal. What a terminal would obey and bytes that are
/// no text are written as `$'…'` has them, which bash, zsh and ksh know and POSIX has had since 2024.
pub(crate) fn typed(path: &Path) -> String {
    if let Some(text) = path.to_str().filter(|text| text.chars().all(is_harmless)) {
        if cfg!(windows) {
            return format!("\"{text}\""); // no path has one in it
        }
        return shell_words::quote(text).into_owned();
    }
    let mut typed = "$'".to_owned();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\'' | '\\' => typed.extend(['\\', c]),
                c if is_harmless(c) => typed.push(c),
                c => octal(&mut typed, c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        octal(&mut typed, chunk.invalid());
    }
    typed.push('\'');
    typed
}

fn octal(typed: &mut String, bytes: &[u8]) {
    for byte in bytes {
        let _ = write!(typed, "\\{byte:03o}"); // writing to a String cannot fail
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_shell_reads_a_typed_path_as_it_is() {
        for bytes in [
            &b"/home/ada/journal"[..],
            b"/home/ada/it's a \\ journal",
            b"/a\nb\x1b[31m'c\\n\x7f1",
            b"/not\xff\xfe7 text",
            "/gnp\u{202e}.exe".as_bytes(),
        ] {
            let typed = typed(Path::new(OsStr::from_bytes(bytes)));
            assert!(typed.chars().all(is_harmless), "{typed:?}");
            let said = Command::new("bash").arg("-c").arg(format!("printf %s {typed}")).output().unwrap();
            assert_eq!(said.stdout, bytes, "{typed}");
        }
    }

    #[test]
    fn a_journal_that_the_environment_does_not_mean_is_named() {
        let dir = tempfile::Builder::new().prefix("a journal").tempdir().unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        let told = command(&journal, "recover");
        let path = journal.path().display();
        assert_eq!(told, format!("`ponder --journal '{path}' recover`"));
        assert!(apply(&journal, "20261123.0").ends_with(" recover apply 20261123.0"));
    }
}
