//! `ponder status`: who has what, who waits, what was kept.

mod follow;
mod history;

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use ponder_client::Endpoint;
use ponder_endpoint::Journal;
use ponder_proto::{
    Body, DaemonInfo, Deferred, EntryName, KeptDraft, Life, Mode, Op, RawPath, SessionState, StatusReport,
    Who, printable, shown,
};
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::lock_holders::{self, LockHolder};
use crate::report::{self, Report};
use crate::{deferred, hints, look_alikes, people};

use crate::context::Context;

/// What to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// As it is now.
    Once,
    /// And what changes.
    Follow,
    /// Which leases were ended by force.
    History,
}

impl Status {
    pub(crate) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let endpoint = Endpoint::of(context.open()?)?;
        match self {
            Self::Once => once(context, &endpoint),
            Self::Follow => follow::run(context, &endpoint),
            Self::History => history::run(context, &endpoint),
        }
    }
}

fn once(context: &Context, endpoint: &Endpoint) -> Result<Exit, Failure> {
    let status = ask(endpoint)?;
    let journal = endpoint.journal();
    let waiting = waiting(context.report, endpoint);
    let look_alikes = look_alikes::of(journal);
    let report = context.report;
    if report.is_json() {
        report.event(&Body::Status(status));
        for waits in &waiting {
            report.event(waits);
        }
        for path in &look_alikes {
            report.event(&LeftAlone { event: "left_alone", path: RawPath::from(path.as_path()) });
        }
        return Ok(Exit::Done);
    }
    let mut text = told(&status, journal, report);
    text.push_str(&told_waiting(&waiting, report));
    text.push_str(&told_kept(&status.kept, journal, report));
    text.push_str(&told_look_alikes(&look_alikes));
    report::print(text.as_bytes());
    Ok(Exit::Done)
}

/// Appends to one entry that wait for another program's lock. Their text is nobody's business here.
#[derive(Serialize)]
struct Waiting {
    event: &'static str,
    entry: EntryName,
    appends: u32,
    since: i64,
    holders: Vec<LockHolder>,
}

/// A file that only looks like an entry.
#[derive(Serialize)]
struct LeftAlone {
    event: &'static str,
    #[serde(flatten)]
    path: RawPath,
}

/// What waits for other programs' locks, and who holds them.
fn waiting(report: Report, endpoint: &Endpoint) -> Vec<Waiting> {
    let deferred = deferred::ask(endpoint).unwrap_or_else(|error| {
        report.trouble(&format!("what waits for other programs' locks cannot be told: {error}"));
        Vec::new()
    });
    let waiting = deferred.into_iter().map(|deferred| {
        let Deferred { entry, appends, since, .. } = deferred;
        let holders = lock_holders::of(&endpoint.journal().file_of(entry));
        Waiting { event: "waits_for_lock", entry, appends, since, holders }
    });
    waiting.collect()
}

/// Asks the daemon that runs. None is started.
pub(crate) fn ask(endpoint: &Endpoint) -> Result<StatusReport, Failure> {
    let Some(mut connection) = endpoint.connect()? else { return Err(no_daemon(endpoint)) };
    connection.send(Op::Status)?;
    loop {
        match connection.receive()?.body {
            Body::Status(status) => return Ok(status),
            Body::Error(refusal) => return Err(refusal.into()),
            _ => {}
        }
    }
}

pub(super) fn no_daemon(endpoint: &Endpoint) -> Failure {
    let journal = shown(endpoint.journal().path());
    let mut message = format!("no daemon runs for {journal}; it starts by itself when it is needed");
    if has_slots(endpoint.journal()) {
        let recover = hints::command(endpoint.journal(), "recover");
        message = format!("{message}\ntext may be kept aside: {recover} tells");
    }
    Failure::new(Exit::NoDaemon, message)
}

/// Whether a daemon that ran before left a slot that is still taken: what is in it, the next one
/// judges.
fn has_slots(journal: &Journal) -> bool {
    let slots = journal.state_dir().map(|state| state.join("slots"));
    let listed = slots.ok().and_then(|slots| fs::read_dir(slots).ok());
    listed.is_some_and(|slots| {
        slots.flatten().any(|slot| slot.path().extension().is_some_and(|end| end == "json"))
    })
}

/// `ponderd 0.1.0 (pid 4711) for /home/ada/journal since 14:02`.
pub(crate) fn daemon_line(daemon: &DaemonInfo) -> String {
    format!(
        "ponderd {} (pid {}) for {} since {}\n",
        printable(&daemon.version),
        daemon.pid,
        shown(&PathBuf::from(&daemon.journal)),
        people::since(daemon.started),
    )
}

