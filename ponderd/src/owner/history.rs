//! The leases that were ended by force, kept for whoever asks later.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ponder_endpoint::{OwnerOnly as _, replace};
use ponder_proto::{Past, shown};

/// How many are told, and how many the file may have before it is cut to those.
const TOLD: usize = 200;
const WRITTEN: usize = 2 * TOLD;

/// One JSON object a line, in a file that is never flushed: it explains, and nothing depends on it.
#[derive(Debug)]
pub struct History {
    path: PathBuf,
    past: Vec<Past>,
}

impl History {
    /// The history in a file. One that cannot be read begins anew.
    pub fn open(path: &Path) -> Self {
        let text = fs::read(path).unwrap_or_default();
        let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
        let mut past: Vec<Past> = lines.iter().filter_map(|line| serde_json::from_slice(line).ok()).collect();
        past.drain(..past.len().saturating_sub(TOLD));
        let history = Self { path: path.to_owned(), past };
        if lines.len() > WRITTEN
            && let Err(error) = history.write_anew()
        {
            tracing::warn!(path = %shown(path), %error, "the history of broken leases grows");
        }
        history
    }

    /// All that is known, the oldest first.
    pub(super) fn past(&self) -> &[Past] {
        &self.past
    }

    pub(super) fn add(&mut self, past: Past) {
        let written = self.append(&past);
        if let Err(error) = written {
            tracing::warn!(path = %shown(&self.path), %error, "the history of broken leases cannot be written");
        }
        if self.past.len() == TOLD {
            self.past.remove(0);
        }
        self.past.push(past);
    }

    fn append(&self, past: &Past) -> io::Result<()> {
        let mut line = serde_json::to_vec(past)?;
        line.push(b'\n');
        File::options().append(true).create(true).owner_only().open(&self.path)?.write_all(&line)
    }

    fn write_anew(&self) -> io::Result<()> {
        let mut lines = Vec::new();
        for past in &self.past {
            serde_json::to_writer(&mut lines, past)?;
            lines.push(b'\n');
        }
        replace(&self.path, &lines).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(when: i64) -> Past {
        let json = format!(
            r#"{{"when":{when},"why":"broken","who":{{"session":"{}","state":"releasing","mode":"exclusive",
            "entries":["20261123.md"],"program":"vim","since":0}}}}"#,
            "07".repeat(16)
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn it_outlives_the_daemon_and_does_not_grow_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("history");
        let mut history = History::open(&path);
        for when in 0..500 {
            history.add(past(when));
        }
        let again = History::open(&path);
        assert_eq!(again.past(), history.past());
        assert_eq!((again.past().len(), again.past()[0].when), (TOLD, 300));
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), TOLD);
        fs::write(&path, b"{\"when\": torn").unwrap();
        assert_eq!(History::open(&path).past(), []);
    }
}
