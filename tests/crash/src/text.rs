//! Texts that can be told from each other, whole from torn, and once from twice.
//!
//! Everything that is written is a *block*: lines that all begin with the block's name. An entry is
//! then a header, perhaps, and blocks. Sessions replace an entry's one version block and leave the
//! rest as it is, appends and outsiders add blocks at the end.

use std::fmt::Write as _;
use std::sync::Arc;

use ponder_tests::Rng;
use serde::{Deserialize, Serialize};

/// A day: an entry is its file.
pub(crate) type Day = u32;

/// A block's number, unique in its recording. A later version has a higher one.
pub(crate) type Number = u32;

/// The length of lines, but the last.
const LINE: usize = 80;

/// Who wrote a block.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) enum Kind {
    /// A session: there is one in an entry, replaced by each commit.
    Version,
    /// An append through the daemon.
    Append,
    /// An outsider.
    Outside,
}

/// A block that was submitted, whatever became of it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Block {
    /// Who wrote it.
    pub(crate) kind: Kind,
    /// Which one it is.
    pub(crate) number: Number,
    /// Where it belongs.
    pub(crate) day: Day,
    /// How long it is, in bytes; very short ones are a little longer.
    pub(crate) size: usize,
    /// The session of a version: the number of its first one.
    pub(crate) session: Number,
    /// Made when it is needed.
    #[serde(skip)]
    text: std::sync::OnceLock<Arc<str>>,
}

impl Block {
    pub(crate) fn new(kind: Kind, number: Number, day: Day, size: usize, session: Number) -> Self {
        Self { kind, number, day, size, session, text: std::sync::OnceLock::new() }
    }

    /// What all its lines begin with.
    pub(crate) fn name(&self) -> String {
        let letter = match self.kind {
            Kind::Version => 'v',
            Kind::Append => 'a',
            Kind::Outside => 'o',
        };
        format!("{letter}{}", self.number)
    }

    /// Its text, which ends with a newline.
    pub(crate) fn text(&self) -> &Arc<str> {
        self.text.get_or_init(|| lines(&self.name(), self.number, self.size).into())
    }

    /// The operation's id of an append.
    pub(crate) fn operation(&self) -> String {
        format!("{:032x}", u128::from(self.number) + (1 << 100))
    }
}

/// Lines that all begin with a name and their number; the rest is noise that no other block has.
fn lines(name: &str, number: Number, size: usize) -> String {
    let mut rng = Rng::new(&[u64::from(number)]);
    let mut text = String::with_capacity(size + LINE);
    let mut line = 0;
    while text.len() < size || text.is_empty() {
        let rest = size.saturating_sub(text.len());
        let end = text.len() + if rest < LINE + 20 { rest } else { LINE };
        let _ = write!(text, "{name} {line} "); // writing to a String cannot fail
        while text.len() + 1 < end {
            let mut noise = rng.number();
            for _ in 0..(end - 1 - text.len()).min(12) {
                text.push(char::from(b'a' + u8::try_from(noise % 26).unwrap_or(0)));
                noise /= 26;
            }
        }
        text.push('\n');
        line += 1;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_have_their_size_and_whole_lines() {
        for size in [10, 79, 80, 81, 100, 160, 4096, 200_000] {
            let block = Block::new(Kind::Append, 7, 20_261_123, size, 0);
            assert_eq!(block.text().len(), size);
            assert!(block.text().lines().all(|line| line.starts_with("a7 ") && line.len() < LINE + 20));
            assert!(block.text().ends_with('\n'));
        }
        assert_eq!(&**Block::new(Kind::Version, 123, 20_261_123, 1, 0).text(), "v123 0 \n");
    }

    #[test]
    fn no_two_lines_are_alike() {
        let text = |number| Block::new(Kind::Append, number, 20_261_123, 20_000, 0).text().to_string();
        let all = text(1) + &text(11) + &text(2);
        let mut lines: Vec<&str> = all.lines().collect();
        let count = lines.len();
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), count);
    }
}
