//! The rule by example. Each row is base, theirs (what stands in the entry), ours (the draft) and
//! what becomes of them; `-` is a conflict.

use ponder_merge::{Merged, merge};

#[track_caller]
fn check(rows: &[[&str; 4]]) {
    for [base, theirs, ours, expected] in rows {
        let expected = match *expected {
            "-" => Merged::Conflict,
            text => Merged::Clean(text.as_bytes().to_vec()),
        };
        let merged = merge(base.as_bytes(), theirs.as_bytes(), ours.as_bytes());
        assert_eq!(merged, expected, "{base:?} {theirs:?} {ours:?}");
    }
}

#[test]
fn changes_in_different_places_are_both_made() {
    check(&[
        ["a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", "A\nb\nC\n"],
        ["a\nb\nc\n", "b\nc\n", "a\nb\nc\nd\n", "b\nc\nd\n"],
        ["a\nb\nc\n", "a\nb\n", "x\na\nb\nc\n", "x\na\nb\n"],
        ["a\nb\nc\nd\n", "a\nx\nb\nc\nd\n", "a\nb\nc\ny\nd\n", "a\nx\nb\nc\ny\nd\n"],
    ]);
}

#[test]
fn two_that_insert_at_one_place_are_both_kept_whole() {
    check(&[
        ["a\n", "a\nx\n", "a\ny\n", "a\nx\ny\n"],
        ["", "x\n", "y\n", "x\ny\n"],
        ["a\nb\n", "a\nx\nb\n", "a\ny\nb\n", "a\nx\ny\nb\n"],
        ["a\n", "x\na\n", "y\na\n", "x\ny\na\n"],
    ]);
}

/// A merge that folds equal lines, as the union merges of others do, gets every row of this wrong.
#[test]
fn equal_lines_of_two_blocks_are_not_folded() {
    check(&[
        ["a\n", "a\nx\ny\n", "a\nx\nz\n", "a\nx\ny\nx\nz\n"],
        ["a\n", "a\ny\nx\n", "a\nz\nx\n", "a\ny\nx\nz\nx\n"],
        ["a\n", "a\nx\n", "a\nx\nx\n", "a\nx\nx\nx\n"],
        ["a\n", "a\n\n## 10:00\nx\n", "a\n\n## 10:00\ny\n", "a\n\n## 10:00\nx\n\n## 10:00\ny\n"],
        ["a\nb\n", "a\nx\nb\n", "a\nx\nb\nc\n", "a\nx\nx\nb\nc\n"],
        ["a\nb\n", "A\nx\nb\n", "a\nb\nx\n", "A\nx\nb\nx\n"],
        ["a\n", "a\nx\n", "a\nx", "a\nx\nx"],
    ]);
}

#[test]
fn the_same_text_twice_is_that_text() {
    check(&[
        ["a\n", "a\nx\n", "a\nx\n", "a\nx\n"],
        ["a\n", "b\r\nc", "b\r\nc", "b\r\nc"],
        ["a\n", "", "", ""],
    ]);
}

#[test]
fn one_place_changed_by_both_is_a_conflict() {
    check(&[
        ["a\n", "b\n", "c\n", "-"],
        ["a\nb\nc\n", "a\nB\nc\n", "a\nc\n", "-"],
        ["a\nb\nc\n", "a\nB\nC\n", "a\nX\nc\n", "-"],
        ["a\nb\n", "", "a\nB\n", "-"],
        ["a\nb\n", "", "a\nb\nx\n", "-"],
    ]);
}

#[test]
fn changes_that_touch_are_a_conflict() {
    check(&[
        ["a\nb\nc\nd\n", "a\nB\nc\nd\n", "a\nb\nC\nd\n", "-"],
        ["a\nb\n", "a\nB\n", "a\nb\nx\n", "-"],
        ["a\nb\n", "A\nb\n", "x\na\nb\n", "-"],
        ["a\nb\nc\n", "a\nc\n", "a\nb\nx\nc\n", "-"],
        // One unchanged line between them is enough.
        ["a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", "A\nb\nC\n"],
    ]);
}

