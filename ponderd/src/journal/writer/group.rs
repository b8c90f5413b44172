//! Appends to one entry, on their way from the log into its file: one write, so that a reader sees all
//! of it or a beginning, never a mixture.

use std::fmt;
use std::io;

use ponder_proto::{EntryName, shown};

use super::Writer;
use super::append::Answer;
use super::tail::{CONTEXT, Edge};
use crate::journal::Fault;
use crate::journal::content::{line_ending, terminator};
use crate::journal::disk::{Access, Disk};
use crate::journal::drafts::header;
use crate::journal::entries::Opened;
use crate::journal::log::{self, At, NotFlushed, Number, Record};

/// How much of an entry's end is looked at to find its line ending, in bytes.
const EDGE: u64 = 4096;

/// How often an entry may appear, vanish or be replaced under an append before it gives up.
const TRIES: usize = 8;

/// Appends to one entry that go into one write.
#[derive(Debug)]
pub(super) struct Group<D: Disk> {
    pub(super) entry: EntryName,
    /// The entry's file; nothing if there is none yet, or another program keeps it from us.
    pub(super) opened: Option<Opened<D>>,
    /// Another program holds its lock, or keeps it from us.
    pub(super) locked: bool,
    edge: Edge,
    /// Where the next text goes.
    end: u64,
    pub(super) items: Vec<Item>,
    /// How many of them a write that was cut short has left there, whole.
    landed: usize,
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
    /// A group without appends, at the end of an entry as it is now.
    pub(super) fn begin_group(&self, entry: EntryName) -> Result<Group<D>, Fault> {
        let (edge, items) = (Edge::of(b""), Vec::new());
        let mut group = Group { entry, opened: None, locked: false, edge, end: 0, items, landed: 0 };
        group.locked = self.deferred.iter().any(|deferred| deferred.entry == entry);
        if group.locked {
            return Ok(group); // behind those
        }
        let opened = match self.entries.open(entry, Access::Append) {
            Err(Fault::Locked(_)) => {
                group.locked = true;
                return Ok(group);
            }
            opened => opened?,
        };
        if let Some(opened) = opened {
            let disk = &self.entries.disk;
            let free = disk.try_lock(&opened.file).map_err(Fault::at("lock", &opened.place.path))?;
            group.locked = !free;
            let from = opened.stat.length.saturating_sub(EDGE);
            let end = disk.read(&opened.file, from, usize::try_from(EDGE).unwrap_or_default());
            group.edge = Edge::of(&end.map_err(Fault::at("read", &opened.place.path))?);
            group.end = opened.stat.length;
            group.opened = Some(opened);
        }
        Ok(group)
    }

    /// Without that note the next start would take them for never begun.
    pub(super) fn note_begun<'a>(&mut self, items: impl Iterator<Item = &'a Item>) -> Result<(), Fault> {
        let places: Vec<(Number, At)> =
            items.filter_map(|item| Some((item.number, item.append.plan.clone()?))).collect();
        if places.is_empty() { Ok(()) } else { self.log.note(&Record::Began(places)) }
    }

    /// Publishes appends that are durable. Returns how many of them are in the entry now, and what became
    /// of the others: they have to wait for a lock, or are taken out of the log again.
    pub(super) fn publish_group(
        &mut self,
        mut group: Group<D>,
        begun: Result<(), Fault>,
    ) -> (usize, Result<(), Fault>) {
        let fault = match begun.and_then(|()| self.try_to_publish(&mut group)) {
            Ok(()) => return (group.items.len(), Ok(())),
            Err(Fault::Locked(_)) => {
                self.defer_again(group.entry, group.items);
                return (0, Ok(()));
            }
            Err(fault) => fault,
        };
        tracing::warn!(entry = %group.entry, %fault, "an append could not be published");
        let landed = group.landed;
        let others = group.items.split_off(landed);
        if landed > 0 {
            self.published(&group);
        }
        for item in others {
            self.log.add(&Record::Withdrawn(item.number));
            self.operations.forget(item.append.operation.id);
        }
        let told = match self.log.flush() {
            Ok(()) => Err(fault),
            // The record is still there: the next daemon may publish it.
            Err(NotFlushed::Refused(flush) | NotFlushed::Unknown(flush)) => {
                let path = self.entries.path(group.entry);
                Err(Fault::Unknown { path, source: io::Error::other(flush.to_string()) })
            }
        };
        (landed, told)
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
    fn append_as_planned(&self, group: &mut Group<D>) -> Result<bool, Fault> {
        let Group { opened: Some(opened), items, end, landed, .. } = group else { return Ok(false) };
        let now = self.entries.disk.stat(&opened.file).map_err(Fault::at("look at", &opened.place.path))?;
        let planned = items.first().and_then(|item| item.append.plan.as_ref());
        let is_there = || self.entries.is_there(&opened.place, now.inode);
        if planned.is_none_or(|plan| plan.offset != now.length) || !is_there()? {
            return Ok(false);
        }
        *landed = 0;
        self.write_at_end(opened, items, *end, landed)?;
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
        for at in 0..group.items.len() {
            let text = std::mem::take(&mut group.items[at].append.text);
            group.items[at].append.plan = group.next_place(&text);
            group.items[at].append.text = text;
        }
        self.note_begun(group.items.iter())
    }

    /// One write, so that a reader sees all of it or a beginning, never a mixture.
    /// `landed` is how many texts were written whole, if that could not be taken back.
    fn write_at_end(
        &self,
        opened: &Opened<D>,
        items: &[Item],
        end: u64,
        landed: &mut usize,
    ) -> Result<(), Fault> {
        let (disk, path) = (&self.entries.disk, &opened.place.path);
        let bytes: Vec<u8> = items.iter().flat_map(Item::bytes).collect();
        let start = end - bytes.len() as u64;
        let taken = disk.append(&opened.file, &bytes);
        let written = taken.as_ref().copied().unwrap_or(0);
        if written == bytes.len() {
            return Ok(());
        }
        // Cut off the beginning of a text that did not fit, if nobody wrote behind it.
        let ours = disk.stat(&opened.file).is_ok_and(|now| now.length == start + written as u64);
        let full = crate::platform::disk_full;
        let source = taken.err().unwrap_or_else(full);
        if written > 0 && !(ours && disk.truncate(&opened.file, start).is_ok()) {
            let ends = items.iter().scan(0, |end, item| {
                *end += item.bytes().len();
                Some(*end)
            });
            *landed = ends.take_while(|end| *end <= written).count();
            tracing::warn!(path = %shown(path), "a short append could not be taken back");
            return Err(Fault::Unknown { path: path.clone(), source });
        }
        Err(Fault::at("append to", path)(source))
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

impl<D: Disk> Group<D> {
    /// Whether there is no entry yet.
    pub(super) fn is_new(&self) -> bool {
        self.opened.is_none() && !self.locked
    }

    /// Where the next text goes, if there is an entry; the one after it goes behind that.
    pub(super) fn next_place(&mut self, text: &[u8]) -> Option<At> {
        let inode = self.opened.as_ref()?.stat.inode;
        let place = self.edge.place(inode, self.end, text);
        self.end += (place.before.len() + text.len() + place.after.len()) as u64;
        self.edge = self.edge.moved(&place, text);
        Some(place)
    }
}

impl Item {
    /// What stands in the entry once it is published.
    fn bytes(&self) -> Vec<u8> {
        self.append.plan.as_ref().map_or_else(Vec::new, |plan| plan.bytes(&self.append.text))
    }
}
