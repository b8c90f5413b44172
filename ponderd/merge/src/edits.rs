//! What one side did to the base: which lines were replaced by which.
//!
//! `similar` finds the lines that two texts have in common, by Myers' method with its heuristics.
//! What it finds is looked at before it is believed: a run of lines that are not equal, or stand in
//! another order, is left out, and a line that nobody matched is a change, which at worst makes a
//! conflict. So no line can be lost by a mistake in there.
//!
//! The work is bounded, for texts made to be difficult (a million lines that say `a` or `b`): long
//! texts are compared between anchors and a window at a time, and what has not been compared when the
//! work is used up is one large change. The bound counts lines, not seconds: the same texts always merge the same way.

use std::collections::HashMap;
use std::convert::Infallible;
use std::ops::Range;

use similar::Algorithm;
use similar::algorithms::{DiffHook, diff};

use crate::anchors::anchors;
use crate::text::Text;

/// Lines of the base, and the lines of the side that stand in their place. Between two edits there
/// is at least one line that both texts have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) base: Range<usize>,
    pub(crate) side: Range<usize>,
}

impl Edit {
    /// Nothing of the base was touched.
    pub(crate) fn only_inserts(&self) -> bool {
        self.base.is_empty()
    }
}

/// Numbers for lines: the same for lines that say the same, in whichever text.
#[derive(Debug, Default)]
pub(crate) struct Numbers<'a> {
    known: HashMap<&'a [u8], usize>,
}

impl<'a> Numbers<'a> {
    pub(crate) fn of(&mut self, text: &Text<'a>) -> Vec<usize> {
        let lines = 0..text.len();
        lines
            .map(|line| {
                let next = self.known.len();
                *self.known.entry(text.line(line).0).or_insert(next)
            })
            .collect()
    }
}

/// How much is compared, in lines and steps.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Texts of up to so many lines together are compared whole, whatever that takes.
    whole: usize,
    /// Longer ones are compared between lines that are in each of them once, and so many lines of
    /// each at once.
    window: usize,
    /// How much work the windows may be, in steps of about twenty nanoseconds.
    work: usize,
}

/// Less than half a second for two texts, and a millisecond for what people write in a day.
const LIMITS: Limits = Limits { whole: 192 * 1024, window: 16 * 1024, work: 8 * 1024 * 1024 };

/// The edits that make `side` of `base`, in order, each as far down as it can be.
pub(crate) fn edits(base: &[usize], side: &[usize]) -> Vec<Edit> {
    edits_within(base, side, LIMITS)
}

fn edits_within(base: &[usize], side: &[usize], limits: Limits) -> Vec<Edit> {
    let mut matching = Matching { base, side, edits: Vec::new(), at: (0, 0) };
    matching.compare(limits);
    slide_down(matching.edits, base, side)
}

/// Lines that are equal: where in the base, where in the side, how many.
type Run = (usize, usize, usize);

struct Matching<'a> {
    base: &'a [usize],
    side: &'a [usize],
    edits: Vec<Edit>,
    /// Up to here everything is in an edit or matched.
    at: (usize, usize),
}

