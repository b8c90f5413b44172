//! Slots: the directories in which drafts live, one draft each.
//!
//! `slots/20261123.0/20261123.md` is a draft; `slots/20261123.0.json` is its record. The record's
//! existence is the claim on the slot. An editor that comes back to an entry finds the same path,
//! so its undo files, marks and swap recovery keep working. A slot that was not cleanly released
//! stays where it is *as* the kept draft; the next session of its entry gets the next number, so a
//! zombie editor never shares a path with anybody.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use ponder_endpoint::{PlainFileError, open_plain};
use ponder_proto::{EntryName, KeptDraft, KeptReason, RawPath, SessionId, Token};
use rustix::fs::{CWD, OFlags};
use serde::{Deserialize, Serialize};

use super::{Digest, Fault};
use crate::unix_now;

/// What is known of a slot, as JSON beside it: enough to judge it after the daemon died.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) entry: EntryName,
    pub(super) session: SessionId,
    pub(super) token: Token,
    /// The boot it was made in: in another one, nobody can have its draft open any more.
    boot: String,
    /// The digest of the draft's last committed text, or of the text it started with.
    base: String,
    /// When its session ended without releasing it, in seconds since 1970.
    ended: Option<i64>,
    /// Why its draft is kept, and since when.
    kept: Option<(KeptReason, i64)>,
}

/// One slot that is taken.
#[derive(Debug)]
pub(super) struct Slot {
    slots: PathBuf,
    journal: PathBuf,
    number: u32,
    pub(super) record: Record,
}

/// All slots of a journal.
#[derive(Debug)]
pub(super) struct Slots {
    dir: PathBuf,
    journal: PathBuf,
    boot: String,
}

/// What a new draft starts with.
pub(super) struct NewDraft<'a> {
    pub(super) entry: EntryName,
    pub(super) session: SessionId,
    pub(super) token: Token,
    pub(super) text: &'a [u8],
    /// A shared session's snapshot.
    pub(super) read_only: bool,
}

impl Slots {
    pub(super) fn new(dir: PathBuf, journal: &Path) -> Self {
        Self { dir, journal: journal.to_owned(), boot: ponder_endpoint::boot() }
    }

    /// Takes the entry's first free slot and writes the draft.
    pub(super) fn take(&self, new: &NewDraft<'_>) -> Result<Slot, Fault> {
        let record = Record {
            entry: new.entry,
            session: new.session,
            token: new.token,
            boot: self.boot.clone(),
            base: Digest::of(new.text).to_string(),
            ended: None,
            kept: None,
        };
        let mut slot = self.slot(0, record);
        loop {
            let claim = OpenOptions::new().write(true).create_new(true).mode(0o600).open(slot.record_path());
            match claim {
                Ok(_) => match slot.write_new_draft(new) {
                    Ok(()) => return Ok(slot),
                    // A draft without a record: somebody else's file. Leave it and the number.
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => slot.give_up_claim(),
                    Err(error) => {
                        slot.give_up_claim();
                        return Err(Fault::at("write the draft", &slot.draft_path())(error));
                    }
                },
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Fault::at("take the slot", &slot.record_path())(error)),
            }
            slot.number += 1;
        }
    }

    /// Puts a text aside, durably.
    pub(super) fn keep(&self, new: &NewDraft<'_>, why: KeptReason) -> Result<Slot, Fault> {
        let mut slot = self.take(new)?;
        let flush = || {
            File::open(slot.draft_path())?.sync_all()?;
            File::open(slot.dir())?.sync_all()
        };
        flush().map_err(Fault::at("flush", &slot.draft_path()))?;
        slot.mark_kept(why)?;
        File::open(&self.dir).and_then(|dir| dir.sync_all()).map_err(Fault::at("flush", &self.dir))?;
        Ok(slot)
    }

    /// All slots that are taken, by entry and number.
    pub(super) fn all(&self) -> Result<Vec<Slot>, Fault> {
        let listed = fs::read_dir(&self.dir).map_err(Fault::at("list", &self.dir))?;
        let mut found: Vec<Slot> =
            listed.flatten().filter_map(|item| self.slot_of_record(&item.path())).collect();
        found.sort_by_key(|slot| (slot.record.entry, slot.number));
        Ok(found)
    }

    fn slot_of_record(&self, path: &Path) -> Option<Slot> {
        let name = path.file_name()?.to_str()?.strip_suffix(".json")?;
        let (entry, number) = name.split_once('.')?;
        let (entry, number) = (entry.parse().ok()?, number.parse().ok()?);
        let record = fs::read(path).ok().and_then(|json| serde_json::from_slice(&json).ok());
        // A claim whose record was never completed: the draft, if there is one, is judged alone.
        let record = record.unwrap_or_else(|| Record {
            entry,
            session: SessionId([0; 16]),
            token: Token { epoch: 0, counter: 0 },
            boot: String::new(),
            base: String::new(),
            ended: None,
            kept: None,
        });
        Some(self.slot(number, record))
    }

    fn slot(&self, number: u32, record: Record) -> Slot {
        Slot { slots: self.dir.clone(), journal: self.journal.clone(), number, record }
    }

    /// Whether the slot is from another boot, so that no process can have its draft open.
    pub(super) fn is_from_another_boot(&self, slot: &Slot) -> bool {
        slot.record.boot != self.boot || self.boot.is_empty()
    }
}

