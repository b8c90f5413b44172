//! Which entries are meant.

use jiff::Span;
use jiff::civil::Date;
use ponder_proto::{EntryName, LocalTime};

use crate::clock::local_now;

/// What the person asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Today,
    Day(EntryName),
    /// Yesterday back to seven days ago.
    Retro,
    /// One, three and six months ago, then every year back.
    Reminisce,
}

/// One reading of the clock, in the person's time zone: the date and the time of a new entry's
/// header belong together.
pub(crate) struct Now {
    date: Date,
    pub(crate) time: Option<LocalTime>,
}

impl Now {
    pub(crate) fn read() -> Self {
        let now = local_now();
        let time = now.time();
        let of = |part: i8, seconds: u32| u32::from(part.unsigned_abs()) * seconds;
        let seconds = of(time.hour(), 3600) + of(time.minute(), 60) + of(time.second(), 1);
        Self { date: now.date(), time: LocalTime::from_seconds(seconds).ok() }
    }

    /// Today's entry.
    pub(crate) fn today(&self) -> Option<EntryName> {
        entry(self.date)
    }

    /// The days of a retrospective, newest first.
    pub(crate) fn retro(&self) -> Vec<EntryName> {
        retro(self.date)
    }

    /// The days to reminisce about, newest first.
    pub(crate) fn reminisce(&self) -> Vec<EntryName> {
        reminisce(self.date)
    }
}

/// Reads `YYYY-MM-DD` or `YYYYMMDD`.
pub(crate) fn parse(text: &str) -> Result<EntryName, String> {
    let error = || format!("{text:?} is not a day: write YYYY-MM-DD or YYYYMMDD, from year 1 to 9999");
    let digits = match *text.as_bytes() {
        [_, _, _, _, b'-', _, _, b'-', _, _] => text.replacen('-', "", 2),
        _ => text.to_owned(),
    };
    // An entry's file name is not what people type here, even though it can be read as one.
    if digits.len() == 8 { digits.parse().map_err(|_| error()) } else { Err(error()) }
}

fn entry(date: Date) -> Option<EntryName> {
    let year = u32::try_from(date.year()).ok()?;
    let small = |part: i8| u32::from(part.unsigned_abs());
    EntryName::new(year, small(date.month()), small(date.day())).ok()
}

fn retro(today: Date) -> Vec<EntryName> {
    (1..=7).filter_map(|days| back(today, Span::new().days(days))).collect()
}

fn reminisce(today: Date) -> Vec<EntryName> {
    let months = [1, 3, 6].into_iter().map(|months| Span::new().months(months));
    let years = (1..i64::from(today.year())).map(|years| Span::new().years(years));
    let mut days: Vec<_> = months.chain(years).filter_map(|span| back(today, span)).collect();
    days.sort_unstable_by(|a, b| b.cmp(a));
    days.dedup();
    days
}

/// That long ago; the last day of a month that is too short.
fn back(today: Date, span: Span) -> Option<EntryName> {
    today.checked_sub(span).ok().and_then(entry)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn written(days: &[EntryName]) -> Vec<String> {
        days.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn both_spellings_of_a_day() {
        for text in ["2026-11-23", "20261123"] {
            assert_eq!(parse(text).unwrap().to_string(), "2026-11-23");
        }
        assert_eq!(parse("0001-01-01").unwrap().to_string(), "0001-01-01");
        assert_eq!(parse("99991231").unwrap().to_string(), "9999-12-31");
    }

    #[test]
    fn days_that_do_not_exist_and_other_texts() {
        for bad in [
            "",
            "2026-13-32",
            "2026-02-29",
            "00000101",
            "0000-01-01",
            "2026-1-1",
            "26-01-01",
            "2026/01/01",
            "20261123.md",
            "2026-11-23 ",
            "2026-1123",
            "10000-01-01",
            "-001-01-01",
            "tomorrow",
            "２０２６-01-01",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn retro_is_the_week_before_today() {
        let days = written(&retro(date(2024, 3, 3)));
        assert_eq!(days.first().map(String::as_str), Some("2024-03-02"));
        assert_eq!(days.last().map(String::as_str), Some("2024-02-25"));
        assert_eq!(days.len(), 7);
        assert_eq!(written(&retro(date(1, 1, 3))), ["0001-01-02", "0001-01-01"]);
    }

    #[test]
    fn reminisce_is_months_then_years() {
        let days = written(&reminisce(date(2026, 11, 23)));
        assert_eq!(
            days[..5],
            ["2026-10-23", "2026-08-23", "2026-05-23", "2025-11-23", "2024-11-23"].map(str::to_owned)
        );
        assert_eq!(days.last().map(String::as_str), Some("0001-11-23"));
        assert_eq!(days.len(), 3 + 2025);
    }

    #[test]
    fn month_ends_are_clamped() {
        let days = written(&reminisce(date(2024, 5, 31)));
        assert_eq!(days[..3], ["2024-04-30", "2024-02-29", "2023-11-30"].map(str::to_owned));
        let leap = written(&reminisce(date(2024, 2, 29)));
        assert_eq!(leap[3..5], ["2023-02-28", "2022-02-28"].map(str::to_owned));
        assert!(leap.contains(&"2020-02-29".to_owned()));
    }
}
