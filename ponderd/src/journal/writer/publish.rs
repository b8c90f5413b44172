//! Commits: whole new versions of entries, all or none.
//!
//! A version was made of an entry as it was seen. It is logged only if the entry still is that, and
//! after the exchange the version that came out is looked at: if somebody wrote in between, the two
//! change places again, and whoever made the version makes another one.

use std::fmt;
use std::io;

use ponder_proto::{EntryName, SessionId, Token};
use sha2::Sha256;

use super::Writer;
use super::tail::Tail;
use crate::journal::content::separator;
use crate::journal::disk::{Access, Disk, Stat};
use crate::journal::entries::{Opened, Place};
use crate::journal::log::{Commit, Number, Part, Record, Way};
use crate::journal::staging::Staged;
use crate::journal::{Digest, Fault};

/// How long a text may be that is logged whole, in bytes. A longer one is only in its flushed file,
/// and its directory is flushed before it is answered.
const LOGGED: usize = if cfg!(test) { 120 } else { 256 * 1024 };

/// A new version of an entry, ready to be published.
pub(in crate::journal) struct Publication<D: Disk> {
    pub(in crate::journal) entry: EntryName,
    /// The entry that it was made of, open for reading; nothing if there was none.
    pub(in crate::journal) seen: Option<Opened<D>>,
    /// The digest of that, to be gone on with.
    pub(in crate::journal) base: Option<Sha256>,
    /// How many bytes of appends since the grant are in the version, and in what was seen.
    pub(in crate::journal) tail: usize,
    pub(in crate::journal) added: usize,
    pub(in crate::journal) text: Vec<u8>,
    pub(in crate::journal) version: Version<D>,
}

/// Where a version is.
pub(in crate::journal) enum Version<D: Disk> {
    /// In a file that takes the entry's place.
    Staged(Staged<D>),
    /// Only in memory: it is written over the old one, which was this.
    InPlace { old: Vec<u8> },
}

/// What became of publications.
#[derive(Debug)]
pub(in crate::journal) enum Published {
    /// They are the entries now, durably.
    Done,
    /// They are the entries now, and a power cut may take that back.
    Unflushed(Fault),
    /// One of the entries is not what was seen. Nothing was changed.
    Changed,
    /// Another program holds one's lock, or keeps it from us in another way. Nothing was changed.
    Locked,
    /// The session has no grant for one of them. Nothing was changed.
    Stale,
}

impl<D: Disk> fmt::Debug for Publication<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes for {}", self.text.len(), self.entry)
    }
}

/// One publication on its way, with what the entry was right before.
pub(super) struct Step<D: Disk> {
    pub(super) publication: Publication<D>,
    pub(super) place: Place<D>,
    pub(super) before: Option<Stat>,
    /// The entry's file, open for writing: where it is written over.
    pub(super) writable: Option<D::File>,
    /// It was begun to be written over.
    pub(super) is_written: bool,
    /// Somebody wrote into the version, and that could not be put aside: it stays where it is.
    pub(super) holds_more: bool,
}

impl<D: Disk> Writer<D> {
    /// Publishes new versions of entries for a session: all or none.
    ///
    /// # Errors
    /// The entries are as they were, or the outcome is unknown and said to be.
    pub(in crate::journal) fn publish(
        &mut self,
        session: SessionId,
        token: Token,
        publications: Vec<Publication<D>>,
    ) -> Result<Published, Fault> {
        let mut steps = Vec::new();
        for publication in publications {
            let place = self.entries.place_of_new(publication.entry);
            steps.push(place.map(|place| Step {
                publication,
                place,
                before: None,
                writable: None,
                is_written: false,
                holds_more: false,
            }));
        }
        let mut steps: Vec<Step<D>> = steps.into_iter().collect::<Result<_, _>>()?;
        let published = self.publish_steps(session, token, &mut steps);
        if !matches!(published, Ok(Published::Done | Published::Unflushed(_))) {
            for step in &steps {
                self.discard_version(step);
            }
        }
        published
    }

