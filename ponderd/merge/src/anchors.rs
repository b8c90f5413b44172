//! Where two long texts surely belong together: at lines that each of them has exactly once.

/// The positions of such lines, in base and side: as many as there are in the same order in both.
pub(crate) fn anchors(base: &[usize], side: &[usize]) -> Vec<(usize, usize)> {
    let (in_base, in_side) = (only_places(base), only_places(side));
    let once = in_side.iter().zip(&in_base).filter_map(|places| match places {
        (Place::Only(side), Place::Only(base)) => Some((*base, *side)),
        _ => None,
    });
    let mut pairs: Vec<_> = once.collect();
    pairs.sort_unstable();
    in_order(&pairs)
}

/// Where a line is, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Nowhere,
    Only(usize),
    Several,
}

/// For each number of a line, its place.
fn only_places(text: &[usize]) -> Vec<Place> {
    let mut places = vec![Place::Nowhere; text.iter().max().map_or(0, |most| most + 1)];
    for (at, &line) in text.iter().enumerate() {
        places[line] = if places[line] == Place::Nowhere { Place::Only(at) } else { Place::Several };
    }
    places
}

/// The longest chain of pairs, sorted by the first, in which the second ones ascend, too.
fn in_order(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // For each length, the end of the chain that leaves most room; for each pair, what is before it.
    let mut ends: Vec<usize> = Vec::new();
    let mut before = Vec::with_capacity(pairs.len());
    for (at, &(_, side)) in pairs.iter().enumerate() {
        let length = ends.partition_point(|&end| pairs[end].1 < side);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut chain: Vec<_> = std::iter::successors(ends.last().copied(), |&at| before[at]).collect();
    chain.reverse();
    chain.into_iter().map(|at| pairs[at]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_there_once_in_the_same_order() {
        assert_eq!(anchors(&[1, 0, 2, 0, 3], &[1, 2, 0, 3]), [(0, 0), (2, 1), (4, 3)]);
        assert_eq!(anchors(&[1, 2, 3, 4], &[4, 1, 3, 2]), [(0, 1), (2, 2)]);
        assert_eq!(anchors(&[1, 1], &[1]), []);
        assert_eq!(anchors(&[], &[7]), []);
    }
}
