//! Telling the two encodings apart.

use crate::Refusal;

/// The eight bytes that open a connection of frames: a NUL, which no JSON text starts with.
pub const MAGIC: [u8; 8] = *b"\0ponder\n";

/// How one connection writes its messages. Answers come in kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Length-prefixed bincode, after [`MAGIC`].
    Frames,
    /// One JSON object per line.
    Lines,
}

impl Encoding {
    /// Decides by the first byte of a connection: NUL or `{`. Anything else is neither.
    pub fn sniff(first: u8) -> Option<Self> {
        match first {
            0 => Some(Self::Frames),
            b'{' => Some(Self::Lines),
            _ => None,
        }
    }
}

/// Why bytes from a peer could not be read as a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The request's number, where it could still be read.
    pub re: Option<u64>,
    /// What to tell the peer.
    pub refusal: Refusal,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_tells() {
        assert_eq!(Encoding::sniff(MAGIC[0]), Some(Encoding::Frames));
        assert_eq!(Encoding::sniff(b'{'), Some(Encoding::Lines));
        for other in (1..=u8::MAX).filter(|&byte| byte != b'{') {
            assert_eq!(Encoding::sniff(other), None, "{other}");
        }
    }
}
