//! A journal's identity.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use ponder_proto::{EntryName, shown};

use crate::platform::{make_private_dirs, state_base};

/// One directory of entries, by its canonical path: two spellings of one directory are one journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    path: PathBuf,
    id: String,
}

/// Why a directory cannot be a journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// A relative path means another directory in every terminal.
    #[error("the journal directory {} is relative: give a path that starts with /, ~ or $HOME", shown(.0))]
    Relative(PathBuf),
    /// There is nothing at the path.
    #[error("the journal directory {} does not exist", shown(.0))]
    Missing(PathBuf),
    /// There is a symbolic link at the path, and nothing where it leads.
    #[error("the journal directory {} is a symbolic link that leads nowhere: make what it points to, or remove it", shown(.0))]
    Dangling(PathBuf),
    /// There is something else at the path.
    #[error("{} is not a directory: point PONDER_DIR or --journal to one", shown(.0))]
    NotADirectory(PathBuf),
    /// It could not be made or looked into.
    #[error("cannot {doing} the journal directory {}: {source}", shown(path))]
    Unusable {
        /// `make` or `open`.
        doing: &'static str,
        /// The directory.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The environment does not say where programs keep their state.
    #[error("there is no home directory to keep drafts in: set HOME, or XDG_STATE_HOME")]
    NoHome,
}

impl Journal {
    /// The journal at an absolute path that exists and can be read.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        if !path.is_absolute() {
            return Err(JournalError::Relative(path.to_owned()));
        }
        let unusable = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound if path.is_symlink() => JournalError::Dangling(path.to_owned()),
            io::ErrorKind::NotFound => JournalError::Missing(path.to_owned()),
            io::ErrorKind::NotADirectory => JournalError::NotADirectory(path.to_owned()),
            _ => JournalError::Unusable { doing: "open", path: path.to_owned(), source },
        };
        let path = dunce::canonicalize(path).map_err(unusable)?;
        fs::read_dir(&path).map_err(unusable)?;
        Ok(Self::of(path))
    }

    fn of(path: PathBuf) -> Self {
        let id = crate::short_hash(path.as_os_str().as_encoded_bytes());
        Self { path, id }
    }

    /// The journal that an absolute path names. One that is not there has the identity that it would get
    /// if it were made now; nothing is made.
    pub fn named(path: &Path) -> Result<Self, JournalError> {
        match Self::open(path) {
            Err(JournalError::Missing(_)) => whole(path).map(Self::of),
            // A drive that is locked, or not ready.
            Err(JournalError::Unusable { .. }) if cfg!(windows) => whole(path).map(Self::of),
            opened => opened,
        }
    }

    /// The journal at an absolute path; made there, with its parents, for the owner alone, if
    /// there is nothing yet.
    pub fn open_or_create(path: &Path) -> Result<Self, JournalError> {
        match Self::open(path) {
            Err(JournalError::Missing(_)) => {
                make_private_dirs(path).map_err(|source| JournalError::Unusable {
                    doing: "make",
                    path: path.to_owned(),
                    source,
                })?;
                Self::open(path)
            }
            opened => opened,
        }
    }

    /// The canonical path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A short name for this journal on this machine: 16 hexadecimal digits from its path.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The file of an entry.
    pub fn entry_path(&self, entry: EntryName) -> PathBuf {
        self.path.join(entry.file_name())
    }

    /// The file that holds an entry's text: where a symbolic link at its path leads, if that is inside
    /// the journal, as the daemon follows it; otherwise the path itself. Only for reading: who is to
    /// write must not be led elsewhere between this look and the use.
    pub fn file_of(&self, entry: EntryName) -> PathBuf {
        let path = self.entry_path(entry);
        let target = path.is_symlink().then(|| dunce::canonicalize(&path).ok()).flatten();
        target.filter(|target| target.starts_with(&self.path)).unwrap_or(path)
    }

    /// Where this machine keeps the journal's drafts, kept drafts and the daemon's log:
    /// `$XDG_STATE_HOME/ponder/<id>` or what the platform has in its place. Not made here.
    pub fn state_dir(&self) -> Result<PathBuf, JournalError> {
        Ok(state_base()?.join("ponder").join(&self.id))
    }
}