    fn publish_steps(
        &mut self,
        session: SessionId,
        token: Token,
        steps: &mut [Step<D>],
    ) -> Result<Published, Fault> {
        self.entries.check()?;
        let current = |tail: &Tail| (tail.session, tail.token) == (session, token);
        for step in steps.iter_mut() {
            if !self.tails.get(&step.publication.entry).is_some_and(current) {
                return Ok(Published::Stale);
            }
            match self.is_ready(step) {
                Ok(None) => {}
                Ok(Some(refused)) => return Ok(refused),
                Err(Fault::Locked(_)) => return Ok(Published::Locked),
                Err(fault) => return Err(fault),
            }
        }
        let parts = steps.iter().map(Step::part).collect();
        let number = self.log.add(&Record::Commit(Commit { session, token, parts }));
        self.log.flush()?;
        self.exchange_all(number, steps)
    }

    /// Whether an entry is still what was seen, but for appends of ours, which are added to the
    /// version. Takes the locks of the old and the new file.
    fn is_ready(&self, step: &mut Step<D>) -> Result<Option<Published>, Fault> {
        let publication = &mut step.publication;
        let disk = &self.entries.disk;
        let tail = self.tails.get(&publication.entry);
        let texts = tail.map(|tail| tail.texts.concat()).unwrap_or_default();
        let late = texts.get(publication.tail..).unwrap_or_default();
        let added = tail.and_then(|tail| tail.added.get(publication.added..)).unwrap_or_default();
        let Some(seen) = &publication.seen else {
            let found = disk.look(&step.place.dir, &step.place.name);
            let found = found.map_err(Fault::at("look at", &step.place.path))?;
            return Ok((found.is_some() || !late.is_empty()).then_some(Published::Changed));
        };
        let now = disk.stat(&seen.file).map_err(Fault::at("look at", &seen.place.path))?;
        let left = tail.and_then(|tail| tail.left).filter(|_| !late.is_empty());
        let known = seen.stat.is_unchanged(&now) || left.is_some_and(|left| left.is_unchanged(&now));
        if !known
            || now.length != seen.stat.length + added.len() as u64
            || !self.entries.is_there(&seen.place, now.inode)?
        {
            return Ok(Some(Published::Changed));
        }
        if !disk.try_lock(&seen.file).map_err(Fault::at("lock", &seen.place.path))? {
            return Ok(Some(Published::Locked));
        }
        if let Version::InPlace { .. } = publication.version {
            if !late.is_empty() {
                return Ok(Some(Published::Changed));
            }
            let access = self.entries.open(publication.entry, Access::Write)?;
            step.writable = access.filter(|opened| opened.stat.inode == now.inode).map(|opened| opened.file);
            if step.writable.is_none() {
                return Ok(Some(Published::Changed));
            }
        }
        if let Some(base) = &mut publication.base {
            sha2::Digest::update(base, added);
        }
        step.before = Some(now);
        self.add_late(step, late)?;
        Ok(None)
    }

    /// Appends that were published since the version was made are put behind it.
    fn add_late(&self, step: &mut Step<D>, late: &[u8]) -> Result<(), Fault> {
        let publication = &mut step.publication;
        let Version::Staged(staged) = &publication.version else { return Ok(()) };
        let disk = &self.entries.disk;
        let failed = |error| Fault::at("write", &step.place.path)(error);
        if !late.is_empty() {
            let bytes = [separator(&publication.text), late].concat();
            disk.write(&staged.file, publication.text.len() as u64, &bytes).map_err(failed)?;
            disk.sync(&staged.file).map_err(failed)?;
            publication.text.extend_from_slice(&bytes);
        }
        // Nobody can have it before it is visible.
        let _ = disk.try_lock(&staged.file);
        Ok(())
    }

