//! Whether an append is where it was put, and if not, what it takes to put it there again.

use crate::journal::content::separator;

/// What an entry's text says of an append.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Restored {
    /// It is there.
    There,
    /// It is not, or torn; with it, the text is this.
    Rebuilt(Vec<u8>),
    /// Something else is in its place.
    Unexplained,
}

/// Looks for `bytes` at an offset of a text that may have lost, or never got, what was written last.
///
/// A power cut leaves any part of an unflushed write: the end may be missing, and where the file
/// grew, what did not get to the disk is zeros. Both are explained, and nothing else is.
pub(super) fn restore(text: &[u8], offset: u64, bytes: &[u8]) -> Restored {
    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
    let Some(rest) = text.get(offset..) else {
        // What stood before it is gone, too, and was not ours.
        let gap = if bytes.starts_with(b"\n") { &[] } else { separator(text) };
        return Restored::Rebuilt([text, gap, bytes].concat());
    };
    let region = &rest[..rest.len().min(bytes.len())];
    if region == bytes {
        return Restored::There;
    }
    if region.iter().zip(bytes).all(|(found, ours)| found == ours || *found == 0) {
        let behind = &rest[region.len()..];
        return Restored::Rebuilt([&text[..offset], bytes, behind].concat());
    }
    Restored::Unexplained
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_append_is_there_torn_or_something_else() {
        let rebuilt = |text: &[u8]| Restored::Rebuilt(text.to_vec());
        for (text, expected) in [
            (&b"base\nmore\n"[..], Restored::There),
            (b"base\nmore\nand more\n", Restored::There),
            (b"base\n", rebuilt(b"base\nmore\n")),
            (b"base\nmo", rebuilt(b"base\nmore\n")),
            (b"base\nmo\0\0\0", rebuilt(b"base\nmore\n")),
            (b"base\n\0\0\0\0\0and more\n", rebuilt(b"base\nmore\nand more\n")),
            (b"ba", rebuilt(b"ba\nmore\n")),
            (b"base\nlike this\n", Restored::Unexplained),
            (b"base\nmoan\n", Restored::Unexplained),
        ] {
            assert_eq!(restore(text, 5, b"more\n"), expected, "{text:?}");
        }
    }
}
