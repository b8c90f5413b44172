//! Edits, whatever the texts and wherever the comparison ends.

use proptest::prelude::*;

use super::*;

/// Makes the side out of the base, and looks whether the edits are what they have to be.
fn apply(edits: &[Edit], base: &[usize], side: &[usize]) -> Vec<usize> {
    let mut made = Vec::new();
    let mut at = 0;
    for (number, edit) in edits.iter().enumerate() {
        assert!(!(edit.base.is_empty() && edit.side.is_empty()), "an edit of nothing: {edits:?}");
        assert!(number == 0 || at < edit.base.start, "two edits touch: {edits:?}");
        made.extend(&base[at..edit.base.start]);
        assert_eq!(made.len(), edit.side.start, "{edits:?}");
        made.extend(&side[edit.side.clone()]);
        at = edit.base.end;
    }
    made.extend(&base[at..]);
    made
}

fn text() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..3usize, 0..40)
}

fn limits() -> impl Strategy<Value = Limits> {
    let tiny = (0..8usize, 1..9usize, 0..400usize);
    let tiny = tiny.prop_map(|(whole, window, work)| Limits { whole, window, work });
    prop_oneof![1 => Just(LIMITS), 3 => tiny]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    /// Whatever the limits are, and wherever the windows end.
    #[test]
    fn edits_make_the_side_of_the_base(base in text(), side in text(), limits in limits()) {
        prop_assert_eq!(apply(&edits_within(&base, &side, limits), &base, &side), side);
    }

    #[test]
    fn edits_are_as_far_down_as_they_can_be(base in text(), side in text()) {
        for edit in edits(&base, &side).into_iter().filter(|edit| edit.base.end < base.len()) {
            prop_assert!(!edit.base.is_empty() || side[edit.side.start] != side[edit.side.end]);
            prop_assert!(!edit.side.is_empty() || base[edit.base.start] != base[edit.base.end]);
        }
    }

    /// What `similar` says is looked at: no lie of it becomes a wrong edit.
    #[test]
    fn nothing_is_believed(
        base in text(),
        side in text(),
        lies in prop::collection::vec((0..45usize, 0..45usize, 0..9usize), 0..9),
    ) {
        let mut matching = Matching { base: &base, side: &side, edits: Vec::new(), at: (0, 0) };
        for lie in lies.into_iter().chain([(base.len(), side.len(), 0)]) {
            matching.take(lie);
        }
        prop_assert_eq!(apply(&matching.edits, &base, &side), side);
    }
}

/// Too long to be compared whole.
const LONG: usize = LIMITS.whole;

/// Each line is there once.
#[test]
fn long_texts_are_compared_between_their_anchors() {
    let base: Vec<usize> = (0..LONG).collect();
    let mut side = base.clone();
    for at in [1, 50_000, 100_000, LONG - 2] {
        side[at] = LONG;
    }
    let found = edits(&base, &side);
    assert_eq!(found.iter().map(|edit| edit.base.len()).collect::<Vec<_>>(), [1; 4]);
    assert_eq!(apply(&found, &base, &side), side);
}

/// Every third line is empty, and so is every other one of those that came in.
#[test]
fn long_texts_may_get_long_blocks() {
    let base: Vec<usize> = (0..LONG).map(|at| if at % 3 == 0 { 0 } else { at }).collect();
    let block = |at| (0..500).map(move |line| if line % 2 == 0 { 0 } else { LONG + at * 500 + line });
    let parts = base.chunks(10_000).enumerate();
    let side: Vec<usize> = parts.flat_map(|(at, part)| part.iter().copied().chain(block(at))).collect();
    let found = edits(&base, &side);
    assert!(found.iter().all(Edit::only_inserts), "{found:?}");
    assert_eq!(found.len(), base.len().div_ceil(10_000));
}

/// Sixteen lines in no order: there are no anchors, and wherever a window ends, lines are equal.
#[test]
fn long_texts_that_only_repeat_are_compared_in_windows() {
    let next = |number: &u32| Some(number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    let numbers = std::iter::successors(Some(1), next).take(LONG);
    let base: Vec<usize> = numbers.map(|number| (number >> 28) as usize).collect();
    let block = |at| if at % 50 == 0 { 16..17 } else { 0..0 };
    let side: Vec<usize> = (0..LONG).flat_map(|at| block(at).chain([base[at]])).collect();
    let found = edits(&base, &side);
    assert!(found.iter().all(Edit::only_inserts), "{found:?}");
    assert_eq!(found.len(), LONG.div_ceil(50));
}

/// Nobody can say what was done; that is one large change, or some.
#[test]
fn long_texts_that_nobody_can_compare_are_changes() {
    let base: Vec<usize> = (0..4 * LONG).map(|at| at % 7).collect();
    let side: Vec<usize> = (0..4 * LONG).map(|at| 10 + at % 5).collect();
    assert_eq!(edits(&base, &side), [Edit { base: 0..base.len(), side: 0..side.len() }]);
    let backwards: Vec<usize> = base.iter().rev().copied().collect();
    assert_eq!(apply(&edits(&base, &backwards), &base, &backwards), backwards);
}
