//! The appends behind an open draft's body, and where the end of an entry is.

use ponder_proto::{EntryName, SessionId, Token};

use super::Writer;
use crate::journal::Fault;
use crate::journal::content::{line_ending, separator, terminator};
use crate::journal::disk::{Access, Disk, Stat};
use crate::journal::entries::Opened;
use crate::journal::log::At;

/// What the writer knows of an entry whose draft is open.
#[derive(Debug)]
pub(super) struct Tail {
    /// Who may commit to the entry: the fence.
    pub(super) session: SessionId,
    pub(super) token: Token,
    /// The header of the draft, if there was no entry at the grant.
    pub(super) header: Option<Vec<u8>>,
    /// The appends since the grant, in order, each ending its line.
    pub(super) texts: Vec<Vec<u8>>,
    /// All bytes that they added to the file: what ended the line before them is no part of a text.
    pub(super) added: Vec<u8>,
    /// What the entry's file was at the grant.
    pub(super) begun: Option<Stat>,
    /// Of an in-place session: what the entry held at the grant.
    pub(super) begun_text: Option<Vec<u8>>,
    /// What our own last append left.
    pub(super) left: Option<Stat>,
}

/// An entry as the writer sees it between two of its own changes.
#[derive(Debug)]
pub(in crate::journal) struct Seen<D: Disk> {
    /// Its file, open for reading; nothing if there is none.
    pub(in crate::journal) opened: Option<Opened<D>>,
    /// The appends since the grant, in order.
    pub(in crate::journal) tail: Vec<u8>,
    /// How many bytes they added to its file.
    pub(in crate::journal) added: usize,
}

impl<D: Disk> Writer<D> {
    /// Begins to collect the appends to an entry for a session that may commit to it.
    pub(in crate::journal) fn begin_tail(
        &mut self,
        entry: EntryName,
        session: SessionId,
        token: Token,
    ) -> Result<Seen<D>, Fault> {
        let seen = self.look(entry)?;
        let (texts, added) = (Vec::new(), Vec::new());
        let begun = seen.opened.as_ref().map(|opened| opened.stat);
        let tail = Tail { session, token, header: None, texts, added, begun, begun_text: None, left: None };
        self.tails.insert(entry, tail);
        Ok(Seen { opened: seen.opened, tail: Vec::new(), added: 0 })
    }

    /// Says what was appended to an entry since its session was granted, under the daemon before this
    /// one: `added` is what the file has behind the base of its draft.
    pub(in crate::journal) fn restore_tail(&mut self, entry: EntryName, base: &[u8], added: &[u8]) {
        let Some(tail) = self.tails.get_mut(&entry) else { return };
        let text = added.strip_prefix(separator(base)).unwrap_or_default();
        if !text.is_empty() {
            tail.texts = vec![text.to_vec()];
            tail.added = added.to_vec();
        }
    }

    /// Says what the entry held at the grant.
    pub(in crate::journal) fn set_begun_text(&mut self, entry: EntryName, text: Vec<u8>) {
        if let Some(tail) = self.tails.get_mut(&entry) {
            tail.begun_text = Some(text);
        }
    }

    /// Says what a new entry would begin with.
    pub(in crate::journal) fn set_header(&mut self, entry: EntryName, header: Vec<u8>) {
        if let Some(tail) = self.tails.get_mut(&entry) {
            tail.header = Some(header);
        }
    }

    /// From here on the appends are part of the entry's body. Nobody commits to it any more.
    pub(in crate::journal) fn end_tail(&mut self, entry: EntryName, session: SessionId) {
        if self.tails.get(&entry).is_some_and(|tail| tail.session == session) {
            self.tails.remove(&entry);
        }
    }

    /// The appends to an entry since its session was granted, in order.
    pub(in crate::journal) fn tail_texts(&self, entry: EntryName) -> Vec<Vec<u8>> {
        self.tails.get(&entry).map(|tail| tail.texts.clone()).unwrap_or_default()
    }

    /// Looks at an entry when nothing of ours is under way.
    pub(in crate::journal) fn look(&mut self, entry: EntryName) -> Result<Seen<D>, Fault> {
        self.entries.check()?;
        self.mend(entry)?;
        let opened = self.entries.open(entry, Access::Read)?;
        let added = self.tails.get(&entry).map_or(0, |tail| tail.added.len());
        Ok(Seen { opened, tail: self.tail_texts(entry).concat(), added })
    }
}

/// How many bytes before a text are noted with its place.
pub(super) const CONTEXT: usize = 32;

/// How an entry ends: what the next text has to be put behind.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    /// The last bytes.
    context: Vec<u8>,
    ends_line: bool,
    ending: &'static [u8],
}

impl Edge {
    /// Of a text whose last bytes, at least, these are.
    pub(super) fn of(text: &[u8]) -> Self {
        let context = text[text.len().saturating_sub(CONTEXT)..].to_vec();
        Self { context, ends_line: text.is_empty() || text.ends_with(b"\n"), ending: line_ending(text) }
    }

    /// Where a text goes, and what stands around it there.
    pub(super) fn place(&self, inode: u64, offset: u64, text: &[u8]) -> At {
        let before = if self.ends_line { Vec::new() } else { self.ending.to_vec() };
        let (context, after) = (self.context.clone(), terminator(text, self.ending).to_vec());
        At { inode, offset, context, before, after }
    }

    /// The edge behind a text that was placed here.
    pub(super) fn moved(&self, at: &At, text: &[u8]) -> Self {
        let all = [&self.context[..], &at.bytes(text)].concat();
        let context = all[all.len().saturating_sub(CONTEXT)..].to_vec();
        Self { context, ends_line: true, ending: self.ending }
    }
}