impl Matching<'_> {
    fn compare(&mut self, limits: Limits) {
        let pairs = || self.base.iter().zip(self.side);
        let start = pairs().take_while(|(base, side)| base == side).count();
        let rest = self.base[start..].iter().rev().zip(self.side[start..].iter().rev());
        let end = rest.take_while(|(base, side)| base == side).count();
        let ends = (self.base.len() - end, self.side.len() - end);
        self.take((0, 0, start));
        let (most, mut work, anchors) = if ends.0 + ends.1 - 2 * start <= limits.whole {
            (limits.whole, usize::MAX, Vec::new())
        } else {
            let anchors = anchors(&self.base[start..ends.0], &self.side[start..ends.1]);
            (limits.window, limits.work, anchors)
        };
        for (base, side) in anchors {
            let anchor = (base + start, side + start);
            self.compare_windows(anchor, most, &mut work);
            self.take((anchor.0, anchor.1, 1));
        }
        self.compare_windows(ends, most, &mut work);
        self.take((ends.0, ends.1, end));
    }

    /// Compares what is between `self.at` and `ends`, so many lines of each at once.
    fn compare_windows(&mut self, ends: (usize, usize), most: usize, work: &mut usize) {
        let mut window = most;
        while self.at.0 < ends.0 && self.at.1 < ends.1 && *work > 0 {
            let base = self.at.0..ends.0.min(self.at.0 + window);
            let side = self.at.1..ends.1.min(self.at.1 + window);
            let is_last = (base.end, side.end) == ends;
            let mut runs = runs(self.base, base.clone(), self.side, side.clone());
            let lines = base.len() + side.len();
            let cost = cost(lines, &runs);
            if !is_last {
                runs.truncate(trusted(&runs, base.start + base.len() / 2));
                window = if runs.is_empty() { window * 2 } else { most };
            }
            for run in runs {
                self.take(run);
            }
            *work = work.saturating_sub(cost);
            if is_last {
                return;
            }
        }
    }

    /// Takes lines as matched; what was left out before them is an edit.
    fn take(&mut self, (base, side, len): Run) {
        let lines = self.base.get(base..base + len).zip(self.side.get(side..side + len));
        let is_true =
            base >= self.at.0 && side >= self.at.1 && lines.is_some_and(|(base, side)| base == side);
        let is_end = (base + len, side + len) == (self.base.len(), self.side.len());
        if !is_true || (len == 0 && !is_end) {
            return;
        }
        self.edit((base, side));
        self.at = (base + len, side + len);
    }

    /// What is between `self.at` and `to` is an edit, but for what is equal at its ends: where it is
    /// in a hurry, `similar` misses some.
    fn edit(&mut self, mut to: (usize, usize)) {
        let is_open = |at: (usize, usize), to: (usize, usize)| at.0 < to.0 && at.1 < to.1;
        while is_open(self.at, to) && self.base[self.at.0] == self.side[self.at.1] {
            self.at = (self.at.0 + 1, self.at.1 + 1);
        }
        while is_open(self.at, to) && self.base[to.0 - 1] == self.side[to.1 - 1] {
            to = (to.0 - 1, to.1 - 1);
        }
        if self.at != to {
            self.edits.push(Edit { base: self.at.0..to.0, side: self.at.1..to.1 });
        }
    }
}

/// What `similar` finds equal.
fn runs(base: &[usize], base_lines: Range<usize>, side: &[usize], side_lines: Range<usize>) -> Vec<Run> {
    struct Runs(Vec<Run>);
    impl DiffHook for Runs {
        type Error = Infallible;
        fn equal(&mut self, base: usize, side: usize, len: usize) -> Result<(), Infallible> {
            match self.0.last_mut() {
                Some(last) if (last.0 + last.2, last.1 + last.2) == (base, side) => last.2 += len,
                _ => self.0.push((base, side, len)),
            }
            Ok(())
        }
    }
    let mut found = Runs(Vec::new());
    let Ok(()) = diff(Algorithm::Myers, &mut found, base, base_lines, side, side_lines);
    found.0
}

/// About what it took: Myers' method works for what differs, up to some limit for each split.
fn cost(lines: usize, runs: &[Run]) -> usize {
    let equal: usize = runs.iter().map(|(_, _, len)| 2 * len).sum();
    let changed = lines.saturating_sub(equal);
    lines + changed * changed.min(256)
}

/// How many runs of a window can be believed that does not reach the end: up to the longest one in
/// its second half. What comes after it may only look different because the window ends.
fn trusted(runs: &[Run], half: usize) -> usize {
    let later = runs.iter().enumerate().filter(|(_, (base, _, len))| base + len > half);
    later.max_by_key(|(_, (_, _, len))| *len).map_or(0, |(at, _)| at + 1)
}

/// Moves insertions and deletions down as far as the lines around them allow. Where a blank line and
/// a paragraph came in between blank lines there are two ways to say it; both sides have to say it
/// the same way, so that what was inserted at one place is seen to be.
fn slide_down(edits: Vec<Edit>, base: &[usize], side: &[usize]) -> Vec<Edit> {
    let mut moved = Vec::with_capacity(edits.len());
    let mut edits = edits.into_iter().peekable();
    while let Some(mut edit) = edits.next() {
        loop {
            if let Some(touched) = edits.next_if(|next| next.base.start == edit.base.end) {
                edit.base.end = touched.base.end;
                edit.side.end = touched.side.end;
                continue;
            }
            let can_move = match (edit.base.is_empty(), edit.side.is_empty()) {
                _ if edit.base.end == base.len() => false,
                (true, false) => side[edit.side.start] == side[edit.side.end],
                (false, true) => base[edit.base.start] == base[edit.base.end],
                _ => false,
            };
            if !can_move {
                break;
            }
            edit.base = edit.base.start + 1..edit.base.end + 1;
            edit.side = edit.side.start + 1..edit.side.end + 1;
        }
        moved.push(edit);
    }
    moved
}

#[cfg(test)]
mod tests;
