//! What a log says has happened.

use std::collections::{HashMap, HashSet};

use ponder_proto::EntryName;

use crate::journal::log::{Append, At, Commit, Displaced, Number, Operation, Record};

/// The records of a log that count, in order.
#[derive(Debug, Default)]
pub(super) struct History {
    pub(super) steps: Vec<Step>,
    pub(super) operations: Vec<Operation>,
    pub(super) displaced: Vec<Displaced>,
}

/// One append or commit that was not withdrawn.
#[derive(Debug)]
pub(super) enum Step {
    Append(AppendStep),
    Commit(CommitStep),
}

#[derive(Debug)]
pub(super) struct AppendStep {
    pub(super) number: Number,
    pub(super) append: Append,
    /// Where its publication began last, if it did.
    pub(super) began: Option<At>,
    pub(super) published: bool,
}

#[derive(Debug)]
pub(super) struct CommitStep {
    pub(super) number: Number,
    pub(super) commit: Commit,
    pub(super) published: bool,
}

impl AppendStep {
    /// Where it should be.
    pub(super) fn place(&self) -> Option<&At> {
        self.began.as_ref().or(self.append.plan.as_ref())
    }
}

impl History {
    pub(super) fn of(records: impl IntoIterator<Item = (Number, Record)>) -> Self {
        let mut history = Self::default();
        let mut places: HashMap<Number, At> = HashMap::new();
        let mut published: HashSet<Number> = HashSet::new();
        let mut withdrawn: HashSet<Number> = HashSet::new();
        for (number, record) in records {
            match record {
                Record::Append(append) => {
                    let (began, published) = (None, false);
                    history.steps.push(Step::Append(AppendStep { number, append, began, published }));
                }
                Record::Commit(commit) => {
                    history.steps.push(Step::Commit(CommitStep { number, commit, published: false }));
                }
                Record::Began(begun) => places.extend(begun),
                Record::Published(numbers) => published.extend(numbers),
                Record::Withdrawn(number) => drop(withdrawn.insert(number)),
                Record::Displaced(displaced) => history.displaced.push(displaced),
                Record::Operations(operations) => history.operations.extend(operations),
            }
        }
        history.steps.retain(|step| !withdrawn.contains(&step.number()));
        for step in &mut history.steps {
            match step {
                Step::Append(step) => {
                    step.published = published.contains(&step.number);
                    step.began = places.remove(&step.number);
                    history.operations.push(step.append.operation);
                }
                Step::Commit(step) => step.published = published.contains(&step.number),
            }
        }
        history
    }

    /// The appends to an entry since its last commit.
    pub(super) fn appends(&self, entry: EntryName) -> impl Iterator<Item = &AppendStep> {
        let commits = |step: &Step| matches!(step, Step::Commit(step) if step.is_of(entry));
        let first = self.steps.iter().rposition(commits).map_or(0, |last| last + 1);
        self.steps[first..].iter().filter_map(move |step| match step {
            Step::Append(step) if step.append.operation.entry == entry => Some(step),
            _ => None,
        })
    }
}

impl Step {
    fn number(&self) -> Number {
        match self {
            Self::Append(step) => step.number,
            Self::Commit(step) => step.number,
        }
    }
}

impl CommitStep {
    pub(super) fn is_of(&self, entry: EntryName) -> bool {
        self.commit.parts.iter().any(|part| part.entry == entry)
    }
}
