//! Appends: text at the end of an entry, whoever edits it.

use std::io;
use std::path::PathBuf;

use ponder_proto::{Append, OperationId, Refusal};

use super::content::{Expected, line_ending, terminator};
use super::directory::{Added, Published};
use super::draft::OpenDraft;
use super::header::header;
use super::operations::Seen;
use super::store::operation_reused;
use super::{Digest, Fault, Store};

/// How often an entry may appear and vanish under an append before it gives up.
const TRIES: usize = 8;

impl Store {
    /// Adds text to an entry, durably and once for each operation id. Says whether the id had been
    /// applied before.
    ///
    /// A draft that is open on the entry does not see the text: it follows the body until the
    /// session ends, so the editor's next save does not conflict with it.
    pub(super) fn append(&mut self, append: &Append, operation: OperationId) -> Result<bool, Refusal> {
        let digest = Digest::of(&append.text.0);
        match self.operations.seen(operation, append.entry, digest) {
            Seen::Applied => return Ok(true),
            // The disk could not confirm it then, and a second flush would confirm what is lost.
            Seen::Unknown => return Err(unconfirmed(self.directory.path(append.entry)).refusal()),
            Seen::Other => return Err(operation_reused()),
            Seen::Never => {}
        }
        let added = self.append_or_create(append);
        if let Ok(()) | Err(Fault::Unknown { .. }) = added {
            self.operations.remember(operation, append.entry, digest, added.is_ok());
        }
        added.map(|()| false).map_err(|fault| fault.refusal())
    }

    fn append_or_create(&mut self, append: &Append) -> Result<(), Fault> {
        self.directory.check()?;
        let text = &append.text.0;
        for _ in 0..TRIES {
            if let Some(added) = self.directory.append(append.entry, text)? {
                self.tell_draft(append, &added);
                return added.flushed;
            }
            let ended = [text, terminator(text, line_ending(text))].concat();
            let full = [self.new_header(append), ended].concat();
            let staged = self.directory.stage(append.entry, &full, None)?;
            if self.directory.publish(&staged)? == Published::Yes {
                self.tell_draft_of_new_entry(append, &full);
                return self.directory.sync();
            }
        }
        let path = self.directory.path(append.entry);
        let source = io::Error::other("it appears and vanishes");
        Err(Fault::Disk { doing: "append to", path, source })
    }

    /// The header that an open draft of the entry already has, or a fresh one.
    fn new_header(&mut self, append: &Append) -> Vec<u8> {
        let drafted = self.open_draft(append).and_then(|draft| draft.header.clone());
        drafted.unwrap_or_else(|| header(append.entry, append.time))
    }

    fn tell_draft(&mut self, append: &Append, added: &Added) {
        if let Some(draft) = self.open_draft(append) {
            draft.expected.add(&added.bytes);
            // Without what was put before the text: that ends the body's last line.
            draft.appends.extend_from_slice(&added.bytes[added.text_at..]);
        }
    }

    fn tell_draft_of_new_entry(&mut self, append: &Append, full: &[u8]) {
        if let Some(draft) = self.open_draft(append) {
            draft.expected = Expected::holding(full);
            let header = draft.header.as_ref().map_or(0, Vec::len);
            draft.appends = full[header..].to_vec();
        }
    }

    fn open_draft(&mut self, append: &Append) -> Option<&mut OpenDraft> {
        let session = self.drafting.get(&append.entry)?;
        self.sessions.get_mut(session)?.draft(append.entry)
    }
}

fn unconfirmed(path: PathBuf) -> Fault {
    let source = io::Error::other("this operation was written before, and its flush failed");
    Fault::Unknown { path, source }
}