/// The canonical path of what is not there yet: from the nearest directory that is there on.
fn whole(path: &Path) -> Result<PathBuf, JournalError> {
    for there in path.ancestors() {
        let mut whole = match dunce::canonicalize(there) {
            Ok(whole) => whole,
            Err(_) if there.is_symlink() => return Err(JournalError::Dangling(there.to_owned())),
            Err(_) => continue, // the root, at the latest, is there, but for a drive of Windows
        };
        // No links are on the rest of the way, so that `..` takes back the name before it.
        for component in path.strip_prefix(there).into_iter().flat_map(Path::components) {
            match component {
                Component::Normal(name) => whole.push(name),
                Component::ParentDir => drop(whole.pop()),
                _ => {}
            }
        }
        return Ok(whole);
    }
    Ok(path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn two_spellings_are_one_journal() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("a")).unwrap();
        std::os::unix::fs::symlink("a", dir.path().join("b")).unwrap();
        let a = Journal::open(&dir.path().join("a")).unwrap();
        let b = Journal::open(&dir.path().join("./b/../b")).unwrap();
        assert_eq!(a, b);
        assert_eq!(a.id().len(), 16);
    }

    #[test]
    fn a_missing_journal_is_made_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("Documents/rubberducks");
        assert!(matches!(Journal::open(&path), Err(JournalError::Missing(_))));
        Journal::open_or_create(&path).unwrap();
        for made in [path.as_path(), path.parent().unwrap()] {
            assert_eq!(fs::metadata(made).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }

    #[test]
    fn a_journal_has_its_identity_before_it_is_made_and_after_it_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("real")).unwrap();
        std::os::unix::fs::symlink("real", dir.path().join("link")).unwrap();
        for name in ["real/a", "link/b/c", "link/d/../e", "link/f/../../g", "link/./h/"] {
            let path = dir.path().join(name);
            let named = Journal::named(&path).unwrap();
            assert!(!named.path().exists(), "{name}: nothing is made");
            let made = Journal::open_or_create(&path).unwrap();
            assert_eq!(named, made, "{name}");
            assert_eq!(Journal::named(&path).unwrap(), made, "{name}");
        }
        std::os::unix::fs::symlink("nowhere", dir.path().join("dangling")).unwrap();
        for name in ["dangling", "dangling/below"] {
            let named = Journal::named(&dir.path().join(name));
            assert!(matches!(named, Err(JournalError::Dangling(_))), "{name}");
        }
    }

    #[test]
    fn links_are_followed_inside_of_the_journal() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open_or_create(&dir.path().join("journal")).unwrap();
        let entry: EntryName = "20261123".parse().unwrap();
        let path = journal.entry_path(entry);
        let file = |name: &str| {
            let file = journal.path().join(name);
            fs::write(&file, "text\n").unwrap();
            file
        };
        assert_eq!(journal.file_of(entry), path, "there is nothing");
        for (target, found) in [
            (Path::new("november.md"), file("november.md")),
            (&file("november.md"), file("november.md")),
            (Path::new("../outside.md"), path.clone()),
            (Path::new("nothing.md"), path.clone()),
        ] {
            fs::write(dir.path().join("outside.md"), "outside\n").unwrap();
            std::os::unix::fs::symlink(target, &path).unwrap();
            assert_eq!(journal.file_of(entry), found, "{}", target.display());
            fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn what_cannot_be_a_journal_says_why() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(matches!(Journal::open_or_create(Path::new("notes")), Err(JournalError::Relative(_))));
        let link = dir.path().join("link");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        assert!(matches!(Journal::open_or_create(&link), Err(JournalError::Dangling(_))));
        assert!(matches!(Journal::open_or_create(&file), Err(JournalError::NotADirectory(_))));
        assert!(matches!(Journal::open_or_create(&file.join("below")), Err(JournalError::NotADirectory(_))));
    }
}