    fn exchange_all(&mut self, number: Number, steps: &mut [Step<D>]) -> Result<Published, Fault> {
        for done in 0..steps.len() {
            let step = &mut steps[done];
            let exchanged = self.exchange_one(step).and_then(|there| Ok(there && self.is_as_before(step)?));
            match exchanged {
                Ok(true) => {}
                Ok(false) => {
                    self.undo_first(number, steps, done)?;
                    return Ok(Published::Changed);
                }
                Err(fault) => {
                    let is_as_before = self.undo_first(number, steps, done)?;
                    let is_locked = is_as_before && matches!(fault, Fault::Locked(_));
                    return if is_locked { Ok(Published::Locked) } else { Err(fault) };
                }
            }
        }
        let is_long = steps.iter().any(|step| step.publication.text.len() > LOGGED);
        let named = if is_long { self.sync_names(steps) } else { Ok(()) };
        let _ = self.log.note(&Record::Published(vec![number])); // without it the next start compares
        for step in steps {
            self.touched.insert(step.publication.entry);
            if let Some(tail) = self.tails.get_mut(&step.publication.entry) {
                tail.left = None;
            }
            self.retire_old(step);
        }
        let Err(fault) = named else { return Ok(Published::Done) };
        if fault.is_of_the_disk() {
            self.names_failed();
        }
        Ok(Published::Unflushed(fault))
    }

    /// Gives one version the entry's name. Says whether the entry was there, or missing, as seen.
    fn exchange_one(&self, step: &mut Step<D>) -> Result<bool, Fault> {
        if let Version::InPlace { .. } = step.publication.version {
            return self.write_if_unchanged(step);
        }
        match (&step.publication.version, &step.publication.seen) {
            (Version::Staged(staged), None) => self.entries.publish_new(staged, &step.place),
            (Version::Staged(staged), Some(seen)) => {
                self.entries.exchange(&staged.side, &staged.name, &seen.place).map(|()| true)
            }
            (Version::InPlace { .. }, _) => Ok(false),
        }
    }

    /// The look: whether what came out is what was to be replaced.
    fn is_as_before(&self, step: &Step<D>) -> Result<bool, Fault> {
        let Publication { seen: Some(seen), version, base, .. } = &step.publication else {
            return Ok(true);
        };
        let Version::Staged(staged) = version else {
            // Or it was written over under its other name alone.
            return self.entries.is_there(&seen.place, seen.stat.inode);
        };
        let disk = &self.entries.disk;
        let failed = Fault::at::<io::Error>("look at", &seen.place.path);
        match disk.look(&staged.side, &staged.name).map_err(&failed)? {
            None => return Ok(true), // a file system that can neither exchange nor link
            Some((_, inode)) if inode != seen.stat.inode => return Ok(false),
            Some(_) => {}
        }
        let now = disk.stat(&seen.file).map_err(&failed)?;
        if !step.before.is_some_and(|before| before.is_unchanged(&now)) {
            return Ok(false);
        }
        // Who writes within one tick of the file system's clock leaves its times alike.
        Ok(Some(self.digest(&seen.file).map_err(failed)?) == base.as_ref().map(Digest::finish))
    }

    /// The digest of a whole file.
    pub(super) fn digest(&self, file: &D::File) -> io::Result<Digest> {
        let disk = &self.entries.disk;
        let length = usize::try_from(disk.stat(file)?.length).unwrap_or(usize::MAX);
        Ok(Digest::of(&disk.read(file, 0, length)?))
    }

    /// Makes the names of new versions durable.
    pub(super) fn sync_names(&self, steps: &[Step<D>]) -> Result<(), Fault> {
        for step in steps {
            let unknown = |source| Fault::Unknown { path: step.place.path.clone(), source };
            self.entries.disk.sync_dir(&step.place.dir).map_err(unknown)?;
            if let Version::Staged(staged) = &step.publication.version {
                self.entries.disk.sync_dir(&staged.side).map_err(unknown)?;
            }
        }
        Ok(())
    }
}

impl<D: Disk> Step<D> {
    /// As it stands in the log.
    fn part(&self) -> Part {
        let Publication { entry, seen, base, text, version, .. } = &self.publication;
        let way = match version {
            Version::Staged(staged) => Way::File {
                name: staged.name.clone(),
                inode: staged.stat.inode,
                replaces: seen.as_ref().map(|seen| seen.stat.inode),
                text: (text.len() <= LOGGED).then(|| text.clone()),
            },
            Version::InPlace { old } => Way::InPlace { old: old.clone(), new: text.clone() },
        };
        let base = base.as_ref().map(Digest::finish);
        Part { entry: *entry, base, digest: Digest::of(text), length: text.len() as u64, way }
    }
}
