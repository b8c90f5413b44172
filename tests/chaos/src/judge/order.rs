//! First come, first served; and tokens that rise.

use super::{Judge, Violation};
use crate::history::Session;

impl Judge<'_> {
    /// Who was told that he waits before another one, who conflicts with him, even asked, is granted
    /// before that one; or not at all, if he left.
    pub(super) fn order(&self) -> Vec<Violation> {
        let mut violations = Vec::new();
        for early in self.sessions.iter().filter(|session| !self.lost_its_place(session)) {
            let (Some(queued), Some(token)) = (early.queued, early.token()) else { continue };
            for late in self.sessions.iter().filter(|late| late.from > queued && late.conflicts(early)) {
                if late.token().is_some_and(|overtaking| overtaking < token) {
                    violations.push(format!(
                        "{} has overtaken {}, who waited since {queued} when it was asked for at {}",
                        late.name(),
                        early.name(),
                        late.from
                    ));
                }
            }
        }
        violations
    }

    /// Who is stopped or killed while he waits may come back to the next daemon too late; or that one
    /// does not know him, because the disk was full.
    fn lost_its_place(&self, session: &Session) -> bool {
        let granted = session.granted.as_ref().map_or(session.to, |(at, _)| *at);
        self.signals_of(session).any(|signal| signal.at <= granted)
            || self.forgetful.iter().any(|at| *at >= session.from && *at <= granted)
    }

    /// A token is above every one that anybody had been told before it was asked for, and nobody else's.
    pub(super) fn tokens(&self) -> Vec<Violation> {
        let mut told: Vec<_> = self
            .sessions
            .iter()
            .filter_map(|session| Some((session.granted.as_ref()?.0, session.token()?, session)))
            .collect();
        told.sort_unstable_by_key(|(at, ..)| *at);
        let mut violations = Vec::new();
        let (mut next, mut highest) = (told.iter().peekable(), None);
        for session in &self.sessions {
            while let Some((_, token, _)) = next.next_if(|(at, ..)| *at < session.from) {
                highest = highest.max(Some(*token));
            }
            if session.token().is_some_and(|token| Some(token) <= highest) {
                violations.push(format!("{} has a token that is not above {highest:?}", session.name()));
            }
        }
        told.sort_unstable_by_key(|(_, token, _)| *token);
        for pair in told.windows(2).filter(|pair| pair[0].1 == pair[1].1) {
            violations.push(format!("{} and {} have the same token", pair[0].2.name(), pair[1].2.name()));
        }
        violations
    }
}
