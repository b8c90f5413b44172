//! Where entries are: the journal's directory, and the few ways in which a new version gets there.
//!
//! Everything goes through descriptors of the directory that was opened at the start, never through
//! its path: what is moved or remounted in the meantime is noticed ([`Entries::check`]) and not
//! written into.

use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use ponder_endpoint::{Journal, SIDE_DIR, machine};
use ponder_proto::EntryName;

use super::Fault;
use super::disk::{Access, Disk, Kind, OpenError, Stat};

/// How often a file may change while it is read.
const TRIES: usize = 8;

/// The journal's directory.
#[derive(Debug)]
pub(super) struct Entries<D: Disk> {
    pub(super) disk: Arc<D>,
    journal: Journal,
    root: Arc<D::Dir>,
    machine: String,
}

/// Where an entry's file is: in the journal's directory, or where a symbolic link leads to inside it.
#[derive(Debug)]
pub(super) struct Place<D: Disk> {
    pub(super) dir: Arc<D::Dir>,
    pub(super) name: String,
    pub(super) path: PathBuf,
}

/// An entry's file that is open.
#[derive(Debug)]
pub(super) struct Opened<D: Disk> {
    pub(super) file: D::File,
    pub(super) stat: Stat,
    pub(super) place: Place<D>,
}

impl<D: Disk> Entries<D> {
    pub(super) fn open_journal(disk: &Arc<D>, journal: &Journal) -> Result<Self, Fault> {
        let root = disk.open_root(journal.path()).map_err(Fault::at("open", journal.path()))?;
        let (disk, journal) = (Arc::clone(disk), journal.clone());
        Ok(Self { disk, journal, root: Arc::new(root), machine: machine() })
    }

    /// Whether the journal's path still leads to the directory that was opened.
    pub(super) fn check(&self) -> Result<(), Fault> {
        match self.disk.is_at(&self.root, self.journal.path()) {
            Ok(true) => Ok(()),
            _ => Err(Fault::Moved(self.journal.path().to_owned())),
        }
    }

    pub(super) fn root(&self) -> &Arc<D::Dir> {
        &self.root
    }

    pub(super) fn path_of_journal(&self) -> &Path {
        self.journal.path()
    }

    pub(super) fn path(&self, entry: EntryName) -> PathBuf {
        self.journal.entry_path(entry)
    }

    /// Opens an entry's file; nothing if there is none.
    pub(super) fn open(&self, entry: EntryName, access: Access) -> Result<Option<Opened<D>>, Fault> {
        let (name, path) = (entry.file_name(), self.path(entry));
        let place = match self.disk.open(&self.root, &name, access) {
            Ok(None) => return Ok(None),
            Ok(Some(file)) => {
                let place = Place { dir: Arc::clone(&self.root), name, path };
                return self.opened(file, place).map(Some);
            }
            Err(OpenError::NotPlain("a symbolic link")) => self.follow(&name, &path)?,
            Err(error) => return Err(Fault::opening(error, path)),
        };
        match self.disk.open(&place.dir, &place.name, access) {
            Ok(None) => Ok(None),
            Ok(Some(file)) => self.opened(file, place).map(Some),
            Err(error) => Err(Fault::opening(error, place.path)),
        }
    }

    fn opened(&self, file: D::File, place: Place<D>) -> Result<Opened<D>, Fault> {
        let stat = self.disk.stat(&file).map_err(Fault::at("look at", &place.path))?;
        Ok(Opened { file, stat, place })
    }

    /// Whether another program keeps an entry's file from us, as far as that is told at once.
    pub(super) fn is_kept(&self, entry: EntryName) -> bool {
        self.place_of_new(entry).is_ok_and(|place| self.disk.is_kept(&place.dir, &place.name))
    }

    /// Where a new entry's file belongs.
    pub(super) fn place_of_new(&self, entry: EntryName) -> Result<Place<D>, Fault> {
        let (name, path) = (entry.file_name(), self.path(entry));
        match self.disk.look(&self.root, &name).map_err(Fault::at("look at", &path))? {
            Some((Kind::Link, _)) => self.follow(&name, &path),
            _ => Ok(Place { dir: Arc::clone(&self.root), name, path }),
        }
    }

