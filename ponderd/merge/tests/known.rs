//! Merges whose only right result is known: where no line repeats, and where texts are so small that
//! every way to read them can be tried.

mod support;

use std::collections::BTreeSet;

use ponder_merge::{Merged, merge};
use proptest::prelude::*;
use support::{cases, clean};

/// What is between two lines that nobody changed.
#[derive(Clone, Debug, Default)]
struct Gap {
    base: Vec<String>,
    theirs: Vec<String>,
    ours: Vec<String>,
}

impl Gap {
    /// The rule, said once more, and as plainly as possible.
    fn merged(self) -> Option<Vec<String>> {
        let Self { base, theirs, ours } = self;
        if theirs == base {
            Some(ours)
        } else if ours == base {
            Some(theirs)
        } else if base.is_empty() {
            Some([theirs, ours].concat())
        } else {
            (theirs == ours && theirs.len() <= base.len()).then_some(theirs)
        }
    }
}

/// What a side does at a line of the base: whether it inserts before it, and what becomes of it.
type Deed = (bool, Fate);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Kept,
    Dropped,
    Changed,
}

fn deed() -> impl Strategy<Value = Deed> {
    let fate = prop_oneof![6 => Just(Fate::Kept), 1 => Just(Fate::Dropped), 1 => Just(Fate::Changed)];
    (prop::bool::weighted(0.15), fate)
}

fn joined(lines: &[String]) -> Vec<u8> {
    lines.concat().into_bytes()
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn where_no_line_repeats(deeds in prop::collection::vec((deed(), deed()), 1..12)) {
        let (mut base, mut theirs, mut ours) = (Vec::new(), Vec::new(), Vec::new());
        let (mut gap, mut expected) = (Gap::default(), Some(Vec::new()));
        let mut close = |gap: &mut Gap| {
            let merged = std::mem::take(gap).merged();
            expected = expected.take().and_then(|all: Vec<String>| Some([all, merged?].concat()));
        };
        for (at, &(their, our)) in deeds.iter().enumerate() {
            let line = format!("line {at}\n");
            for (name, deed, side) in [("their", their, &mut gap.theirs), ("our", our, &mut gap.ours)] {
                if deed.0 {
                    side.extend([format!("{name} first line before {at}\n"), format!("{name} second\n")]);
                }
                if deed.1 == Fate::Changed {
                    side.push(format!("{name} line {at}\n"));
                }
            }
            // The second line of an insertion repeats; only the lines of the base must not.
            if (their.1, our.1) == (Fate::Kept, Fate::Kept) {
                theirs.extend(gap.theirs.iter().cloned());
                ours.extend(gap.ours.iter().cloned());
                close(&mut gap);
                gap = Gap { base: vec![line.clone()], theirs: vec![line.clone()], ours: vec![line.clone()] };
                close(&mut gap);
                theirs.push(line.clone());
                ours.push(line.clone());
            } else {
                gap.base.push(line.clone());
                for (deed, side) in [(their, &mut gap.theirs), (our, &mut gap.ours)] {
                    side.extend((deed.1 == Fate::Kept).then(|| line.clone()));
                }
            }
            base.push(line);
        }
        theirs.extend(gap.theirs.iter().cloned());
        ours.extend(gap.ours.iter().cloned());
        close(&mut gap);
        let expected = expected.map_or(Merged::Conflict, |lines| Merged::Clean(joined(&lines)));
        prop_assert_eq!(merge(&joined(&base), &joined(&theirs), &joined(&ours)), expected);
    }
}

/// All texts of up to so many lines, each of them `a` or `b`.
fn tiny(longest: u32) -> Vec<Vec<u8>> {
    let of_length = |length: u32| {
        (0..1u32 << length).map(move |bits| (0..length).map(|at| b'a' + (bits >> at & 1) as u8).collect())
    };
    (0..=longest).flat_map(of_length).collect()
}

/// Every way to match as many lines of the two as possible, as pairs of positions.
fn readings(base: &[u8], side: &[u8]) -> Vec<Vec<(usize, usize)>> {
    fn all(base: &[u8], side: &[u8], from: (usize, usize)) -> Vec<Vec<(usize, usize)>> {
        let mut found = vec![Vec::new()];
        for at in from.0..base.len() {
            for to in (from.1..side.len()).filter(|&to| side[to] == base[at]) {
                let rest = all(base, side, (at + 1, to + 1));
                found.extend(rest.into_iter().map(|rest| [vec![(at, to)], rest].concat()));
            }
        }
        found
    }
    let all = all(base, side, (0, 0));
    let most = all.iter().map(Vec::len).max().unwrap_or(0);
    all.into_iter().filter(|pairs| pairs.len() == most).collect()
}

/// What the rule makes of three texts that are read in this way: none for a conflict.
fn read(
    [base, theirs, ours]: [&[u8]; 3],
    their: &[(usize, usize)],
    our: &[(usize, usize)],
) -> Option<Vec<u8>> {
    let of = |pairs: &[(usize, usize)], at| pairs.iter().find(|pair| pair.0 == at).map(|pair| pair.1);
    let mut merged = Vec::new();
    let mut from = (0, 0, 0);
    let stable = (0..base.len()).filter_map(|at| Some((at, of(their, at)?, of(our, at)?)));
    for to in stable.chain([(base.len(), theirs.len(), ours.len())]) {
        let matched =
            |pairs: &[(usize, usize)]| pairs.iter().filter(|pair| (from.0..to.0).contains(&pair.0)).count();
        let (base_lines, their_lines, our_lines) =
            (&base[from.0..to.0], &theirs[from.1..to.1], &ours[from.2..to.2]);
        let unchanged =
            |pairs, lines: &[u8]| matched(pairs) == base_lines.len() && lines.len() == base_lines.len();
        if unchanged(their, their_lines) {
            merged.extend(our_lines);
        } else if unchanged(our, our_lines) {
            merged.extend(their_lines);
        } else if base_lines.is_empty() {
            merged.extend([their_lines, our_lines].concat());
        } else {
            let anew = matched(their) == 0 && matched(our) == 0;
            if !(anew && their_lines == our_lines && our_lines.len() <= base_lines.len()) {
                return None;
            }
            merged.extend(our_lines);
        }
        merged.extend(base.get(to.0));
        from = (to.0 + 1, to.1 + 1, to.2 + 1);
    }
    Some(merged)
}

/// Lines that repeat can be read in more than one way. Ours has to be one of them.
#[test]
fn all_tiny_texts_are_merged_by_some_reading() {
    let texts = tiny(4);
    let plain = |text: &[u8]| text.iter().flat_map(|&line| [line, b'\n']).collect::<Vec<_>>();
    let mut seen = BTreeSet::new();
    for base in &texts {
        let by_side: Vec<_> = texts.iter().map(|side| readings(base, side)).collect();
        for (theirs, their) in texts.iter().zip(&by_side) {
            for (ours, our) in texts.iter().zip(&by_side).filter(|(ours, _)| *ours != theirs) {
                let merged = clean(&plain(base), &plain(theirs), &plain(ours));
                let possible = their.iter().any(|their| {
                    our.iter()
                        .any(|our| read([base, theirs, ours], their, our).as_deref().map(plain) == merged)
                });
                assert!(possible, "{:?}", [base, theirs, ours].map(|text| String::from_utf8_lossy(text)));
                seen.insert(merged.is_some());
            }
        }
    }
    assert_eq!(seen.len(), 2, "there were both merges and conflicts");
}
