//! Both sides' edits of one base, put together.

use std::ops::Range;

use crate::edits::{Edit, Numbers, edits};
use crate::text::{Ending, Text, common_start, converted, last_ending};

/// One text with both sides' edits, or none if they conflict.
pub(crate) fn combine(base: &[u8], theirs: &[u8], ours: &[u8]) -> Option<Vec<u8>> {
    // Most entries only grow: what all three begin with is not even split into lines.
    let start = common_start(base, theirs, ours);
    let texts = [base, theirs, ours].map(|text| Text::new(&text[start..]));
    let mut numbers = Numbers::default();
    let [base_numbers, their_numbers, our_numbers] = texts.each_ref().map(|text| numbers.of(text));
    let theirs_edits = edits(&base_numbers, &their_numbers);
    let ours_edits = edits(&base_numbers, &our_numbers);

    let [base_text, their_text, our_text] = texts;
    let mut sides = Sides {
        base: &base_text,
        theirs: Side { text: &their_text, numbers: &their_numbers, at: 0 },
        ours: Side { text: &our_text, numbers: &our_numbers, at: 0 },
        at: 0,
        out: Written::new(base, theirs, ours, start),
    };
    let (mut theirs, mut ours) = (theirs_edits.into_iter().peekable(), ours_edits.into_iter().peekable());
    loop {
        match (theirs.peek(), ours.peek()) {
            (Some(their), Some(our)) if touch(their, our) => {
                sides.both(their, our)?;
                theirs.next();
                ours.next();
            }
            (Some(their), our) if our.is_none_or(|our| their.base.start < our.base.start) => {
                sides.only_theirs(their);
                theirs.next();
            }
            (_, Some(our)) => {
                sides.only_ours(our);
                ours.next();
            }
            (_, None) => break,
        }
    }
    sides.unchanged(sides.base.len());
    Some(sides.out.bytes)
}

/// There is not one unchanged line between the two.
fn touch(their: &Edit, our: &Edit) -> bool {
    their.base.start <= our.base.end && our.base.start <= their.base.end
}

/// How far the three have been merged, and what came of it.
struct Sides<'a> {
    base: &'a Text<'a>,
    theirs: Side<'a>,
    ours: Side<'a>,
    /// Up to here in the base.
    at: usize,
    out: Written,
}

struct Side<'a> {
    text: &'a Text<'a>,
    numbers: &'a [usize],
    at: usize,
}

impl Side<'_> {
    /// The next lines, which are passed by this.
    fn pass(&mut self, lines: usize) -> Range<usize> {
        let from = self.at;
        self.at += lines;
        from..self.at
    }
}

impl Sides<'_> {
    /// The lines up to here in the base, which nobody changed.
    fn unchanged(&mut self, to: usize) {
        let base = self.at..to;
        let (theirs, ours) = (self.theirs.pass(base.len()), self.ours.pass(base.len()));
        self.at = to;
        self.agreed(base, theirs, ours);
    }

    fn only_theirs(&mut self, edit: &Edit) {
        self.unchanged(edit.base.start);
        self.at = edit.base.end;
        self.ours.pass(edit.base.len());
        let new = self.theirs.pass(edit.side.len());
        self.out.block(self.theirs.text, new);
    }

    fn only_ours(&mut self, edit: &Edit) {
        self.unchanged(edit.base.start);
        self.at = edit.base.end;
        self.theirs.pass(edit.base.len());
        let new = self.ours.pass(edit.side.len());
        self.out.block(self.ours.text, new);
    }

    /// Two edits that touch.
    fn both(&mut self, their: &Edit, our: &Edit) -> Option<()> {
        self.unchanged(their.base.start.min(our.base.start));
        let same = self.is_same_change(their, our);
        let theirs = self.theirs.pass(their.side.len());
        let ours = self.ours.pass(our.side.len());
        if their.only_inserts() && our.only_inserts() {
            self.both_inserted(theirs, ours);
        } else if same {
            // Its lines stand for the last ones that it replaces, as far as endings go.
            self.agreed(their.base.end - theirs.len()..their.base.end, theirs, ours);
            self.at = their.base.end;
        } else {
            return None;
        }
        Some(())
    }

    /// Both inserted at one place: both blocks whole, theirs first, equal lines included.
    fn both_inserted(&mut self, theirs: Range<usize>, ours: Range<usize>) {
        self.out.block(self.theirs.text, theirs);
        self.out.block(self.ours.text, ours);
    }

    /// Both changed the same lines in the same way, and added none.
    fn is_same_change(&self, their: &Edit, our: &Edit) -> bool {
        their.base == our.base
            && their.side.len() <= their.base.len()
            && self.theirs.numbers[their.side.clone()] == self.ours.numbers[our.side.clone()]
    }

    /// Lines that say the same on both sides; how they end is merged.
    fn agreed(&mut self, base: Range<usize>, theirs: Range<usize>, ours: Range<usize>) {
        let raw = self.ours.text.raw(ours.clone());
        if raw == self.theirs.text.raw(theirs.clone()) {
            self.out.raw(raw);
            return;
        }
        for ((base, theirs), ours) in base.zip(theirs).zip(ours) {
            let (_, base) = self.base.line(base);
            let (_, theirs) = self.theirs.text.line(theirs);
            let (says, ours) = self.ours.text.line(ours);
            self.out.line(says, Ending::merged(base, theirs, ours));
        }
    }
}

/// The merged text, as far as it goes.
struct Written {
    bytes: Vec<u8>,
    /// The ending to which one side converted the whole text.
    converted: Option<Ending>,
    /// What a line gets that has no newline, and is not the last one.
    missing: Ending,
}

impl Written {
    /// Begins with the first bytes, which all three have.
    fn new(base: &[u8], theirs: &[u8], ours: &[u8], start: usize) -> Self {
        let converted = converted(base, theirs).or_else(|| converted(base, ours));
        let known = || [theirs, base, ours].into_iter().find_map(last_ending);
        let missing = converted.or_else(known).unwrap_or(Ending::Lf);
        let mut bytes = Vec::with_capacity(theirs.len().max(ours.len()));
        bytes.extend_from_slice(&base[..start]);
        Self { bytes, converted, missing }
    }

    /// One side's new lines.
    fn block(&mut self, text: &Text<'_>, lines: Range<usize>) {
        if self.converted.is_none() {
            return self.raw(text.raw(lines));
        }
        for (says, ending) in lines.map(|line| text.line(line)) {
            self.line(says, ending);
        }
    }

    fn line(&mut self, says: &[u8], ending: Ending) {
        self.end_line();
        self.bytes.extend_from_slice(says);
        let whole = self.converted.filter(|_| ending.is_whole());
        self.bytes.extend_from_slice(whole.unwrap_or(ending).bytes());
    }

    fn raw(&mut self, lines: &[u8]) {
        if !lines.is_empty() {
            self.end_line();
            self.bytes.extend_from_slice(lines);
        }
    }

    /// Ends the line before, if that was some text's last one and has no newline.
    fn end_line(&mut self) {
        match self.bytes.last() {
            None | Some(b'\n') => {}
            Some(b'\r') => self.bytes.push(b'\n'),
            Some(_) => self.bytes.extend_from_slice(self.missing.bytes()),
        }
    }
}
