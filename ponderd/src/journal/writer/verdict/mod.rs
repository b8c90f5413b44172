//! What has to become of one entry, by what the log says and what the file holds. No disk here.
//!
//! The log's changes of an entry follow each other: appends at known places, and versions that say
//! what they were made of. A file is explained if it is what some of them left, torn where nothing
//! was flushed; then the rest is done over. What nothing explains is somebody else's, and stays.

mod appends;

use std::collections::HashMap;

use ponder_proto::{EntryName, OperationId};

use super::compare::{has_all_lines, is_mixture};
use super::history::{AppendStep, CommitStep, History};
use super::restore::{Restored, restore};
use crate::journal::Digest;
use crate::journal::log::{At, Number, Part, Way};

/// An entry's file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'a> {
    pub(super) text: &'a [u8],
    pub(super) inode: u64,
}

/// What has to become of an entry.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// It has to be this, if it is not yet.
    pub(super) text: Option<Vec<u8>>,
    /// To be published: nobody has begun with it.
    pub(super) to_publish: Vec<Number>,
    /// Nothing tells whether it had these texts.
    pub(super) unexplained: Vec<u8>,
    /// The operations of those among them that nobody may have been told of, and that the entry does not hold
    /// from elsewhere: whoever asks again is not to be told that his text is in it.
    pub(super) untold: Vec<OperationId>,
    /// Somebody changed it, and this should have become of it.
    pub(super) superseded: Option<Vec<u8>>,
    /// What is there instead has to be kept: it was being written over when the daemon died, or has
    /// lines of its own.
    pub(super) keeps_found: bool,
}

/// What the log says of one entry, in the order in which it happened.
pub(super) struct Case<'a> {
    /// The machine has run ever since: what was noted has happened.
    pub(super) same_boot: bool,
    changes: Vec<Change<'a>>,
}

#[derive(Clone, Copy)]
enum Change<'a> {
    Append(&'a AppendStep),
    Commit(&'a CommitStep, &'a Part),
}

/// An entry on its way through the changes.
struct State {
    text: Option<Vec<u8>>,
    /// Its file; none if it is one of ours that need not exist yet.
    inode: Option<u64>,
    to_publish: Vec<Number>,
    unexplained: Vec<u8>,
    untold: Vec<OperationId>,
}

/// The texts of versions that are still to be had, by the numbers of their commits.
pub(super) type Texts = HashMap<Number, Vec<u8>>;

impl<'a> Case<'a> {
    pub(super) fn of(history: &'a History, entry: EntryName, same_boot: bool) -> Self {
        let commits = history.commits.iter().filter(|step| !step.withdrawn);
        let commits = commits.filter_map(|step| Some(Change::Commit(step, step.part(entry)?)));
        let appends = history.appends.iter().filter(|step| step.append.operation.entry == entry);
        let mut changes: Vec<Change<'_>> = commits.chain(appends.map(Change::Append)).collect();
        changes.sort_by_key(Change::position);
        Self { same_boot: same_boot && !history.is_in_doubt(entry), changes }
    }

    pub(super) fn judge(&self, found: Option<Found<'_>>, texts: &Texts) -> Verdict {
        let commits: Vec<usize> =
            (0..self.changes.len()).filter(|at| matches!(self.changes[*at], Change::Commit(..))).collect();
        // Before that nothing is asked of the file any more.
        let sure = commits.iter().rposition(|at| self.same_boot && self.is_published(*at));
        let last = commits.last().copied();
        if (last.is_none() || sure.is_some_and(|sure| sure + 1 == commits.len()))
            && let Some(state) = self.forward(last, found, texts)
        {
            return state.verdict(found);
        }
        let is_last = |by_number| last.filter(|at| self.is_in_place(*at, found, by_number));
        let first = sure.map(|sure| commits[sure]);
        let earlier = commits.iter().rev().skip(1).copied().map(Some).chain([None]);
        let earlier = earlier.filter(|at| *at >= first);
        let starts = is_last(true).map(Some).into_iter().chain(earlier).chain(is_last(false).map(Some));
        let state = starts.into_iter().find_map(|start| self.forward(start, found, texts));
        state.map_or_else(|| self.unexplained(found, texts), |state| state.verdict(found))
    }

