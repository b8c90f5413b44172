//! `ponder status`: who has what, who waits, what was kept.

use std::fs;
use std::path::PathBuf;

use ponder_client::Endpoint;
use ponder_endpoint::Journal;
use ponder_proto::{Body, DaemonInfo, KeptDraft, Mode, Op, SessionState, StatusReport, Who};

use crate::exit::{Exit, Failure};
use crate::outcomes::shown;
use crate::people;
use crate::report::{self, Report};

use crate::context::Context;

pub(crate) fn run(context: &Context) -> Result<Exit, Failure> {
    let endpoint = Endpoint::of(context.open()?)?;
    let status = ask(&endpoint)?;
    if context.report.is_json() {
        context.report.event(&Body::Status(status));
    } else {
        report::print(told(&status, context.report).as_bytes());
    }
    Ok(Exit::Done)
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

fn no_daemon(endpoint: &Endpoint) -> Failure {
    let journal = shown(endpoint.journal().path());
    let mut message = format!("no daemon runs for {journal}; it starts by itself when it is needed");
    if has_slots(endpoint.journal()) {
        message += "\ntext may be kept aside: `ponder daemon start`, then `ponder status` tells";
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
        people::printable(&daemon.version),
        daemon.pid,
        shown(&PathBuf::from(&daemon.journal)),
        people::since(daemon.started),
    )
}

fn told(status: &StatusReport, report: Report) -> String {
    let mut text = daemon_line(&status.daemon);
    if status.sessions.is_empty() {
        text.push_str("nobody has or wants an entry\n");
    } else {
        text.push('\n');
        text.push_str(&table(&status.sessions, report));
    }
    if !status.kept.is_empty() {
        let heading = report.heading("kept drafts");
        text.extend(["\n", &heading, "\n"]);
        text.extend(status.kept.iter().map(kept_lines));
    }
    text
}

fn kept_lines(kept: &KeptDraft) -> String {
    let (when, why) = (people::since(kept.when), kept.why.sentence());
    let path = shown(&PathBuf::from(&kept.path));
    format!("{}  since {when}, because {why}\n  {path}\n", kept.entry)
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
    [state.to_owned(), people::entries(&who.entries), people::since(who.since), token, people::name(who)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::tests::vim;
    use crate::report::{Colour, Loudness};

    #[test]
    fn the_table_lines_up() {
        let report = Report::new(false, Loudness::Normal, Colour::Never);
        let waiting = Who { state: SessionState::Queued, mode: Mode::Shared, ..vim() };
        let text = table(&[vim(), waiting], report);
        let columns: Vec<_> = text.lines().map(|line| line.find("2026-11-23")).collect();
        assert_eq!(columns[1..], [Some(16), Some(16)], "{text}");
        assert!(text.lines().nth(2).is_some_and(|line| line.starts_with("waits to share  ")), "{text}");
    }
}