fn told(status: &StatusReport, journal: &Journal, report: Report) -> String {
    let mut text = daemon_line(&status.daemon);
    if status.sessions.is_empty() {
        text.push_str("nobody has or wants an entry\n");
    } else {
        text.push('\n');
        text.push_str(&table(&status.sessions, report));
        text.push_str(&told_ways_out(&status.sessions, journal));
    }
    text
}

/// More of them are not told: who has many leases in his way looks at the table.
const MOST_WAYS_OUT: usize = 3;

/// How to end a lease for which somebody waits, or whose holder does not answer.
fn told_ways_out(sessions: &[Who], journal: &Journal) -> String {
    let stuck =
        sessions.iter().filter(|who| who.state == SessionState::Granted && is_in_the_way(who, sessions));
    let way_out = |who: &Who| {
        let command = hints::command(journal, &format!("break {}", who.token?));
        Some(format!("{command} asks {} to give {} back\n", people::name(who), people::entries(&who.entries)))
    };
    let lines: String = stuck.filter_map(way_out).take(MOST_WAYS_OUT).collect();
    if lines.is_empty() { lines } else { format!("\nif it does not come free:\n{lines}") }
}

fn is_in_the_way(holder: &Who, sessions: &[Who]) -> bool {
    let waits = |who: &Who| {
        who.state == SessionState::Queued
            && (who.mode == Mode::Exclusive || holder.mode == Mode::Exclusive)
            && who.entries.iter().any(|entry| holder.entries.contains(entry))
    };
    matches!(holder.life, Life::Suspect | Life::Orphaned | Life::Away) || sessions.iter().any(waits)
}

/// A heading and what is below it, or nothing.
fn section(heading: &str, lines: impl Iterator<Item = String>, report: Report) -> String {
    let lines: String = lines.collect();
    if lines.is_empty() { lines } else { format!("\n{}\n{lines}", report.heading(heading)) }
}

fn told_waiting(waiting: &[Waiting], report: Report) -> String {
    let line = |Waiting { entry, appends, since, holders, .. }: &Waiting| {
        let appends = if *appends == 1 { "1 append".to_owned() } else { format!("{appends} appends") };
        let (since, holds) = (people::since(*since), lock_holders::told(holders));
        format!("{entry}  {appends} since {since}; {holds} holds the lock\n")
    };
    section("waits for another program's lock; it is durable", waiting.iter().map(line), report)
}

fn told_kept(kept: &[KeptDraft], journal: &Journal, report: Report) -> String {
    let lines = |kept: &KeptDraft| {
        let (when, why) = (people::since(kept.when), kept.why.sentence());
        let path = shown(&PathBuf::from(&kept.path));
        let id = printable(&kept.id);
        format!("{}  {id}, since {when}, because {why}\n  {path}\n", kept.entry)
    };
    let recover = hints::command(journal, "recover");
    section(&format!("kept drafts, see {recover}"), kept.iter().map(lines), report)
}

/// More of them are not listed: they would hide the rest.
const MOST_LOOK_ALIKES: usize = 20;

fn told_look_alikes(paths: &[PathBuf]) -> String {
    if paths.is_empty() {
        return String::new();
    }
    let name = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        format!("left alone: {} (it only looks like an entry)\n", printable(&name))
    };
    let mut text = "\n".to_owned();
    text.extend(paths.iter().take(MOST_LOOK_ALIKES).map(name));
    if let Some(more) = paths.len().checked_sub(MOST_LOOK_ALIKES).filter(|&more| more > 0) {
        let _ = writeln!(text, "left alone: {more} more"); // writing to a String cannot fail
    }
    text
}