    /// Whether a file was the entry's before a version, which is `text`. Its number alone does not prove
    /// it: another program's file may have got that.
    fn was_replaced(&self, at: usize, found: Found<'_>, text: &[u8]) -> bool {
        let inode = Some(found.inode);
        let is_its_number = |change: &Change<'_>| match change {
            Change::Commit(_, part) => matches!(part.way, Way::File { replaces, .. } if replaces == inode),
            Change::Append(_) => false,
        };
        let place = |change: &Change<'a>| match *change {
            Change::Append(step) => step.place().filter(|at| Some(at.inode) == inode).map(|at| (step, at)),
            Change::Commit(..) => None,
        };
        // An append is in it, or is missing where the file ends.
        let had = |(step, at): (&AppendStep, &At)| {
            let restored = restore(found.text, at.offset, &at.bytes(&step.append.text));
            at.is_the_place_in(found.text) && restored != Restored::Unexplained
        };
        let (before, after) = self.changes.split_at(at + 1);
        before.iter().any(is_its_number)
            && !after.iter().any(|change| place(change).is_some())
            && (has_all_lines(text, found.text) || before.iter().filter_map(place).any(had))
    }

    fn is_published(&self, at: usize) -> bool {
        matches!(self.changes[at], Change::Commit(step, _) if step.published)
    }

    /// Whether a version is the entry, perhaps with appends behind it. A file's number proves it;
    /// its text alone may be an older one's beginning.
    fn is_in_place(&self, at: usize, found: Option<Found<'_>>, by_number: bool) -> bool {
        let (Change::Commit(_, part), Some(found)) = (self.changes[at], found) else { return false };
        let is_file = matches!(&part.way, Way::File { inode, .. } if *inode == found.inode);
        let length = usize::try_from(part.length).unwrap_or(usize::MAX);
        // What stands behind it may still be of the longer text that it was written over.
        if let Way::InPlace { old, new } = &part.way
            && found.text.len() > length
            && is_mixture(found.text, old, new)
            && !self.has_append_behind(at, found)
        {
            return false;
        }
        (is_file || !by_number && (length > 0 || found.text.is_empty()))
            && found.text.get(..length).is_some_and(|body| Digest::of(body) == part.digest)
    }

    /// Whether a file ends with an append that came after a version, in its place behind that.
    fn has_append_behind(&self, at: usize, found: Found<'_>) -> bool {
        self.changes[at + 1..].iter().any(|change| match change {
            Change::Append(step) => step.place().is_some_and(|at| {
                let bytes = at.bytes(&step.append.text);
                at.inode == found.inode
                    && at.offset + bytes.len() as u64 == found.text.len() as u64
                    && restore(found.text, at.offset, &bytes) == Restored::There
            }),
            Change::Commit(..) => false,
        })
    }

    /// What the entry becomes if the file is what the changes up to `start` left. Nothing if it
    /// cannot be that.
    fn forward(&self, start: Option<usize>, found: Option<Found<'_>>, texts: &Texts) -> Option<State> {
        let mut state = State {
            text: found.map(|found| found.text.to_vec()),
            inode: found.map(|found| found.inode),
            to_publish: Vec::new(),
            unexplained: Vec::new(),
            untold: Vec::new(),
        };
        let contained =
            |step: &AppendStep| start.is_some_and(|start| step.is_before(self.changes[start].position()));
        for (at, change) in self.changes.iter().enumerate() {
            let is_later = start.is_none_or(|start| at > start);
            match *change {
                Change::Append(step) if contained(step) => {}
                Change::Append(step) => self.append(&mut state, step, is_later),
                Change::Commit(step, part) if is_later => {
                    let now = state.text.as_deref().map(Digest::of);
                    if now == Some(part.digest) {
                        continue; // what an earlier replay made of the same changes
                    }
                    // The same text in another file: somebody took the version back.
                    let is_file = match part.way {
                        Way::File { replaces: Some(replaced), .. } => {
                            state.inode.is_none_or(|inode| inode == replaced)
                        }
                        _ => true,
                    };
                    if now != part.base || !is_file {
                        return None;
                    }
                    (state.text, state.inode) = (Some(texts.get(&step.number)?.clone()), None);
                }
                Change::Commit(..) => {}
            }
        }
        Some(state)
    }

    /// Somebody changed the entry: what should have become of it.
    fn unexplained(&self, found: Option<Found<'_>>, texts: &Texts) -> Verdict {
        let mut verdict = Verdict::default();
        let last = self.changes.iter().rposition(|change| matches!(change, Change::Commit(..)));
        let Some((at, Change::Commit(step, part))) = last.map(|at| (at, self.changes[at])) else {
            return verdict;
        };
        let Some(text) = texts.get(&step.number) else {
            // Its text is in no file any more: it was never acknowledged.
            let changes = self.changes.iter().enumerate().filter(|(other, _)| *other != at);
            let changes = changes.map(|(_, change)| *change).collect();
            return Self { same_boot: self.same_boot, changes }.judge(found, texts);
        };
        // What is written in place stays in its file.
        let inode = found.filter(|_| matches!(part.way, Way::InPlace { .. })).map_or(0, |found| found.inode);
        let whole = Found { text, inode };
        let Some(state) = self.forward(Some(at), Some(whole), texts) else { return verdict };
        let State { text, to_publish, unexplained, untold, .. } = state;
        verdict = Verdict { to_publish, unexplained, untold, ..verdict };
        match (&part.way, found, part.base) {
            // The session made it anew.
            (_, None, None) => verdict.text = text,
            (_, None, Some(_)) if self.same_boot => verdict.text = text,
            (Way::InPlace { old, .. }, Some(found), _)
                if is_mixture(found.text, old, text.as_deref().unwrap_or_default()) =>
            {
                let whole = text.as_deref().unwrap_or_default();
                verdict.keeps_found = found.text != old && !has_all_lines(whole, found.text);
                verdict.text = text.filter(|text| *text != found.text);
            }
            // The power was cut before the exchange was flushed, and what was not flushed is gone.
            (Way::File { .. }, Some(found), _)
                if !self.same_boot && self.was_replaced(at, found, whole.text) =>
            {
                verdict.keeps_found = !has_all_lines(whole.text, found.text);
                verdict.text = text;
            }
            _ => {
                // What came after it is judged by what is there.
                let state = self.forward(Some(at), found, texts);
                verdict = state.map(|state| state.verdict(found)).unwrap_or_default();
                verdict.superseded = texts.get(&step.number).cloned();
            }
        }
        verdict
    }
}

