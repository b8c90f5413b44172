//! Commands that people are told to type next.

use ponder_endpoint::Journal;

use crate::{journal_dir, people};

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
    let path = shell_words::quote(&journal.path().to_string_lossy()).into_owned();
    format!("ponder --journal {} {words}", people::printable(&path))
}

/// The command that brings a kept draft and its entry together.
pub(crate) fn apply(journal: &Journal, id: &str) -> String {
    bare_command(journal, &format!("recover apply {}", people::printable(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

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
