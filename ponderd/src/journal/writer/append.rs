//! Appends: planned, flushed together, published.

use ponder_proto::{Append, EntryName, ErrorCode, OperationId, Refusal};

use super::Writer;
use super::deferred::Deferred;
use super::group::{Group, Item};
use super::operations::Seen;
use crate::journal::disk::Disk;
use crate::journal::drafts::header;
use crate::journal::log::{self, NotFlushed, Number, Operation, Record};
use crate::journal::{Digest, Fault};
use crate::unix_now;

/// How much text may wait for other programs' locks, in bytes: it is in memory, in the log, and in one
/// message to whoever asks for it.
const WAITING: usize = 4 * 1024 * 1024;

/// What became of an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The same operation had been applied before.
    pub repeated: bool,
    /// The text is in the entry's file. Otherwise another program holds the file's lock, or keeps it from us,
    /// and the text follows when that has ended; it is durable all the same.
    pub published: bool,
}

/// Called with what became of an append, once.
pub(in crate::journal) type Answer = Box<dyn FnOnce(Result<Appended, Refusal>) + Send>;

impl<D: Disk> Writer<D> {
    /// Takes an append. It is answered by [`Writer::finish`] at the latest.
    pub(in crate::journal) fn append(&mut self, append: Append, id: OperationId, answer: Answer) {
        let text = Digest::of(&append.text.0);
        let operation = Operation { id, entry: append.entry, text, time: unix_now() };
        let under_way = |group: &Group<D>| group.items.iter().any(|item| item.append.operation.id == id);
        if self.pending.iter().any(under_way) {
            self.finish();
        }
        match self.operations.seen(&operation) {
            Seen::Never => {}
            Seen::Applied => {
                let waits =
                    |deferred: &Deferred| deferred.items.iter().any(|item| item.append.operation.id == id);
                let published = !self.is_unrestored(append.entry) && !self.deferred.iter().any(waits);
                return answer(Ok(Appended { repeated: true, published }));
            }
            Seen::Other => return answer(Err(operation_reused())),
        }
        match self.group(append.entry) {
            Ok(at) if self.pending[at].locked && self.waiting_bytes() + append.text.0.len() > WAITING => {
                answer(Err(Fault::Locked(self.entries.path(append.entry)).refusal()));
            }
            Ok(at) => self.plan(at, append, operation, answer),
            Err(fault) => answer(Err(fault.refusal())),
        }
    }

    /// The group of an entry, begun if there is none.
    fn group(&mut self, entry: EntryName) -> Result<usize, Fault> {
        if self.pending.iter().any(|group| group.entry == entry && group.is_new()) {
            self.finish(); // the next text needs an entry to stand in
        }
        if let Some(at) = self.pending.iter().position(|group| group.entry == entry) {
            return Ok(at);
        }
        if self.pending.is_empty() {
            self.entries.check()?;
        }
        let is_locked = match self.mend(entry) {
            Err(Fault::Locked(_)) => true,
            mended => mended.map(|()| false)?,
        };
        let mut group = self.begin_group(entry)?;
        group.locked |= is_locked && !group.is_new();
        self.pending.push(group);
        Ok(self.pending.len() - 1)
    }

    /// Puts an append into the log, not flushed yet.
    fn plan(&mut self, at: usize, append: Append, operation: Operation, answer: Answer) {
        let entry = append.entry;
        let header = match self.tails.get(&entry).and_then(|tail| tail.header.clone()) {
            // One that waits for a lock has no place yet, and no header.
            _ if !self.pending[at].is_new() => Vec::new(),
            Some(drafted) => drafted,
            None => header(entry, append.time),
        };
        let group = &mut self.pending[at];
        let text = append.text.0;
        let plan = if group.locked { None } else { group.next_place(&text) };
        let append = log::Append { operation, text, header, plan };
        let number = self.log.add(&Record::Append(append.clone()));
        self.pending[at].items.push(Item { number, append, answer: Some(answer) });
    }

    /// Makes what was taken durable, publishes it, and answers.
    pub(in crate::journal) fn finish(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let groups = std::mem::take(&mut self.pending);
        if let Err(NotFlushed::Refused(fault) | NotFlushed::Unknown(fault)) = self.log.flush() {
            let items = groups.into_iter().flat_map(|group| group.items);
            items.filter_map(|item| item.answer).for_each(|answer| answer(Err(fault.refusal())));
            return;
        }
        let all = groups.iter().flat_map(|group| &group.items);
        all.for_each(|item| self.operations.remember(item.append.operation));
        let items = groups.iter().filter(|group| !group.locked).flat_map(|group| &group.items);
        let noted = self.note_begun(items);
        let mut done = Vec::new();
        let mut answers = Vec::new();
        for mut group in groups {
            let mut given: Vec<Answer> =
                group.items.iter_mut().filter_map(|item| item.answer.take()).collect();
            if group.locked {
                self.defer(group.entry, group.items);
                let deferred = Ok(Appended { repeated: false, published: false });
                answers.extend(given.drain(..).map(|answer| (answer, deferred.clone())));
                continue;
            }
            let numbers: Vec<Number> = group.items.iter().map(|item| item.number).collect();
            let begun = noted.as_ref().copied().map_err(Fault::again);
            let (published, rest) = self.publish_group(group, begun);
            done.extend(&numbers[..published]);
            let rest = rest.map(|()| Appended { repeated: false, published: false });
            let rest = rest.map_err(|fault| fault.refusal());
            let there = Ok(Appended { repeated: false, published: true });
            let results = std::iter::repeat_n(there, published).chain(std::iter::repeat(rest));
            answers.extend(given.drain(..).zip(results));
        }
        if !done.is_empty() {
            let _ = self.log.note(&Record::Published(done)); // without it the next start compares
        }
        for (answer, result) in answers {
            answer(result);
        }
    }
}

/// The refusal for an operation's id that was used for something else.
fn operation_reused() -> Refusal {
    let message = "this operation id was used for another text or entry: choose a new one at random";
    Refusal::new(ErrorCode::OperationReused, message).field("operation")
}
