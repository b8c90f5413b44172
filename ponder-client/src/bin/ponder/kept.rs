//! Kept drafts: which there are, and what lies in their slots.

use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use ponder_client::Endpoint;
use ponder_endpoint::{Journal, PlainFileError, read_plain};
use ponder_proto::{Body, KeptDraft, KeptReason, Op, StatusReport, Who, printable, shown};
use sha2::{Digest as _, Sha256};

use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::hints;

/// A kept draft, as the daemon told of it, and its place.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) told: KeptDraft,
    pub(crate) path: PathBuf,
    /// The session whose draft it is, where that is not over: its editor still has it open.
    pub(crate) open_in: Option<Who>,
}

/// All kept drafts. The daemon is started if there is none: it judges what was left behind.
pub(crate) fn all(context: &Context, endpoint: &Endpoint) -> Result<Vec<Kept>, Failure> {
    let (_, answer) = endpoint.begin(&Op::Status, &context.start)?;
    match answer.body {
        Body::Status(StatusReport { kept, sessions, .. }) => {
            Ok(kept.into_iter().map(|told| Kept::of(told, &sessions)).collect())
        }
        Body::Error(refusal) => Err(refusal.into()),
        _ => Err(Failure::new(Exit::Bug, "the daemon answered something else than its status")),
    }
}

/// One of them, by its id.
pub(crate) fn find(context: &Context, endpoint: &Endpoint, id: &str) -> Result<Kept, Failure> {
    let found = all(context, endpoint)?.into_iter().find(|kept| kept.told.id == id);
    found.ok_or_else(|| {
        let list = hints::command(endpoint.journal(), "recover");
        let message = format!("there is no kept draft \"{}\": {list} lists them", printable(id));
        Failure::new(Exit::Failed, message)
    })
}

/// How many kept drafts a look at the slots' records finds. Cheap, for an editor's start; text that
/// an editor saved after its session had ended only the daemon finds.
pub(crate) fn waiting(journal: &Journal) -> usize {
    let slots = journal.state_dir().map(|state| state.join("slots"));
    let Some(listed) = slots.ok().and_then(|slots| fs::read_dir(slots).ok()) else { return 0 };
    let records = listed.flatten().map(|item| item.path());
    let is_kept = |path: &PathBuf| {
        path.extension().is_some_and(|end| end == "json")
            && record(path).is_some_and(|record| !record["kept"].is_null())
            && path.with_extension("").is_dir()
    };
    records.filter(is_kept).count()
}

impl Kept {
    fn of(told: KeptDraft, sessions: &[Who]) -> Self {
        let mut kept = Self { path: PathBuf::from(&told.path), told, open_in: None };
        if let Some(record) = kept.record() {
            let is_its = |who: &&Who| record["session"] == who.session.to_string().as_str();
            kept.open_in = sessions.iter().find(is_its).cloned();
        }
        kept
    }

    pub(crate) fn id(&self) -> &str {
        &self.told.id
    }

    /// Whether it is no text but files that somebody put beside a draft.
    pub(crate) fn is_files(&self) -> bool {
        self.told.why == KeptReason::FilesBeside
    }

    /// Its slot's directory.
    pub(crate) fn dir(&self) -> &Path {
        if self.is_files() { &self.path } else { self.path.parent().unwrap_or(&self.path) }
    }

    /// Its text; none if somebody deleted it.
    pub(crate) fn text(&self) -> Result<Option<Vec<u8>>, Failure> {
        read(&self.path)
    }

    /// The text that it and its entry both began with, if that is known. A text that was put aside
    /// whole has none: there its own is noted.
    pub(crate) fn base(&self, ours: &[u8]) -> Option<Vec<u8>> {
        let file = read(&self.beside(".base")?).ok().flatten()?;
        let end = file.iter().position(|byte| *byte == b'\n')?;
        let (vouches, base) = (&file[..end], &file[end + 1..]);
        (vouches == digest(base).as_bytes() && base != ours).then(|| base.to_vec())
    }

    fn record(&self) -> Option<serde_json::Value> {
        record(&self.beside(".json")?)
    }

    /// A file that the daemon keeps beside the slot's directory.
    fn beside(&self, end: &str) -> Option<PathBuf> {
        let mut name = self.dir().file_name()?.to_owned();
        name.push(end);
        Some(self.dir().with_file_name(name))
    }

