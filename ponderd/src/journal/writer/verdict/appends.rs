//! What has to become of one append.

use super::super::compare::{find_lines, is_whole};
use super::super::history::AppendStep;
use super::super::restore::{Restored, restore};
use super::{Case, Change, State};
use crate::journal::log::{self, At};

impl Case<'_> {
    pub(super) fn append(&self, state: &mut State, step: &AppendStep, is_later: bool) {
        if self.same_boot && step.published.is_some() {
            return;
        }
        let is_there = |at: &At| {
            let found = state.text.as_deref().unwrap_or_default();
            restore(found, at.offset, &at.bytes(&step.append.text)) == Restored::There
        };
        if step.place().is_some_and(is_there) {
            return; // whatever the notes say: a flush that failed may have taken them
        }
        let never_begun = self.same_boot && step.began.is_none();
        let waits = step.waits();
        if waits && !self.same_boot {
            // The note may be lost that says it was begun after all.
            if state.text.as_deref().is_some_and(|found| self.has_more(found, 0, &step.append.text)) {
                self.set_aside(state, step);
            } else {
                state.to_publish.push(step.number);
            }
            return;
        }
        let is_new = step.append.plan.is_none() && state.text.is_none() && !waits;
        let whole = || [&step.append.header[..], &step.append.text].concat();
        if never_begun && !waits && state.text.as_ref().is_some_and(|found| found.starts_with(&whole())) {
            return;
        }
        if never_begun || self.same_boot && is_new {
            state.to_publish.push(step.number);
            return;
        }
        let text = &step.append.text;
        let (offset, bytes, inode) = match step.place() {
            Some(at) => (at.offset, at.bytes(text), Some(at.inode)),
            None => (0, [&step.append.header[..], text].concat(), None),
        };
        if is_new && is_later {
            (state.text, state.inode) = (Some(bytes), None);
            return;
        }
        // Ours, or the very file: then what is missing was lost by the machine.
        let found = state.text.as_deref();
        // One that was made for an editor and removed again, which was not flushed.
        let is_header = !step.append.header.is_empty() && found == Some(&step.append.header);
        let same_file = inode.is_none() || state.inode.is_none() || inode == state.inode || is_header;
        let is_place = self.is_place(state, step);
        let restored = found.map(|found| restore(found, offset, &bytes));
        match restored {
            Some(Restored::There) => {}
            Some(Restored::Rebuilt(whole)) if same_file && is_later && is_place => {
                state.text = Some(whole);
                if is_header {
                    state.inode = None;
                }
            }
            // It waited for a lock while that version was made.
            Some(_) if !is_later && !found.is_some_and(|found| self.has_more(found, 0, text)) => {
                state.to_publish.push(step.number);
            }
            _ => self.set_aside(state, step),
        }
    }

    /// Whether an append that is not in its place may be put there: the entry still is what it was put
    /// into, as far as that can be told, and it is not behind what somebody wrote there first.
    fn is_place(&self, state: &State, step: &AppendStep) -> bool {
        let Some((found, at)) = state.text.as_deref().zip(step.place()) else { return true };
        let text = &step.append.text;
        if Some(at.inode) == state.inode && (at.is_behind(found) || at.is_behind_a_hole(found)) {
            // What another program had written before it may be lost with it.
            return at.is_the_place_in(found) || !self.has_more(found, 0, text);
        }
        at.is_the_place_in(found) && !self.has_more(found, at.offset, text)
    }

    /// Nothing tells whether an entry had an append.
    fn set_aside(&self, state: &mut State, step: &AppendStep) {
        let log::Append { text, operation, .. } = &step.append;
        let lines = text.trim_ascii_end().len();
        let is_told = step.published.is_some()
            || state
                .text
                .as_deref()
                .is_some_and(|found| self.more(found, text).any(|at| is_whole(found, at, lines)));
        state.untold.extend((!is_told).then_some(operation.id));
        state.unexplained.extend_from_slice(text);
        if !text.ends_with(b"\n") {
            state.unexplained.push(b'\n');
        }
    }

    /// Whether a text stands behind an offset of an entry where no append was put.
    fn has_more(&self, found: &[u8], offset: u64, text: &[u8]) -> bool {
        self.more(found, text).any(|at| at as u64 >= offset)
    }

    /// Where a text stands in an entry and no append was put.
    fn more<'t>(&self, found: &'t [u8], text: &'t [u8]) -> impl Iterator<Item = usize> + use<'t> {
        let lines = text.trim_ascii_end();
        let places = self.changes.iter().filter_map(|change| match change {
            Change::Append(step) if step.append.text.trim_ascii_end() == lines => step.place(),
            _ => None,
        });
        let places: Vec<u64> = places.map(|at| at.offset + at.before.len() as u64).collect();
        find_lines(found, lines).filter(move |at| !places.contains(&(*at as u64)))
    }
}
