//! Slots: the directories in which drafts live, one draft each.
//!
//! `slots/20261123.0/20261123.md` is a draft; `slots/20261123.0.json` is its record. The record's
//! existence is the claim on the slot. An editor that comes back to an entry finds the same path,
//! so its undo files, marks and swap recovery keep working. A slot that was not cleanly released
//! stays where it is *as* the kept draft; the next session of its entry gets the next number, so a
//! zombie editor never shares a path with anybody.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use ponder_proto::KeptReason;

use super::Fault;
use super::slot::{NewDraft, Place, Slot};

/// All slots of a journal.
#[derive(Debug)]
pub(super) struct Slots {
    place: Place,
    boot: String,
}

impl Slots {
    pub(super) fn new(slots: PathBuf, journal: &Path) -> Self {
        Self { place: Place { slots, journal: journal.to_owned() }, boot: ponder_endpoint::boot() }
    }

    /// Takes the entry's first free slot and writes the draft.
    pub(super) fn take(&self, new: &NewDraft<'_>) -> Result<Slot, Fault> {
        let mut number = 0;
        loop {
            if let Some(slot) = Slot::take(&self.place, number, &self.boot, new)? {
                return Ok(slot);
            }
            number += 1;
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
        let dir = &self.place.slots;
        File::open(dir).and_then(|dir| dir.sync_all()).map_err(Fault::at("flush", dir))?;
        Ok(slot)
    }

    /// All slots that are taken, by entry and number. A draft in a free slot takes it: it was
    /// saved by an editor that outlived its session.
    pub(super) fn all(&self) -> Result<Vec<Slot>, Fault> {
        let dir = &self.place.slots;
        let listed = fs::read_dir(dir).map_err(Fault::at("list", dir))?;
        let slot =
            |path: PathBuf| Slot::of_record(&self.place, &path).or_else(|| Slot::adopt(&self.place, &path));
        let mut found: Vec<Slot> = listed.flatten().filter_map(|item| slot(item.path())).collect();
        found.sort_by_key(|slot| (slot.record.entry, slot.number));
        Ok(found)
    }

    /// Whether the slot is from another boot, so that no process can have its draft open. Where the
    /// boot is not known, somebody may.
    pub(super) fn is_from_another_boot(&self, slot: &Slot) -> bool {
        !self.boot.is_empty() && slot.record.boot != self.boot
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use ponder_proto::{SessionId, Token};

    use super::*;

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
        assert!(slot.read_draft().is_err());
        fs::remove_file(slot.draft_path()).unwrap();
        fs::write(dir.path().join("secret"), "secret").unwrap();
        std::os::unix::fs::symlink(dir.path().join("secret"), slot.draft_path()).unwrap();
        assert!(slot.read_draft().is_err());
    }
}
