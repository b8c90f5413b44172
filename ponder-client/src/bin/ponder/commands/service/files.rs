//! Files that a service manager reads: ours are known by their last line, and only those are replaced
//! or removed.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ponder_proto::shown;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::Change;
use crate::exit::{Exit, Failure};

/// What begins the last line of a file of ours. A digest of the lines before follows: whoever changed one
/// of them has made the file his own.
const MARK: &str = "written by `ponder service install` ";

/// How a file's format has comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comments {
    /// `# so`
    Hash,
    /// `<!-- so -->`
    Xml,
}

/// Where something of ours is, or would be.
#[derive(Clone, Debug)]
pub(super) struct Place {
    path: PathBuf,
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

/// What a service is made of: one file.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) place: Place,
    /// All of it, with its mark.
    pub(super) text: String,
}

impl Place {
    pub(super) fn file(path: PathBuf, base: &Path, comments: Comments) -> Self {
        Self { path, base: base.to_owned(), kind: Kind::Marked(comments) }
    }

    pub(super) fn link(path: PathBuf, base: &Path, to: String) -> Self {
        Self { path, base: base.to_owned(), kind: Kind::Link(to) }
    }

    /// As it is called in a sentence.
    pub(super) fn told(&self) -> String {
        shown(&self.path)
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
        Failure::new(Exit::Disk, format!("cannot {doing} {}: {error}", self.told()))
    }
}

impl Part {
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
                let path = self.place.told();
                let message = format!(
                    "{path} is not ours, or was changed since: move it away (what you want to keep of it \
                     belongs into a drop-in of your own), and install again"
                );
                Err(Failure::new(Exit::Config, message))
            }
        }
    }

    /// Writes it. A reader sees the old file or the new one, and nothing is written through what lies in the
    /// way.
    pub(super) fn write(&self) -> Result<(), Failure> {
        let path = &self.place.path;
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
            File::create_new(&fresh)?.write_all(self.text.as_bytes())?;
            fs::rename(&fresh, path)
        };
        write().map_err(|error: io::Error| self.place.failed("write", &error))
    }

    /// For people: it and all of its text.
    pub(super) fn text(&self) -> String {
        format!("--- {}\n{}\n", self.place.told(), self.text)
    }

    /// For programs.
    pub(super) fn event(&self) -> Value {
        json!({ "event": "file", "path": self.place.path, "text": self.text })
    }
}

impl Comments {
    fn mark(self, body: &str) -> String {
        let digest = Sha256::digest(body.as_bytes());
        let digest = u64::from_be_bytes(digest[..8].try_into().unwrap_or_default());
        match self {
            Self::Hash => format!("# {MARK}{digest:016x}"),
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

    fn file(dir: &tempfile::TempDir, body: &str) -> Part {
        let path = dir.path().join("others/made/for/it.service");
        Part::new(path, &dir.path().join("others"), body, Comments::Hash)
    }

    fn write(part: Part) {
        let Ok(Change::Write(part)) = part.change() else { panic!("it is not to be written") };
        part.write().unwrap();
    }

    #[test]
    fn ours_is_replaced_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        write(file(&dir, "[Unit]\n"));
        assert!(matches!(file(&dir, "[Unit]\n").change(), Ok(Change::None(_))));
        let newer = file(&dir, "[Unit]\nDescription=new\n");
        let Place { path, base, .. } = &newer.place;
        assert!(newer.place.is_ours());
        write(newer.clone());
        assert_eq!(fs::read_to_string(path).unwrap(), newer.text);
        newer.place.remove().unwrap();
        assert!(!base.join("made").exists() && base.exists(), "the directories that it was alone in");
    }

    #[test]
    fn what_somebody_wrote_or_changed_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let own = file(&dir, "[Unit]\n");
        let path = &own.place.path;
        write(own.clone());
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
        write(own.clone());
        assert_eq!(fs::read_to_string(&mine).unwrap(), "mine\n");
        assert!(own.place.path.is_file() && !own.place.path.is_symlink() && own.place.is_ours());
    }

    #[test]
    fn xml_has_its_own_comments() {
        let text = Part::new("x".into(), "".as_ref(), "<plist/>\n", Comments::Xml).text;
        assert!(text.ends_with(" -->\n") && Comments::Xml.marks(&text) && !Comments::Hash.marks(&text));
    }
}
