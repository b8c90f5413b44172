//! The service on Windows: a daemon that is started when the user logs on, by a file among what Windows
//! starts then. Nobody needs it, as anywhere.

use std::env;
use std::path::PathBuf;

use ponder_endpoint::Journal;
use ponder_proto::shown;

use super::files::{Comments, Place, ServiceFile};
use super::{Manager, settings};
use crate::exit::{Exit, Failure};

/// Where those files are, in the user's profile.
const STARTUP: &str = r"Microsoft\Windows\Start Menu\Programs\Startup";

/// The service of one journal.
pub(super) struct Logon {
    journal: Journal,
    /// Where those files are.
    startup: PathBuf,
}

impl Logon {
    pub(super) fn of(journal: &Journal) -> Result<Self, Failure> {
        let profile = env::var_os("APPDATA").map(PathBuf::from).filter(|path| path.is_absolute());
        let profile = profile.ok_or_else(|| {
            Failure::new(Exit::Config, "there is no place for what Windows starts at a logon: set APPDATA")
        })?;
        Ok(Self { journal: journal.clone(), startup: profile.join(STARTUP) })
    }

    fn path(&self) -> PathBuf {
        self.startup.join(format!("ponder-{}.cmd", self.journal.id()))
    }

    /// What starts the daemon.
    fn command(&self) -> Result<Vec<String>, Failure> {
        let own = env::current_exe().map_err(|error| {
            Failure::new(Exit::Bug, format!("the system does not tell where this program is: {error}"))
        })?;
        let journal = self.journal.path().display().to_string();
        Ok([&*own.to_string_lossy(), "--journal", &journal, "daemon", "start"].map(str::to_owned).to_vec())
    }
}

impl Manager for Logon {
    fn is_there(&self) -> Result<(), Failure> {
        Ok(())
    }

    fn takes_over(&self) -> bool {
        false
    }

    fn places(&self) -> Vec<Place> {
        vec![Place::file(self.path(), &self.startup, Comments::Rem)]
    }

    fn files(&self) -> Result<Vec<ServiceFile>, Failure> {
        let words = self.command()?;
        let line: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        let set = settings().into_iter().map(|(name, value)| {
            let setting = format!("{name}={}", value.to_string_lossy());
            format!("set {}\n", quoted(&setting))
        });
        let body = format!("@echo off\nchcp 65001 >nul\n{}{}\n", set.collect::<String>(), line.join(" "));
        Ok(vec![ServiceFile::new(self.path(), &self.startup, &body, Comments::Rem)])
    }

    fn shared(&self) -> Vec<ServiceFile> {
        Vec::new()
    }

    fn is_alone(&self) -> bool {
        true
    }

    fn begin(&self) -> Vec<Vec<String>> {
        self.command().into_iter().collect()
    }

    fn end(&self) -> Vec<Vec<String>> {
        Vec::new()
    }

    fn stop(&self) -> Vec<Vec<String>> {
        Vec::new()
    }

    fn forget(&self) -> Vec<Vec<String>> {
        Vec::new()
    }

    fn status(&self) -> Result<Option<String>, Failure> {
        let path = self.path();
        Ok(path.is_file().then(|| format!("{}: starts the daemon at each logon", shown(&path))))
    }
}

/// A word of a batch file.
fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('%', "%%"))
}
