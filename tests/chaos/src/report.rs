//! The line that counts.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::history::{Did, Kind, Outcome, Record, SignalName};
use crate::rest::Found;

/// What happened, in numbers.
#[derive(Debug)]
pub(crate) struct Summary {
    operations: BTreeMap<&'static str, usize>,
    others: BTreeMap<&'static str, usize>,
    time: Duration,
    violations: usize,
}

impl Summary {
    pub(crate) fn new(history: &[Record], found: &Found, time: Duration, violations: usize) -> Self {
        let mut summary = Self { operations: BTreeMap::new(), others: BTreeMap::new(), time, violations };
        for record in history {
            summary.count(record);
        }
        summary.others.insert("kept drafts", found.kept.len());
        summary.others.insert("entries", found.entries.len());
        summary
    }

    fn count(&mut self, record: &Record) {
        let mut more = Vec::new();
        let operation = match record {
            Record::Append(append) => {
                more.extend((append.outcome == Outcome::Unknown).then_some("appends of unknown outcome"));
                more.extend(matches!(append.outcome, Outcome::Refused(_)).then_some("appends refused"));
                Some(if append.raw { "raw appends" } else { "appends" })
            }
            Record::Session(session) => {
                more.extend(session.granted.is_some().then_some("leases granted"));
                more.extend(session.revoked.is_some().then_some("leases revoked"));
                more.extend(session.queued.is_some().then_some("sessions queued"));
                Some(match session.kind {
                    Kind::Script | Kind::Failing => "scripts",
                    Kind::Shared => "shared scripts",
                    Kind::NoDraft => "scripts without drafts",
                    Kind::Editor => "editors",
                    Kind::Vim => "vims",
                })
            }
            Record::Break { .. } => Some("breaks"),
            Record::Outside { .. } => Some("outside writes"),
            Record::Look { .. } => Some("looks"),
            Record::Signal(signal) => {
                let daemon = signal.program == "ponderd";
                more.extend(match signal.name {
                    SignalName::Kill if daemon => Some("daemons killed"),
                    SignalName::Kill => Some("processes killed"),
                    SignalName::Stop if daemon => Some("daemons stopped for a while"),
                    SignalName::Stop => Some("processes stopped for a while"),
                    SignalName::Continue => None,
                });
                None
            }
            Record::Daemon { did: Did::Restart, .. } => Some("restarts"),
            Record::Daemon { did: Did::Stop, .. } => Some("stops"),
            Record::Full { .. } => Some("disks full"),
            Record::Hung { .. } => Some("commands that hang"),
        };
        let counted = if record.is_operation() { &mut self.operations } else { &mut self.others };
        if let Some(operation) = operation {
            *counted.entry(operation).or_default() += 1;
        }
        for what in more {
            *self.others.entry(what).or_default() += 1;
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |counts: &BTreeMap<&str, usize>| {
            let each: Vec<String> = counts.iter().map(|(what, count)| format!("{count} {what}")).collect();
            each.join(", ")
        };
        let operations: usize = self.operations.values().sum();
        writeln!(f, "{operations} operations in {} s: {}", self.time.as_secs(), listed(&self.operations))?;
        writeln!(f, "{}", listed(&self.others))?;
        write!(f, "{} violations", self.violations)
    }
}
