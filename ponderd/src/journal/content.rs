//! Text as bytes: hashes, and how a body and the appends behind it make an entry.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

/// The SHA-256 of a text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of what was put into a running one so far.
    pub(super) fn finish(running: &Sha256) -> Self {
        Self(running.clone().finalize().into())
    }

    pub(super) fn bytes(self) -> [u8; 32] {
        self.0
    }

    /// Its first eight bytes, as a number.
    pub(super) fn short(self) -> u64 {
        self.0.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    pub(super) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl FromStr for Digest {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let mut bytes = [0; 32];
        if text.len() != 2 * bytes.len() || !text.is_ascii() {
            return Err(NotADigest);
        }
        for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| NotADigest)?;
        }
        Ok(Self(bytes))
    }
}

/// A text that is not what a digest is written as.
#[derive(Debug)]
pub struct NotADigest;

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02x}{:02x}…", self.0[0], self.0[1])
    }
}

/// The line ending a text uses: the one of its last ended line, or a plain newline.
pub(super) fn line_ending(text: &[u8]) -> &'static [u8] {
    let last = text.iter().rposition(|byte| *byte == b'\n');
    let crlf = last.is_some_and(|at| at > 0 && text[at - 1] == b'\r');
    if crlf { b"\r\n" } else { b"\n" }
}

/// What has to stand between a text and what is appended to it.
pub(super) fn separator(text: &[u8]) -> &'static [u8] {
    if text.is_empty() || text.ends_with(b"\n") { b"" } else { line_ending(text) }
}

/// What has to stand behind an appended text, so that it ends its line.
pub(super) fn terminator(text: &[u8], ending: &'static [u8]) -> &'static [u8] {
    if text.ends_with(b"\n") { b"" } else { ending }
}

/// An entry: the body of a draft, and behind it the appends since its grant, in order.
pub(super) fn compose(body: &[u8], appends: &[u8]) -> Vec<u8> {
    let between = if appends.is_empty() { b"" } else { separator(body) };
    [body, between, appends].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appends_follow_the_body_on_a_line_of_their_own() {
        assert_eq!(compose(b"body\n", b"one\n"), b"body\none\n");
        assert_eq!(compose(b"body", b"one\n"), b"body\none\n");
        assert_eq!(compose(b"a\r\nbody", b"one\r\n"), b"a\r\nbody\r\none\r\n");
        assert_eq!(compose(b"body", b""), b"body", "nothing was appended: nothing is touched");
        assert_eq!(compose(b"", b"one\n"), b"one\n");
    }
}
