//! How a slot becomes free again: what is ours goes, what is anybody else's stays.

use std::io;

use ponder_proto::KeptReason;

use super::place::Place;
use super::slot::Slot;
use crate::journal::Fault;
use crate::journal::disk::{Disk, Kind, Rename};
use crate::random_hex;

impl<D: Disk> Slot<D> {
    /// Releases the slot: removes the draft and our links. What the user created beside the draft
    /// is never deleted; then the slot stays, as a kept draft. What editors leave (swap, undo and
    /// backup files) stays too, without keeping the slot taken: the next session wants its undo.
    ///
    /// Returns whether the slot is free.
    pub(in crate::journal) fn release(&mut self) -> Result<bool, Fault> {
        let path = self.dir_path();
        let failed = Fault::at::<io::Error>("tidy", &path);
        let dir = match self.open_dir() {
            // Gone, or something else by now: nothing in it is ours.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return self.free().map(|()| true);
            }
            dir => dir.map_err(&failed)?,
        };
        if !self.remove_draft(&dir)? {
            self.mark_kept(KeptReason::SavedLate)?;
            return Ok(false);
        }
        let mut users = false;
        for name in self.place.disk.list(&dir).map_err(&failed)? {
            if self.is_our_link(&dir, &name) {
                self.place.disk.unlink(&dir, &name).map_err(&failed)?;
            } else if !left_by_an_editor(&name) {
                users = true;
            }
        }
        if users {
            self.mark_kept(KeptReason::FilesBeside)?;
            return Ok(false);
        }
        self.free().map(|()| true)
    }

    fn is_our_link(&self, dir: &D::Dir, name: &str) -> bool {
        let is_link = matches!(self.place.disk.look(dir, name), Ok(Some((Kind::Link, _))));
        let shown = self.place.journal.join(name);
        is_link && self.place.disk.read_link(dir, name).is_ok_and(|target| target == shown)
    }

    /// Removes the slot's claim, and its directory if nothing is left in it.
    fn free(&self) -> Result<(), Fault> {
        let Place { disk, dir, .. } = &*self.place;
        let _ = disk.remove_dir(dir, &self.id()); // not empty: an editor's own files wait for the next session
        let _ = disk.unlink(dir, &self.base_name()); // written again by the next session
        let _ = disk.unlink(dir, &self.next_name()); // as above
        let removed = self.place.remove_record(&self.record_name());
        removed.map_err(Fault::at("free the slot", &self.record_path()))
    }

    /// Deletes a kept draft with everything that its editor left beside it, because its owner said
    /// so. What he put there himself stays. Says whether all is gone.
    pub(in crate::journal) fn drop_kept(&mut self) -> Result<bool, Fault> {
        let path = self.dir_path();
        let failed = Fault::at::<io::Error>("remove", &path);
        if let Ok(dir) = self.open_dir() {
            let draft = self.record.entry.file_name();
            for name in self.place.disk.list(&dir).map_err(&failed)? {
                if name == draft || left_by_an_editor(&name) || self.is_our_link(&dir, &name) {
                    self.place.disk.unlink(&dir, &name).map_err(&failed)?;
                }
            }
        }
        self.free()?;
        if self.exists() {
            self.mark_kept(KeptReason::FilesBeside)?;
            return Ok(false);
        }
        Ok(true)
    }

    /// Removes the draft, unless it holds anything but its base: somebody may have saved since it
    /// was committed. It is moved out of the way first, so that a save from here on makes a new
    /// file and is not removed with it.
    fn remove_draft(&self, dir: &D::Dir) -> Result<bool, Fault> {
        let disk = &self.place.disk;
        let draft = self.record.entry.file_name();
        // Not a hidden name: if it has to stay, it counts as the user's file.
        let aside = format!("{draft}.{}", random_hex());
        let path = self.draft_path();
        let failed = Fault::at::<io::Error>("remove the draft", &path);
        match disk.rename((dir, &draft), (dir, &aside), Rename::Replace) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
            moved => moved.map_err(&failed)?,
        }
        let found = self.place.read(dir, &aside);
        if found.is_ok_and(|text| text.is_some_and(|text| self.has_base(&text))) {
            disk.unlink(dir, &aside).map_err(failed)?;
            return Ok(true);
        }
        self.name_again(dir, &aside).map(|()| false)
    }

    /// Gives a draft its name back which a daemon had moved out of the way when it died.
    pub(super) fn put_back(&self) -> Result<(), Fault> {
        let path = self.dir_path();
        let dir = match self.open_dir() {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(());
            }
            dir => dir.map_err(Fault::at("open", &path))?,
        };
        let draft = self.record.entry.file_name();
        let names = self.place.disk.list(&dir).map_err(Fault::at("list", &path))?;
        names.iter().filter(|name| is_aside(name, &draft)).try_for_each(|name| self.name_again(&dir, name))
    }

    /// A draft that was moved out of the way has its name again, unless something else has got it.
    fn name_again(&self, dir: &D::Dir, aside: &str) -> Result<(), Fault> {
        match self.place.disk.rename_new((dir, aside), (dir, &self.record.entry.file_name())) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                Err(Fault::at("put back the draft", &self.draft_path())(error))
            }
            _ => Ok(()),
        }
    }
}

/// The length of what [`random_hex`] makes.
const HEX: usize = 16;

/// Whether a draft has this name while it is looked at a last time.
fn is_aside(name: &str, draft: &str) -> bool {
    let hex = name.strip_prefix(draft).and_then(|rest| rest.strip_prefix('.'));
    hex.is_some_and(|hex| hex.len() == HEX && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Swap, undo and backup files: hidden ones, `name~` and `#name#`.
pub(super) fn left_by_an_editor(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'))
}
