//! The proof of exclusion that needs no clock: a file for each entry, which only one may create at a time.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Teller;
use crate::args::Inside;
use crate::history::Deed;

/// The marks of a session.
#[derive(Debug)]
pub(super) struct Marks {
    paths: Vec<PathBuf>,
    own: String,
}

impl Marks {
    /// Sets one for each of its entries. That of somebody else is told and taken over: whether he was
    /// killed, and could not take it away, the judge knows.
    pub(super) fn set(inside: &Inside, teller: &Teller) -> Result<Self> {
        let own = inside.number.to_string();
        let paths = inside.days.iter().map(|day| inside.markers.join(day.to_string())).collect();
        let marks = Self { paths, own };
        for (path, day) in marks.paths.iter().zip(&inside.days) {
            if let Some(other) = marks.create(path)? {
                teller.tell(Deed::Met { day: *day, other })?;
            }
        }
        Ok(marks)
    }

    /// Creates one. Returns whose was there.
    fn create(&self, path: &Path) -> Result<Option<u64>> {
        // Its content is there as soon as its name is.
        let fresh = path.with_extension(&self.own);
        File::create(&fresh)?.write_all(self.own.as_bytes())?;
        let linked = fs::hard_link(&fresh, path);
        let met = match linked {
            Ok(()) => None,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let other = fs::read_to_string(path).unwrap_or_default();
                fs::rename(&fresh, path)?;
                return Ok(Some(other.parse().unwrap_or(0)));
            }
            Err(error) => return Err(error.into()),
        };
        fs::remove_file(fresh)?;
        Ok(met)
    }

    /// Removes those that are still its own.
    pub(super) fn remove(self) -> Result<()> {
        for path in &self.paths {
            if fs::read_to_string(path).is_ok_and(|found| found == self.own) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}
