//! Entry names and the time in an entry's header.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::frame::Encode;

/// The name of an entry: a day of the proleptic Gregorian calendar from year 1 to year 9999.
///
/// Its file is strictly `YYYYMMDD.md`. A value of this type is always a real day, so no path that
/// is made from one can leave the journal. On the wire it is a number (frames) or the file name
/// (JSON, where the `.md` may be left out).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
#[serde(try_from = "String", into = "String")]
pub struct EntryName(u32);

/// A text or number that names no entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an entry: entries are named YYYYMMDD.md after a day that exists, from year 1 to 9999")]
pub struct NotAnEntry(pub String);

impl EntryName {
    /// The entry of a day.
    pub fn new(year: u32, month: u32, day: u32) -> Result<Self, NotAnEntry> {
        let real = (1..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day);
        if real {
            Ok(Self(year * 10_000 + month * 100 + day))
        } else {
            Err(NotAnEntry(format!("{year:04}-{month:02}-{day:02}")))
        }
    }

    /// The entry of a day that is written as the number `YYYYMMDD`.
    pub fn from_number(number: u32) -> Result<Self, NotAnEntry> {
        Self::new(number / 10_000, number / 100 % 100, number % 100)
            .map_err(|_| NotAnEntry(format!("{number:08}")))
    }

    /// The day's number, `YYYYMMDD`.
    pub fn number(self) -> u32 {
        self.0
    }

    /// Year (1 to 9999), month (1 to 12) and day (1 to 31).
    pub fn date(self) -> (u32, u32, u32) {
        (self.0 / 10_000, self.0 / 100 % 100, self.0 % 100)
    }

    /// The entry's file name in the journal.
    pub fn file_name(self) -> String {
        format!("{:08}.md", self.0)
    }
}

fn days_in_month(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

impl FromStr for EntryName {
    type Err = NotAnEntry;

    /// Reads `YYYYMMDD` or `YYYYMMDD.md`, and nothing else.
    fn from_str(text: &str) -> Result<Self, NotAnEntry> {
        let digits = text.strip_suffix(".md").unwrap_or(text);
        let error = || NotAnEntry(text.to_owned());
        if digits.len() != 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(error());
        }
        digits.parse().map_err(|_| error()).and_then(|number| Self::from_number(number).map_err(|_| error()))
    }
}

impl TryFrom<String> for EntryName {
    type Error = NotAnEntry;

    fn try_from(text: String) -> Result<Self, NotAnEntry> {
        text.parse()
    }
}

impl From<EntryName> for String {
    fn from(name: EntryName) -> Self {
        name.file_name()
    }
}

/// `2026-11-23`: how people are told which entry is meant.
impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08}", self.0)
    }
}

/// A wall-clock time of day, in whole seconds since midnight: the one in a new entry's header.
///
/// The client sends it with the entry's name so that both come from one reading of one clock in
/// one time zone: the person's, not the daemon's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
#[serde(try_from = "String", into = "String")]
pub struct LocalTime(u32);

/// A text or number that is no time of day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a time of day: write HH:MM:SS, from 00:00:00 to 23:59:59")]
pub struct NotATime(pub String);

impl LocalTime {
    /// The time that many seconds after midnight, below 86,400.
    pub fn from_seconds(seconds: u32) -> Result<Self, NotATime> {
        if seconds < 86_400 { Ok(Self(seconds)) } else { Err(NotATime(seconds.to_string())) }
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}:{:02}", self.0 / 3600, self.0 / 60 % 60, self.0 % 60)
    }
}

impl From<LocalTime> for String {
    fn from(time: LocalTime) -> Self {
        time.to_string()
    }
}

impl TryFrom<String> for LocalTime {
    type Error = NotATime;

    fn try_from(text: String) -> Result<Self, NotATime> {
        let parts: Vec<Option<u32>> = text
            .split(':')
            .map(|part| {
                let two_digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
                if two_digits { part.parse().ok() } else { None }
            })
            .collect();
        match parts[..] {
            [Some(h @ 0..=23), Some(m @ 0..=59), Some(s @ 0..=59)] => Ok(Self(h * 3600 + m * 60 + s)),
            _ => Err(NotATime(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_that_exist_are_entries() {
        for good in ["20261123", "20261123.md", "00010101.md", "99991231.md", "20240229.md", "20000229.md"] {
            assert!(good.parse::<EntryName>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "20261332.md",
            "20260229.md",
            "19000229.md",
            "00000101.md",
            "2026-11-23.md",
            "2026112.md",
            "202611230.md",
            "../../etc/passwd",
            "/etc/passwd",
            "20261123.md\0",
            "20261123.MD",
            "+0261123.md",
            "20261123.md/..",
            "20261123.sync-conflict-1.md",
            "２０２６1123",
        ] {
            assert_eq!(bad.parse::<EntryName>(), Err(NotAnEntry(bad.to_owned())), "{bad}");
        }
    }

    #[test]
    fn names_are_written_as_they_are_read() {
        let name: EntryName = "00010203.md".parse().unwrap();
        assert_eq!(name.file_name(), "00010203.md");
        assert_eq!(name.to_string(), "0001-02-03");
        assert_eq!(name.date(), (1, 2, 3));
    }

    #[test]
    fn times_of_day() {
        let time = |text: &str| LocalTime::try_from(text.to_owned());
        assert_eq!(time("14:30:45").unwrap().to_string(), "14:30:45");
        for bad in ["24:00:00", "12:60:00", "1:2:3", "12:00", "12:00:00:00", "", "+1:00:00"] {
            assert!(time(bad).is_err(), "{bad}");
        }
        assert!(LocalTime::from_seconds(86_400).is_err());
    }
}
