//! The merge.

use std::collections::{BTreeMap, HashSet};

use ponder_merge::{Merged, merge as merged};

use crate::memory;

/// Three texts with a NUL between them: base, theirs, ours. They are merged as they are; as what both
/// sides appended to a base; and as what both inserted into one, at places that the texts decide.
pub fn merge(bytes: &[u8]) {
    let mut texts = bytes.splitn(3, |&byte| byte == 0);
    let [base, theirs, ours] = [(); 3].map(|()| texts.next().unwrap_or_default());
    whatever(base, theirs, ours);
    appended(base, theirs, ours);
    inserted(base, theirs, ours);
}

/// What is true of any three texts.
fn whatever(base: &[u8], theirs: &[u8], ours: &[u8]) {
    for other in [theirs, ours] {
        assert_eq!(clean(base, base, other).as_deref(), Some(other), "they did nothing");
        assert_eq!(clean(base, other, base).as_deref(), Some(other), "we did nothing");
        assert_eq!(clean(base, other, other).as_deref(), Some(other), "both wrote the same");
    }
    let merged = clean(base, theirs, ours);
    let swapped = clean(base, ours, theirs);
    assert_eq!(merged.as_deref().map(counts), swapped.as_deref().map(counts), "the sides change places");
    if let Some(merged) = merged {
        nothing_lost(base, theirs, ours, &merged);
        nothing_invented(theirs, ours, &merged);
        with_plain_endings(base, theirs, ours, Some(&merged));
    } else {
        with_plain_endings(base, theirs, ours, None);
    }
}

/// A line that the base did not have is there as often as on the side that has more, and the result
/// has grown by what both have grown: lines are folded only where they stand for as many known ones.
fn nothing_lost(base: &[u8], theirs: &[u8], ours: &[u8], merged: &[u8]) {
    if theirs != ours {
        let [base, theirs, ours, merged] = [base, theirs, ours, merged].map(|text| lines(text).len());
        assert!(merged + base >= theirs + ours, "{merged} + {base} < {theirs} + {ours}");
    }
    let (known, there) = (counts(base), counts(merged));
    for (line, count) in counts(theirs).into_iter().chain(counts(ours)) {
        let there = there.get(line).copied().unwrap_or(0);
        assert!(known.contains_key(line) || there >= count, "{line:?} is there {there} times of {count}");
    }
}

/// Every line is some side's, and no two of them are glued together; nothing is added but newlines.
fn nothing_invented(theirs: &[u8], ours: &[u8], merged: &[u8]) {
    let (theirs, ours) = (counts(theirs), counts(ours));
    for (line, count) in counts(merged) {
        let of = |side: &BTreeMap<&[u8], usize>| side.get(line).copied().unwrap_or(0);
        assert!(count <= of(&theirs) + of(&ours), "{line:?} is there {count} times");
    }
}

/// How lines end decides nothing but how lines end.
fn with_plain_endings(base: &[u8], theirs: &[u8], ours: &[u8], merged: Option<&[u8]>) {
    let odd = |text: &[u8]| {
        whole_lines(text).iter().any(|line| line.ends_with(b"\r\r\n") || line.ends_with(b"\r\r"))
    };
    if [base, theirs, ours].into_iter().any(odd) || lines(theirs) == lines(ours) {
        return; // a carriage return that is text would become part of an ending
    }
    let [base, theirs, ours] = [base, theirs, ours].map(ended);
    let plain = clean(&base, &theirs, &ours);
    assert_eq!(plain.as_deref().map(lines), merged.map(lines), "with plain endings");
}

/// Both only appended: both blocks whole, theirs first, equal lines included.
fn appended(base: &[u8], theirs: &[u8], ours: &[u8]) {
    let base = ended(base);
    let (their, our) = ([&base, theirs].concat(), [&base, ours].concat());
    if their != our {
        let merged = clean(&base, &their, &our).expect("who only appends never conflicts");
        assert_eq!(lines(&merged), [lines(&base), lines(theirs), lines(ours)].concat());
    }
}

/// Both only inserted, each at one place: never a conflict, and all of it is there in its order.
fn inserted(base: &[u8], theirs: &[u8], ours: &[u8]) {
    let [base, theirs, ours] = [base, theirs, ours].map(ended);
    let [base_lines, their_block, our_block] = [&base, &theirs, &ours].map(|text| whole_lines(text));
    let their_place = theirs.len() % (base_lines.len() + 1);
    let our_place = ours.len() % (base_lines.len() + 1);
    let with = |place: usize, block: &[&[u8]]| -> Vec<u8> {
        [&base_lines[..place], block, &base_lines[place..]].concat().concat()
    };
    let (their, our) = (with(their_place, &their_block), with(our_place, &our_block));
    if their == our {
        return;
    }
    let merged = clean(&base, &their, &our).expect("who only inserts never conflicts");
    assert!(is_within(&their, &merged) && is_within(&our, &merged), "all of it is there in its order");
    assert_eq!(lines(&merged).len(), base_lines.len() + their_block.len() + our_block.len());

    // Where it cannot be read in two ways, it stands where it was put.
    let known: HashSet<&[u8]> = lines(&base).into_iter().collect();
    let is_new = |block: &[u8]| lines(block).iter().all(|line| !known.contains(line));
    if known.len() == base_lines.len() && is_new(&theirs) && is_new(&ours) {
        let (first, second) = (their_place.min(our_place), their_place.max(our_place));
        let blocks =
            if their_place <= our_place { [their_block, our_block] } else { [our_block, their_block] };
        let parts =
            [&base_lines[..first], &blocks[0], &base_lines[first..second], &blocks[1], &base_lines[second..]];
        assert_eq!(merged, parts.concat().concat(), "where it was put");
    }
}

/// The merged text, if there is no conflict; made in bounded memory.
fn clean(base: &[u8], theirs: &[u8], ours: &[u8]) -> Option<Vec<u8>> {
    let most = 256 * (base.len() + theirs.len() + ours.len());
    match memory::within(most, "a merge", || merged(base, theirs, ours)) {
        Merged::Clean(text) => Some(text),
        Merged::Conflict => None,
    }
}

/// What a text's lines say, without their endings. A line that says `a\r` cannot be told from one that
/// ends in `\r\n`, once the other side has converted the text; so they are the same here.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    whole_lines(text).into_iter().map(without_ending).collect()
}

fn without_ending(line: &[u8]) -> &[u8] {
    let mut says = line.strip_suffix(b"\n").unwrap_or(line);
    while let Some(shorter) = says.strip_suffix(b"\r") {
        says = shorter;
    }
    says
}

/// A text's lines with their endings.
fn whole_lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|&byte| byte == b'\n').collect()
}

/// How often each line is in a text.
fn counts(text: &[u8]) -> BTreeMap<&[u8], usize> {
    let mut counts = BTreeMap::new();
    for line in lines(text) {
        *counts.entry(line).or_default() += 1;
    }
    counts
}

/// Whether all of these lines are in the others, in their order.
fn is_within(some: &[u8], all: &[u8]) -> bool {
    let mut all = lines(all).into_iter();
    lines(some).into_iter().all(|line| all.any(|other| other == line))
}

/// The text with every line ended in the plain way.
fn ended(text: &[u8]) -> Vec<u8> {
    lines(text).into_iter().flat_map(|line| [line, b"\n"].concat()).collect()
}
