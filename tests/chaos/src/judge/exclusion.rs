//! One at a time: nobody works under a lease while another holder, who was told nothing else, works too.

use super::{Judge, Violation};
use crate::clock::Moment;
use crate::history::{Deed, Session};

impl Judge<'_> {
    pub(super) fn exclusion(&self) -> Vec<Violation> {
        let held: Vec<(&Session, Moment, Moment)> =
            self.sessions.iter().filter_map(|session| self.held(session)).collect();
        let mut violations = Vec::new();
        for (at, (session, from, to)) in held.iter().enumerate() {
            for (other, other_from, other_to) in &held[at + 1..] {
                if session.conflicts(other) && from < other_to && other_from < to {
                    violations.push(format!(
                        "{} and {} worked at the same time: {from}..{to}, {other_from}..{other_to}",
                        session.name(),
                        other.name()
                    ));
                }
            }
        }
        violations.extend(self.sessions.iter().flat_map(|session| self.met(session)));
        violations
    }

    /// The mark of another one was there, who was not hindered from taking it away.
    fn met(&self, session: &Session) -> Vec<Violation> {
        let met = session.works.iter().filter_map(|work| match work.did {
            Deed::Met { day, other } => Some((work.at, day, other)),
            _ => None,
        });
        let is_hurt = |other: u64, at| {
            let mut named = self.sessions.iter().filter(|session| session.number == other);
            named.all(|other| self.hurt(other).is_some_and(|hurt| hurt <= at))
        };
        let own = |at| self.hurt(session).is_some_and(|hurt| hurt <= at);
        met.filter(|(at, _, other)| *other != 0 && !is_hurt(*other, *at) && !own(*at))
            .map(|(_, day, other)| format!("{} met the mark of session {other} on {day}", session.name()))
            .collect()
    }

    /// How long a session certainly had its lease and worked under it.
    fn held<'s>(&self, session: &'s Session) -> Option<(&'s Session, Moment, Moment)> {
        let began = session.works.iter().find(|work| matches!(work.did, Deed::Began { .. }))?.at;
        let last = session.works.last()?.at;
        let to = self.hurt(session).unwrap_or(last).min(last);
        (began < to).then_some((session, began, to))
    }

    /// From when on a session may have lost its lease, though it works on: it was stopped or killed, or
    /// somebody asked for its end, or the daemon was told to end for good, or forgot it.
    fn hurt(&self, session: &Session) -> Option<Moment> {
        let signals = self.signals_of(session).map(|signal| signal.at);
        let token = session.granted.as_ref().map(|(_, token)| token.as_str());
        let breaks = self.breaks.iter().filter(|(broken, _)| Some(*broken) == token).map(|(_, at)| *at);
        let since = session.granted.as_ref().map_or(session.from, |(at, _)| *at);
        let last = session.works.last().map_or(session.to, |work| work.at.max(session.to));
        let within = |at: &Moment| *at >= session.from && *at <= last;
        let halts = self.halts.iter().chain(&self.forgetful).copied().filter(within);
        let hurt = signals.chain(breaks).chain(halts).min();
        // It lost it, and nobody knows when: with the daemon's first trouble, or, on a machine that is
        // too slow for its windows, at any time.
        let is_over = session.revoked.is_some() || session.exit == Some(65);
        let unseen = is_over.then(|| self.troubles.iter().copied().filter(within).min().unwrap_or(since));
        hurt.into_iter().chain(unseen).min()
    }
}
