//! Slots: the directories in which drafts live, one draft each.
//!
//! `slots/20261123.0/20261123.md` is a draft; `slots/20261123.0.json` is its record. The record's
//! existence is the claim on the slot. An editor that comes back to an entry finds the same path,
//! so its undo files, marks and swap recovery keep working. A slot that was not cleanly released
//! stays where it is *as* the kept draft; the next session of its entry gets the next number, so a
//! zombie editor never shares a path with anybody.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ponder_proto::{EntryName, KeptReason, SessionId, Token};

use super::place::Place;
use super::slot::{NewDraft, Slot};
use crate::journal::disk::Disk;
use crate::journal::{Digest, Fault};

/// All slots of a journal.
#[derive(Debug)]
pub(in crate::journal) struct Slots<D: Disk> {
    place: Arc<Place<D>>,
    boot: String,
    /// The slots of texts that were put aside, flushed by this daemon: whoever tries something again
    /// does not put the same aside again.
    put_aside: Mutex<Vec<(String, Digest)>>,
}

impl<D: Disk> Slots<D> {
    pub(in crate::journal) fn open(
        disk: &Arc<D>,
        slots: PathBuf,
        journal: &Path,
        boot: String,
    ) -> Result<Self, Fault> {
        let dir = disk.open_root(&slots).map_err(Fault::at("open", &slots))?;
        let place = Place::new(Arc::clone(disk), dir, slots, journal.to_owned());
        Ok(Self { place: Arc::new(place), boot, put_aside: Mutex::default() })
    }

    pub(in crate::journal) fn boot(&self) -> &str {
        &self.boot
    }

    /// Takes the entry's first free slot and writes the draft.
    pub(in crate::journal) fn take(&self, new: &NewDraft<'_>) -> Result<Slot<D>, Fault> {
        let mut number = 0;
        loop {
            if let Some(slot) = Slot::take(&self.place, number, &self.boot, new)? {
                return Ok(slot);
            }
            number += 1;
        }
    }

    /// Puts a text aside, durably.
    pub(in crate::journal) fn keep(&self, new: &NewDraft<'_>, why: KeptReason) -> Result<Slot<D>, Fault> {
        let mut slot = self.take(new)?;
        let kept =
            slot.mark_kept(why).and_then(|()| slot.flush().map_err(Fault::at("flush", &slot.draft_path())));
        if let Err(fault) = kept {
            let _ = slot.drop_kept(); // the text is where it was; it is not kept twice by the next try
            return Err(fault);
        }
        Ok(slot)
    }

    /// Puts a text aside that was no session's, durably.
    pub(in crate::journal) fn keep_text(
        &self,
        entry: EntryName,
        text: &[u8],
        why: KeptReason,
    ) -> Result<Slot<D>, Fault> {
        let digest = Digest::of(text);
        let mut put_aside = self.put_aside.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, _) in put_aside.iter().filter(|(_, known)| *known == digest) {
            let Some(slot) = self.find(id)?.filter(|slot| slot.record.entry == entry && slot.is_kept())
            else {
                continue;
            };
            if slot.read_draft()?.as_deref() == Some(text) {
                return Ok(slot);
            }
        }
        let (session, token) = (SessionId([0; 16]), Token { epoch: 0, counter: 0 });
        let slot =
            self.keep(&NewDraft { entry, session, token, text, read_only: false, modified: None }, why)?;
        put_aside.push((slot.id(), digest));
        Ok(slot)
    }

    /// All slots that are taken, by entry and number. A draft in a free slot takes it: it was
    /// saved by an editor that outlived its session.
    pub(in crate::journal) fn all(&self) -> Result<Vec<Slot<D>>, Fault> {
        let Place { disk, dir, path, .. } = &*self.place;
        let names = disk.list(dir).map_err(Fault::at("list", path))?;
        let slot =
            |name: &String| Slot::of_record(&self.place, name).or_else(|| Slot::adopt(&self.place, name));
        let mut found: Vec<Slot<D>> = names.iter().filter_map(slot).collect();
        found.sort_by_key(|slot| (slot.record.entry, slot.number));
        Ok(found)
    }

    /// A slot by its id, as in `20261123.0`.
    pub(in crate::journal) fn find(&self, id: &str) -> Result<Option<Slot<D>>, Fault> {
        Ok(self.all()?.into_iter().find(|slot| slot.id() == id))
    }

    /// Whether the slot is from another boot, so that no process can have its draft open. Where the
    /// boot is not known, somebody may.
    pub(in crate::journal) fn is_from_another_boot(&self, slot: &Slot<D>) -> bool {
        !self.boot.is_empty() && slot.record.boot != self.boot
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::journal::disk::RealDisk;

    fn slots() -> (tempfile::TempDir, Slots<RealDisk>) {
        let dir = tempfile::tempdir().unwrap();
        let journal = Path::new("/journal");
        let slots = Slots::open(&Arc::new(RealDisk), dir.path().to_owned(), journal, "boot".to_owned());
        (dir, slots.unwrap())
    }

    fn new(text: &[u8]) -> NewDraft<'_> {
        NewDraft {
            entry: "20261123".parse().unwrap(),
            session: SessionId([1; 16]),
            token: Token { epoch: 1, counter: 1 },
            text,
            read_only: false,
            modified: None,
        }
    }

    #[test]
    fn the_path_is_stable_and_an_unreleased_slot_is_not_shared() {
        let (_dir, slots) = slots();
        let mut first = slots.take(&new(b"one")).unwrap();
        let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(first.dir_path()), mode(first.draft_path())), (0o700, 0o600));
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
        fs::write(slot.dir_path().join("notes.md"), "mine").unwrap();
        fs::write(slot.dir_path().join(".20261123.md.un~"), "undo").unwrap();
        for (link, target) in [("images", "/journal/images"), ("link", "/somewhere/else")] {
            std::os::unix::fs::symlink(target, slot.dir_path().join(link)).unwrap();
        }
        assert!(!slot.release().unwrap());
        assert!(slots.all().unwrap()[0].is_kept());
        assert_eq!(fs::read(slot.dir_path().join("notes.md")).unwrap(), b"mine");
        assert!(slot.dir_path().join(".20261123.md.un~").exists());
        assert!(!slot.dir_path().join("images").is_symlink());
        assert!(slot.dir_path().join("link").is_symlink());
    }

    #[test]
    fn an_editors_own_files_wait_for_the_next_session() {
        let (_dir, slots) = slots();
        let mut slot = slots.take(&new(b"one")).unwrap();
        let undo = slot.dir_path().join(".20261123.md.un~");
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
