//! Where an append stands in an entry's file.

/// A place in an entry's file, and what stands around an appended text there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::journal) struct At {
    pub(in crate::journal) inode: u64,
    pub(in crate::journal) offset: u64,
    /// The last bytes before it: where they are others, it is another place by now.
    pub(in crate::journal) context: Vec<u8>,
    /// What ends the line before the text, or the header of a new entry.
    pub(in crate::journal) before: Vec<u8>,
    /// What ends the text's last line.
    pub(in crate::journal) after: Vec<u8>,
}

impl At {
    /// Whether what stands before it in an entry is what stood there.
    pub(in crate::journal) fn is_the_place_in(&self, entry: &[u8]) -> bool {
        self.before_it(entry) == Some(&self.context)
    }

    /// Whether its place is a hole: what stood before it did not get to the disk, all or in part.
    pub(in crate::journal) fn is_behind_a_hole(&self, entry: &[u8]) -> bool {
        let before = self.before_it(entry).unwrap_or_default();
        let is_lost = |(found, stood): (&u8, &u8)| found == stood || *found == 0;
        before.ends_with(b"\0") && before.iter().zip(&self.context).all(is_lost)
    }

    /// What an entry has where the context stood. Nothing if it is shorter.
    fn before_it<'a>(&self, entry: &'a [u8]) -> Option<&'a [u8]> {
        let end = usize::try_from(self.offset).ok()?;
        entry.get(end.saturating_sub(self.context.len())..end)
    }

    /// Whether an entry has no place for it any more: it is shorter.
    pub(in crate::journal) fn is_behind(&self, entry: &[u8]) -> bool {
        entry.len() as u64 <= self.offset
    }

    /// What stands there once `text` is published.
    pub(in crate::journal) fn bytes(&self, text: &[u8]) -> Vec<u8> {
        [&self.before, text, &self.after].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_is_what_was_lost_and_nothing_else() {
        let at = At { inode: 12, offset: 7, context: b"last".to_vec(), before: vec![], after: vec![] };
        for (entry, is_hole) in [
            (&b"by\n\0\0\0\0\0\0"[..], true),
            (b"by\nla\0\0\0\0", true),
            (b"by\n\0\0\0\0", true),
            (b"by\nlast\0\0", false),
            (b"by\nlong\0\0", false),
            (b"by\nno\0\0\0\0", false),
            (b"by\n\0\0\0", false),
        ] {
            assert_eq!(at.is_behind_a_hole(entry), is_hole, "{entry:?}");
        }
    }
}
