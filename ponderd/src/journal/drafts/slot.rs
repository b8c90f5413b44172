//! One slot: a draft's directory, its record, and its base.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use ponder_proto::{EntryName, KeptDraft, KeptReason, RawPath, SessionId, Token};

use super::place::{Place, Record};
use crate::journal::disk::{Access, Disk, Kind, OpenError};
use crate::journal::{Digest, Fault};
use crate::unix_now;

/// One slot that is taken.
#[derive(Debug)]
pub(in crate::journal) struct Slot<D: Disk> {
    pub(super) place: Arc<Place<D>>,
    pub(super) number: u32,
    pub(in crate::journal) record: Record,
    /// The draft's file, by its inode's number, if a flush of it failed: it is not tried again.
    failed: Option<u64>,
}

/// Hexadecimal digits of a digest.
const DIGEST: usize = 64;

/// A version of an entry that is about to be published, and the draft's text in it.
#[derive(Clone, Copy, Debug)]
pub(in crate::journal) struct Next {
    pub(in crate::journal) version: Digest,
    pub(in crate::journal) length: usize,
    pub(in crate::journal) text: Digest,
    pub(in crate::journal) text_length: usize,
}

/// What a new draft starts with.
pub(in crate::journal) struct NewDraft<'a> {
    pub(in crate::journal) entry: EntryName,
    pub(in crate::journal) session: SessionId,
    pub(in crate::journal) token: Token,
    pub(in crate::journal) text: &'a [u8],
    /// A shared session's snapshot.
    pub(in crate::journal) read_only: bool,
    /// When the entry was last written to, in nanoseconds since 1970: emacs takes what it had saved
    /// by itself for the newer text only if its file is not younger than that.
    pub(in crate::journal) modified: Option<i128>,
}