/// One line for each session, in the order in which they asked; columns as wide as they need.
fn table(sessions: &[Who], report: Report) -> String {
    let head = ["state", "entries", "since", "token", "who"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(head).chain(sessions.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [0, 1, 2, 3].map(width);
    let mut text = String::new();
    for (number, [state, entries, since, token, who]) in rows.iter().enumerate() {
        let [a, b, c, d] = widths;
        let line = format!("{state:a$}  {entries:b$}  {since:c$}  {token:d$}  {who}");
        text.push_str(&if number == 0 { report.heading(&line) } else { line });
        text.push('\n');
    }
    text
}

fn row(who: &Who) -> [String; 5] {
    let state = match (who.state, who.mode) {
        (SessionState::Queued, Mode::Exclusive) => "waits",
        (SessionState::Queued, Mode::Shared) => "waits to share",
        (SessionState::Granted, Mode::Exclusive) => "has it",
        (SessionState::Granted, Mode::Shared) => "shares it",
        (SessionState::Releasing, _) => "hands it back",
    };
    let token = who.token.map_or_else(|| "-".to_owned(), |token| token.to_string());
    let [entries, since] = [people::entries(&who.entries), people::since(who.since)];
    [state.to_owned(), entries, since, token, described(who)]
}

/// Who it is, whether it lives, and what runs there if its name does not say it all.
fn described(who: &Who) -> String {
    let mut text = people::name(who);
    if let Some(life) = people::life(who.life) {
        text.push_str(", ");
        text.push_str(life);
    }
    if let Some(command) = who.command.as_ref().filter(|&command| *command != who.program) {
        text.push_str(": ");
        text.push_str(&printable(command));
    }
    text
}

#[cfg(test)]
mod tests {
    use ponder_proto::Token;

    use super::*;
    use crate::people::tests::vim;
    use crate::report::{Colour, Loudness};

    #[test]
    fn what_waits_for_a_lock_is_told_without_its_text() {
        let report = Report::new(false, Loudness::Normal, Colour::Never);
        assert_eq!(told_waiting(&[], report), "");
        let entry = "20261123".parse().unwrap();
        let waits = Waiting { event: "waits_for_lock", entry, appends: 2, since: 0, holders: Vec::new() };
        let text = told_waiting(&[waits], report);
        assert!(text.contains("2026-11-23  2 appends since 1970-01-0"), "{text}");
        assert!(text.ends_with("; another program holds the lock\n"), "{text}");
    }

    #[test]
    fn many_look_alikes_do_not_hide_the_rest() {
        let path = |number: usize| PathBuf::from(format!("/journal/20261123 ({number}).md"));
        let paths: Vec<PathBuf> = (0..25).map(path).collect();
        assert_eq!(told_look_alikes(&paths[..2]).lines().count(), 3);
        let text = told_look_alikes(&paths);
        assert!(text.lines().count() == 22 && text.ends_with("left alone: 5 more\n"), "{text}");
    }

    #[test]
    fn the_table_lines_up() {
        let report = Report::new(false, Loudness::Normal, Colour::Never);
        let waiting = Who { state: SessionState::Queued, mode: Mode::Shared, ..vim() };
        let text = table(&[vim(), waiting], report);
        let columns: Vec<_> = text.lines().map(|line| line.find("2026-11-23")).collect();
        assert_eq!(columns[1..], [Some(16), Some(16)], "{text}");
        assert!(text.lines().nth(2).is_some_and(|line| line.starts_with("waits to share  ")), "{text}");
    }

    #[test]
    fn who_does_not_answer_is_told_with_what_runs_there() {
        assert_eq!(described(&vim()), "vim (pid 4242, pts/3)");
        let command = |command: &str| Some(command.to_owned());
        assert_eq!(described(&Who { command: command("vim"), ..vim() }), "vim (pid 4242, pts/3)");
        let who = Who { life: Life::Suspect, command: command("vim -c 'x'"), ..vim() };
        assert_eq!(described(&who), "vim (pid 4242, pts/3), does not answer: vim -c 'x'");
        assert!(described(&Who { life: Life::Orphaned, ..vim() }).ends_with(", its client is gone"));
    }

    #[test]
    fn the_way_out_is_told_where_somebody_waits_or_does_not_answer() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        let holder = |life| Who { token: Some(Token { epoch: 17, counter: 3 }), life, ..vim() };
        let waiting = |mode, day: &str| Who {
            state: SessionState::Queued,
            mode,
            entries: vec![day.parse().unwrap()],
            ..vim()
        };
        let told = |sessions: &[Who]| told_ways_out(sessions, &journal);
        assert_eq!(told(&[holder(Life::Answers)]), "");
        assert_eq!(told(&[holder(Life::Asked), waiting(Mode::Exclusive, "20261122")]), "");
        let text = told(&[holder(Life::Answers), waiting(Mode::Shared, "20261123")]);
        assert!(text.contains(" break 17.3` asks vim (pid 4242, pts/3) to give 2026-11-23 back"), "{text}");
        assert_eq!(told(&[holder(Life::Suspect)]), text);
        let shared = Who { mode: Mode::Shared, ..holder(Life::Answers) };
        assert_eq!(told(&[shared, waiting(Mode::Shared, "20261123")]), "");
    }
}
