//! Nothing acknowledged and nothing saved is lost, or there twice; and commits are in the order of tokens.

use std::collections::{BTreeMap, BTreeSet};

use super::fates::{Fate, Lines};
use super::{Judge, Violation};
use crate::days::{Day, Use, use_of};
use crate::history::{Deed, Kind, Outcome};
use crate::rest::Found;

/// How often each line is in each entry, and which are kept.
#[derive(Debug, Default)]
struct Places {
    entries: BTreeMap<(Day, String), usize>,
    kept: BTreeSet<(Day, String)>,
}

/// A line's name: what is first in it.
fn name(line: &str) -> String {
    line.split(' ').next().unwrap_or_default().to_owned()
}

impl Places {
    fn new(found: &Found) -> Self {
        let mut places = Self::default();
        for (day, text) in &found.entries {
            for line in text.lines() {
                *places.entries.entry((*day, name(line))).or_default() += 1;
            }
        }
        for (day, text) in &found.kept {
            places.kept.extend(text.lines().map(|line| (*day, name(line))));
        }
        places
    }
}

impl Judge<'_> {
    pub(super) fn texts(&self, found: &Found) -> Vec<Violation> {
        let places = Places::new(found);
        let lines = self.lines();
        let mut violations = Vec::new();
        for (key, wanted) in &lines {
            let count = places.entries.get(key).copied().unwrap_or(0);
            let kept = places.kept.contains(key);
            // Where others write as well, a text may be kept in the place of one that was merged.
            let lenient = use_of(key.0) == Use::Shared && kept;
            let trouble = match wanted.fate {
                _ if count > 1 => "is there more than once",
                Fate::There if count == 0 && !lenient => {
                    if kept {
                        "is only kept"
                    } else {
                        "is lost"
                    }
                }
                Fate::Safe if count == 0 && !kept => "is lost",
                Fate::Kept | Fate::Never if count > 0 => "is there, and must not be",
                Fate::Kept if !kept => "is not kept",
                _ => continue,
            };
            violations.push(format!("line {} of {} {trouble}: {}", key.1, key.0, wanted.why));
        }
        violations.extend(self.together(&places));
        violations.extend(Self::in_order(found));
        violations.extend(Self::unknown(&lines, &places));
        violations.extend(self.odd_answers());
        violations
    }

    /// A script's lines are in all of its entries, or in none.
    fn together(&self, places: &Places) -> Vec<Violation> {
        let scripts = self.sessions.iter().filter(|session| session.kind == Kind::Script);
        let torn = scripts.filter(|session| {
            let line = format!("s{}", session.number);
            let saved = |day: Day| {
                session.works.iter().any(|work| matches!(work.did, Deed::Saved { day: at, .. } if at == day))
            };
            let mut there = session
                .days
                .iter()
                .filter(|day| saved(**day))
                .map(|day| places.entries.contains_key(&(*day, line.clone())));
            let first = there.next();
            there.any(|there| Some(there) != first)
        });
        torn.map(|session| format!("{} is in some of its entries only", session.name())).collect()
    }

    /// The lines of scripts, added at the end, are in the order of their tokens.
    fn in_order(found: &Found) -> Vec<Violation> {
        let token = |line: &str| {
            let (epoch, counter) = line.strip_prefix('s')?.split_once(' ')?.1.split_once('.')?;
            Some((epoch.parse::<u64>().ok()?, counter.parse::<u64>().ok()?))
        };
        let mut violations = Vec::new();
        for (day, text) in found.entries.iter().filter(|(day, _)| use_of(**day) == Use::Ours) {
            let committed: Vec<_> = text.lines().filter_map(|line| Some((token(line)?, line))).collect();
            for pair in committed.windows(2).filter(|pair| pair[0].0 >= pair[1].0) {
                violations.push(format!("on {day}, {:?} stands before {:?}", pair[0].1, pair[1].1));
            }
        }
        violations
    }

    /// A line that nobody wrote, or not so, is a torn one.
    fn unknown(lines: &Lines, places: &Places) -> Vec<Violation> {
        let is_ours = |line: &str| !line.is_empty() && !line.starts_with('#');
        let unknown = places.entries.keys().filter(|key| is_ours(&key.1) && !lines.contains_key(*key));
        unknown.map(|(day, line)| format!("{line:?} in {day} is nobody's")).collect()
    }

    /// Answers that are a bug by themselves.
    fn odd_answers(&self) -> Vec<Violation> {
        let bugs = [Some(70), Some(76), Some(77), Some(101)];
        let sessions = self.sessions.iter().filter(|session| bugs.contains(&session.exit));
        let sessions = sessions
            .map(|session| format!("{} ended with {:?}: {}", session.name(), session.exit, session.said));
        let appends = self.appends.iter().filter_map(|append| match &append.outcome {
            Outcome::Refused(why) if why.starts_with("internal") || why.starts_with("70") => {
                Some(format!("append {} was answered {why}", append.line))
            }
            _ => None,
        });
        sessions.chain(appends).collect()
    }
}
