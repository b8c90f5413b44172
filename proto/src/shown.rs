//! Text and paths from anywhere, safe to be shown.
//!
//! A file's name may hold line feeds and a terminal's escape sequences, and so may what a client says
//! about itself. In a message, on a terminal or in a log, they would pass for words of ours.

use std::path::Path;

/// A text on one line: control characters, and those that turn the direction of writing, are escaped as
/// Rust writes them (`\n`, `\u{1b}`).
pub fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if is_harmless(c) {
            safe.push(c);
        } else {
            safe.extend(c.escape_default());
        }
    }
    safe
}

/// A path for people: [`printable`], and with marks where it is not UTF-8.
pub fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

/// Whether a terminal takes this character for text, and shows it where it stands.
pub fn is_harmless(c: char) -> bool {
    let turns = matches!(c, '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !c.is_control() && !turns
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        assert_eq!(printable("ordinary, Ünïcode, 日記"), "ordinary, Ünïcode, 日記");
        assert_eq!(printable("a\x1b[31mb\r\nc\x07\u{9b}"), "a\\u{1b}[31mb\\r\\nc\\u{7}\\u{9b}");
        assert_eq!(printable("gnp\u{202e}.exe"), "gnp\\u{202e}.exe");
        let path = Path::new(OsStr::from_bytes(b"/home/a\xff\n"));
        assert_eq!(shown(path), "/home/a\u{fffd}\\n");
    }

    #[test]
    fn what_was_made_safe_stays_as_it_is() {
        let once = printable("a\\n\n");
        assert_eq!(printable(&once), once);
    }
}
