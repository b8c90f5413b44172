//! Appends: planned, flushed together, published.

use std::fmt;
use std::io;

use ponder_proto::{Append, EntryName, ErrorCode, OperationId, Refusal};

use super::Writer;
use super::deferred::Deferred;
use super::operations::Seen;
use super::tail::{CONTEXT, Edge};
use crate::journal::content::{line_ending, terminator};
use crate::journal::disk::{Access, Disk};
use crate::journal::drafts::header;
use crate::journal::entries::Opened;
use crate::journal::log::{self, At, NotFlushed, Number, Operation, Record};
use crate::journal::{Digest, Fault};
use crate::unix_now;

/// How much of an entry's end is looked at to find its line ending, in bytes.
const EDGE: u64 = 4096;

/// How often an entry may appear, vanish or be replaced under an append before it gives up.
const TRIES: usize = 8;

/// How much text may wait for other programs' locks, in bytes: it is in memory, in the log, and in one
/// message to whoever asks for it.
const WAITING: usize = 4 * 1024 * 1024;

/// What became of an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The same operation had been applied before.
    pub repeated: bool,
    /// The text is in the entry's file. Otherwise another program holds the file's lock, and the
    /// text follows when that is free; it is durable all the same.
    pub published: bool,
}

/// Called with what became of an append, once.
pub(in crate::journal) type Answer = Box<dyn FnOnce(Result<Appended, Refusal>) + Send>;

/// Appends to one entry that go into one write.
#[derive(Debug)]
pub(super) struct Group<D: Disk> {
    pub(super) entry: EntryName,
    /// The entry's file; nothing if there is none yet.
    opened: Option<Opened<D>>,
    /// Another program holds its lock.
    pub(super) locked: bool,
    edge: Edge,
    /// Where the next text goes.
    end: u64,
    pub(super) items: Vec<Item>,
}

