//! A text as lines, and how lines end.

use std::ops::Range;

/// How a line ends. It is no part of what the line says: lines that differ only in this are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// `\n`.
    Lf,
    /// `\r\n`.
    CrLf,
    /// Nothing: the text's last line.
    Missing,
    /// `\r`: the text's last line, and what is left of a `\r\n`. A `\r` elsewhere is a character.
    Half,
}

impl Ending {
    pub(crate) fn bytes(self) -> &'static [u8] {
        match self {
            Self::Lf => b"\n",
            Self::CrLf => b"\r\n",
            Self::Missing => b"",
            Self::Half => b"\r",
        }
    }

    pub(crate) fn is_whole(self) -> bool {
        matches!(self, Self::Lf | Self::CrLf)
    }

    /// The ending of a line that stands in all three texts: what changed wins over what did not.
    /// Whether the line has its newline, and which, are two questions: one side may have taken the
    /// last newline away while the other changed them all.
    pub(crate) fn merged(base: Self, theirs: Self, ours: Self) -> Self {
        let changed = if base == theirs { ours } else { theirs };
        let whole = if base.is_whole() == theirs.is_whole() { ours.is_whole() } else { theirs.is_whole() };
        let answers = |ending: &Self| ending.is_whole() == whole;
        [changed, theirs, ours].into_iter().find(answers).unwrap_or(changed)
    }
}

/// Splits what a line says from how it ends.
pub(crate) fn split(line: &[u8]) -> (&[u8], Ending) {
    match line {
        [says @ .., b'\r', b'\n'] => (says, Ending::CrLf),
        [says @ .., b'\n'] => (says, Ending::Lf),
        [says @ .., b'\r'] => (says, Ending::Half),
        says => (says, Ending::Missing),
    }
}

/// The ending of a text's last line that has one.
pub(crate) fn last_ending(text: &[u8]) -> Option<Ending> {
    let last = text.iter().rposition(|&byte| byte == b'\n')?;
    Some(split(&text[..=last]).1)
}

/// The ending of all lines of a text (but for a last one without), if they have the same.
fn only_ending(text: &[u8]) -> Option<Ending> {
    let mut endings = text.split_inclusive(|&byte| byte == b'\n').map(|line| split(line).1);
    let first = endings.next().filter(|ending| ending.is_whole())?;
    endings.all(|ending| ending == first || !ending.is_whole()).then_some(first)
}

/// The ending to which `side` converted all of `base`, if it did.
pub(crate) fn converted(base: &[u8], side: &[u8]) -> Option<Ending> {
    let (before, after) = (only_ending(base)?, only_ending(side)?);
    (before != after).then_some(after)
}

/// A text, by lines.
#[derive(Debug)]
pub(crate) struct Text<'a> {
    bytes: &'a [u8],
    /// Where each line ends, its ending included.
    ends: Vec<usize>,
}

impl<'a> Text<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let newlines = bytes.iter().enumerate().filter(|&(_, &byte)| byte == b'\n');
        let mut ends: Vec<usize> = newlines.map(|(at, _)| at + 1).collect();
        if ends.last().copied().unwrap_or(0) < bytes.len() {
            ends.push(bytes.len());
        }
        Self { bytes, ends }
    }

    /// How many lines it has.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Where a line starts, or the text's end.
    fn start(&self, line: usize) -> usize {
        if line == 0 { 0 } else { self.ends[line - 1] }
    }

    /// These lines as they are written.
    pub(crate) fn raw(&self, lines: Range<usize>) -> &'a [u8] {
        &self.bytes[self.start(lines.start)..self.start(lines.end)]
    }

    /// What a line says, and how it ends.
    pub(crate) fn line(&self, line: usize) -> (&'a [u8], Ending) {
        split(self.raw(line..line + 1))
    }
}

/// The number of bytes of whole lines with which all three begin.
pub(crate) fn common_start(base: &[u8], theirs: &[u8], ours: &[u8]) -> usize {
    let triples = base.iter().zip(theirs).zip(ours);
    let same = triples.take_while(|((base, theirs), ours)| base == theirs && base == ours).count();
    base[..same].iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Ending::{CrLf, Half, Lf, Missing};

    #[test]
    fn lines_and_their_endings() {
        let text = Text::new(b"a\r\n\nb\rc\r\r\nd\r");
        let lines: Vec<_> = (0..text.len()).map(|line| text.line(line)).collect();
        assert_eq!(lines, [(&b"a"[..], CrLf), (b"", Lf), (b"b\rc\r", CrLf), (b"d", Half)]);
        assert_eq!((Text::new(b"").len(), Text::new(b"x").line(0)), (0, (&b"x"[..], Missing)));
        assert_eq!(text.raw(1..3), b"\nb\rc\r\r\n");
        assert_eq!(text.raw(4..4), b"");
    }

    #[test]
    fn an_ending_that_changed_wins() {
        for (base, theirs, ours, merged) in [
            (Lf, Lf, CrLf, CrLf),
            (Lf, CrLf, Lf, CrLf),
            (Missing, Lf, CrLf, Lf),
            (Lf, CrLf, Missing, Missing),
            (Lf, Missing, CrLf, Missing),
            (Missing, Missing, CrLf, CrLf),
            (Missing, Half, Missing, Half),
        ] {
            assert_eq!(Ending::merged(base, theirs, ours), merged, "{base:?} {theirs:?} {ours:?}");
        }
    }

    #[test]
    fn a_conversion_is_of_the_whole_text() {
        assert_eq!(converted(b"a\nb\nc", b"a\r\nb\r\nx"), Some(CrLf));
        assert_eq!(converted(b"a\r\n", b"a\nb"), Some(Lf));
        for (base, side) in [("a\nb\n", "a\nb\r\n"), ("a\r\nb\n", "a\nb\n"), ("a\n", "a"), ("a", "a\r\n")] {
            assert_eq!(converted(base.as_bytes(), side.as_bytes()), None, "{base:?} {side:?}");
        }
    }

    #[test]
    fn a_common_start_is_whole_lines() {
        assert_eq!(common_start(b"a\nbx", b"a\nby", b"a\nbz"), 2);
        assert_eq!(common_start(b"a\nb", b"a\nb\n", b"a\nb"), 2);
        assert_eq!(common_start(b"a\n", b"a\nb", b"a\nc"), 2);
        assert_eq!(common_start(b"a\n", b"a\r\n", b"a\n"), 0);
    }
}
