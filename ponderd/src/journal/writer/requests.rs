//! The smaller things that the writer is asked for.

use std::collections::HashMap;

use ponder_proto::{Deferred, EntryName, KeptReason, OperationId, SessionId, Text, Token};

use super::Writer;
use super::publish::{Publication, Published, Version};
use crate::journal::Fault;
use crate::journal::disk::{Access, Disk};
use crate::journal::entries::{Opened, Place};
use crate::journal::log::Record;

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
        match self.publish(session, token, vec![publication])? {
            Published::Unflushed(fault) => Err(fault),
            Published::Locked => Err(Fault::Locked(self.entries.path(entry))),
            published => Ok(matches!(published, Published::Done)),
        }
    }

    /// Makes an entry durable that somebody else wrote, and its name: he may have renamed it there.
    pub(in crate::journal) fn flush_entry(&mut self, entry: EntryName) -> Result<(), Fault> {
        let Some(opened) = self.entries.open(entry, Access::Read)? else { return Ok(()) };
        self.touched.insert(entry);
        // Who dies right after a flush that failed tells nobody.
        self.log.note(&Record::Flushing { entry, is_over: false })?;
        let flushed = self
            .sync_entry(entry, &opened)
            .and_then(|()| self.sync_dir_of_entries(&opened.place.dir, &opened.place.path));
        if matches!(flushed, Ok(()) | Err(Fault::Locked(_))) {
            let _ = self.log.note(&Record::Flushing { entry, is_over: true }); // or it stays in doubt
        }
        flushed
    }

    /// Whether another program holds the lock of an entry, or keeps it from us in another way.
    pub(in crate::journal) fn is_locked(&self, entry: EntryName) -> bool {
        let (disk, opened) = (&self.entries.disk, self.entries.open(entry, Access::Read));
        match opened {
            Ok(Some(opened)) => {
                let Place { dir, name, .. } = &opened.place;
                disk.is_kept(dir, name) || matches!(disk.try_lock(&opened.file), Ok(false))
            }
            Err(Fault::Locked(_)) => true,
            _ => false,
        }
    }

    /// Ends an in-place session's hold of an entry: appends that its editor has written over are put
    /// back. Says whether the editor changed it.
    pub(in crate::journal) fn end_in_place(
        &mut self,
        entry: EntryName,
        session: SessionId,
    ) -> Result<bool, Fault> {
        if self.tails.get(&entry).is_none_or(|tail| tail.session != session) {
            return Ok(false);
        }
        let seen = self.look(entry);
        let read = |opened: Opened<D>| self.entries.read_settled(&opened).map(|text| (opened, text));
        let found = seen.and_then(|seen| seen.opened.map(read).transpose());
        let Some(tail) = self.tails.remove(&entry) else { return Ok(false) };
        let found = found.inspect_err(|_| {
            // Nobody can tell whether they are in it.
            for text in &tail.texts {
                self.keep(entry, text, KeptReason::Unexplained);
            }
        })?;
        if let Some((opened, text)) = &found
            && tail.texts.is_empty()
            && tail.header.as_ref() == Some(text)
        {
            // Made for the editor, which wrote nothing.
            self.remove_unless_changed(entry, opened, text)?;
            return Ok(false);
        }
        let text = found.as_ref().map_or(&[][..], |(_, text)| text);
        for missing in written_over(&tail.texts, tail.begun_text.as_deref().unwrap_or_default(), text) {
            if !self.append_late(entry, missing, OperationId(crate::random_bytes())) {
                self.keep(entry, missing, KeptReason::Unexplained);
            }
        }
        self.flush_entry(entry)?;
        let begun = tail.begun.zip(found.as_ref());
        Ok(begun.is_none_or(|(begun, (opened, _))| !begun.is_unchanged(&opened.stat)))
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

/// The appends that are not in a text. It has those that it has more often than it had when its editor
/// opened it: the same line may have stood there before.
fn written_over<'a>(appends: &'a [Vec<u8>], begun: &[u8], text: &[u8]) -> Vec<&'a [u8]> {
    let mut there: HashMap<&[u8], usize> = HashMap::new();
    let missing = appends.iter().map(Vec::as_slice).filter(|append| {
        let left = there
            .entry(append)
            .or_insert_with(|| occurrences(text, append).saturating_sub(occurrences(begun, append)));
        let is_missing = *left == 0;
        *left = left.saturating_sub(1);
        is_missing
    });
    missing.collect()
}

/// How often lines stand in a text, without overlap.
fn occurrences(text: &[u8], lines: &[u8]) -> usize {
    let (mut count, mut at) = (0, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(lines) {
            count += 1;
            at += lines.len().max(1);
        } else {
            at += rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1);
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_append_is_there_if_its_lines_are_there_more_often_than_before() {
        let appends = [b"x\n".to_vec(), b"- done\n".to_vec(), b"x\n".to_vec()];
        let missing = |begun: &[u8], text: &[u8]| written_over(&appends, begun, text).len();
        assert_eq!(missing(b"", b"x\n- done\nx\n"), 0);
        assert_eq!(missing(b"", b"box\n"), 3, "the end of a line is not the line");
        assert_eq!(missing(b"- done\n", b"- done\nx\n"), 2, "one stood there before, and one x is gone");
        assert_eq!(missing(b"- done\n", b"- done\nx\n- done\nx\n"), 0);
    }
}
