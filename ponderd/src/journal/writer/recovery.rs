//! What a dead daemon had acknowledged, brought to its end.
//!
//! If the machine has run ever since, all that was written is there, and the log's notes tell how
//! far each publication came. After another boot anything that was not flushed may be missing: each
//! publication is compared with its entry. Doing it twice changes nothing.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use ponder_proto::{EntryName, KeptReason};

use super::Writer;
use super::append::Item;
use super::history::{AppendStep, CommitStep, History, Step};
use super::operations::Operations;
use super::restore::{Restored, restore};
use crate::journal::disk::{Access, Disk, Rename};
use crate::journal::drafts::Slots;
use crate::journal::entries::{Entries, Opened};
use crate::journal::log::{Log, LogError, Logged, Part, Record, Way};
use crate::journal::staging::NotStaged;
use crate::journal::{Digest, Fault};

impl<D: Disk> Writer<D> {
    /// Opens a journal's log, and publishes what it holds.
    ///
    /// # Errors
    /// When the log cannot be used ([`LogError`]), or what it holds cannot be published now: then it
    /// stays as it is, and the next start tries again.
    pub(in crate::journal) fn open(
        entries: &Arc<Entries<D>>,
        slots: &Arc<Slots<D>>,
        state: &Path,
        log_step: usize,
    ) -> Result<Self, LogError> {
        let (log, logged) = Log::open(&entries.disk, state, slots.boot(), log_step)?;
        let mut writer = Self {
            entries: Arc::clone(entries),
            slots: Arc::clone(slots),
            log,
            operations: Operations::default(),
            tails: std::collections::HashMap::new(),
            pending: Vec::new(),
            deferred: Vec::new(),
            displaced: Vec::new(),
            touched: std::collections::BTreeSet::new(),
            is_looked_after: false,
        };
        writer.replay(logged)?;
        Ok(writer)
    }

    fn replay(&mut self, logged: Logged) -> Result<(), Fault> {
        let Logged { records, same_boot, existed } = logged;
        let is_fresh = same_boot && records.is_empty();
        let history = History::of(records);
        history.operations.iter().for_each(|operation| self.operations.remember(*operation));
        self.judge_temporary_files(&history, existed)?;
        for (index, step) in history.steps.iter().enumerate() {
            let later = &history.steps[index + 1..];
            let replayed = match step {
                Step::Append(step) => self.replay_append(step, later, same_boot),
                Step::Commit(step) => self.replay_commit(step, later, same_boot),
            };
            match replayed {
                // Somebody put a directory, say, in the entry's place.
                Err(Fault::NotPlain { .. }) => self.keep_step(step)?,
                replayed => replayed?,
            }
        }
        for displaced in history.displaced {
            self.watch(displaced);
        }
        if is_fresh {
            return Ok(());
        }
        tracing::info!(steps = history.steps.len(), same_boot, "replayed the log");
        if let Err(fault) = self.checkpoint() {
            // Nothing is lost by that: the next start compares once more.
            tracing::warn!(%fault, "no checkpoint could be made");
        }
        Ok(())
    }