impl<D: Disk> Slot<D> {
    /// Tries to take one slot for a new draft; `None` if it is taken already.
    pub(super) fn take(
        place: &Arc<Place<D>>,
        number: u32,
        boot: &str,
        new: &NewDraft<'_>,
    ) -> Result<Option<Self>, Fault> {
        let record = Record {
            entry: new.entry,
            session: new.session,
            token: new.token,
            boot: boot.to_owned(),
            ended: None,
            kept: None,
        };
        let mut slot = Self { place: Arc::clone(place), number, record, failed: None };
        let claim = match place.disk.create(&place.dir, &slot.record_name(), 0o600) {
            Ok(claim) => claim,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            Err(error) => return Err(Fault::at("take the slot", &slot.record_path())(error)),
        };
        match slot.write_new_draft(new, &claim) {
            Ok(()) => Ok(Some(slot)),
            // Somebody saved here when the slot was free: an editor that outlived its session.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                slot.mark_kept(KeptReason::SavedLate)?;
                Ok(None)
            }
            Err(error) => {
                let _ = place.remove_record(&slot.record_name()); // the claim
                match error.kind() {
                    // Something else has its name: a link, which is not followed, or a file.
                    io::ErrorKind::NotADirectory => Ok(None),
                    _ => Err(Fault::at("write the draft", &slot.draft_path())(error)),
                }
            }
        }
    }

    /// The slot of a directory that holds a draft though the slot is free, now kept.
    pub(super) fn adopt(place: &Arc<Place<D>>, name: &str) -> Option<Self> {
        let mut slot = Self::of_record(place, &format!("{name}.json"))?;
        if place.disk.look(&place.dir, &slot.record_name()).ok()?.is_some() {
            return None;
        }
        let dir = place.disk.open_dir(&place.dir, name).ok()?;
        let draft = place.disk.look(&dir, &slot.record.entry.file_name()).ok()??;
        if draft.0 != Kind::File {
            return None;
        }
        // As a session would claim it: one that does so at this moment has it.
        place.disk.create(&place.dir, &slot.record_name(), 0o600).ok()?;
        slot.mark_kept(KeptReason::SavedLate).ok()?;
        Some(slot)
    }

    /// The slot of a record's file, if it is one.
    pub(super) fn of_record(place: &Arc<Place<D>>, file_name: &str) -> Option<Self> {
        let (entry, number) = file_name.strip_suffix(".json")?.split_once('.')?;
        let (entry, number) = (entry.parse().ok()?, number.parse().ok()?);
        let record = place.read_record(file_name);
        // One that cannot be read now may say that the draft is kept.
        let kept = record.is_err().then(|| (KeptReason::DaemonEnded, unix_now()));
        // A claim whose record was never completed: the draft, if there is one, is judged alone.
        let record = record.ok().flatten().unwrap_or_else(|| Record {
            entry,
            session: SessionId([0; 16]),
            token: Token { epoch: 0, counter: 0 },
            boot: String::new(),
            ended: None,
            kept,
        });
        Some(Self { place: Arc::clone(place), number, record, failed: None })
    }

    /// Its name for people and commands, as in `20261123.0`.
    pub(in crate::journal) fn id(&self) -> String {
        format!("{:08}.{}", self.record.entry.number(), self.number)
    }

    pub(in crate::journal) fn dir_path(&self) -> PathBuf {
        self.place.path.join(self.id())
    }

    pub(in crate::journal) fn draft_path(&self) -> PathBuf {
        self.dir_path().join(self.record.entry.file_name())
    }

    pub(super) fn record_name(&self) -> String {
        format!("{}.json", self.id())
    }

    pub(super) fn base_name(&self) -> String {
        format!("{}.base", self.id())
    }

    pub(super) fn next_name(&self) -> String {
        format!("{}.next", self.id())
    }

    pub(super) fn record_path(&self) -> PathBuf {
        self.place.path.join(self.record_name())
    }

    pub(super) fn open_dir(&self) -> io::Result<D::Dir> {
        self.place.disk.open_dir(&self.place.dir, &self.id())
    }

    /// Whether its directory is there: whoever has no more use for a kept draft may delete that. What cannot
    /// be looked at just now was deleted by nobody.
    pub(in crate::journal) fn exists(&self) -> bool {
        matches!(self.place.disk.look(&self.place.dir, &self.id()), Ok(Some((Kind::Dir, _))) | Err(_))
    }

    fn write_new_draft(&self, new: &NewDraft<'_>, claim: &D::File) -> io::Result<()> {
        let disk = &self.place.disk;
        match disk.make_dir(&self.place.dir, &self.id()) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let dir = self.open_dir()?;
        match disk.unlink(&self.place.dir, &self.next_name()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {} // of a session that was here before
        }
        self.write_base(new.text)?;
        disk.write(claim, 0, &serde_json::to_vec(&self.record)?)?;
        // The last of it: from then on what has that name may be an editor's, and is not removed.
        self.place_draft(new, &dir)
    }

    /// The draft gets its name when it is whole: an editor that outlived its session may write there.
    fn place_draft(&self, new: &NewDraft<'_>, dir: &D::Dir) -> io::Result<()> {
        let (disk, name) = (&self.place.disk, self.record.entry.file_name());
        let fresh = format!(".{name}.new");
        match disk.unlink(dir, &fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {} // of a daemon that died here
        }
        let draft = disk.create(dir, &fresh, if new.read_only { 0o400 } else { 0o600 })?;
        let placed = disk
            .write(&draft, 0, new.text)
            .and_then(|()| new.modified.map_or(Ok(()), |modified| disk.set_modified(&draft, modified)))
            .and_then(|()| disk.rename_new((dir, &fresh), (dir, &name)));
        placed.inspect_err(|_| {
            let _ = disk.unlink(dir, &fresh); // half of a text that is whole elsewhere
        })
    }

    fn update(&self) -> Result<(), Fault> {
        let written = self.place.write_record(&self.record_name(), &self.record);
        written.map_err(Fault::at("write", &self.record_path()))
    }

    /// The draft as it is, or nothing where there is none (an editor may be between two steps of
    /// its save, or have deleted it).
    pub(in crate::journal) fn read_draft(&self) -> Result<Option<Vec<u8>>, Fault> {
        let dir = match self.open_dir() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            dir => dir.map_err(Fault::at("open", &self.dir_path()))?,
        };
        self.place.read(&dir, &self.record.entry.file_name()).map_err(|error| match error {
            Fault::Disk { source, .. } => Fault::at("read the draft", &self.draft_path())(source),
            Fault::Locked(_) => Fault::Locked(self.draft_path()),
            Fault::NotPlain { what, .. } => Fault::NotPlain { path: self.draft_path(), what },
            other => other,
        })
    }

    /// The text that the draft started with, or was committed with last; nothing if it is gone.
    pub(in crate::journal) fn read_base(&self) -> Option<Vec<u8>> {
        let file = self.place.read(&self.place.dir, &self.base_name()).ok().flatten()?;
        let (digest, text) = file.split_at_checked(DIGEST)?;
        let text = text.strip_prefix(b"\n")?;
        (digest == Digest::of(text).to_string().as_bytes()).then(|| text.to_vec())
    }

    /// Notes, before a text is published, what it may be the base of: a daemon that dies right after that
    /// leaves the old base. Neither flushed nor whole for sure: whoever reads it looks for the version in
    /// the entry.
    pub(in crate::journal) fn note_next(&self, next: &Next) -> Result<(), Fault> {
        let Next { version, length, text, text_length } = next;
        let line = format!("{version} {length:020} {text} {text_length:020}\n");
        let write = || {
            let next = self.open_beside(&self.next_name())?;
            self.place.disk.write(&next, 0, line.as_bytes())
        };
        write().map_err(Fault::at("write", &self.record_path()))
    }

    /// What was about to be published last, if that is known.
    pub(in crate::journal) fn read_next(&self) -> Option<Next> {
        let line = self.place.read(&self.place.dir, &self.next_name()).ok().flatten()?;
        let mut words = str::from_utf8(&line).ok()?.split_ascii_whitespace();
        let (version, length) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let (text, text_length) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some(Next { version, length, text, text_length })
    }

    /// A file beside the slot, to be written over.
    fn open_beside(&self, name: &str) -> io::Result<D::File> {
        let Place { disk, dir, .. } = &*self.place;
        match disk.open(dir, name, Access::Write) {
            Ok(Some(file)) => Ok(file),
            Ok(None) => disk.create(dir, name, 0o600),
            Err(OpenError::NotPlain(_)) => {
                disk.unlink(dir, name)?;
                disk.create(dir, name, 0o600)
            }
            Err(OpenError::Io(error)) => Err(error),
        }
    }

    /// Neither flushed nor renamed into place, nor cut to nothing first (ext4 flushes a file that
    /// replaces another, or was cut): after a crash it may be anything, and its digest tells that.
    fn write_base(&self, text: &[u8]) -> io::Result<()> {
        let (disk, base) = (&self.place.disk, self.open_beside(&self.base_name())?);
        let bytes = [Digest::of(text).to_string().as_bytes(), b"\n", text].concat();
        disk.write(&base, 0, &bytes)?;
        disk.truncate(&base, bytes.len() as u64)
    }

    /// Notes that this text is committed. A draft that was kept because the disk had refused it
    /// need not be kept any more.
    pub(in crate::journal) fn set_base(&mut self, text: &[u8]) -> Result<(), Fault> {
        self.write_base(text).map_err(Fault::at("write", &self.record_path()))?;
        if self.record.kept.take().is_some() { self.update() } else { Ok(()) }
    }

    /// There is no text that the entry is known to be made of.
    pub(in crate::journal) fn forget_base(&self) -> Result<(), Fault> {
        match self.place.disk.unlink(&self.place.dir, &self.base_name()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Fault::at("write", &self.record_path())(error))
            }
            _ => Ok(()),
        }
    }

    pub(in crate::journal) fn has_base(&self, text: &[u8]) -> bool {
        self.read_base().is_some_and(|base| base == text)
    }

    /// Notes that the session is over and the slot was not released: somebody may still write here.
    pub(in crate::journal) fn mark_ended(&mut self) -> Result<(), Fault> {
        self.record.ended.get_or_insert(unix_now());
        self.update()
    }

    pub(in crate::journal) fn is_ended(&self) -> bool {
        self.record.ended.is_some()
    }

    pub(in crate::journal) fn mark_kept(&mut self, why: KeptReason) -> Result<(), Fault> {
        self.record.kept.get_or_insert((why, unix_now()));
        self.update()
    }

    pub(in crate::journal) fn is_kept(&self) -> bool {
        self.record.kept.is_some()
    }

    /// As others are told of it; `otherwise` is the reason where none was noted.
    pub(in crate::journal) fn as_kept(&self, otherwise: KeptReason) -> KeptDraft {
        let (why, when) = self.record.kept.unwrap_or((otherwise, self.record.ended.unwrap_or_default()));
        let place = if why == KeptReason::FilesBeside { self.dir_path() } else { self.draft_path() };
        let path = RawPath::from(place.as_path());
        KeptDraft { id: self.id(), entry: self.record.entry, path, why, when }
    }

    /// Makes the draft durable, and its way there.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        let disk = &self.place.disk;
        let dir = self.open_dir()?;
        for (dir, name) in [(&dir, self.record.entry.file_name()), (&self.place.dir, self.record_name())] {
            let file = match disk.open(dir, &name, Access::Read) {
                Ok(Some(file)) => file,
                Ok(None) | Err(OpenError::NotPlain(_)) => continue,
                Err(OpenError::Io(error)) => return Err(error),
            };
            let inode = disk.stat(&file)?.inode;
            if self.failed == Some(inode) {
                return Err(io::Error::other("its flush has failed before"));
            }
            disk.sync(&file).inspect_err(|_| self.failed = Some(inode))?;
        }
        disk.sync_dir(&dir)?;
        disk.sync_dir(&self.place.dir)
    }
}
