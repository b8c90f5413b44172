//! Three texts into one: what two sides made of the same base, line by line.
//!
//! *Theirs* is what stands in the entry by now, *ours* is the draft; *base* is what both began with.
//! Where they changed different places, both changes are made. Where they meet:
//!
//! - **Both only inserted at one place** (two machines wrote at the end): both blocks are kept whole,
//!   theirs first. Lines that are in both are there twice: nobody can know whether two people meant
//!   one thing. Off-the-shelf merges fold them, which loses a line that somebody wrote.
//! - **Both made the same change of existing lines**, and it is not longer than what it replaces (a
//!   typo that was corrected on two machines, a paragraph that both deleted): it is made once. Every
//!   line of it stands for a line that both knew, so nothing that was added is folded away. A longer
//!   one is partly an addition, and a conflict.
//! - **Anything else that overlaps or touches** is a conflict, as is one side deleting what the other
//!   changed. There are no markers and no guesses: the caller keeps both texts.
//!
//! If one side did nothing, the result is the other side, byte for byte; if both texts are the same
//! bytes, they are the result.
//!
//! How a line ends is no part of what it says. Lines that differ only in `\n` and `\r\n`, or in that
//! the text's last newline is missing, are equal, and the ending that a side changed is taken. If a
//! side changed all endings of the text, the other side's new lines get them too. No two lines are
//! ever glued together. Bytes that are not UTF-8 are bytes.
//!
//! The same texts always give the same answer: there is no clock in here. Very long texts that have
//! next to nothing in common are compared only so far, and what was not compared counts as one
//! change; see `edits.rs`.

#![forbid(unsafe_code)]

mod anchors;
mod combine;
mod edits;
mod text;

/// What three texts became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merged {
    /// One text that has both sides' changes.
    Clean(Vec<u8>),
    /// Both sides changed the same place. Neither text may be thrown away.
    Conflict,
}

/// Merges what two sides made of `base`: `theirs`, which stands in the entry already, and `ours`.
///
/// It is a conflict for `(base, theirs, ours)` exactly if it is one for `(base, ours, theirs)`.
/// Memory: about 30 bytes for each line of the three, beside the texts and the result.
pub fn merge(base: &[u8], theirs: &[u8], ours: &[u8]) -> Merged {
    if base == theirs || theirs == ours {
        return Merged::Clean(ours.to_vec());
    }
    if base == ours {
        return Merged::Clean(theirs.to_vec());
    }
    combine::combine(base, theirs, ours).map_or(Merged::Conflict, Merged::Clean)
}
