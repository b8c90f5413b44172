//! The first lines of a new entry.

use jiff::ZonedDateTime;
use jiff::civil::Date;
use ponder_proto::{EntryName, LocalTime};

/// `# November 23, 2026: Monday`, a blank line, `## 02:31:10`, a blank line: the entry's own date,
/// and the time at which it was opened.
pub(in crate::journal) fn header(entry: EntryName, time: Option<LocalTime>) -> Vec<u8> {
    let time =
        time.map_or_else(|| ZonedDateTime::now().strftime("%H:%M:%S").to_string(), |time| time.to_string());
    let (year, month, day) = entry.date();
    let number = |part: u32| i8::try_from(part).unwrap_or_default(); // at most 31
    // An EntryName is a real day of the years 1 to 9999, all of which jiff knows.
    let title = i16::try_from(year)
        .ok()
        .and_then(|year| Date::new(year, number(month), number(day)).ok())
        .map_or_else(|| entry.to_string(), |date| date.strftime("%B %d, %Y: %A").to_string());
    format!("# {title}\n\n## {time}\n\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_the_entrys_date_and_the_given_time() {
        let time = LocalTime::try_from("02:31:10".to_owned()).unwrap();
        let text = |name: &str| String::from_utf8(header(name.parse().unwrap(), Some(time))).unwrap();
        assert_eq!(text("20261123"), "# November 23, 2026: Monday\n\n## 02:31:10\n\n");
        assert_eq!(text("00010101"), "# January 01, 0001: Monday\n\n## 02:31:10\n\n");
        assert_eq!(text("99991231"), "# December 31, 9999: Friday\n\n## 02:31:10\n\n");
    }
}