    /// Keeps the texts of a step whose entry is no file any more.
    fn keep_step(&self, step: &Step) -> Result<(), Fault> {
        match step {
            Step::Append(AppendStep { published: false, append, .. }) => {
                self.keep(append.operation.entry, &append.text, KeptReason::EntryChanged);
            }
            Step::Commit(CommitStep { published: false, commit, .. }) => {
                for part in &commit.parts {
                    if let Some(text) = self.text_of(part)? {
                        self.keep(part.entry, &text, KeptReason::EntryChanged);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Temporary files that no record names were never acknowledged, if there is a log that could
    /// name them. Without one nobody knows what they are.
    fn judge_temporary_files(&mut self, history: &History, log_existed: bool) -> Result<(), Fault> {
        let mut known: HashSet<&str> = history.displaced.iter().map(|displaced| &*displaced.name).collect();
        for step in &history.steps {
            if let Step::Commit(step) = step {
                known.extend(step.commit.parts.iter().filter_map(Part::file_name));
            }
        }
        let names = self.entries.temporary_files()?;
        let unknown: Vec<String> = names.into_iter().filter(|name| !known.contains(&**name)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let (side, path) = self.entries.side()?;
        for name in unknown {
            if log_existed || self.keep_unknown(&side, &path, &name) {
                self.entries.discard(&side, &name);
            }
        }
        Ok(())
    }

    /// Gives a temporary file of which nothing is known a name that nobody sweeps: it may hold what
    /// another program wrote. Says whether it may go instead.
    fn keep_unknown(&self, side: &D::Dir, path: &Path, name: &str) -> bool {
        let kept = name.replace(".tmp", ".kept");
        match self.entries.disk.rename((side, name), (side, &kept), Rename::NoReplace) {
            Ok(()) => {
                tracing::warn!(path = %path.join(kept).display(), "a version of an entry whose log is gone was kept");
            }
            Err(error) => tracing::warn!(path = %path.join(name).display(), %error, "it stays where it is"),
        }
        false
    }

    fn replay_append(&mut self, step: &AppendStep, later: &[Step], same_boot: bool) -> Result<(), Fault> {
        let entry = step.append.operation.entry;
        if step.published && same_boot || self.is_superseded(entry, later)? {
            self.touched.insert(entry);
            return Ok(());
        }
        let in_doubt = !same_boot || step.began.is_some();
        if in_doubt && self.restore_append(step)? {
            self.touched.insert(entry);
            return Ok(());
        }
        let item = Item { number: step.number, append: step.append.clone(), answer: None };
        self.publish_or_defer(entry, vec![item]);
        Ok(())
    }

    /// Whether a later commit of the entry is in place: it contains what came before it.
    fn is_superseded(&self, entry: EntryName, later: &[Step]) -> Result<bool, Fault> {
        for step in later {
            let Step::Commit(step) = step else { continue };
            for part in step.commit.parts.iter().filter(|part| part.entry == entry) {
                let opened = self.entries.open(entry, Access::Read)?;
                if self.is_in_place(part, opened.as_ref())? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Brings an append of which nothing is certain to its place. Says whether it is done with; if
    /// not, the entry has never had it.
    fn restore_append(&mut self, step: &AppendStep) -> Result<bool, Fault> {
        let entry = step.append.operation.entry;
        let text = &step.append.text;
        let Some(opened) = self.entries.open(entry, Access::Read)? else {
            // Never made, or its name was lost. If there was an entry before, somebody deleted it,
            // perhaps with the text in it.
            let was_new = step.append.plan.is_none();
            return Ok(!was_new && self.keep(entry, text, KeptReason::Unexplained));
        };
        let found = self.entries.read(&opened)?;
        let (offset, bytes, inode) = match step.place() {
            Some(at) => (at.offset, at.bytes(text), Some(at.inode)),
            None => (0, [&step.append.header[..], text].concat(), None),
        };
        let same_file = inode.is_none_or(|inode| inode == opened.stat.inode);
        match restore(&found, offset, &bytes) {
            Restored::There => Ok(true),
            Restored::Rebuilt(whole) if same_file => {
                self.replace(entry, &opened, &whole)?;
                Ok(true)
            }
            // Another file: it was replaced by somebody who may have read the text, or not.
            _ => Ok(self.keep(entry, text, KeptReason::Unexplained)),
        }
    }

    /// Replaces an entry by a text that it should have had.
    fn replace(&mut self, entry: EntryName, opened: &Opened<D>, text: &[u8]) -> Result<(), Fault> {
        let digest = self.digest(&opened.file).map_err(Fault::at("read", &opened.place.path))?;
        match self.entries.stage(text, Some(opened)) {
            Ok(staged) => {
                self.entries.exchange(&staged.side, &staged.name, &opened.place)?;
                self.retire(entry, &staged.name, digest, opened.stat.length);
            }
            Err(NotStaged::Fault(fault)) => return Err(fault),
            Err(NotStaged::OnlyInPlace) => {
                let Some(writable) = self.entries.open(entry, Access::Write)? else { return Ok(()) };
                self.write_over(&writable.file, text, &writable.place)?;
            }
        }
        self.touched.insert(entry);
        Ok(())
    }

    fn replay_commit(&mut self, step: &CommitStep, later: &[Step], same_boot: bool) -> Result<(), Fault> {
        for part in &step.commit.parts {
            let opened = self.entries.open(part.entry, Access::Read)?;
            let done = step.published && same_boot || self.is_in_place(part, opened.as_ref())?;
            self.touched.insert(part.entry);
            if done || self.is_superseded(part.entry, later)? {
                self.judge_displaced(part)?;
            } else {
                self.redo(part, opened)?;
            }
        }
        self.log.note(&Record::Published(vec![step.number]));
        Ok(())
    }

    /// Whether a version is the entry, perhaps with appends behind it.
    fn is_in_place(&self, part: &Part, opened: Option<&Opened<D>>) -> Result<bool, Fault> {
        let Some(opened) = opened else { return Ok(false) };
        let found = self.entries.read(opened)?;
        let length = usize::try_from(part.length).unwrap_or(usize::MAX);
        Ok(found.get(..length).is_some_and(|body| Digest::of(body) == part.digest))
    }

    /// What the exchange of a commit that is done left under the temporary name.
    fn judge_displaced(&mut self, part: &Part) -> Result<(), Fault> {
        let (Way::File { name, inode, .. }, Some(base)) = (&part.way, part.base) else { return Ok(()) };
        let Some((text, found)) = self.read_temporary(name)? else { return Ok(()) };
        if found == *inode || Digest::of(&text) == part.digest {
            let (side, _) = self.entries.side()?;
            self.entries.discard(&side, name); // ours, and the entry has it
            return Ok(());
        }
        if Digest::of(&text) != base && !self.keep(part.entry, &text, KeptReason::WrittenLate) {
            return Ok(());
        }
        self.retire(part.entry, name, Digest::of(&text), text.len() as u64);
        Ok(())
    }

    /// Publishes a version that is durable and was not published.
    fn redo(&mut self, part: &Part, opened: Option<Opened<D>>) -> Result<(), Fault> {
        let Some(text) = self.text_of(part)? else {
            tracing::warn!(entry = %part.entry, "a commit that was never acknowledged is gone; its draft stays");
            return Ok(());
        };
        let found = opened.as_ref().map(|opened| self.entries.read(opened)).transpose()?;
        let is_base = found.as_deref().map(Digest::of) == part.base;
        match (&part.way, opened) {
            (_, Some(opened)) if is_base => self.replace(part.entry, &opened, &text)?,
            (Way::InPlace { old, .. }, Some(opened)) => {
                // Half written over, or somebody else's: whatever it is, it stays readable.
                let found = found.unwrap_or_default();
                let kept = found == *old || self.keep(part.entry, &found, KeptReason::WrittenLate);
                if kept {
                    self.replace(part.entry, &opened, &text)?;
                }
            }
            (_, None) => {
                let place = self.entries.place_of_new(part.entry)?;
                let staged = self.entries.stage_new(&text)?;
                self.entries.publish_new(&staged, &place)?;
            }
            (_, Some(_)) => drop(self.keep(part.entry, &text, KeptReason::EntryChanged)),
        }
        if let Some(name) = part.file_name() {
            let (side, _) = self.entries.side()?;
            self.entries.discard(&side, name);
        }
        Ok(())
    }

    /// A logged version's text: in the log, or in its file.
    fn text_of(&self, part: &Part) -> Result<Option<Vec<u8>>, Fault> {
        let text = match &part.way {
            Way::InPlace { new, .. } => Some(new.clone()),
            Way::File { text: Some(text), .. } => Some(text.clone()),
            Way::File { name, .. } => self.read_temporary(name)?.map(|(text, _)| text),
        };
        Ok(text.filter(|text| Digest::of(text) == part.digest))
    }

    /// The text of a temporary file, and its inode's number.
    fn read_temporary(&self, name: &str) -> Result<Option<(Vec<u8>, u64)>, Fault> {
        let (side, path) = self.entries.side()?;
        let path = path.join(name);
        let Ok(Some(file)) = self.entries.disk.open(&side, name, Access::Read) else { return Ok(None) };
        let stat = self.entries.disk.stat(&file).map_err(Fault::at("look at", &path))?;
        let length = usize::try_from(stat.length).unwrap_or(usize::MAX);
        let text = self.entries.disk.read(&file, 0, length).map_err(Fault::at("read", &path))?;
        Ok(Some((text, stat.inode)))
    }
}

impl Part {
    fn file_name(&self) -> Option<&str> {
        match &self.way {
            Way::File { name, .. } => Some(name),
            Way::InPlace { .. } => None,
        }
    }
}
