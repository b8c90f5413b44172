//! Files that a service manager reads: ours are known by their last line, and only those are replaced
//! or removed.

use std::fs;
use std::io;
use std::path::PathBuf;

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

/// One file.
#[derive(Clone, Debug)]
pub(super) struct ServiceFile {
    pub(super) path: PathBuf,
    body: String,
    comments: Comments,
}

/// What has to be done about one.
#[derive(Debug)]
pub(super) enum Change {
    /// It is there as it is to be.
    None(ServiceFile),
    /// There is none, or an older one of ours.
    Write(ServiceFile),
}

impl ServiceFile {
    pub(super) fn new(path: PathBuf, body: String, comments: Comments) -> Self {
        Self { path, body, comments }
    }

    /// All of it.
    pub(super) fn text(&self) -> String {
        format!("{}{}\n", self.body, self.comments.mark(&self.body))
    }

    /// Compares it with what is there.
    ///
    /// # Errors
    /// When that is somebody else's.
    pub(super) fn change(self) -> Result<Change, Failure> {
        match self.read()? {
            Some(found) if found == self.text() => Ok(Change::None(self)),
            Some(found) if !self.comments.marks(&found) => {
                let path = shown(&self.path);
                let message = format!(
                    "{path} is not ours, or was changed since: move it away (what you want to keep of it \
                     belongs into a drop-in of your own), and install again"
                );
                Err(Failure::new(Exit::Config, message))
            }
            _ => Ok(Change::Write(self)),
        }
    }

    pub(super) fn is_there(&self) -> bool {
        fs::symlink_metadata(&self.path).is_ok()
    }

    /// Whether what is there was written by us and never changed.
    pub(super) fn is_ours(&self) -> bool {
        self.read().is_ok_and(|found| found.is_some_and(|found| self.comments.marks(&found)))
    }

    /// Removes it, and the directories that were made for it if nothing else is in there.
    pub(super) fn remove(&self) -> Result<(), Failure> {
        fs::remove_file(&self.path).map_err(|error| self.failed("remove", &error))?;
        for dir in self.path.ancestors().skip(1).take(3) {
            let _ = fs::remove_dir(dir); // it is not empty: somebody else's files are there
        }
        Ok(())
    }

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

impl Change {
    /// Does it. A reader sees the old file or the new one.
    pub(super) fn write(self) -> Result<(), Failure> {
        let Self::Write(file) = self else { return Ok(()) };
        let mut fresh = file.path.clone().into_os_string();
        fresh.push(".new");
        let write = || {
            if let Some(dir) = file.path.parent() {
                fs::create_dir_all(dir)?;
            }
            fs::write(&fresh, file.text())?;
            fs::rename(&fresh, &file.path)
        };
        write().map_err(|error: io::Error| file.failed("write", &error))
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
    use super::*;

    fn file(dir: &tempfile::TempDir, body: &str) -> ServiceFile {
        ServiceFile::new(dir.path().join("made/for/it.service"), body.to_owned(), Comments::Hash)
    }

    #[test]
    fn ours_is_replaced_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        file(&dir, "[Unit]\n").change().unwrap().write().unwrap();
        assert!(matches!(file(&dir, "[Unit]\n").change(), Ok(Change::None(_))));
        let newer = file(&dir, "[Unit]\nDescription=new\n");
        assert!(newer.is_ours());
        newer.clone().change().unwrap().write().unwrap();
        assert_eq!(fs::read_to_string(&newer.path).unwrap(), newer.text());
        newer.remove().unwrap();
        assert!(!newer.is_there() && !newer.path.parent().unwrap().exists());
    }

    #[test]
    fn what_somebody_wrote_or_changed_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let own = file(&dir, "[Unit]\n");
        own.clone().change().unwrap().write().unwrap();
        for foreign in ["", "[Unit]\n", &own.text().replace("[Unit]", "[Unit]\nDescription=mine")] {
            fs::write(&own.path, foreign).unwrap();
            let Err(failure) = own.clone().change() else { panic!("{foreign:?} would be overwritten") };
            assert!(failure.message.contains("not ours") && !own.is_ours(), "{foreign:?}");
        }
    }

    #[test]
    fn xml_has_its_own_comments() {
        let text = ServiceFile::new("x".into(), "<plist/>\n".to_owned(), Comments::Xml).text();
        assert!(text.ends_with(" -->\n") && Comments::Xml.marks(&text) && !Comments::Hash.marks(&text));
    }
}
