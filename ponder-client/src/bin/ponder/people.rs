//! How sessions are told to people.

use std::fmt::Write as _;

use jiff::{Timestamp, ZonedDateTime};
use ponder_proto::{By, EntryName, Life, SessionState, Who, printable};

use crate::clock::local_now;

/// `vim (pid 4242, pts/3)`, or what a script gave as its purpose.
pub(crate) fn name(who: &Who) -> String {
    called(&who.program, who.pid, who.purpose.as_deref(), who.terminal.as_deref())
}

/// The same of somebody who wants a lease ended.
pub(crate) fn by(by: &By) -> String {
    let holder = &by.holder;
    called(&holder.program, by.pid, holder.purpose.as_deref(), holder.terminal.as_deref())
}

fn called(program: &str, pid: Option<u32>, purpose: Option<&str>, terminal: Option<&str>) -> String {
    let mut details = Vec::new();
    if let Some(pid) = pid {
        details.push(format!("pid {pid}"));
    }
    if let Some(purpose) = purpose {
        details.push(format!("\"{}\"", printable(purpose)));
    }
    if let Some(terminal) = terminal {
        details.push(printable(terminal.strip_prefix("/dev/").unwrap_or(terminal)));
    }
    let program = if program.is_empty() { "somebody".to_owned() } else { printable(program) };
    if details.is_empty() { program } else { format!("{program} ({})", details.join(", ")) }
}

/// What is told of a holder's life; nothing where it answers.
pub(crate) fn life(life: Life) -> Option<&'static str> {
    match life {
        Life::Answers => None,
        Life::Asked => Some("asked"),
        Life::Suspect => Some("does not answer"),
        Life::Orphaned => Some("its client is gone"),
        Life::Away => Some("not back yet"),
    }
}

/// Milliseconds, in seconds or, where those are many, in minutes. What is left is never told shorter.
pub(crate) fn span(millis: u64) -> String {
    match millis.div_ceil(1000) {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
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
    use ponder_proto::{Holder, Mode, SessionId};

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
            life: Life::Answers,
            uid: Some(1000),
            started: None,
            command: None,
        }
    }

    pub(crate) fn by_vim() -> By {
        let terminal = Some("/dev/pts/4".to_owned());
        By { pid: Some(4243), holder: Holder { program: "vim".to_owned(), terminal, ..Holder::default() } }
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
    fn spans_are_never_told_shorter() {
        for (millis, told) in [(30_000, "30 s"), (59_001, "60 s"), (119_000, "119 s"), (120_001, "3 min")] {
            assert_eq!(span(millis), told);
        }
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