impl Slot {
    /// Its name for people and commands, as in `20261123.0`.
    pub(super) fn id(&self) -> String {
        format!("{:08}.{}", self.record.entry.number(), self.number)
    }

    pub(super) fn dir(&self) -> PathBuf {
        self.slots.join(self.id())
    }

    pub(super) fn draft_path(&self) -> PathBuf {
        self.dir().join(self.record.entry.file_name())
    }

    fn record_path(&self) -> PathBuf {
        self.slots.join(format!("{}.json", self.id()))
    }

    fn write_new_draft(&self, new: &NewDraft<'_>) -> io::Result<()> {
        match fs::DirBuilder::new().mode(0o700).create(self.dir()) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let mode = if new.read_only { 0o400 } else { 0o600 };
        let mut draft = OpenOptions::new().write(true).create_new(true).mode(mode).open(self.draft_path())?;
        draft.write_all(new.text)?;
        self.write_record()
    }

    /// Writes the record, whole. Not flushed: it has to survive the daemon, not the machine.
    fn write_record(&self) -> io::Result<()> {
        let fresh = self.record_path().with_extension("new");
        fs::write(&fresh, serde_json::to_vec(&self.record)?)?;
        fs::rename(&fresh, self.record_path())
    }

    fn give_up_claim(&self) {
        let _ = fs::remove_file(self.record_path()); // an empty record claims a slot and no more
    }

    fn update(&self) -> Result<(), Fault> {
        self.write_record().map_err(Fault::at("write", &self.record_path()))
    }

    /// The draft as it is, or nothing where there is no plain file (an editor may be between two
    /// steps of its save, or have deleted it).
    pub(super) fn read_draft(&self) -> Result<Option<Vec<u8>>, Fault> {
        let path = self.draft_path();
        let mut text = Vec::new();
        let read = open_plain(CWD, &path, OFlags::RDONLY).and_then(|file| {
            let Some(mut file) = file else { return Ok(false) };
            Ok(file.read_to_end(&mut text).map(|_| true)?)
        });
        match read {
            Ok(found) => Ok(found.then_some(text)),
            Err(PlainFileError::NotPlain(_)) => Ok(None),
            Err(PlainFileError::Io(error)) => Err(Fault::at("read the draft", &path)(error)),
        }
    }

    /// Notes that this text is committed. A draft that was kept because the disk had refused it
    /// need not be kept any more.
    pub(super) fn set_base(&mut self, base: Digest) -> Result<(), Fault> {
        self.record.base = base.to_string();
        self.record.kept = None;
        self.update()
    }

    pub(super) fn has_base(&self, text: &[u8]) -> bool {
        self.record.base == Digest::of(text).to_string()
    }

    /// Notes that the session is over and the slot was not released: somebody may still write here.
    pub(super) fn mark_ended(&mut self) -> Result<(), Fault> {
        self.record.ended.get_or_insert(unix_now());
        self.update()
    }

    pub(super) fn is_ended(&self) -> bool {
        self.record.ended.is_some()
    }

    pub(super) fn mark_kept(&mut self, why: KeptReason) -> Result<(), Fault> {
        self.record.kept.get_or_insert((why, unix_now()));
        self.update()
    }

    pub(super) fn is_kept(&self) -> bool {
        self.record.kept.is_some()
    }

    /// As others are told of it; `otherwise` is the reason where none was noted.
    pub(super) fn as_kept(&self, otherwise: KeptReason) -> KeptDraft {
        let (why, when) = self.record.kept.unwrap_or((otherwise, self.record.ended.unwrap_or_default()));
        let place = if why == KeptReason::FilesBeside { self.dir() } else { self.draft_path() };
        let path = RawPath::from(place.as_path());
        KeptDraft { id: self.id(), entry: self.record.entry, path, why, when }
    }

