//! What two texts have in common, as far as replay asks.

use std::collections::HashMap;

/// Where lines of a text are these. What another program did meanwhile may stand before the first or
/// behind the last of them, in one line with it.
pub(super) fn find_lines<'a>(text: &'a [u8], lines: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    // What was not flushed is zeros.
    let ends = |byte: &u8| matches!(byte, b'\n' | b'\r' | 0);
    let is_at_an_end = move |at: &usize| {
        let before = at.checked_sub(1).and_then(|before| text.get(before));
        before.is_none_or(ends) || text.get(at + lines.len()).is_none_or(ends)
    };
    memchr::memmem::find_iter(text, lines).filter(move |at| !lines.is_empty() && is_at_an_end(at))
}

/// Whether what is found at a place of a text stands there between the ends of lines.
pub(super) fn is_whole(text: &[u8], at: usize, length: usize) -> bool {
    let ends = |byte: Option<&u8>| byte.is_none_or(|byte| matches!(byte, b'\n' | b'\r' | 0));
    ends(at.checked_sub(1).and_then(|before| text.get(before))) && ends(text.get(at + length))
}

/// Whether a text has all lines of another one, as often as that. Where that was cut there may be zeros
/// and the beginning of a line.
pub(super) fn has_all_lines(text: &[u8], other: &[u8]) -> bool {
    let end = other.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let other = &other[..end];
    let mut counts: HashMap<&[u8], usize> = HashMap::new();
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        *counts.entry(line).or_default() += 1;
    }
    other.split_inclusive(|byte| *byte == b'\n').all(|line| {
        let is_cut = !line.ends_with(b"\n");
        match counts.get_mut(line) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => is_cut && counts.keys().any(|whole| whole.starts_with(line)),
        }
    })
}

/// Whether a text may be one that was being written over by another.
pub(super) fn is_mixture(text: &[u8], old: &[u8], new: &[u8]) -> bool {
    let is_of = |at, byte| old.get(at) == Some(byte) || new.get(at) == Some(byte) || *byte == 0;
    text.len() <= old.len().max(new.len()) && text.iter().enumerate().all(|(at, byte)| is_of(at, byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_also_between_zeros_and_beside_something_else() {
        let found = |text, lines| find_lines(text, lines).collect::<Vec<_>>();
        let text = b"one\r\ntwo\none more\n\0\0one\0\0\nnone but one more";
        assert_eq!(found(text, b"one"), [0, 9, 20]);
        assert_eq!(found(b"cut<one>\n<one>cut\na <one> b\n", b"<one>"), [3, 9]);
        assert_eq!(found(b"one\ntwo\nthree\n", b"two\nthree"), [4]);
        assert!(found(text, b"").is_empty());
        assert!(is_whole(text, 0, 3) && is_whole(text, 20, 3) && !is_whole(text, 9, 3));
    }

    #[test]
    fn lines_are_looked_for_as_often_as_they_are_there() {
        let text = b"one\ntwo\none\n";
        for (other, all) in [
            (&b""[..], true),
            (b"one\none\n", true),
            (b"one\none\none\n", false),
            (b"two\nthree\n", false),
            (b"two\non", true),
            (b"two\n\0\0\0", true),
            (b"two\ntwice", false),
        ] {
            assert_eq!(has_all_lines(text, other), all, "{other:?}");
        }
    }

    #[test]
    fn a_text_on_its_way_to_another_one_has_bytes_of_both() {
        for (text, mixed) in [
            (&b"new text\n"[..], true),
            (b"old\n", true),
            (b"new\n", true),
            (b"ned\0", true),
            (b"news\n", false),
            (b"new text\nmore", false),
        ] {
            assert_eq!(is_mixture(text, b"old\n", b"new text\n"), mixed, "{text:?}");
        }
    }
}