    /// Files in its slot that a person put there: not the draft, not what editors leave, not the
    /// links to the journal's other items.
    pub(crate) fn files_beside(&self) -> Vec<PathBuf> {
        let draft = self.told.entry.file_name();
        let is_users = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name != draft.as_str() && !left_by_an_editor(&name) && !path.is_symlink()
        };
        self.items().into_iter().filter(is_users).collect()
    }

    /// A file in which an editor noted what was typed and perhaps never saved.
    pub(crate) fn swap_file(&self) -> Option<PathBuf> {
        self.items().into_iter().find(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let vims = name.starts_with('.')
                && name.rsplit_once('.').is_some_and(|(_, end)| end.len() == 3 && end.starts_with("sw"));
            vims || (name.starts_with('#') && name.ends_with('#'))
        })
    }

    fn items(&self) -> Vec<PathBuf> {
        let listed = fs::read_dir(self.dir()).into_iter().flatten().flatten();
        let mut items: Vec<PathBuf> = listed.map(|item| item.path()).collect();
        items.sort_unstable();
        items
    }
}

/// As the daemon sees it: swap, undo and backup files.
fn left_by_an_editor(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'))
}

/// A slot's record, as far as it can be read.
fn record(path: &Path) -> Option<serde_json::Value> {
    serde_json::from_slice(&read(path).ok().flatten()?).ok()
}

/// The first line of a base: what it was when it was written.
fn digest(text: &[u8]) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut digest, byte| {
        let _ = write!(digest, "{byte:02x}"); // writing to a String cannot fail
        digest
    })
}

/// A plain file's bytes; none if there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    let failed = |error| Failure::new(Exit::Disk, format!("cannot read {}: {error}", shown(path)));
    let mut file = match read_plain(path) {
        Ok(Some(file)) => file,
        Ok(None) => return Ok(None),
        Err(PlainFileError::NotPlain(what)) => {
            let message = format!("{} is {what}, and no plain file: move it away", shown(path));
            return Err(Failure::new(Exit::Config, message));
        }
        Err(PlainFileError::Io(error)) => return Err(failed(error)),
    };
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(failed)?;
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use ponder_proto::RawPath;

    use super::*;

    fn slot() -> (tempfile::TempDir, Kept) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("20261123.0/20261123.md");
        fs::create_dir(path.parent().unwrap()).unwrap();
        fs::write(&path, "ours\n").unwrap();
        let told = KeptDraft {
            id: "20261123.0".to_owned(),
            entry: "20261123".parse().unwrap(),
            path: RawPath::from(path.as_path()),
            why: KeptReason::EntryChanged,
            when: 0,
        };
        (dir, Kept::of(told, &[]))
    }

    #[test]
    fn a_base_counts_only_if_its_first_line_vouches_for_it() {
        let (dir, kept) = slot();
        assert_eq!(kept.base(b"ours\n"), None);
        for (noted, found) in [("other", None), ("base\n", Some(b"base\n".to_vec()))] {
            let file = format!("{}\nbase\n", digest(noted.as_bytes()));
            fs::write(dir.path().join("20261123.0.base"), file).unwrap();
            assert_eq!(kept.base(b"ours\n"), found);
        }
        assert_eq!(kept.base(b"base\n"), None, "a text that was put aside whole");
    }

    #[test]
    fn a_session_that_is_not_over_is_known_by_its_record() {
        let (dir, kept) = slot();
        let session = crate::people::tests::vim();
        let record = format!(r#"{{"session":"{}"}}"#, session.session);
        fs::write(dir.path().join("20261123.0.json"), record).unwrap();
        let open_in = |sessions: &[Who]| Kept::of(kept.told.clone(), sessions).open_in.map(|who| who.program);
        assert_eq!(open_in(&[]), None);
        assert_eq!(open_in(&[session]).as_deref(), Some("vim"));
    }

    #[test]
    fn what_lies_beside_a_draft() {
        let (_dir, kept) = slot();
        let beside = |name: &str| kept.dir().join(name);
        for name in [".20261123.md.un~", "20261123.md~"] {
            fs::write(beside(name), "").unwrap();
        }
        std::os::unix::fs::symlink("/journal/images", beside("images")).unwrap();
        assert!(kept.files_beside().is_empty() && kept.swap_file().is_none());
        fs::write(beside("photo.jpg"), "").unwrap();
        fs::write(beside(".20261123.md.swp"), "").unwrap();
        assert_eq!(kept.files_beside(), [beside("photo.jpg")]);
        assert_eq!(kept.swap_file(), Some(beside(".20261123.md.swp")));
    }
}
