//! Files that a service manager reads: ours are known by their last line, and only those are replaced
//! or removed.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ponder_proto::shown;
use sha2::{Digest as _, Sha256};

use crate::exit::{Exit, Failure};

/// What begins the last line of a file of ours. A digest of the lines before follows: whoever changed one
/// of them has made the file his own.
const MARK: &str = "written by `ponder service install` ";

/// How a file's format has comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comments {
    /// `# so`
    #[cfg_attr(windows, expect(dead_code, reason = "for systemd"))]
    Hash,
    /// `<!-- so -->`
    #[cfg_attr(windows, expect(dead_code, reason = "for launchd"))]
    Xml,
    /// `rem so`
    #[cfg_attr(unix, expect(dead_code, reason = "for Windows"))]
    Rem,
}

/// Where something of ours is, or would be.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    /// A directory that is there for others, too. Those between it and the path were made for us.
    base: PathBuf,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// A file with our mark.
    Marked(Comments),
    /// A symbolic link to a file of this name, which the service manager makes.
    Link(String),
}

/// One file.
#[derive(Clone, Debug)]
pub(super) struct ServiceFile {
    pub(super) place: Place,
    /// All of it, with its mark.
    pub(super) text: String,
}

/// What has to be done about one.
#[derive(Debug)]
pub(super) enum Change {
    /// It is there as it is to be.
    None(ServiceFile),
    /// There is none, or an older one of ours.
    Write(ServiceFile),
}

impl Place {
    pub(super) fn file(path: PathBuf, base: &Path, comments: Comments) -> Self {
        Self { path, base: base.to_owned(), kind: Kind::Marked(comments) }
    }

    #[cfg_attr(windows, expect(dead_code, reason = "for systemd"))]
    pub(super) fn link(path: PathBuf, base: &Path, to: String) -> Self {
        Self { path, base: base.to_owned(), kind: Kind::Link(to) }
    }

    pub(super) fn is_there(&self) -> bool {
        fs::symlink_metadata(&self.path).is_ok()
    }

    /// Whether what is there was written by us and never changed.
    pub(super) fn is_ours(&self) -> bool {
        match &self.kind {
            Kind::Marked(_) => self.read().is_ok_and(|found| found.is_some_and(|found| self.marks(&found))),
            Kind::Link(to) => fs::read_link(&self.path).is_ok_and(|found| found.ends_with(to)),
        }
    }

    /// Whether a text has our mark, as it has to be in this place.
    fn marks(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Marked(comments) if comments.marks(text))
    }

    /// Removes it, and the directories that were made for it if nothing else is in there.
    pub(super) fn remove(&self) -> Result<(), Failure> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(self.failed("remove", &error));
            }
            _ => {} // the service manager may have removed its own
        }
        let made = |dir: &&Path| dir.starts_with(&self.base) && *dir != self.base;
        for dir in self.path.ancestors().skip(1).take_while(made) {
            let _ = fs::remove_dir(dir); // it is not empty: somebody else's files are there
        }
        Ok(())
    }

    /// Nothing where there is nothing, or a link that leads nowhere.
    fn read(&self) -> Result<Option<String>, Failure> {
        match fs::read(&self.path) {
            Ok(found) => Ok(Some(String::from_utf8_lossy(&found).into_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed("read", &error)),
        }
    }

    fn failed(&self, doing: &str, error: &io::Error) -> Failure {
        Failure::new(Exit::Disk, format!("cannot {doing} {}: {error}", shown(&self.path)))
    }
}

impl ServiceFile {
    /// A file below a directory that is there for others, too.
    pub(super) fn new(path: PathBuf, base: &Path, body: &str, comments: Comments) -> Self {
        let text = format!("{body}{}\n", comments.mark(body));
        Self { place: Place::file(path, base, comments), text }
    }

    /// Compares it with what is there.
    ///
    /// # Errors
    /// When that is somebody else's.
    pub(super) fn change(self) -> Result<Change, Failure> {
        match self.place.read()? {
            Some(found) if found == self.text => Ok(Change::None(self)),
            Some(found) if self.place.marks(&found) => Ok(Change::Write(self)),
            None if !self.place.is_there() => Ok(Change::Write(self)),
            _ => {
                let path = shown(&self.place.path);
                let message = format!(
                    "{path} is not ours, or was changed since: move it away (what you want to keep of it \
                     belongs into a drop-in of your own), and install again"
                );
                Err(Failure::new(Exit::Config, message))
            }
        }
    }
}

