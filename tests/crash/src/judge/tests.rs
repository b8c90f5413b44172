//! Every way in which an image can be wrong, and that what is right is none of them.

use super::*;
use crate::found::Kept;
use crate::history::Dated;

const DAY: Day = 20_261_123;
const OTHER: Day = 20_261_124;

/// Versions 1 and 2 (of one session) and 6, appends 3 and 4, an outsider's block 5 on the other day.
fn history(facts: &[(usize, Fact)]) -> History {
    let block = |kind, number, day, session| Block::new(kind, number, day, 300, session);
    let blocks = [
        block(Kind::Version, 1, DAY, 1),
        block(Kind::Version, 2, DAY, 1),
        block(Kind::Append, 3, DAY, 3),
        block(Kind::Append, 4, OTHER, 4),
        block(Kind::Outside, 5, OTHER, 5),
        block(Kind::Version, 6, OTHER, 6),
    ];
    let dated = |(position, fact): &(usize, Fact)| Dated { position: *position, fact: fact.clone() };
    History {
        start: 0,
        end: 100,
        blocks: blocks.into_iter().map(|block| (block.number, block)).collect(),
        facts: facts.iter().map(dated).collect(),
    }
}

fn text(number: Number) -> String {
    history(&[]).blocks[&number].text().to_string()
}

/// What is said of entries that are made of these texts.
fn look(facts: &[(usize, Fact)], entries: &[(Day, &[&str])], kept: &[(Day, &[&str])]) -> Verdict {
    let history = history(facts);
    let bytes = |texts: &[&str]| texts.concat().into_bytes();
    let kept = kept.iter().map(|(day, texts)| Kept { day: *day, texts: vec![bytes(texts)] });
    let entries = entries.iter().map(|(day, texts)| (*day, bytes(texts)));
    let found = Found { entries: entries.collect(), kept: kept.collect() };
    Judge::new(&history, 50, false).look(&found)
}

#[track_caller]
fn complains(verdict: &Verdict, part: &str) {
    assert!(verdict.violations.iter().any(|sentence| sentence.contains(part)), "{verdict:?}");
}

#[track_caller]
fn is_right(verdict: &Verdict) {
    assert!(verdict.violations.is_empty() && verdict.kept_instead == 0, "{verdict:?}");
}

#[test]
fn one_of_those_that_were_released_together_may_be_kept_where_an_outsider_wrote() {
    let facts = [(10, Fact::Together(vec![2, 6]))];
    is_right(&look(&facts, &[(DAY, &[&text(2)]), (OTHER, &[&text(6)])], &[]));
    let half = |kept: &[(Day, &[&str])]| look(&facts, &[(DAY, &[&text(2)]), (OTHER, &[&text(5)])], kept);
    complains(&half(&[]), "1 of 2");
    assert!(half(&[(OTHER, &[&text(6)])]).violations.is_empty());
    let other = look(&facts, &[(DAY, &[&text(1)]), (OTHER, &[&text(6)])], &[(DAY, &[&text(2)])]);
    complains(&other, "1 of 2");
    // None at all: what the drafts held is kept, or is not.
    let none = look(&facts, &[(DAY, &[&text(1)]), (OTHER, &[&text(5)])], &[(OTHER, &[&text(6)])]);
    assert!(none.violations.is_empty(), "{none:?}");
}

#[test]
fn what_was_acknowledged_has_to_be_there() {
    let facts = [(10, Fact::There(1)), (20, Fact::There(3)), (60, Fact::There(2))];
    let right = look(&facts, &[(DAY, &[&text(1), &text(3)])], &[]);
    is_right(&right);
    assert_eq!(right.operations, 2, "the third was acknowledged after the power cut");
    is_right(&look(&facts, &[(DAY, &[&text(2), &text(3)])], &[]));
    let lost = look(&facts, &[(DAY, &[&text(1)])], &[]);
    complains(&lost, "a3 (300 bytes) was acknowledged and is lost");
    assert_eq!(lost.lost, 300);
    complains(&look(&facts, &[(DAY, &[&text(3)])], &[]), "v1 (300 bytes) was acknowledged and is lost");
    complains(&look(&facts, &[], &[]), "a3");
}

