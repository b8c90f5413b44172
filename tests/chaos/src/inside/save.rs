//! How drafts are saved.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::thread;
use std::time::Duration;

use clap::ValueEnum;

/// How an editor saves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    /// Into the file, as nano does.
    InPlace,
    /// Into another, which takes its place, as vim does.
    Rename,
}

/// How often somebody tries again whose disk is full, and how long he looks at the message in between.
const TRIES: u32 = 200;
const SIGH: Duration = Duration::from_millis(100);

impl Way {
    fn save(self, draft: &Path, text: &str) -> io::Result<()> {
        match self {
            Self::InPlace => fs::write(draft, text),
            Self::Rename => {
                let other = draft.with_extension("new");
                fs::write(&other, text)?;
                fs::rename(&other, draft)
            }
        }
    }

    /// Saves, and does it again until it works: nobody leaves an editor that could not save.
    pub(crate) fn save_stubbornly(self, draft: &Path, text: &str) -> io::Result<()> {
        let mut result = self.save(draft, text);
        for _ in 0..TRIES {
            if result.is_ok() {
                break;
            }
            thread::sleep(SIGH);
            result = self.save(draft, text);
        }
        result
    }
}

/// Adds text to a draft's end, as `>>` does.
pub(crate) fn append(draft: &Path, text: &str) -> io::Result<()> {
    File::options().append(true).open(draft)?.write_all(text.as_bytes())
}
