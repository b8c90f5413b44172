//! One slot: a draft's directory and its record.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use ponder_endpoint::{PlainFileError, open_plain};
use ponder_proto::{EntryName, KeptDraft, KeptReason, RawPath, SessionId, Token};
use rustix::fs::{CWD, OFlags};
use serde::{Deserialize, Serialize};

use super::{Digest, Fault};
use crate::{random_hex, unix_now};

/// What is known of a slot, as JSON beside it: enough to judge it after the daemon died.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) entry: EntryName,
    pub(super) session: SessionId,
    pub(super) token: Token,
    /// The boot it was made in: in another one, nobody can have its draft open any more.
    pub(super) boot: String,
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
    place: Place,
    pub(super) number: u32,
    pub(super) record: Record,
}

/// Where slots are, and the journal whose entries they are for.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) slots: PathBuf,
    pub(super) journal: PathBuf,
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

impl Slot {
    /// Tries to take one slot for a new draft; `None` if it is taken already.
    pub(super) fn take(
        place: &Place,
        number: u32,
        boot: &str,
        new: &NewDraft<'_>,
    ) -> Result<Option<Self>, Fault> {
        let record = Record {
            entry: new.entry,
            session: new.session,
            token: new.token,
            boot: boot.to_owned(),
            base: Digest::of(new.text).to_string(),
            ended: None,
            kept: None,
        };
        let mut slot = Self { place: place.clone(), number, record };
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(slot.record_path()) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            Err(error) => return Err(Fault::at("take the slot", &slot.record_path())(error)),
        }
        match slot.write_new_draft(new) {
            Ok(()) => Ok(Some(slot)),
            // Somebody saved here when the slot was free: an editor that outlived its session.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                slot.record.base = String::new();
                slot.mark_kept(KeptReason::SavedLate)?;
                Ok(None)
            }
            Err(error) => {
                let _ = fs::remove_file(slot.record_path()); // the claim
                Err(Fault::at("write the draft", &slot.draft_path())(error))
            }
        }
    }

    /// The slot of a directory that holds a draft though the slot is free, now kept.
    pub(super) fn adopt(place: &Place, dir: &Path) -> Option<Self> {
        let name = dir.file_name()?.to_str()?;
        let record = dir.with_file_name(format!("{name}.json"));
        if record.exists() {
            return None;
        }
        let mut slot = Self::of_record(place, &record)?;
        if !slot.draft_path().is_file() {
            return None;
        }
        slot.mark_kept(KeptReason::SavedLate).ok()?;
        Some(slot)
    }

    /// The slot of a record's file, if it is one.
    pub(super) fn of_record(place: &Place, path: &Path) -> Option<Self> {
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
        Some(Self { place: place.clone(), number, record })
    }

    /// Its name for people and commands, as in `20261123.0`.
    pub(super) fn id(&self) -> String {
        format!("{:08}.{}", self.record.entry.number(), self.number)
    }

    pub(super) fn dir(&self) -> PathBuf {
        self.place.slots.join(self.id())
    }

    pub(super) fn draft_path(&self) -> PathBuf {
        self.dir().join(self.record.entry.file_name())
    }

    fn record_path(&self) -> PathBuf {
        self.place.slots.join(format!("{}.json", self.id()))
    }

    fn write_new_draft(&self, new: &NewDraft<'_>) -> io::Result<()> {
        match fs::DirBuilder::new().mode(0o700).create(self.dir()) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let mode = if new.read_only { 0o400 } else { 0o600 };
        let mut draft = OpenOptions::new().write(true).create_new(true).mode(mode).open(self.draft_path())?;
        let written = draft.write_all(new.text).and_then(|()| self.write_record());
        if written.is_err() {
            let _ = fs::remove_file(self.draft_path()); // half of a text that is whole elsewhere
        }
        written
    }

    /// Writes the record, whole. Not flushed: it has to survive the daemon, not the machine.
    fn write_record(&self) -> io::Result<()> {
        let fresh = self.record_path().with_extension("new");
        fs::write(&fresh, serde_json::to_vec(&self.record)?)?;
        fs::rename(&fresh, self.record_path())
    }

    fn update(&self) -> Result<(), Fault> {
        self.write_record().map_err(Fault::at("write", &self.record_path()))
    }

    /// The draft as it is, or nothing where there is none (an editor may be between two steps of
    /// its save, or have deleted it).
    pub(super) fn read_draft(&self) -> Result<Option<Vec<u8>>, Fault> {
        let path = self.draft_path();
        let mut text = Vec::new();
        let read = open_plain(CWD, &path, OFlags::RDONLY).and_then(|file| {
            let Some(mut file) = file else { return Ok(false) };
            Ok(file.read_to_end(&mut text).map(|_| true)?)
        });
        match read {
            Ok(found) => Ok(found.then_some(text)),
            Err(PlainFileError::NotPlain(what)) => Err(Fault::NotPlain { path, what }),
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
        if !self.remove_draft()? {
            self.mark_kept(KeptReason::SavedLate)?;
            return Ok(false);
        }
        let mut users = false;
        if let Ok(items) = fs::read_dir(&dir) {
            for item in items.flatten() {
                let shown = self.place.journal.join(item.file_name());
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

    /// Removes the draft, unless it holds anything but its base: somebody may have saved since it
    /// was committed. It is moved out of the way first, so that a save from here on makes a new
    /// file and is not removed with it.
    fn remove_draft(&self) -> Result<bool, Fault> {
        let draft = self.draft_path();
        // Not a hidden name: if it is left here, by a crash say, it counts as the user's file.
        let aside = draft.with_extension(format!("md.{}", random_hex()));
        let failed = Fault::at::<io::Error>("remove the draft", &draft);
        match fs::rename(&draft, &aside) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
            moved => moved.map_err(&failed)?,
        }
        let found = open_plain(CWD, &aside, OFlags::RDONLY).and_then(|file| {
            let mut text = Vec::new();
            file.map(|mut file| file.read_to_end(&mut text)).transpose()?;
            Ok(text)
        });
        if found.is_ok_and(|text| self.has_base(&text)) {
            fs::remove_file(&aside).map_err(failed)?;
            return Ok(true);
        }
        if !draft.exists() {
            fs::rename(&aside, &draft).map_err(failed)?;
        }
        Ok(false)
    }
}

/// Swap, undo and backup files: hidden ones, `name~` and `#name#`.
pub(super) fn left_by_an_editor(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'))
}