impl Change {
    /// Does it. A reader sees the old file or the new one, and nothing is written through what lies in the
    /// way.
    pub(super) fn write(self) -> Result<(), Failure> {
        let Self::Write(file) = self else { return Ok(()) };
        let path = &file.place.path;
        let mut fresh = path.clone().into_os_string();
        fresh.push(".new");
        let write = || {
            if let Some(dir) = path.parent() {
                fs::create_dir_all(dir)?;
            }
            match fs::remove_file(&fresh) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {} // of one who was interrupted here
            }
            File::create_new(&fresh)?.write_all(file.text.as_bytes())?;
            fs::rename(&fresh, path)
        };
        write().map_err(|error: io::Error| file.place.failed("write", &error))
    }
}

impl Comments {
    fn mark(self, body: &str) -> String {
        let digest = Sha256::digest(body.as_bytes());
        let digest = u64::from_be_bytes(digest[..8].try_into().unwrap_or_default());
        match self {
            Self::Hash => format!("# {MARK}{digest:016x}"),
            Self::Rem => format!("rem {MARK}{digest:016x}"),
            Self::Xml => format!("<!-- {MARK}{digest:016x} -->"),
        }
    }

    fn marks(self, text: &str) -> bool {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let at = text.rfind('\n').map_or(0, |at| at + 1);
        let (body, last) = text.split_at(at);
        last == self.mark(body)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn file(dir: &tempfile::TempDir, body: &str) -> ServiceFile {
        let path = dir.path().join("others/made/for/it.service");
        ServiceFile::new(path, &dir.path().join("others"), body, Comments::Hash)
    }

    #[test]
    fn ours_is_replaced_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        file(&dir, "[Unit]\n").change().unwrap().write().unwrap();
        assert!(matches!(file(&dir, "[Unit]\n").change(), Ok(Change::None(_))));
        let newer = file(&dir, "[Unit]\nDescription=new\n");
        let Place { path, base, .. } = &newer.place;
        assert!(newer.place.is_ours());
        newer.clone().change().unwrap().write().unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), newer.text);
        newer.place.remove().unwrap();
        assert!(!base.join("made").exists() && base.exists(), "the directories that it was alone in");
    }

    #[test]
    fn what_somebody_wrote_or_changed_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let own = file(&dir, "[Unit]\n");
        let path = &own.place.path;
        own.clone().change().unwrap().write().unwrap();
        let left_alone = |what: &str| {
            let Err(failure) = own.clone().change() else { panic!("{what:?} would be overwritten") };
            assert!(failure.message.contains("not ours") && !own.place.is_ours(), "{what:?}");
        };
        for foreign in ["", "[Unit]\n", &own.text.replace("[Unit]", "[Unit]\nDescription=mine")] {
            fs::write(path, foreign).unwrap();
            left_alone(foreign);
        }
        fs::remove_file(path).unwrap();
        symlink("nowhere", path).unwrap();
        left_alone("a link that leads nowhere");
    }

    #[test]
    fn nothing_is_written_through_what_lies_in_the_way() {
        let dir = tempfile::tempdir().unwrap();
        let own = file(&dir, "[Unit]\n");
        let mine = dir.path().join("mine");
        fs::write(&mine, "mine\n").unwrap();
        fs::create_dir_all(own.place.path.parent().unwrap()).unwrap();
        symlink(&mine, own.place.path.with_extension("service.new")).unwrap();
        own.clone().change().unwrap().write().unwrap();
        assert_eq!(fs::read_to_string(&mine).unwrap(), "mine\n");
        assert!(own.place.path.is_file() && !own.place.path.is_symlink() && own.place.is_ours());
    }

    #[test]
    fn xml_has_its_own_comments() {
        let text = ServiceFile::new("x".into(), "".as_ref(), "<plist/>\n", Comments::Xml).text;
        assert!(text.ends_with(" -->\n") && Comments::Xml.marks(&text) && !Comments::Hash.marks(&text));
    }
}
