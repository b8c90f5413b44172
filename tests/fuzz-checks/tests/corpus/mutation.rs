//! Inputs out of others, the same ones every time.

/// A generator of numbers (Marsaglia's xorshift): what it makes up has to be the same on every machine.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Below `bound`, or 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap_or(0)
    }
}

/// Numbers that stand for much: ends of ranges, and what separates things.
const SPECIAL: [u8; 8] = [0, 1, 0x7f, 0x80, 0xff, b'\n', b'{', b'"'];

/// One of these inputs, changed in one place or a few.
pub(crate) fn mutated(inputs: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = inputs[chance.below(inputs.len())].clone();
    for _ in 0..=chance.below(4) {
        let at = chance.below(bytes.len());
        let length = chance.below(16).min(bytes.len() - at);
        match chance.below(8) {
            _ if bytes.is_empty() => bytes.push(SPECIAL[chance.below(SPECIAL.len())]),
            0 => bytes[at] ^= 1 << chance.below(8),
            1 => bytes[at] = SPECIAL[chance.below(SPECIAL.len())],
            2 => bytes[at] = bytes[at].wrapping_add(1),
            3 => bytes.truncate(at),
            4 => drop(bytes.drain(at..at + length)),
            5 => {
                let piece = bytes[at..at + length].to_vec();
                let to = chance.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            6 => {
                let other = &inputs[chance.below(inputs.len())];
                let from = chance.below(other.len());
                let piece = other[from..].iter().copied().take(64);
                bytes.splice(at..at, piece);
            }
            _ => {
                let other = &inputs[chance.below(inputs.len())];
                bytes.truncate(at);
                bytes.extend_from_slice(&other[at.min(other.len())..]);
            }
        }
    }
    bytes
}
