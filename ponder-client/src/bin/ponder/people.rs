//! How sessions are told to people.

use std::fmt::Write as _;

use jiff::{Timestamp, ZonedDateTime};
use ponder_proto::{EntryName, SessionState, Who};

use crate::clock::local_now;

/// Text that came from somebody else, safe for a terminal: control characters and those that turn
/// the direction of writing are escaped.
pub(crate) fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        let turns = matches!(c, '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if c.is_control() || turns {
            safe.extend(c.escape_default());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// `vim (pid 4242, pts/3)`, or what a script gave as its purpose.
pub(crate) fn name(who: &Who) -> String {
    let mut details = Vec::new();
    if let Some(pid) = who.pid {
        details.push(format!("pid {pid}"));
    }
    if let Some(purpose) = &who.purpose {
        details.push(format!("\"{}\"", printable(purpose)));
    }
    if let Some(terminal) = &who.terminal {
        details.push(printable(terminal.strip_prefix("/dev/").unwrap_or(terminal)));
    }
    let program = if who.program.is_empty() { "somebody".to_owned() } else { printable(&who.program) };
    if details.is_empty() { program } else { format!("{program} ({})", details.join(", ")) }
}

/// `vim (pid 4242, pts/3) has it since 14:02`, with what `it` is called.
pub(crate) fn clause(who: &Who, it: &str) -> String {
    let (name, since) = (name(who), since(who.since));
    match who.state {
        SessionState::Queued => format!("{name} waits for {it} since {since}"),
        SessionState::Granted => format!("{name} has {it} since {since}"),
        SessionState::Releasing => format!("{name} hands {it} back since {since}"),
    }
}

/// A moment, in seconds since 1970, in the person's time zone: the time, with its date if that is
/// not today.
pub(crate) fn since(seconds: i64) -> String {
    moment(seconds, &local_now())
}

fn moment(seconds: i64, now: &ZonedDateTime) -> String {
    let Ok(moment) = Timestamp::from_second(seconds) else { return "an unknown time".to_owned() };
    let moment = moment.to_zoned_datetime(now.time_zone().clone());
    let format = if moment.date() == now.date() { "%H:%M" } else { "%Y-%m-%d %H:%M" };
    moment.strftime(format).to_string()
}

/// `2026-11-23`, or the first and last of several.
pub(crate) fn entries(entries: &[EntryName]) -> String {
    match entries {
        [] => "no entry".to_owned(),
        [one] => one.to_string(),
        several => {
            let (first, last) = (several.iter().min(), several.iter().max());
            let mut text = format!("{} entries", several.len());
            if let (Some(first), Some(last)) = (first, last) {
                let _ = write!(text, ", {first} to {last}"); // writing to a String cannot fail
            }
            text
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use jiff::tz::TimeZone;
    use ponder_proto::{Mode, SessionId};

    use super::*;

    pub(crate) fn vim() -> Who {
        Who {
            session: SessionId([7; 16]),
            state: SessionState::Granted,
            mode: Mode::Exclusive,
            entries: vec!["20261123".parse().unwrap()],
            token: None,
            pid: Some(4242),
            program: "vim".to_owned(),
            terminal: Some("/dev/pts/3".to_owned()),
            purpose: None,
            since: 0,
        }
    }

    #[test]
    fn who_it_is() {
        assert_eq!(name(&vim()), "vim (pid 4242, pts/3)");
        let script = Who { purpose: Some("nightly copy".to_owned()), terminal: None, ..vim() };
        assert_eq!(name(&script), "vim (pid 4242, \"nightly copy\")");
        let nobody = Who { pid: None, terminal: None, program: String::new(), ..vim() };
        assert_eq!(name(&nobody), "somebody");
    }

    #[test]
    fn other_peoples_text_cannot_drive_the_terminal() {
        let rude = Who { program: "vi\u{1b}[2Jm\n\u{202e}".to_owned(), ..vim() };
        assert_eq!(name(&rude), r"vi\u{1b}[2Jm\n\u{202e} (pid 4242, pts/3)");
        assert_eq!(printable("Überblick 日記"), "Überblick 日記");
    }

    #[test]
    fn a_moment_has_its_date_unless_it_is_today() {
        // 2026-11-23 14:02 UTC
        let now = Timestamp::from_second(1_795_442_520).unwrap().to_zoned_datetime(TimeZone::UTC);
        assert_eq!(moment(1_795_442_520, &now), "14:02");
        assert_eq!(moment(1_795_442_520 - 86_400, &now), "2026-11-22 14:02");
        assert_eq!(moment(i64::MAX, &now), "an unknown time");
    }

    #[test]
    fn several_entries_are_told_by_their_ends() {
        let days: Vec<EntryName> = ["20261123", "20261121"].map(|day| day.parse().unwrap()).to_vec();
        assert_eq!(entries(&days[..1]), "2026-11-23");
        assert_eq!(entries(&days), "2 entries, 2026-11-21 to 2026-11-23");
    }
}