#[test]
fn nothing_is_there_twice_or_torn() {
    complains(&look(&[], &[(DAY, &[&text(3), &text(3)])], &[]), "a3 is there twice");
    complains(&look(&[], &[(DAY, &[&text(1), &text(2)])], &[]), "two versions");
    complains(&look(&[], &[(DAY, &[&text(1)[..100]])], &[]), "v1 is cut after 100 bytes");
    complains(&look(&[], &[(DAY, &[""])], &[]), "empty");
    complains(&look(&[], &[(DAY, &[&text(1), "\0\0"])], &[]), "2 zero bytes");
    complains(&look(&[], &[(DAY, &[&text(1), "what?\n"])], &[]), "nobody wrote \"what?\"");
    let cut = look(&[], &[(DAY, &[&text(1), &text(3)[..100]])], &[]);
    is_right(&cut);
    assert_eq!(cut.cut, 1, "the beginning of an append that was not acknowledged");
    complains(&look(&[(1, Fact::There(3))], &[(DAY, &[&text(3)[..100]])], &[]), "a3 is cut");
    is_right(&look(&[], &[(OTHER, &[&text(4), &"\0".repeat(300)])], &[])); // the outsider's hole
}

#[test]
fn kept_instead_counts_only_where_an_outsider_wrote() {
    let kept = look(&[(1, Fact::There(4))], &[], &[(OTHER, &[&text(4)])]);
    assert_eq!((kept.kept_instead, kept.violations.len()), (1, 0));
    complains(
        &look(&[(1, Fact::There(3))], &[], &[(DAY, &[&text(3)])]),
        "a3 (300 bytes) was acknowledged and is only",
    );
    // A draft that began as a copy of the entry.
    let copy: &[&str] = &[&text(6), &text(4)];
    complains(
        &look(&[(1, Fact::There(4))], &[], &[(OTHER, copy)]),
        "a4 (300 bytes) was acknowledged and is lost",
    );
}

#[test]
fn a_kept_draft_has_to_be_kept() {
    let facts = [(1, Fact::Kept(1))];
    is_right(&look(&facts, &[], &[(DAY, &[&text(1)])]));
    is_right(&look(&facts, &[], &[(DAY, &[&text(2)])])); // its session saved again
    complains(&look(&facts, &[(DAY, &[&text(2)])], &[]), "v1 was acknowledged as kept and is not");
    let history = history(&facts);
    let lax = Judge::new(&history, 50, true).look(&Found::default());
    assert_eq!((lax.kept_lost, lax.violations.len()), (1, 0));
}

#[test]
fn together_is_all_or_none() {
    let facts = [(1, Fact::There(1)), (2, Fact::Together(vec![2, 6]))];
    let entry = |number| [text(number)];
    let (first, second, other) = (entry(1), entry(2), entry(6));
    is_right(&look(&facts, &[(DAY, &[&first[0]])], &[]));
    is_right(&look(&facts, &[(DAY, &[&second[0]]), (OTHER, &[&other[0]])], &[]));
    complains(&look(&facts, &[(DAY, &[&second[0]])], &[]), "v2, v6 were released together: 1 of 2");
    complains(&look(&facts, &[(DAY, &[&first[0]]), (OTHER, &[&other[0]])], &[]), "1 of 2");
}

#[test]
fn what_a_reckless_outsider_loses_is_his() {
    let facts = [(1, Fact::There(4)), (2, Fact::Reckless(OTHER)), (3, Fact::There(6))];
    is_right(&look(&facts, &[(OTHER, &[&text(6)])], &[]));
    complains(&look(&facts, &[(OTHER, &[""])], &[]), "v6");
}
