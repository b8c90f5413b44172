//! What the tests have in common: lines, counts, and texts that proptest makes.

#![allow(dead_code, reason = "not every test needs everything")]
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::env;

use ponder_merge::{Merged, merge};
use proptest::prelude::*;
use proptest::sample::select;

/// How many cases a law is tried with: 1,000 for each of `PONDER_ROUNDS`, or 2,000.
pub(crate) fn cases() -> ProptestConfig {
    let rounds = env::var("PONDER_ROUNDS").map_or(2, |rounds| rounds.parse().expect("a whole number"));
    let cases = 1000 * rounds;
    let config = ProptestConfig::with_cases(cases);
    ProptestConfig { failure_persistence: None, max_global_rejects: cases, ..config }
}

/// The merged text, if there is no conflict.
pub(crate) fn clean(base: &[u8], theirs: &[u8], ours: &[u8]) -> Option<Vec<u8>> {
    match merge(base, theirs, ours) {
        Merged::Clean(text) => Some(text),
        Merged::Conflict => None,
    }
}

/// What a text's lines say, without their endings.
pub(crate) fn lines(text: &[u8]) -> Vec<&[u8]> {
    let ended = text.split_inclusive(|&byte| byte == b'\n');
    ended
        .map(|line| line.strip_suffix(b"\n").unwrap_or(line))
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .collect()
}

/// How often each line is in a text.
pub(crate) fn counts(text: &[u8]) -> BTreeMap<&[u8], i64> {
    let mut counts = BTreeMap::new();
    for line in lines(text) {
        *counts.entry(line).or_default() += 1;
    }
    counts
}

/// Whether all of these lines are in the others, in their order.
pub(crate) fn is_within(some: &[u8], all: &[u8]) -> bool {
    let mut all = lines(all).into_iter();
    lines(some).into_iter().all(|line| all.any(|other| other == line))
}

/// The text with all of its lines ended, by this.
pub(crate) fn ended_with(text: &[u8], ending: &[u8]) -> Vec<u8> {
    lines(text).into_iter().flat_map(|line| [line, ending].concat()).collect()
}

/// The text, its last line without a newline. An empty line is nothing without.
pub(crate) fn without_last_newline(text: &[u8]) -> &[u8] {
    let ends_empty = text == b"\n" || text.ends_with(b"\n\n");
    if ends_empty { text } else { text.strip_suffix(b"\n").unwrap_or(text) }
}

/// A text with these lines, each with its ending, the last one perhaps without.
pub(crate) fn text(lines: &[(&[u8], &[u8])], cut: bool) -> Vec<u8> {
    let whole: Vec<u8> = lines.iter().flat_map(|(line, ending)| [*line, *ending].concat()).collect();
    let last = lines.last().map_or(0, |(line, ending)| if line.is_empty() { 0 } else { ending.len() });
    whole[..whole.len() - if cut { last } else { 0 }].to_vec()
}

/// A line out of few, so that they repeat; not all of them are UTF-8.
pub(crate) fn line() -> impl Strategy<Value = &'static [u8]> {
    select(vec![&b"a"[..], b"b", b"c", b"", b"\xff\xfe", b"x\ry"])
}

fn ending() -> impl Strategy<Value = &'static [u8]> {
    prop_oneof![3 => Just(&b"\n"[..]), 1 => Just(&b"\r\n"[..])]
}

/// Lines, all ended in one way or each in its own.
fn ended_lines(longest: usize) -> impl Strategy<Value = Vec<(&'static [u8], &'static [u8])>> {
    let uniform = (prop::collection::vec(line(), 0..=longest), ending())
        .prop_map(|(lines, ending)| lines.into_iter().map(|line| (line, ending)).collect());
    prop_oneof![3 => uniform, 1 => prop::collection::vec((line(), ending()), 0..=longest)]
}

/// Any text.
pub(crate) fn any_text() -> impl Strategy<Value = Vec<u8>> {
    (ended_lines(6), any::<bool>()).prop_map(|(lines, cut)| text(&lines, cut))
}

/// What is done to one line: it may get others before it, be dropped or become another.
#[derive(Clone, Debug)]
enum Deed {
    Nothing,
    Insert(Vec<(&'static [u8], &'static [u8])>),
    Drop,
    Change(&'static [u8]),
}

fn deeds(insert_only: bool) -> impl Strategy<Value = Vec<Deed>> {
    let others = u32::from(!insert_only);
    let inserted = prop::collection::vec((line(), ending()), 1..3);
    let deed = prop_oneof![
        8 => Just(Deed::Nothing),
        2 => inserted.prop_map(Deed::Insert),
        others => Just(Deed::Drop),
        others => line().prop_map(Deed::Change),
    ];
    prop::collection::vec(deed, 9)
}

fn done(base: &[(&'static [u8], &'static [u8])], deeds: &[Deed]) -> Vec<(&'static [u8], &'static [u8])> {
    let mut side = Vec::new();
    for (at, deed) in deeds.iter().enumerate().take(base.len() + 1) {
        let line = base.get(at).copied();
        match (deed, line) {
            (Deed::Insert(lines), line) => side.extend(lines.iter().copied().chain(line)),
            (Deed::Nothing, line) => side.extend(line),
            (Deed::Change(other), Some((_, ending))) => side.push((other, ending)),
            (Deed::Drop | Deed::Change(_), _) => {}
        }
    }
    side
}

/// A base and what two sides made of it.
pub(crate) fn edited(insert_only: bool) -> impl Strategy<Value = [Vec<u8>; 3]> {
    let cut = || prop::bool::weighted(0.3);
    let parts = (ended_lines(8), deeds(insert_only), deeds(insert_only), (cut(), cut(), cut()));
    parts.prop_map(|(base, theirs, ours, cut)| {
        let (theirs, ours) = (done(&base, &theirs), done(&base, &ours));
        [text(&base, cut.0), text(&theirs, cut.1), text(&ours, cut.2)]
    })
}

/// Three texts: edited ones, and ones that have nothing to do with each other.
pub(crate) fn three() -> impl Strategy<Value = [Vec<u8>; 3]> {
    prop_oneof![4 => edited(false), 1 => [any_text(), any_text(), any_text()]]
}
