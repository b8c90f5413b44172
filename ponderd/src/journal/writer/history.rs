//! What a log says has happened.

use std::collections::{BTreeSet, HashMap, HashSet};

use ponder_proto::EntryName;

use crate::journal::log::{Append, At, Commit, Displaced, Number, Operation, Part, Record, Way};

/// The records of a log that count, in order.
#[derive(Debug, Default)]
pub(super) struct History {
    pub(super) appends: Vec<AppendStep>,
    pub(super) commits: Vec<CommitStep>,
    pub(super) operations: Vec<Operation>,
    pub(super) displaced: Vec<Displaced>,
    /// The daemon died while it flushed entries, or after it could not.
    pub(super) settling: bool,
    /// It died while it flushed these, each by itself.
    pub(super) flushing: BTreeSet<EntryName>,
}

/// An append that was not withdrawn.
#[derive(Debug)]
pub(super) struct AppendStep {
    pub(super) number: Number,
    pub(super) append: Append,
    /// When and where its publication began last, if it did.
    pub(super) began: Option<(Number, At)>,
    /// When it was known to be published.
    pub(super) published: Option<Number>,
}

/// A commit.
#[derive(Debug)]
pub(super) struct CommitStep {
    pub(super) number: Number,
    pub(super) commit: Commit,
    pub(super) published: bool,
    /// It was refused, and taken back as far as that was possible.
    pub(super) withdrawn: bool,
}

impl AppendStep {
    /// Where it should be.
    pub(super) fn place(&self) -> Option<&At> {
        self.began.as_ref().map(|(_, at)| at).or(self.append.plan.as_ref())
    }

    /// It waited for a lock, and nobody has begun with it as far as the log says.
    pub(super) fn waits(&self) -> bool {
        self.began.is_none() && self.append.plan.is_none() && self.append.header.is_empty()
    }

    /// Where it stands among the entry's changes: it may have waited for a lock.
    pub(super) fn position(&self) -> Number {
        self.began.as_ref().map_or(self.number, |(began, _)| *began)
    }

    /// Whether a version of that record's number was made with it. What is begun comes to its end
    /// before the entry's next version is made.
    pub(super) fn is_before(&self, commit: Number) -> bool {
        self.began.as_ref().is_some_and(|(began, _)| *began < commit)
            || self.published.is_some_and(|published| published < commit)
    }
}

impl CommitStep {
    pub(super) fn part(&self, entry: EntryName) -> Option<&Part> {
        self.commit.parts.iter().find(|part| part.entry == entry)
    }
}

impl History {
    pub(super) fn of(records: impl IntoIterator<Item = (Number, Record)>) -> Self {
        let mut history = Self::default();
        let mut began: HashMap<Number, (Number, At)> = HashMap::new();
        let mut published: HashMap<Number, Number> = HashMap::new();
        let mut withdrawn: HashSet<Number> = HashSet::new();
        let mut waiting: HashSet<Number> = HashSet::new();
        for (number, record) in records {
            match record {
                Record::Append(append) => {
                    let (began, published) = (None, None);
                    history.appends.push(AppendStep { number, append, began, published });
                }
                Record::Commit(commit) => {
                    let (published, withdrawn) = (false, false);
                    history.commits.push(CommitStep { number, commit, published, withdrawn });
                }
                Record::Began(places) => began.extend(places.into_iter().map(|(of, at)| (of, (number, at)))),
                Record::Published(numbers) => published.extend(numbers.into_iter().map(|of| (of, number))),
                Record::Withdrawn(number) => drop(withdrawn.insert(number)),
                Record::Displaced(displaced) => history.displaced.push(displaced),
                Record::Operations(operations) => history.operations.extend(operations),
                Record::Waiting(numbers) => {
                    for number in numbers {
                        began.remove(&number);
                        waiting.insert(number);
                    }
                }
                Record::Settling => history.settling = true,
                Record::Flushing { entry, is_over: false } => drop(history.flushing.insert(entry)),
                Record::Flushing { entry, is_over: true } => drop(history.flushing.remove(&entry)),
            }
        }
        history.appends.retain(|step| !withdrawn.contains(&step.number));
        for step in &mut history.appends {
            if waiting.contains(&step.number) {
                (step.append.plan, step.append.header) = (None, Vec::new());
            }
            step.published = published.get(&step.number).copied();
            step.began = began.remove(&step.number);
            history.operations.push(step.append.operation);
        }
        for step in &mut history.commits {
            step.published = published.contains_key(&step.number);
            step.withdrawn = withdrawn.contains(&step.number);
        }
        history
    }

    /// Whether an entry's name came to another file. Otherwise only bytes of the one it had were changed.
    pub(super) fn renames(&self, entry: EntryName) -> bool {
        let in_file =
            |step: &CommitStep| step.part(entry).is_some_and(|part| matches!(part.way, Way::File { .. }));
        let makes = |step: &AppendStep| {
            step.append.operation.entry == entry && step.place().is_none_or(|at| at.offset == 0)
        };
        self.displaced.iter().any(|displaced| displaced.entry == entry)
            || self.commits.iter().any(in_file)
            || self.appends.iter().any(makes)
    }

    /// Whether a flush of an entry may have failed: then the system may show less than was written.
    pub(super) fn is_in_doubt(&self, entry: EntryName) -> bool {
        self.settling || self.flushing.contains(&entry)
    }

    /// The entries that it is about, each once.
    pub(super) fn entries(&self) -> Vec<EntryName> {
        let appends = self.appends.iter().map(|step| step.append.operation.entry);
        let commits = self.commits.iter().flat_map(|step| step.commit.parts.iter().map(|part| part.entry));
        let mut entries: Vec<_> = appends.chain(commits).chain(self.flushing.iter().copied()).collect();
        entries.sort_unstable();
        entries.dedup();
        entries
    }

    /// Of two appends with one operation's id the first was given up without anybody being told.
    pub(super) fn forget_repeated(&mut self) {
        let mut seen = HashSet::new();
        let repeated: HashSet<Number> = self
            .appends
            .iter()
            .rev()
            .filter(|step| !seen.insert(step.append.operation.id))
            .map(|step| step.number)
            .collect();
        self.appends.retain(|step| !repeated.contains(&step.number));
    }
}
