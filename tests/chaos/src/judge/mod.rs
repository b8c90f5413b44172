//! The promises, put to a history and to what there is in the end.

mod exclusion;
mod fates;
mod order;
#[cfg(test)]
mod tests;
mod texts;

use std::ops::Range;

use crate::clock::{Moment, SECOND};
use crate::history::{Append, Did, Kind, Record, Session, Signal, SignalName};
use crate::rest::Found;

/// A history, sorted out.
#[derive(Debug, Default)]
pub(crate) struct Judge<'a> {
    appends: Vec<&'a Append>,
    sessions: Vec<&'a Session>,
    signals: Vec<&'a Signal>,
    /// Tokens whose end somebody asked for, and when.
    breaks: Vec<(&'a str, Moment)>,
    /// When a daemon was told to stop: what it held is given up by holders who do not ask the next one.
    halts: Vec<Moment>,
    /// When the daemon ended, or slept, or could not write.
    troubles: Vec<Moment>,
    /// When the daemon ended while the state directory's disk was full: what it had not written down of
    /// places and leases is lost, as is said in the log.
    forgetful: Vec<Moment>,
    outside: Vec<(&'a str, crate::days::Day)>,
    hung: Vec<&'a str>,
}

/// The table is written anew with the first event after there is room, by a daemon that is not stopped.
const MEND: Moment = SECOND;

/// A sentence for something that must not be.
pub(crate) type Violation = String;

impl<'a> Judge<'a> {
    pub(crate) fn new(history: &'a [Record]) -> Self {
        let mut judge = Self::default();
        for record in history {
            match record {
                Record::Append(append) => judge.appends.push(append),
                Record::Session(session) => judge.sessions.push(session),
                Record::Signal(signal) => {
                    judge.signals.push(signal);
                    if signal.program == "ponderd" {
                        judge.troubles.push(signal.at);
                    }
                }
                Record::Break { token, from, .. } => judge.breaks.push((token, *from)),
                Record::Daemon { did, at } => {
                    judge.troubles.push(*at);
                    if *did == Did::Stop {
                        judge.halts.push(*at);
                    }
                }
                Record::Full { from, .. } => judge.troubles.push(*from),
                Record::Outside { line, day, .. } => judge.outside.push((line, *day)),
                Record::Look { .. } => {}
                Record::Hung { what } => judge.hung.push(what),
            }
        }
        judge.forgetful = forgetful(history);
        judge.sessions.sort_unstable_by_key(|session| session.from);
        judge
    }

    /// Everything that must not be.
    pub(crate) fn judge(&self, found: &Found) -> Vec<Violation> {
        let mut violations: Vec<Violation> = found.restless.clone();
        violations.extend(self.hung.iter().map(|what| format!("`ponder {what}` never ended")));
        violations.extend(self.exclusion());
        violations.extend(self.order());
        violations.extend(self.tokens());
        violations.extend(self.texts(found));
        violations
    }

    /// The signals that a session's client and what works for it got.
    fn signals_of(&self, session: &'a Session) -> impl Iterator<Item = &'a Signal> {
        let workers = session.workers();
        self.signals.iter().copied().filter(move |signal| {
            let its = [signal.pid, signal.parent].contains(&session.pid) && signal.at <= session.to
                || workers.contains(&signal.pid) && signal.program == "ponder-chaos";
            signal.name != SignalName::Continue && signal.at >= session.from && its
        })
    }
}

/// When the lease table could not be written and the daemon ended.
fn forgetful(history: &[Record]) -> Vec<Moment> {
    let stops = stops(history);
    // Who slept meanwhile has as long from then on.
    let later = |to: Moment, stop: &Range<Moment>| {
        if stop.start <= to { to.max(stop.end + MEND) } else { to }
    };
    let mended = |to| stops.iter().fold(to, later);
    let full = history.iter().filter_map(|record| match record {
        Record::Full { disk, from, to } if disk == "state" => Some(*from..mended(*to + MEND)),
        _ => None,
    });
    let full: Vec<_> = full.collect();
    let ends = history.iter().filter_map(|record| match record {
        Record::Signal(signal) if signal.program == "ponderd" && signal.name == SignalName::Kill => {
            Some(signal.at)
        }
        Record::Daemon { at, .. } => Some(*at),
        _ => None,
    });
    ends.filter(|at| full.iter().any(|full| full.contains(at))).collect()
}

/// When daemons were stopped for a while, in the order in which that began.
fn stops(history: &[Record]) -> Vec<Range<Moment>> {
    let signals = history.iter().filter_map(|record| match record {
        Record::Signal(signal) if signal.program == "ponderd" => Some(signal),
        _ => None,
    });
    let signals: Vec<&Signal> = signals.collect();
    let stopped = signals.iter().filter(|signal| signal.name == SignalName::Stop);
    let until = |stop: &Signal| {
        let mut later = signals.iter().filter(|signal| signal.pid == stop.pid && signal.at > stop.at);
        later.find(|signal| signal.name == SignalName::Continue).map(|signal| stop.at..signal.at)
    };
    let mut stops: Vec<_> = stopped.filter_map(|stop| until(stop)).collect();
    stops.sort_unstable_by_key(|stop| stop.start);
    stops
}

impl Session {
    /// The processes of its editor or script.
    fn workers(&self) -> Vec<u32> {
        let pid = |work: &crate::history::Work| match work.did {
            crate::history::Deed::Began { pid } => Some(pid),
            _ => None,
        };
        self.works.iter().filter_map(pid).collect()
    }

    /// Whether both cannot be had at once.
    fn conflicts(&self, other: &Self) -> bool {
        let both_shared = self.kind == Kind::Shared && other.kind == Kind::Shared;
        !both_shared && self.days.iter().any(|day| other.days.contains(day))
    }

    /// Its token's epoch and counter.
    fn token(&self) -> Option<(u64, u64)> {
        let (_, token) = self.granted.as_ref()?;
        let (epoch, counter) = token.split_once('.')?;
        Some((epoch.parse().ok()?, counter.parse().ok()?))
    }

    /// What people call it.
    fn name(&self) -> String {
        let token = self.granted.as_ref().map_or("no token", |(_, token)| token);
        format!("session {} ({:?} of {:?}, {token})", self.number, self.kind, self.days)
    }
}