impl State {
    fn verdict(self, found: Option<Found<'_>>) -> Verdict {
        let Self { text, to_publish, unexplained, untold, .. } = self;
        let text = text.filter(|text| found.is_none_or(|found| found.text != *text));
        Verdict { text, to_publish, unexplained, untold, ..Verdict::default() }
    }
}

impl Change<'_> {
    fn position(&self) -> Number {
        match self {
            Self::Append(step) => step.position(),
            Self::Commit(step, _) => step.number,
        }
    }
}

#[cfg(test)]
mod tests {
    use ponder_proto::{SessionId, Token};

    use super::*;
    use crate::journal::log::{Append, Commit, Operation, Record};

    const INODE: u64 = 7;

    fn entry() -> EntryName {
        "20261123".parse().unwrap()
    }

    fn append(id: u8, text: &str, before: &str) -> Record {
        let text = text.as_bytes().to_vec();
        let operation =
            Operation { id: OperationId([id; 16]), entry: entry(), text: Digest::of(&text), time: 0 };
        let (offset, context) = (before.len() as u64, before.as_bytes().to_vec());
        let plan = At { inode: INODE, offset, context, before: vec![], after: vec![] };
        Record::Append(Append { operation, text, header: vec![], plan: Some(plan) })
    }

    fn in_place(old: &str, new: &str) -> Record {
        let way = Way::InPlace { old: old.into(), new: new.into() };
        let (base, digest, length) =
            (Some(Digest::of(old.as_bytes())), Digest::of(new.as_bytes()), new.len());
        let part = Part { entry: entry(), base, digest, length: length as u64, way };
        let (session, token) = (SessionId([1; 16]), Token { epoch: 1, counter: 1 });
        Record::Commit(Commit { session, token, parts: vec![part] })
    }

    /// After a power cut.
    fn judge(records: Vec<Record>, found: &str) -> Verdict {
        let history = History::of((1..).zip(records));
        let texts = history.commits.iter().filter_map(|step| match &step.part(entry())?.way {
            Way::InPlace { new, .. } => Some((step.number, new.clone())),
            Way::File { .. } => None,
        });
        let found = Found { text: found.as_bytes(), inode: INODE };
        Case::of(&history, entry(), false).judge(Some(found), &texts.collect())
    }

    #[test]
    fn an_append_is_not_taken_for_others_that_are_like_it() {
        let replaced =
            |text: &str, found: &str| judge(vec![append(2, text, "begun\nand more\n")], found).untold;
        assert_eq!(replaced("done\n", "- [x] dishes done\n"), [OperationId([2; 16])], "the end of a line");
        assert_eq!(replaced("done\n", "another\ndone\n"), [], "the line itself");
        let first = append(1, "- ok\n", "x\n");
        let second = append(2, "- ok\n", "x\n- ok\n");
        let told = judge(vec![first, Record::Published(vec![1]), second], "x\n- ok\nmine\n").untold;
        assert_eq!(told, [OperationId([2; 16])], "another append's");
    }

    #[test]
    fn an_entry_that_was_written_over_in_place_is_explained_or_whole_again() {
        let (old, new) = ("a\ntick\ntick\ntick\n", "a\ntick\n");
        for (found, text, keeps_found) in [
            (new, None, false),
            (old, Some(new), false),
            ("a\ntick\ntick\n", Some(new), true),
            ("a\nti\0\0\0", Some(new), false),
        ] {
            let verdict = judge(vec![in_place(old, new)], found);
            assert_eq!(verdict.text.as_deref(), text.map(str::as_bytes), "{found:?}");
            assert_eq!(verdict.keeps_found, keeps_found, "{found:?}");
        }
        let with_append = || vec![in_place(old, new), append(2, "tick\n", new)];
        for (found, text) in [
            ("a\ntick\ntick\n", None),
            ("a\ntick\n\0\0\0\0\0", Some("a\ntick\ntick\n")),
            ("a\ntick\n", Some("a\ntick\ntick\n")),
            ("a\ntick\ntick\n\0\0\0\0\0", Some("a\ntick\ntick\n")),
            ("a\ntick\ntick\ntick\n", Some("a\ntick\ntick\n")), // it was not cut
        ] {
            let verdict = judge(with_append(), found);
            assert_eq!(verdict.text.as_deref(), text.map(str::as_bytes), "{found:?}");
            assert!(verdict.unexplained.is_empty(), "{found:?}: {verdict:?}");
        }
    }
}