    /// Where a symbolic link leads, if that is inside the journal. Each directory on the way is
    /// opened without following further links, so that nothing leads out between look and use.
    fn follow(&self, name: &str, path: &Path) -> Result<Place<D>, Fault> {
        let out = || Fault::NotPlain {
            path: path.to_owned(),
            what: "a symbolic link that leads out of the journal",
        };
        let target = self.disk.read_link(&self.root, name).map_err(Fault::at("follow", path))?;
        let below = if target.is_absolute() {
            target.strip_prefix(self.journal.path()).map_err(|_| out())?.to_owned()
        } else {
            target
        };
        let mut names = Vec::new();
        for component in below.components() {
            match component {
                Component::Normal(name) => names.push(name.to_str().ok_or_else(out)?.to_owned()),
                Component::CurDir => {}
                _ => return Err(out()),
            }
        }
        let name =
            names.pop().filter(|_| names.first().is_none_or(|first| first != SIDE_DIR)).ok_or_else(out)?;
        let mut dir = Arc::clone(&self.root);
        let mut path = self.journal.path().to_owned();
        for step in names {
            path.push(&step);
            dir = Arc::new(self.disk.open_dir(&dir, &step).map_err(Fault::at("follow a link into", &path))?);
        }
        path.push(&name);
        Ok(Place { dir, name, path })
    }

    /// Whether an entry's name still leads to this file.
    pub(super) fn is_there(&self, place: &Place<D>, inode: u64) -> Result<bool, Fault> {
        let found = self.disk.look(&place.dir, &place.name).map_err(Fault::at("look at", &place.path))?;
        Ok(found == Some((Kind::File, inode)))
    }

    /// The whole text of an open file, as long as it was when it was opened.
    pub(super) fn read(&self, opened: &Opened<D>) -> Result<Vec<u8>, Fault> {
        let length = usize::try_from(opened.stat.length).unwrap_or(usize::MAX);
        self.disk.read(&opened.file, 0, length).map_err(Fault::at("read", &opened.place.path))
    }

    /// The whole text of a file that somebody may be writing to, read when he was not.
    pub(super) fn read_settled(&self, opened: &Opened<D>) -> Result<Vec<u8>, Fault> {
        let look = || self.disk.stat(&opened.file).map_err(Fault::at("look at", &opened.place.path));
        let mut seen = look()?;
        for _ in 0..TRIES {
            let length = usize::try_from(seen.length).unwrap_or(usize::MAX);
            let text =
                self.disk.read(&opened.file, 0, length).map_err(Fault::at("read", &opened.place.path))?;
            let now = look()?;
            if now.is_unchanged(&seen) {
                return Ok(text);
            }
            seen = now;
        }
        Err(Fault::Unsteady(opened.place.path.clone()))
    }

    /// The directory for temporary files, on the entries' own file system. Anyone may delete it at
    /// any time, so it is made whenever it is needed.
    pub(super) fn side(&self) -> Result<(D::Dir, PathBuf), Fault> {
        let path = self.journal.path().join(SIDE_DIR);
        match self.disk.open_dir(&self.root, SIDE_DIR) {
            Ok(side) => return Ok((side, path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Fault::opening_dir(error, &path)),
        }
        match self.disk.make_dir(&self.root, SIDE_DIR) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(Fault::at("make", &path)(error));
            }
            _ => {}
        }
        let side = self.disk.open_dir(&self.root, SIDE_DIR).map_err(Fault::at("open", &path))?;
        // It ignores itself for git; without that it is only untidy.
        if let Ok(file) = self.disk.create(&side, ".gitignore", 0o600) {
            let _ = self.disk.write(&file, 0, b"*\n");
        }
        Ok((side, path))
    }

    /// A name for a temporary file that nobody else has: other machines' are not ours to judge.
    pub(super) fn temporary_name(&self) -> String {
        format!("{}.{}.tmp", self.machine, crate::random_hex())
    }

    /// The temporary files of this machine.
    pub(super) fn temporary_files(&self) -> Result<Vec<String>, Fault> {
        let path = self.journal.path().join(SIDE_DIR);
        let side = match self.disk.open_dir(&self.root, SIDE_DIR) {
            Ok(side) => side,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Fault::opening_dir(error, &path)),
        };
        let prefix = format!("{}.", self.machine);
        let mut names = self.disk.list(&side).map_err(Fault::at("list", &path))?;
        names.retain(|name| {
            name.strip_prefix(&prefix).is_some_and(|rest| rest.strip_suffix(".tmp").is_some())
        });
        Ok(names)
    }
}
