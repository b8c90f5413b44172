//! What a daemon and its journal say after a power cut.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::client::Client;
use crate::daemon::Home;
use crate::text::Day;

/// Entries and kept drafts.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The entries that exist.
    pub(crate) entries: BTreeMap<Day, Vec<u8>>,
    /// The kept drafts of which the daemon tells.
    pub(crate) kept: Vec<Kept>,
}

/// A kept draft.
#[derive(Debug)]
pub(crate) struct Kept {
    /// Whose it is.
    pub(crate) day: Day,
    /// Its text; texts, if files lay beside it.
    pub(crate) texts: Vec<Vec<u8>>,
}

impl Found {
    /// Reads all entries as anybody would, and the kept drafts that `status` lists.
    pub(crate) fn look(home: &Home<'_>, client: &mut Client) -> Result<Self> {
        let mut found = Self::default();
        for item in fs::read_dir(home.journal())? {
            let item = item?;
            let name = item.file_name();
            let day = name.to_str().and_then(|name| name.strip_suffix(".md")?.parse().ok());
            if let Some(day) = day {
                found.entries.insert(day, fs::read(item.path())?);
            }
        }
        let status = client.ask(json!({ "op": "status" }))?;
        for kept in status["kept"].as_array().context("status lists kept drafts")? {
            let path = path(&kept["path"]).context("a kept draft has a path")?;
            let day = kept["entry"].as_str().and_then(|name| name.trim_end_matches(".md").parse().ok());
            let texts = texts(&path).with_context(|| format!("the kept draft {}", path.display()))?;
            found.kept.push(Kept { day: day.context("a kept draft has an entry")?, texts });
        }
        Ok(found)
    }
}

/// The text of a file, or of all files of a directory.
fn texts(path: &Path) -> Result<Vec<Vec<u8>>> {
    if !path.is_dir() {
        return Ok(vec![fs::read(path)?]);
    }
    let files = fs::read_dir(path)?.map(|item| Ok(item?.path()));
    let files = files.collect::<Result<Vec<_>>>()?;
    // The journal's images and folders are linked beside the draft: they are nobody's text.
    let plain = files.into_iter().filter(|file| file.is_file() && !file.is_symlink());
    plain.map(|file| Ok(fs::read(file)?)).collect()
}

/// A path, which in these tests is UTF-8.
pub(crate) fn path(value: &Value) -> Option<PathBuf> {
    value.as_str().map(PathBuf::from)
}
