//! What a dead daemon had acknowledged, brought to its end.
//!
//! If the machine has run ever since, all that was written is there, and the log's notes tell how
//! far each publication came. After another boot anything that was not flushed may be missing: each
//! entry is compared with what the log says of it. Doing it twice changes nothing.

use std::collections::{BTreeSet, HashSet};
use std::io;
use std::path::Path;
use std::sync::Arc;

use ponder_proto::{EntryName, KeptReason, shown};

use super::Writer;
use super::anew::{BYTES, NAME};
use super::checkpoint::LARGE;
use super::group::Item;
use super::history::History;
use super::operations::Operations;
use super::verdict::{Case, Found, Texts, Verdict};
use crate::journal::disk::{Access, Disk};
use crate::journal::drafts::Slots;
use crate::journal::entries::{Entries, Opened};
use crate::journal::log::{Log, LogError, Logged, Number, Part, Way};
use crate::journal::staging::OLD;
use crate::journal::{Digest, Fault};

/// How often an entry may change while it is judged.
const TRIES: usize = 8;

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
            failed: std::collections::HashSet::new(),
            named: None,
            large: LARGE,
            behind: Vec::new(),
            pause: 0,
            unrestored: None,
        };
        writer.replay(logged)?;
        Ok(writer)
    }

    fn replay(&mut self, logged: Logged) -> Result<(), Fault> {
        let Logged { records, same_boot, existed } = logged;
        let is_fresh = same_boot && records.is_empty();
        let mut history = History::of(records);
        history.operations.iter().for_each(|operation| self.operations.remember(*operation));
        history.forget_repeated();
        let what = |entry| if history.renames(entry) { NAME } else { BYTES };
        // With one entry its directory was flushed, in which others have their names.
        let of_names = |entry| !history.flushing.is_empty() && history.renames(entry);
        let is_doubtful = |entry: &EntryName| history.is_in_doubt(*entry) || of_names(*entry);
        let doubtful = history.entries().into_iter().filter(is_doubtful);
        self.failed.extend(doubtful.map(|entry| (entry, what(entry))));
        let same_boot = same_boot && !history.settling;
        self.judge_temporary_files(&history, existed)?;
        let mut unrestored = BTreeSet::new();
        for entry in history.entries() {
            self.touched.insert(entry);
            match self.restore_entry(entry, &history, same_boot) {
                // The others need not wait for whoever has that.
                Err(fault @ Fault::Locked(_)) => {
                    tracing::warn!(%fault, "what the log has for an entry waits");
                    unrestored.insert(entry);
                }
                restored => restored?,
            }
        }
        let parts = history.commits.iter().flat_map(|step| &step.commit.parts);
        let parts: Vec<Part> = parts.filter(|part| !unrestored.contains(&part.entry)).cloned().collect();
        let displaced = std::mem::take(&mut history.displaced);
        // First of all: what comes late for one of these is behind what waits for it.
        self.restore_later(unrestored, history, same_boot);
        for part in &parts {
            self.judge_displaced(part);
        }
        for displaced in displaced {
            self.watch(displaced);
        }
        if is_fresh {
            return Ok(());
        }
        tracing::info!(entries = self.touched.len(), same_boot, "replayed the log");
        if let Err(fault) = self.checkpoint() {
            // Nothing is lost by that: the next start compares once more.
            tracing::warn!(%fault, "no checkpoint could be made");
            if matches!(fault, Fault::Locked(_)) {
                self.settle_others();
            }
        }
        Ok(())
    }

    /// Makes an entry what it has to be.
    pub(super) fn restore_entry(
        &mut self,
        entry: EntryName,
        history: &History,
        same_boot: bool,
    ) -> Result<(), Fault> {
        let case = Case::of(history, entry, same_boot);
        let texts = self.texts_of(entry, history)?;
        for _ in 0..TRIES {
            let opened = match self.entries.open(entry, Access::Read) {
                Ok(opened) => opened,
                // Somebody put a directory, say, in its place.
                Err(Fault::NotPlain { .. }) => return self.keep_all(entry, history, case.same_boot),
                // Or took away our right to it, or what a link in its place led through.
                Err(Fault::Disk { source, .. }) if is_out_of_reach(&source) => {
                    return self.keep_all(entry, history, case.same_boot);
                }
                Err(fault) => return Err(fault),
            };
            let text = opened.as_ref().map(|opened| self.entries.read(opened)).transpose()?;
            let found = opened.as_ref().zip(text.as_deref());
            let found = found.map(|(opened, text)| Found { text, inode: opened.stat.inode });
            let verdict = case.judge(found, &texts);
            if self.carry_out(entry, &verdict, opened.as_ref(), text.as_deref())? {
                self.publish_rest(entry, history, &verdict.to_publish);
                return Ok(());
            }
        }
        Err(Fault::Unsteady(self.entries.path(entry)))
    }

    /// The texts of an entry's versions, by the numbers of their commits.
    pub(super) fn texts_of(&self, entry: EntryName, history: &History) -> Result<Texts, Fault> {
        let mut texts = Texts::new();
        for step in &history.commits {
            if let Some(part) = step.part(entry)
                && let Some(text) = self.text_of(part)?
            {
                texts.insert(step.number, text);
            }
        }
        Ok(texts)
    }

    /// Says whether the entry was what was judged.
    fn carry_out(
        &mut self,
        entry: EntryName,
        verdict: &Verdict,
        opened: Option<&Opened<D>>,
        found: Option<&[u8]>,
    ) -> Result<bool, Fault> {
        self.keep_rest(entry, verdict, found)?;
        verdict.untold.iter().for_each(|id| self.operations.forget(*id));
        if let Some(text) = &verdict.superseded {
            self.keep_or_fail(entry, text, KeptReason::EntryChanged)?;
        }
        match (&verdict.text, opened) {
            (None, _) => Ok(true),
            (Some(text), Some(opened)) => self.replace(entry, opened, found.unwrap_or_default(), text),
            (Some(text), None) => self.create_anew(entry, text),
        }
    }

    /// Keeps what the entry will not have by a verdict.
    pub(super) fn keep_rest(
        &self,
        entry: EntryName,
        verdict: &Verdict,
        found: Option<&[u8]>,
    ) -> Result<(), Fault> {
        self.keep_or_fail(entry, &verdict.unexplained, KeptReason::Unexplained)?;
        let found = found.filter(|_| verdict.keeps_found);
        found.map_or(Ok(()), |found| self.keep_or_fail(entry, found, KeptReason::WrittenLate))
    }

    /// What cannot be kept now stays in the log: the next start tries again.
    fn keep_or_fail(&self, entry: EntryName, text: &[u8], why: KeptReason) -> Result<(), Fault> {
        if text.is_empty() {
            return Ok(());
        }
        self.slots.keep_text(entry, text, why).map(drop)
    }

    fn publish_rest(&mut self, entry: EntryName, history: &History, numbers: &[Number]) {
        let steps = history.appends.iter().filter(|step| numbers.contains(&step.number));
        let items: Vec<Item> = steps
            .map(|step| Item { number: step.number, append: step.append.clone(), answer: None })
            .collect();
        if !items.is_empty() {
            self.publish_or_defer(entry, items);
        }
    }

    /// Keeps what an entry should have had that is no file any more. What was published was somebody's to
    /// take away, as long as it cannot have been a power cut.
    fn keep_all(&self, entry: EntryName, history: &History, same_boot: bool) -> Result<(), Fault> {
        let appends = history.appends.iter().filter(|step| step.append.operation.entry == entry);
        for step in appends.filter(|step| !same_boot || step.published.is_none()) {
            self.keep_or_fail(entry, &step.append.text, KeptReason::EntryChanged)?;
        }
        let versions = history.commits.iter().filter(|step| !step.withdrawn);
        for step in versions.filter(|step| !same_boot || !step.published) {
            if let Some(part) = step.part(entry)
                && let Some(text) = self.text_of(part)?
            {
                self.keep_or_fail(entry, &text, KeptReason::EntryChanged)?;
            }
        }
        Ok(())
    }

    /// Temporary files that no record names were never acknowledged, if there is a log that could
    /// name them. Without one nobody knows what they are.
    fn judge_temporary_files(&mut self, history: &History, log_existed: bool) -> Result<(), Fault> {
        let mut known: HashSet<&str> = history.displaced.iter().map(|displaced| &*displaced.name).collect();
        for step in &history.commits {
            known.extend(step.commit.parts.iter().filter_map(Part::file_name));
        }
        let names = self.entries.temporary_files()?;
        let unknown: Vec<String> = names.into_iter().filter(|name| !known.contains(&**name)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let (side, path) = self.entries.side()?;
        for name in unknown {
            // The old version of an entry on a file system without exchanges has no record of its own.
            let may_be_theirs = name.ends_with(OLD);
            if (log_existed && !may_be_theirs) || self.keep_unknown(&side, &path, &name) {
                self.entries.discard(&side, &name);
            }
        }
        Ok(())
    }

    /// Gives a temporary file of which nothing is known a name that nobody sweeps: it may hold what
    /// another program wrote. Says whether it may go instead.
    fn keep_unknown(&self, side: &D::Dir, path: &Path, name: &str) -> bool {
        let kept = name.replace(".tmp", ".kept");
        match self.entries.disk.rename_new((side, name), (side, &kept)) {
            Ok(()) => {
                tracing::warn!(path = %shown(&path.join(kept)), "a version of an entry whose log is gone was kept");
            }
            Err(error) => tracing::warn!(path = %shown(&path.join(name)), %error, "it stays where it is"),
        }
        false
    }

    /// What a commit left under the temporary name: the new version, which is the entry's by now, or
    /// kept; or what it replaced.
    pub(super) fn judge_displaced(&mut self, part: &Part) {
        let Way::File { name, inode, .. } = &part.way else { return };
        let (text, found) = match self.read_temporary(name) {
            Ok(Some(found)) => found,
            Ok(None) => return,
            // As what it has to be. If it is something else, that is seen as soon as it can be read.
            Err(fault) => {
                tracing::debug!(%fault, "a version that was replaced is looked at later");
                self.retire(part.entry, name, *inode, part.base.unwrap_or(part.digest), 0);
                return;
            }
        };
        let digest = Digest::of(&text);
        let is_ours = found == *inode;
        let is_known = digest == part.digest || (!is_ours && Some(digest) == part.base);
        if !is_known && !self.keep(part.entry, &text, KeptReason::WrittenLate) {
            // Until it could be kept it is nothing that is known.
            self.retire(part.entry, name, if is_ours { NAME } else { *inode }, part.digest, 0);
            return;
        }
        match self.entries.side() {
            Ok((side, _)) if is_ours => self.entries.discard(&side, name),
            _ => self.retire(part.entry, name, *inode, digest, text.len() as u64),
        }
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
        let file = match self.entries.disk.open(&side, name, Access::Read) {
            Ok(Some(file)) => file,
            Ok(None) | Err(crate::journal::disk::OpenError::NotPlain(_)) => return Ok(None),
            Err(error) => return Err(Fault::opening(error, path)),
        };
        let stat = self.entries.disk.stat(&file).map_err(Fault::at("look at", &path))?;
        let length = usize::try_from(stat.length).unwrap_or(usize::MAX);
        let text = self.entries.disk.read(&file, 0, length).map_err(Fault::at("read", &path))?;
        Ok(Some((text, stat.inode)))
    }
}

fn is_out_of_reach(error: &io::Error) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound, PermissionDenied};
    matches!(error.kind(), NotADirectory | NotFound | PermissionDenied)
}

impl Part {
    fn file_name(&self) -> Option<&str> {
        match &self.way {
            Way::File { name, .. } => Some(name),
            Way::InPlace { .. } => None,
        }
    }
}
