//! Values in the user's registry. Those that Windows runs are known by their form, and only ours are replaced
//! or removed; where we remember something, nobody else writes.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use ponder_proto::printable;
use serde_json::{Value, json};
use windows_registry::{CURRENT_USER, Key, Result as Registry, Type};

use super::command_line::CommandLine;
use super::logon::SETTINGS;
use super::{Change, Failure};
use crate::exit::Exit;

/// What Windows runs when the user logs on.
const RUN: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";

/// Which of them Windows' settings have turned off: an odd number at the beginning of a value says so. No page
/// of Microsoft's does, so that it is only looked at, and what is not as expected counts as turned on.
const APPROVED: &str = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run";

/// What we remember until the user logs off: the key goes then.
const REMEMBERED: &str = r"Software\ponder\logon";

/// What the system says where there is no such key or value: `HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)`.
const NOT_FOUND: i32 = 0x8007_0002_u32.cast_signed();

/// Where a value of ours is, or would be.
#[derive(Clone, Debug)]
pub(super) struct Place {
    key: &'static str,
    name: String,
    ours: Ours,
}

/// Which values are ours.
#[derive(Clone, Debug)]
enum Ours {
    /// Those that start the daemon of this journal.
    Starts(PathBuf),
    /// All of them.
    Remembered,
}

/// What a service is made of: one value.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) place: Place,
    data: String,
}

impl Place {
    /// What starts a journal's daemon at a logon.
    pub(super) fn run(name: String, journal: &Path) -> Self {
        Self { key: RUN, name, ours: Ours::Starts(journal.to_owned()) }
    }

    /// What is remembered of it.
    pub(super) fn remembered(name: String) -> Self {
        Self { key: REMEMBERED, name, ours: Ours::Remembered }
    }

    /// As it is called in a sentence.
    pub(super) fn told(&self) -> String {
        format!("{} in HKEY_CURRENT_USER\\{}", self.name, self.key)
    }

    pub(super) fn is_there(&self) -> bool {
        !matches!(self.value(), Ok(None))
    }

    /// Whether what is there was written by us and never changed.
    pub(super) fn is_ours(&self) -> bool {
        self.read().is_ok_and(|found| found.is_some_and(|found| self.has_our_form(&found)))
    }

    fn has_our_form(&self, data: &str) -> bool {
        match &self.ours {
            Ours::Starts(journal) => CommandLine::program(data, &SETTINGS, journal).is_some(),
            Ours::Remembered => true,
        }
    }

    /// Removes it.
    pub(super) fn remove(&self) -> Result<(), Failure> {
        let key = CURRENT_USER.options().write().open(self.key);
        found(key.and_then(|key| key.remove_value(&self.name)))
            .map(drop)
            .map_err(|error| self.failed("remove", &error))
    }

    /// What a person types to remove it, whosever it is.
    pub(super) fn removal(&self) -> String {
        format!("reg delete HKCU\\{} /v {}", self.key, self.name)
    }

    /// What is there as text, whatever it is. Nothing where there is nothing.
    pub(super) fn read(&self) -> Result<Option<String>, Failure> {
        let value = self.value().map_err(|error| self.failed("read", &error))?;
        Ok(value.map(|value| match value.ty() {
            Type::String => String::try_from(value).unwrap_or_default(),
            other => format!("({other:?}, and no text)"),
        }))
    }

    /// Whether the user has turned it off, in Windows' settings.
    pub(super) fn is_turned_off(&self) -> bool {
        let approved = CURRENT_USER.open(APPROVED).and_then(|key| key.get_value(&self.name));
        approved.is_ok_and(|value| value.first().is_some_and(|first| first % 2 == 1))
    }

    fn value(&self) -> Registry<Option<windows_registry::Value>> {
        found(CURRENT_USER.open(self.key).and_then(|key| key.get_value(&self.name)))
    }

    /// The key, made if there is none. What we remember is gone with the user's session.
    fn key(&self) -> Registry<Key> {
        let mut options = CURRENT_USER.options();
        options.write().create();
        match self.ours {
            Ours::Starts(_) => options.open(self.key),
            Ours::Remembered => options.volatile().open(self.key),
        }
    }

    fn failed(&self, doing: &str, error: &dyn Display) -> Failure {
        Failure::new(Exit::Disk, format!("cannot {doing} {}: {error}", self.told()))
    }
}

impl Part {
    pub(super) fn new(place: Place, data: String) -> Self {
        Self { place, data }
    }

    /// Compares it with what is there.
    ///
    /// # Errors
    /// When that is somebody else's.
    pub(super) fn change(self) -> Result<Change, Failure> {
        match self.place.read()? {
            Some(found) if found == self.data => Ok(Change::None(self)),
            Some(found) if !self.place.has_our_form(&found) => {
                let message = format!(
                    "{} is not ours, or was changed since: {}\nremove it if you do not need it \
                     (`{}`), and install again",
                    self.place.told(),
                    printable(&found),
                    self.place.removal()
                );
                Err(Failure::new(Exit::Config, message))
            }
            _ => Ok(Change::Write(self)),
        }
    }

    /// Writes it.
    pub(super) fn write(&self) -> Result<(), Failure> {
        let written = self.place.key().and_then(|key| key.set_string(&self.place.name, &self.data));
        written.map_err(|error| self.place.failed("write", &error))
    }

    /// For people: it and all of its data.
    pub(super) fn text(&self) -> String {
        format!("--- {}\n{}\n\n", self.place.told(), self.data)
    }

    /// For programs.
    pub(super) fn event(&self) -> Value {
        let key = format!("HKEY_CURRENT_USER\\{}", self.place.key);
        json!({ "event": "registry_value", "key": key, "name": self.place.name, "data": self.data })
    }
}

/// Nothing where there is no such thing.
fn found<T>(result: Registry<T>) -> Registry<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.code().0 == NOT_FOUND => Ok(None),
        Err(error) => Err(error),
    }
}