#[test]
fn the_same_change_of_existing_lines_is_made_once() {
    check(&[
        ["teh\nb\nc\nd\n", "the\nb\nc\nD\n", "the\nB\nc\nd\n", "-"],
        ["teh\nb\nc\nd\n", "the\nb\nc\nD\n", "the\nb\nc\nd\n", "the\nb\nc\nD\n"],
        ["a\nb\nc\nd\n", "a\nc\nD\n", "a\nc\nd\n", "a\nc\nD\n"],
        ["a\nb\nc\n", "x\nc\n", "x\nc\nd\n", "x\nc\nd\n"],
        // A longer one is an addition, too: it would have to be there twice.
        ["a\nb\nc\n", "A\nx\nb\nC\n", "A\nx\nb\nc\n", "-"],
        // Not the same lines of the base.
        ["a\nb\nc\nd\n", "x\nc\nd\n", "x\nb\nc\nD\n", "-"],
    ]);
}

#[test]
fn no_two_lines_are_glued_together() {
    check(&[
        ["a", "a\nx", "a\ny", "a\nx\ny"],
        ["a\n", "a\nx", "a\ny\n", "a\nx\ny\n"],
        ["", "x", "y", "x\ny"],
        ["", "x", "y\r\n", "x\r\ny\r\n"],
        ["a\r\nb\r\n", "a\r\nb\r\nx", "a\r\nb\r\ny", "a\r\nb\r\nx\r\ny"],
        ["a\nb\n", "a\nb", "a\nb\nx\n", "a\nb\nx\n"],
        ["a", "a\r", "a\nx\n", "a\nx\n"],
    ]);
}

#[test]
fn the_last_newline_is_no_change_of_its_line() {
    check(&[
        ["a\nb", "a\nb\n", "A\nb", "A\nb\n"],
        ["a\nb\n", "a\nb", "A\nb\n", "A\nb"],
        ["a\nb", "a\nb\n", "a\n", "a\n"],
        ["a\nb", "a\nb\n", "a\nB", "a\nB"],
    ]);
}

#[test]
fn endings_are_no_change_of_their_lines() {
    check(&[
        ["a\nb\nc\n", "a\r\nb\r\nc\r\n", "a\nB\nc\nd\n", "a\r\nB\r\nc\r\nd\r\n"],
        ["a\nb\nc\n", "x\na\nb\n", "a\r\nb\r\nc\r\n", "x\r\na\r\nb\r\n"],
        ["a\r\nb\r\n", "a\nb\n", "a\r\nb\r\nx", "a\nb\nx"],
        // Not the whole text: what changed wins, and new lines stay as they were written.
        ["a\nb\n", "a\r\nb\n", "a\nb\nx\n", "a\r\nb\nx\n"],
        ["a\nb\n", "a\nb\nx\r\n", "a\nb\ny\n", "a\nb\nx\r\ny\n"],
    ]);
}

#[test]
fn bytes_that_are_not_utf8_are_bytes() {
    let merged = merge(b"\xff\n\x00\nb\n", b"\xfe\n\x00\nb\n", b"\xff\n\x00\nb\n\x80\xff");
    assert_eq!(merged, Merged::Clean(b"\xfe\n\x00\nb\n\x80\xff".to_vec()));
}

/// A paragraph that comes between others can be read as inserted before or after a blank line. Both
/// sides have to be read alike, or theirs would not be first.
#[test]
fn paragraphs_between_blank_lines_come_in_order() {
    check(&[
        ["A\n\nB\n\nC\n", "A\n\nx\n\nB\n\nC\n", "A\n\ny\n\nB\n\nC\n", "A\n\nx\n\ny\n\nB\n\nC\n"],
        ["H\nA\n\nB\n", "H\nA\n\nx\n\nB\n", "H2\nA\n\ny\n\nB\n", "H2\nA\n\nx\n\ny\n\nB\n"],
    ]);
}
