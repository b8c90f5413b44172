//! The smaller things that the writer is asked for.

use std::collections::HashMap;

use ponder_proto::{Deferred, EntryName, SessionId, Text, Token};

use super::Writer;
use super::publish::{Publication, Published, Version};
use crate::journal::Fault;
use crate::journal::disk::{Access, Disk};

impl<D: Disk> Writer<D> {
    /// Creates an entry for a session. Says whether there was none.
    pub(in crate::journal) fn create(
        &mut self,
        entry: EntryName,
        session: SessionId,
        token: Token,
        text: Vec<u8>,
    ) -> Result<bool, Fault> {
        if self.look(entry)?.opened.is_some() {
            return Ok(false);
        }
        let version = Version::Staged(self.entries.stage_new(&text)?);
        let publication = Publication { entry, seen: None, base: None, tail: 0, added: 0, text, version };
        Ok(self.publish(session, token, vec![publication])? == Published::Done)
    }

    /// Makes an entry durable that somebody else wrote.
    pub(in crate::journal) fn flush_entry(&mut self, entry: EntryName) -> Result<(), Fault> {
        let Some(opened) = self.entries.open(entry, Access::Read)? else { return Ok(()) };
        self.touched.insert(entry);
        self.sync_entry(entry, &opened)
    }

    /// Ends an in-place session's hold of an entry. Says whether its editor changed it.
    pub(in crate::journal) fn end_in_place(
        &mut self,
        entry: EntryName,
        session: SessionId,
    ) -> Result<bool, Fault> {
        let opened = self.look(entry)?.opened;
        let Some(tail) = self.tails.remove(&entry).filter(|tail| tail.session == session) else {
            return Ok(false);
        };
        let Some(opened) = opened else { return Ok(true) }; // deleted by its editor
        let text = self.entries.read(&opened)?;
        self.flush_entry(entry)?;
        if tail.texts.is_empty() && tail.header.as_ref() == Some(&text) {
            // Made for the editor, which wrote nothing.
            self.remove_unless_changed(entry, &opened, &text)?;
            return Ok(false);
        }
        let mut counts: HashMap<&[u8], usize> = HashMap::new();
        for appended in &tail.texts {
            *counts.entry(appended).or_default() += 1;
        }
        for appended in &tail.texts {
            let Some(count) = counts.get_mut(&appended[..]) else { continue };
            if *count > occurrences(&text, appended) {
                *count -= 1;
                self.append_late(entry, appended);
            }
        }
        Ok(!tail.begun.is_some_and(|begun| begun.is_unchanged(&opened.stat)))
    }

    /// The appends that wait for another program's lock.
    pub(in crate::journal) fn deferred(&self) -> Vec<Deferred> {
        let told = |deferred: &super::deferred::Deferred| {
            let texts = deferred.items.iter().map(|item| {
                let text = &item.append.text;
                [&text[..], crate::journal::content::terminator(text, b"\n")].concat()
            });
            Deferred {
                entry: deferred.entry,
                since: deferred.items.first().map_or(0, |item| item.append.operation.time),
                appends: u32::try_from(deferred.items.len()).unwrap_or(u32::MAX),
                text: Text(texts.flatten().collect()),
            }
        };
        self.deferred.iter().map(told).collect()
    }
}

/// How often a text stands in another, without overlap.
fn occurrences(text: &[u8], part: &[u8]) -> usize {
    let (mut count, mut from) = (0, 0);
    while let Some(at) = text[from..].windows(part.len()).position(|window| window == part) {
        count += 1;
        from += at + part.len();
    }
    count
}
