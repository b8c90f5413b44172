//! Asking the person, where there is one.

use std::io::{self, IsTerminal as _, Write as _};

use crate::platform::read_line;

/// Whether there is a terminal to ask on and to answer from.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks for a yes. Anything else is a no: an empty line, the end of the input, a Ctrl-C.
pub(crate) fn yes(question: &str) -> bool {
    let mut err = io::stderr().lock();
    if write!(err, "ponder: {question} [y/N] ").and_then(|()| err.flush()).is_err() {
        return false;
    }
    let answer = read_line();
    if answer.is_none() {
        let _ = writeln!(err); // nobody ended the line
    }
    answer.is_some_and(|answer| means_yes(&answer))
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
