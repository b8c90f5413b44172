//! What an entry holds, block by block.

use std::collections::HashMap;
use std::ops::Range;

use crate::text::{Block, Kind, Number};

/// A part of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The header of a new entry; only at the beginning.
    Header,
    /// A whole block.
    Whole(Number),
    /// The beginning of a block, so many bytes of it.
    Cut(Number, usize),
    /// Bytes that nobody wrote: a hole.
    Zeros(usize),
    /// Something else; up to the end of the line.
    Unknown(String),
}

/// Blocks by their names.
#[derive(Debug)]
pub(crate) struct Names<'a>(HashMap<String, &'a Block>);

impl<'a> Names<'a> {
    pub(crate) fn new(blocks: impl IntoIterator<Item = &'a Block>) -> Self {
        Self(blocks.into_iter().map(|block| (block.name(), block)).collect())
    }

    /// The parts of an entry, and where they are. Newlines between them are nobody's: the daemon
    /// ends a line that is not ended before it appends.
    pub(crate) fn parts(&self, entry: &[u8]) -> Vec<(Range<usize>, Part)> {
        let header = header(entry);
        let mut parts = Vec::new();
        if header > 0 {
            parts.push((0..header, Part::Header));
        }
        let mut at = header;
        while at < entry.len() {
            let rest = &entry[at..];
            if rest[0] == b'\n' {
                at += 1;
                continue;
            }
            let (length, part) = self.next(rest);
            parts.push((at..at + length, part));
            at += length;
        }
        parts
    }

    fn next(&self, rest: &[u8]) -> (usize, Part) {
        let zeros = rest.iter().take_while(|byte| **byte == 0).count();
        if zeros > 0 {
            return (zeros, Part::Zeros(zeros));
        }
        let line = rest.split(|byte| *byte == b'\n').next().unwrap_or(rest);
        let name = line.split(|byte| *byte == b' ').next().unwrap_or(line);
        let named = std::str::from_utf8(name).ok().and_then(|name| self.0.get(name));
        if let Some(block) = named {
            let text = block.text().as_bytes();
            let same = same(text, rest);
            if same == text.len() {
                return (same, Part::Whole(block.number));
            }
            // At least its name, and the first line's number.
            if same > name.len() + 1 || same == rest.len() {
                return (same, Part::Cut(block.number, same));
            }
        }
        // The very beginning of a block, cut within its name.
        let begun =
            self.0.values().find(|block| !line.is_empty() && block.text().as_bytes().starts_with(line));
        if let Some(block) = begun {
            return (line.len(), Part::Cut(block.number, line.len()));
        }
        (line.len(), Part::Unknown(shown(line)))
    }

    /// A draft with another version in the place of its own; before the other blocks, if it has none.
    pub(crate) fn with_version(&self, draft: &[u8], version: &Block) -> Vec<u8> {
        let parts = self.parts(draft);
        let is_version = |number: &Number| {
            self.0.values().any(|block| block.number == *number && block.kind == Kind::Version)
        };
        let old = parts.iter().find(|(_, part)| matches!(part, Part::Whole(number) if is_version(number)));
        let at = match (old, parts.first()) {
            (Some((range, _)), _) => range.clone(),
            (None, Some((range, Part::Header))) => range.end..range.end,
            (None, _) => 0..0,
        };
        [&draft[..at.start], version.text().as_bytes(), &draft[at.end..]].concat()
    }
}

/// How long the header is: a day, an empty line, a time, an empty line. 0 if there is none.
fn header(entry: &[u8]) -> usize {
    let mut lines = entry.split_inclusive(|byte| *byte == b'\n');
    let mut length = 0;
    for begins in ["# ", "\n", "## ", "\n"] {
        match lines.next() {
            Some(line) if line.starts_with(begins.as_bytes()) && line.ends_with(b"\n") => {
                length += line.len();
            }
            _ => return 0,
        }
    }
    length
}

/// How many bytes two texts have in common at their beginnings.
fn same(one: &[u8], other: &[u8]) -> usize {
    if other.starts_with(one) {
        return one.len(); // much faster than byte by byte, and the usual case
    }
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

/// Something short for people.
pub(crate) fn shown(bytes: &[u8]) -> String {
    let end = bytes.len().min(60);
    let dots = if bytes.len() > end { "…" } else { "" };
    format!("{:?}{dots}", String::from_utf8_lossy(&bytes[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks() -> Vec<Block> {
        let block = |kind, number, size| Block::new(kind, number, 20_261_123, size, number);
        vec![block(Kind::Version, 1, 500), block(Kind::Append, 2, 90), block(Kind::Outside, 12, 300)]
    }

    fn parts(entry: &str) -> Vec<Part> {
        let blocks = blocks();
        Names::new(&blocks).parts(entry.as_bytes()).into_iter().map(|(_, part)| part).collect()
    }

    #[test]
    fn blocks_are_found_whole_and_cut() {
        let [one, two, three] = blocks().try_into().expect("three blocks");
        let header = "# November 23, 2026: Monday\n\n## 10:00:00\n\n";
        let entry = format!("{header}{}{}{}", one.text(), two.text(), three.text());
        assert_eq!(parts(&entry), [Part::Header, Part::Whole(1), Part::Whole(2), Part::Whole(12)]);
        let cut = format!("{}\n{}", &one.text()[..203], two.text());
        assert_eq!(parts(&cut), [Part::Cut(1, 203), Part::Whole(2)]);
        assert_eq!(parts(&format!("{}a", one.text())), [Part::Whole(1), Part::Cut(2, 1)]);
    }

    #[test]
    fn what_was_never_written_is_not_explained() {
        let [one, two, _] = blocks().try_into().expect("three blocks");
        assert_eq!(
            parts(&format!("{}\0\0\0{}", one.text(), two.text())),
            [Part::Whole(1), Part::Zeros(3), Part::Whole(2)]
        );
        assert_eq!(parts("something else\n"), [Part::Unknown("\"something else\"".to_owned())]);
        let torn = format!("{}{}", &one.text()[..80], &one.text()[160..]);
        assert!(matches!(parts(&torn)[..], [Part::Cut(1, 83..), Part::Unknown(_), ..]), "{:?}", parts(&torn));
    }

    #[test]
    fn a_version_takes_the_place_of_the_former() {
        let blocks = blocks();
        let names = Names::new(&blocks);
        let new = Block::new(Kind::Version, 40, 20_261_123, 10, 40);
        let rest = blocks[1].text();
        let draft = format!("# d\n\n## t\n\n{}{rest}", blocks[0].text());
        let changed = names.with_version(draft.as_bytes(), &new);
        assert_eq!(String::from_utf8_lossy(&changed), format!("# d\n\n## t\n\n{}{rest}", new.text()));
        let without = names.with_version(format!("# d\n\n## t\n\n{rest}").as_bytes(), &new);
        assert_eq!(without, changed);
    }
}
