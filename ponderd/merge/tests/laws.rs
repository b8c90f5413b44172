//! What is true of every merge, tried with texts out of few lines, so that lines repeat and changes
//! meet. `PONDER_ROUNDS=200 cargo test --release -p ponder-merge` tries each law 200,000 times.

mod support;

use ponder_merge::{Merged, merge};
use proptest::prelude::*;
use support::{
    any_text, cases, clean, counts, edited, ended_with, is_within, lines, three, without_last_newline,
};

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_side_that_did_nothing_changes_nothing(base in any_text(), other in any_text()) {
        prop_assert_eq!(merge(&base, &base, &other), Merged::Clean(other.clone()));
        prop_assert_eq!(merge(&base, &other, &base), Merged::Clean(other.clone()));
        prop_assert_eq!(merge(&base, &other, &other), Merged::Clean(other.clone()));
    }

    #[test]
    fn the_sides_can_change_places([base, theirs, ours] in three()) {
        let (one, other) = (clean(&base, &theirs, &ours), clean(&base, &ours, &theirs));
        prop_assert_eq!(one.as_deref().map(counts), other.as_deref().map(counts));
    }

    #[test]
    fn the_same_texts_merge_the_same_way([base, theirs, ours] in three()) {
        prop_assert_eq!(merge(&base, &theirs, &ours), merge(&base, &theirs, &ours));
    }

    /// Lines are folded only where they stand for as many that both knew.
    #[test]
    fn the_result_has_grown_by_what_both_have_grown([base, theirs, ours] in three()) {
        let Some(merged) = clean(&base, &theirs, &ours) else { return Ok(()) };
        if theirs != ours {
            let [base, theirs, ours, merged] = [&base, &theirs, &ours, &merged].map(|text| lines(text).len());
            prop_assert!(merged + base >= theirs + ours);
        }
    }

    /// A line that the base did not have is in the result as often as on the side that has more. (It
    /// is once and not twice if both put it in the place of the same old one.)
    #[test]
    fn what_a_side_wrote_is_there([base, theirs, ours] in three()) {
        let Some(merged) = clean(&base, &theirs, &ours) else { return Ok(()) };
        let (known, merged) = (counts(&base), counts(&merged));
        for (line, count) in counts(&theirs).into_iter().chain(counts(&ours)) {
            let there = merged.get(line).copied().unwrap_or(0);
            prop_assert!(known.contains_key(line) || there >= count, "{:?}", line);
        }
    }

    #[test]
    fn whoever_only_inserts_never_conflicts_and_loses_nothing([base, theirs, ours] in edited(true)) {
        prop_assume!(theirs != ours);
        let merged = clean(&base, &theirs, &ours).expect("nothing was changed");
        prop_assert!(is_within(&theirs, &merged) && is_within(&ours, &merged));
        prop_assert_eq!(lines(&merged).len() + lines(&base).len(), lines(&theirs).len() + lines(&ours).len());
    }

    #[test]
    fn appended_blocks_are_whole_and_theirs_is_first(
        [base, theirs, ours] in [any_text(), any_text(), any_text()],
        cut in any::<bool>(),
    ) {
        let base = ended_with(&base, b"\n");
        let (their, our) = ([&base[..], &theirs].concat(), [&base[..], &ours].concat());
        prop_assume!(their != our);
        // What the base ends with is nobody's business: a missing newline was added by both.
        let base = if cut { without_last_newline(&base) } else { &base };
        let merged = clean(base, &their, &our).expect("both only appended");
        prop_assert_eq!(lines(&merged), [lines(base), lines(&theirs), lines(&ours)].concat());
    }

    /// With every ended line ended alike, the same comes out, or the same conflict.
    #[test]
    fn endings_decide_nothing([base, theirs, ours] in three()) {
        prop_assume!(lines(&theirs) != lines(&ours));
        let [plain_base, plain_theirs, plain_ours] = [&base, &theirs, &ours].map(|text| ended_with(text, b"\n"));
        let (merged, plain) = (clean(&base, &theirs, &ours), clean(&plain_base, &plain_theirs, &plain_ours));
        prop_assert_eq!(merged.as_deref().map(lines), plain.as_deref().map(lines));
    }

    #[test]
    fn a_converted_text_stays_converted([base, _, ours] in edited(false), cut in any::<bool>()) {
        let [base, mut ours] = [&base, &ours].map(|text| ended_with(text, b"\n"));
        prop_assume!(!base.is_empty());
        if cut {
            ours = without_last_newline(&ours).to_vec();
        }
        let crlf = |text: &[u8]| -> Vec<u8> {
            text.iter().flat_map(|&byte| if byte == b'\n' { vec![b'\r', byte] } else { vec![byte] }).collect()
        };
        prop_assert_eq!(merge(&base, &crlf(&base), &ours), Merged::Clean(crlf(&ours)));
        prop_assert_eq!(merge(&base, &ours, &crlf(&base)), Merged::Clean(crlf(&ours)));
        prop_assert_eq!(merge(&crlf(&base), &base, &crlf(&ours)), Merged::Clean(ours));
    }
}