    /// Releases the slot: removes the draft and our links. What the user created beside the draft
    /// is never deleted; then the slot stays, as a kept draft. What editors leave (swap, undo and
    /// backup files) stays too, without keeping the slot taken: the next session wants its undo.
    ///
    /// Returns whether the slot is free.
    pub(super) fn release(&mut self) -> Result<bool, Fault> {
        let dir = self.dir();
        let failed = Fault::at::<io::Error>("tidy", &dir);
        match fs::remove_file(self.draft_path()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let mut users = false;
        if let Ok(items) = fs::read_dir(&dir) {
            for item in items.flatten() {
                let shown = self.journal.join(item.file_name());
                if fs::read_link(item.path()).is_ok_and(|target| target == shown) {
                    fs::remove_file(item.path()).map_err(&failed)?; // a link of ours
                } else if !left_by_an_editor(&item.file_name().to_string_lossy()) {
                    users = true;
                }
            }
        }
        if users {
            self.mark_kept(KeptReason::FilesBeside)?;
            return Ok(false);
        }
        let _ = fs::remove_dir(&dir); // not empty: an editor's own files wait for the next session
        fs::remove_file(self.record_path()).map_err(Fault::at("free the slot", &self.record_path()))?;
        Ok(true)
    }
}

/// Swap, undo and backup files: hidden ones, `name~` and `#name#`.
fn left_by_an_editor(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn slots() -> (tempfile::TempDir, Slots) {
        let dir = tempfile::tempdir().unwrap();
        let slots = Slots::new(dir.path().to_owned(), Path::new("/journal"));
        (dir, slots)
    }

    fn new(text: &[u8]) -> NewDraft<'_> {
        NewDraft {
            entry: "20261123".parse().unwrap(),
            session: SessionId([1; 16]),
            token: Token { epoch: 1, counter: 1 },
            text,
            read_only: false,
        }
    }

    #[test]
    fn the_path_is_stable_and_an_unreleased_slot_is_not_shared() {
        let (_dir, slots) = slots();
        let mut first = slots.take(&new(b"one")).unwrap();
        let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(first.dir()), mode(first.draft_path())), (0o700, 0o600));
        let second = slots.take(&new(b"two")).unwrap();
        assert_eq!((first.id().as_str(), second.id().as_str()), ("20261123.0", "20261123.1"));
        let path = first.draft_path();
        assert!(first.release().unwrap());
        assert_eq!(slots.take(&new(b"three")).unwrap().draft_path(), path);
    }

    #[test]
    fn files_of_the_user_are_never_deleted() {
        let (_dir, slots) = slots();
        let mut slot = slots.take(&new(b"one")).unwrap();
        fs::write(slot.dir().join("notes.md"), "mine").unwrap();
        fs::write(slot.dir().join(".20261123.md.un~"), "undo").unwrap();
        for (link, target) in [("images", "/journal/images"), ("link", "/somewhere/else")] {
            std::os::unix::fs::symlink(target, slot.dir().join(link)).unwrap();
        }
        assert!(!slot.release().unwrap());
        assert!(slots.all().unwrap()[0].is_kept());
        assert_eq!(fs::read(slot.dir().join("notes.md")).unwrap(), b"mine");
        assert!(slot.dir().join(".20261123.md.un~").exists());
        assert!(!slot.dir().join("images").is_symlink());
        assert!(slot.dir().join("link").is_symlink());
    }

    #[test]
    fn an_editors_own_files_wait_for_the_next_session() {
        let (_dir, slots) = slots();
        let mut slot = slots.take(&new(b"one")).unwrap();
        let undo = slot.dir().join(".20261123.md.un~");
        fs::write(&undo, "undo").unwrap();
        assert!(slot.release().unwrap());
        assert!(undo.exists() && slots.all().unwrap().is_empty());
        assert_eq!(slots.take(&new(b"two")).unwrap().id(), "20261123.0");
    }

    #[test]
    fn links_and_fifos_are_not_read_as_drafts() {
        let (dir, slots) = slots();
        let slot = slots.take(&new(b"one")).unwrap();
        fs::remove_file(slot.draft_path()).unwrap();
        assert_eq!(slot.read_draft().unwrap(), None);
        rustix::fs::mkfifoat(rustix::fs::CWD, slot.draft_path(), rustix::fs::Mode::from(0o600)).unwrap();
        assert_eq!(slot.read_draft().unwrap(), None);
        fs::remove_file(slot.draft_path()).unwrap();
        fs::write(dir.path().join("secret"), "secret").unwrap();
        std::os::unix::fs::symlink(dir.path().join("secret"), slot.draft_path()).unwrap();
        assert_eq!(slot.read_draft().unwrap(), None);
    }
}
