//! The bytes of a disk that is mostly empty.

use std::collections::HashMap;
use std::sync::Arc;

/// What is shared, and torn, as a whole: a page of the processor, a block of each file system here.
pub(crate) const PAGE: usize = 4096;

type Page = Arc<[u8; PAGE]>;

/// A sparse image. A clone shares its pages until one of the two is written to, so that an image
/// costs what makes it different.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pages(HashMap<usize, Page>);

impl Pages {
    /// The bytes from `offset` on; what was never written is zero.
    pub(crate) fn read(&self, offset: usize, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        for (at, number, within) in pieces(offset, count) {
            if let Some(page) = self.0.get(&number) {
                bytes[at.clone()].copy_from_slice(&page[within..within + at.len()]);
            }
        }
        bytes
    }

    /// Puts bytes at `offset`.
    pub(crate) fn write(&mut self, offset: usize, bytes: &[u8]) {
        for (at, number, within) in pieces(offset, bytes.len()) {
            let piece = &bytes[at];
            if piece.len() == PAGE && piece.iter().all(|byte| *byte == 0) {
                self.0.remove(&number); // as if never written; most of what mkfs writes is this
                continue;
            }
            let page = self.0.entry(number).or_insert_with(|| Arc::new([0; PAGE]));
            Arc::make_mut(page)[within..within + piece.len()].copy_from_slice(piece);
        }
    }
}

/// A range cut at the borders of pages: where in the range, which page, where in the page.
pub(crate) fn pieces(
    offset: usize,
    count: usize,
) -> impl Iterator<Item = (std::ops::Range<usize>, usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let within = (offset + at) % PAGE;
        let length = (PAGE - within).min(count - at);
        let piece = (at..at + length, (offset + at) / PAGE, within);
        at += length;
        (length > 0).then_some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_the_rest_is_zero() {
        let mut pages = Pages::default();
        let bytes: Vec<u8> = (1..=u8::MAX).cycle().take(3 * PAGE).collect();
        pages.write(PAGE - 512, &bytes);
        assert_eq!(pages.read(PAGE - 512, bytes.len()), bytes);
        assert_eq!(pages.read(PAGE - 513, 2), [0, 1]);
        assert_eq!(pages.read(10 * PAGE, 3), [0; 3]);
    }

    #[test]
    fn a_clone_keeps_what_it_was() {
        let mut pages = Pages::default();
        pages.write(0, &[7; 2 * PAGE]);
        let before = pages.clone();
        pages.write(100, &[8]);
        pages.write(PAGE, &[0; PAGE]);
        assert_eq!(before.read(0, 2 * PAGE), [7; 2 * PAGE]);
        assert_eq!((pages.read(100, 1), pages.read(PAGE, 1)), (vec![8], vec![0]));
    }
}