/// One append under way.
pub(super) struct Item {
    pub(super) number: Number,
    pub(super) append: log::Append,
    pub(super) answer: Option<Answer>,
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "append {} to {}", self.number, self.append.operation.entry)
    }
}

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
                let published = !self.deferred.iter().any(waits);
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

    pub(super) fn is_pending(&self, entry: EntryName) -> bool {
        self.pending.iter().any(|group| group.entry == entry)
    }

    /// The group of an entry, begun if there is none.
    fn group(&mut self, entry: EntryName) -> Result<usize, Fault> {
        if self.pending.iter().any(|group| group.entry == entry && group.opened.is_none()) {
            self.finish(); // the next text needs an entry to stand in
        }
        if let Some(at) = self.pending.iter().position(|group| group.entry == entry) {
            return Ok(at);
        }
        if self.pending.is_empty() {
            self.entries.check()?;
        }
        self.mend(entry)?;
        let group = self.begin_group(entry)?;
        self.pending.push(group);
        Ok(self.pending.len() - 1)
    }

    pub(super) fn begin_group(&self, entry: EntryName) -> Result<Group<D>, Fault> {
        let mut group =
            Group { entry, opened: None, locked: false, edge: Edge::of(b""), end: 0, items: Vec::new() };
        let waits = self.deferred.iter().any(|deferred| deferred.entry == entry);
        if let Some(opened) = self.entries.open(entry, Access::Append)? {
            let disk = &self.entries.disk;
            let free = disk.try_lock(&opened.file).map_err(Fault::at("lock", &opened.place.path))?;
            group.locked = !free || waits;
            let from = opened.stat.length.saturating_sub(EDGE);
            let end = disk.read(&opened.file, from, usize::try_from(EDGE).unwrap_or_default());
            group.edge = Edge::of(&end.map_err(Fault::at("read", &opened.place.path))?);
            group.end = opened.stat.length;
            group.opened = Some(opened);
        }
        Ok(group)
    }

    /// Puts an append into the log, not flushed yet.
    fn plan(&mut self, at: usize, append: Append, operation: Operation, answer: Answer) {
        let entry = append.entry;
        let header = match self.tails.get(&entry).and_then(|tail| tail.header.clone()) {
            // One that waits for a lock has no place yet, and no header.
            _ if self.pending[at].opened.is_some() => Vec::new(),
            Some(drafted) => drafted,
            None => header(entry, append.time),
        };
        let group = &mut self.pending[at];
        let text = append.text.0;
        let opened = group.opened.as_ref().filter(|_| !group.locked);
        let plan = opened.map(|opened| group.edge.place(opened.stat.inode, group.end, &text));
        if let Some(plan) = &plan {
            group.end += (plan.before.len() + text.len() + plan.after.len()) as u64;
            group.edge = group.edge.moved(plan, &text);
        }
        let append = log::Append { operation, text, header, plan };
        let number = self.log.add(&Record::Append(append.clone()));
        self.pending[at].items.push(Item { number, append, answer: Some(answer) });
    }

    /// Makes what was taken durable, publishes it, and answers.
    pub(in crate::journal) fn finish(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let flushed = self.log.flush();
        self.finish_flushed(&flushed);
    }

    /// The same, after the log was flushed for somebody else, too.
    pub(super) fn finish_flushed(&mut self, flushed: &Result<(), NotFlushed>) {
        let groups = std::mem::take(&mut self.pending);
        if let Err(NotFlushed::Refused(fault) | NotFlushed::Unknown(fault)) = flushed {
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
            let result = self.publish_group(group, begun).map_err(|fault| fault.refusal());
            if result == Ok(true) {
                done.extend(numbers);
            }
            let result = result.map(|published| Appended { repeated: false, published });
            answers.extend(given.drain(..).map(|answer| (answer, result.clone())));
        }
        if !done.is_empty() {
            let _ = self.log.note(&Record::Published(done)); // without it the next start compares
        }
        for (answer, result) in answers {
            answer(result);
        }
    }

    /// Without that note the next start would take them for never begun.
    fn note_begun<'a>(&mut self, items: impl Iterator<Item = &'a Item>) -> Result<(), Fault> {
        let places: Vec<(Number, At)> =
            items.filter_map(|item| Some((item.number, item.append.plan.clone()?))).collect();
        if places.is_empty() { Ok(()) } else { self.log.note(&Record::Began(places)) }
    }

    /// Publishes appends that are durable; says if they have to wait for a lock instead. If it fails,
    /// they are taken out of the log again.
    fn publish_group(&mut self, mut group: Group<D>, begun: Result<(), Fault>) -> Result<bool, Fault> {
        let fault = match begun.and_then(|()| self.try_to_publish(&mut group)) {
            Ok(()) => return Ok(true),
            Err(Fault::Locked(_)) => {
                self.defer_again(group.entry, group.items);
                return Ok(false);
            }
            Err(fault) => fault,
        };
        tracing::warn!(entry = %group.entry, %fault, "an append could not be published");
        for item in &group.items {
            self.log.add(&Record::Withdrawn(item.number));
            self.operations.forget(item.append.operation.id);
        }
        match self.log.flush() {
            Ok(()) => Err(fault),
            // The record is still there: the next daemon may publish it.
            Err(NotFlushed::Refused(flush) | NotFlushed::Unknown(flush)) => {
                let path = self.entries.path(group.entry);
                Err(Fault::Unknown { path, source: io::Error::other(flush.to_string()) })
            }
        }
    }

    pub(super) fn try_to_publish(&mut self, group: &mut Group<D>) -> Result<(), Fault> {
        for _ in 0..TRIES {
            let published = if group.opened.is_some() {
                self.append_as_planned(group)?
            } else {
                self.create_with(group)?
            };
            if published {
                self.published(group);
                return Ok(());
            }
            self.plan_again(group)?;
        }
        Err(Fault::Unsteady(self.entries.path(group.entry)))
    }

    /// Writes the texts where they were planned. Says whether the entry has them now; if not, it is
    /// not what it was.
    fn append_as_planned(&self, group: &Group<D>) -> Result<bool, Fault> {
        let Some(opened) = &group.opened else { return Ok(false) };
        let now = self.entries.disk.stat(&opened.file).map_err(Fault::at("look at", &opened.place.path))?;
        let planned = group.items.first().and_then(|item| item.append.plan.as_ref());
        let is_there = || self.entries.is_there(&opened.place, now.inode);
        if planned.is_none_or(|plan| plan.offset != now.length) || !is_there()? {
            return Ok(false);
        }
        self.write_at_end(group)?;
        // Or it was replaced meanwhile, by somebody who has not read them. If the disk does not say,
        // they are where they were put: to write them once more would double them.
        Ok(is_there().unwrap_or(true))
    }

    /// The entry is not what it was when the appends were planned: somebody wrote to it, replaced
    /// it, made it or removed it meanwhile.
    pub(super) fn plan_again(&mut self, group: &mut Group<D>) -> Result<(), Fault> {
        group.opened = None; // with its lock, which is ours and would be taken for somebody else's
        let fresh = self.begin_group(group.entry)?;
        (group.opened, group.edge, group.end) = (fresh.opened, fresh.edge, fresh.end);
        if fresh.locked {
            return Err(Fault::Locked(self.entries.path(group.entry)));
        }
        for item in &mut group.items {
            let Some(opened) = &group.opened else {
                item.append.plan = None;
                continue;
            };
            let plan = group.edge.place(opened.stat.inode, group.end, &item.append.text);
            group.end += (plan.before.len() + item.append.text.len() + plan.after.len()) as u64;
            group.edge = group.edge.moved(&plan, &item.append.text);
            item.append.plan = Some(plan);
        }
        self.note_begun(group.items.iter())
    }

    /// One write, so that a reader sees all of it or a beginning, never a mixture.
    fn write_at_end(&self, group: &Group<D>) -> Result<(), Fault> {
        let Some(opened) = &group.opened else { return Ok(()) };
        let (disk, path) = (&self.entries.disk, &opened.place.path);
        let bytes: Vec<u8> = group.items.iter().flat_map(Item::bytes).collect();
        let start = group.end - bytes.len() as u64;
        let taken = disk.append(&opened.file, &bytes);
        let written = taken.as_ref().copied().unwrap_or(0);
        if written == bytes.len() {
            return Ok(());
        }
        // Cut off the beginning of a text that did not fit, if nobody wrote behind it.
        let ours = disk.stat(&opened.file).is_ok_and(|now| now.length == start + written as u64);
        let full = || io::Error::from(rustix::io::Errno::NOSPC); // in the system's words
        let source = taken.err().unwrap_or_else(full);
        if written > 0 && !(ours && disk.truncate(&opened.file, start).is_ok()) {
            // Some of the texts may be there, whole.
            tracing::warn!(path = %path.display(), "a short append could not be taken back");
            return Err(Fault::Unknown { path: path.clone(), source });
        }
        Err(Fault::Disk { doing: "append to", path: path.clone(), source })
    }

    /// Makes a new entry of its header and the texts. Says whether there was none.
    fn create_with(&mut self, group: &mut Group<D>) -> Result<bool, Fault> {
        let place = self.entries.place_of_new(group.entry)?;
        let mut text: Vec<u8> = Vec::new();
        let mut places = Vec::new();
        for item in &mut group.items {
            let append = &mut item.append;
            if text.is_empty() && append.header.is_empty() {
                // There was an entry when this was planned.
                append.header = header(group.entry, None);
            } else if !text.is_empty() {
                append.header = Vec::new();
            }
            let (before, offset) = (append.header.clone(), text.len() as u64);
            let after = terminator(&append.text, line_ending(&append.text)).to_vec();
            let context = text[text.len().saturating_sub(CONTEXT)..].to_vec();
            let at = At { inode: 0, offset, context, before, after };
            text.extend(at.bytes(&append.text));
            places.push((item.number, at));
        }
        let staged = self.entries.stage_new(&text)?;
        for (_, at) in &mut places {
            at.inode = staged.stat.inode;
        }
        if let Err(fault) = self.log.note(&Record::Began(places)) {
            self.entries.discard(&staged.side, &staged.name);
            return Err(fault);
        }
        let created = self.entries.publish_new(&staged, &place);
        if !matches!(created, Ok(true)) {
            self.entries.discard(&staged.side, &staged.name);
        }
        created
    }

    /// Tells the entry's open draft what stands behind its body now.
    fn published(&mut self, group: &Group<D>) {
        self.touched.insert(group.entry);
        let Some(tail) = self.tails.get_mut(&group.entry) else { return };
        for item in &group.items {
            let (before, after) = if let Some(plan) = &item.append.plan {
                (plan.before.clone(), plan.after.clone())
            } else {
                let ending = line_ending(&item.append.text);
                (item.append.header.clone(), terminator(&item.append.text, ending).to_vec())
            };
            let text = [&item.append.text[..], &after].concat();
            tail.added.extend([&before[..], &text].concat());
            tail.texts.push(text);
        }
        tail.left = group.opened.as_ref().and_then(|opened| self.entries.disk.stat(&opened.file).ok());
    }
}

impl Item {
    /// What stands in the entry once it is published.
    fn bytes(&self) -> Vec<u8> {
        self.append.plan.as_ref().map_or_else(Vec::new, |plan| plan.bytes(&self.append.text))
    }
}

/// The refusal for an operation's id that was used for something else.
fn operation_reused() -> Refusal {
    let message = "this operation id was used for another text or entry: choose a new one at random";
    Refusal::new(ErrorCode::OperationReused, message).field("operation")
}
