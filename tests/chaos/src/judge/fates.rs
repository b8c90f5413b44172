//! What has to have become of every line: in its entry once, kept, or nowhere.

use std::collections::BTreeMap;

use super::Judge;
use crate::clock::SECOND;
use crate::days::Day;
use crate::history::{Deed, Kind, Outcome, Session, SignalName};

/// Where a line may be in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// In its entry.
    There,
    /// In its entry, or in a kept draft.
    Safe,
    /// In its entry once, or not.
    Perhaps,
    /// Not in its entry, and in a kept draft.
    Kept,
    /// Not in its entry.
    Never,
}

/// A line of an entry, and why it has to be where.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) fate: Fate,
    pub(super) why: String,
}

/// All lines, by name and day.
pub(super) type Lines = BTreeMap<(Day, String), Wanted>;

impl Judge<'_> {
    /// Every line that anybody wanted to write.
    pub(super) fn lines(&self) -> Lines {
        let mut lines = Lines::new();
        for append in &self.appends {
            let fate = match append.outcome {
                Outcome::Acknowledged => Fate::There,
                Outcome::Refused(_) => Fate::Never,
                Outcome::Unknown => Fate::Perhaps,
            };
            let why = format!("{:?} from {} to {}", append.outcome, append.from, append.to);
            lines.insert((append.day, append.line.clone()), Wanted { fate, why });
        }
        for (line, day) in &self.outside {
            let why = "another program wrote it".to_owned();
            lines.insert((*day, (*line).to_owned()), Wanted { fate: Fate::Safe, why });
        }
        for session in &self.sessions {
            match session.kind {
                Kind::Script | Kind::Failing => self.of_script(session, &mut lines),
                Kind::Editor => self.of_editor(session, &mut lines),
                Kind::Vim => {
                    let fate = if session.exit == Some(0) { Fate::There } else { Fate::Perhaps };
                    let key = (session.days[0], format!("v{}", session.number));
                    lines.insert(key, Wanted { fate, why: told(session) });
                }
                Kind::Shared | Kind::NoDraft => {}
            }
        }
        lines
    }

    /// A script's lines: all of them, or none. What it had added is kept if it is not committed.
    fn of_script(&self, session: &Session, lines: &mut Lines) {
        let ended = session.works.iter().any(|work| work.did == Deed::Ended);
        let killed = self.signals_of(session).any(|signal| signal.name == SignalName::Kill);
        for day in &session.days {
            let saved = session
                .works
                .iter()
                .any(|work| matches!(work.did, Deed::Saved { day: at, .. } if at == *day));
            let fate = match session.exit {
                Some(0) => Fate::There,
                _ if !saved => Fate::Perhaps,
                _ if session.kind == Kind::Failing || session.revoked.is_some() => Fate::Kept,
                _ if ended || killed => Fate::Safe,
                _ => Fate::Perhaps,
            };
            let key = (*day, format!("s{}", session.number));
            lines.insert(key, Wanted { fate, why: told(session) });
        }
    }

    /// An editor's saves: those that were complete, and that it outlived, are somewhere.
    fn of_editor(&self, session: &Session, lines: &mut Lines) {
        let workers = session.workers();
        let killed = self
            .signals_of(session)
            .find(|signal| signal.name == SignalName::Kill && workers.contains(&signal.pid));
        // Half of a save in the place of the last one is the editor's own doing.
        let half = killed.is_some() && session.works.last().is_some_and(|work| work.did == Deed::Saving);
        for work in &session.works {
            let Deed::Saved { line, day } = &work.did else { continue };
            let outlived = killed.is_none_or(|killed| killed.at > work.at + SECOND);
            let fate = match session.exit {
                Some(0) if session.revoked.is_none() => Fate::There,
                _ if outlived && !half => Fate::Safe,
                _ => Fate::Perhaps,
            };
            lines.insert((*day, line.clone()), Wanted { fate, why: told(session) });
        }
    }
}

fn told(session: &Session) -> String {
    let exit = session.exit.map_or("a signal".to_owned(), |exit| format!("exit {exit}"));
    let revoked = if session.revoked.is_some() { ", revoked" } else { "" };
    format!("{} ended with {exit}{revoked}", session.name())
}
