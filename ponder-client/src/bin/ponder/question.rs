//! Asking the person, where there is one.

use std::io::{self, IsTerminal as _, Write as _};

use crate::exit::Exit;
use crate::platform::read_line;

/// Whether there is a terminal to ask on and to answer from.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// What somebody said to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    /// Anything else: an empty line, the end of the input.
    No,
    /// A Ctrl-C, where it does not end us at once.
    Left,
}

impl Answer {
    /// How a command ends that has done nothing more after it. None after a yes.
    pub(crate) fn end(self) -> Option<Exit> {
        match self {
            Self::Yes => None,
            Self::No => Some(Exit::Done),
            Self::Left => Some(Exit::Interrupted),
        }
    }
}

/// Asks for a yes.
pub(crate) fn ask(question: &str) -> Answer {
    let mut err = io::stderr().lock();
    if write!(err, "ponder: {question} [y/N] ").and_then(|()| err.flush()).is_err() {
        return Answer::No;
    }
    let answer = read_line();
    if !matches!(answer, Ok(Some(_))) {
        let _ = writeln!(err); // nobody ended the line
    }
    match answer {
        Ok(Some(line)) if means_yes(&line) => Answer::Yes,
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Answer::Left,
        _ => Answer::No,
    }
}

fn means_yes(answer: &[u8]) -> bool {
    matches!(answer.trim_ascii(), b"y" | b"Y" | b"yes" | b"Yes" | b"YES")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_is_a_yes() {
        for yes in [&b"y\n"[..], b"Y\n", b" yes \n"] {
            assert!(means_yes(yes), "{yes:?}");
        }
        for no in [&b"\n"[..], b"", b"n\n", b"maybe\n", b"yy\n", b"y n\n"] {
            assert!(!means_yes(no), "{no:?}");
        }
    }
}
