//! What a daemon and its journal say after a power cut.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

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
    /// Its text.
    pub(crate) text: Vec<u8>,
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
            let text = fs::read(&path).with_context(|| format!("the kept draft {}", path.display()))?;
            found.kept.push(Kept { day: day.context("a kept draft has an entry")?, text });
        }
        Ok(found)
    }

    /// Whether a kept draft of that day holds this text.
    pub(crate) fn is_kept(&self, day: Day, text: &str) -> bool {
        self.kept.iter().filter(|kept| kept.day == day).any(|kept| holds(&kept.text, text.as_bytes()))
    }
}

/// A path, which in these tests is UTF-8.
pub(crate) fn path(value: &Value) -> Option<PathBuf> {
    value.as_str().map(PathBuf::from)
}

/// Whether some lines of a text are these. Both begin and end with a line.
fn holds(text: &[u8], lines: &[u8]) -> bool {
    let first = lines.split_inclusive(|byte| *byte == b'\n').next().unwrap_or(lines);
    let mut at = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        if line == first && text[at..].starts_with(lines) {
            return true;
        }
        at += line.len();
    }
    false
}
