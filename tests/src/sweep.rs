//! One fault after the other: at the first, the second, the third call, until there is no such call.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;

use crate::{Injection, Place, rounds};

/// How many worlds are swept at once: most of their time is spent waiting.
const AT_ONCE: usize = 6;

/// After how many points in a row at which nothing happened a call's sweep is over. A thread may make
/// a call more or less from one run to the next.
const QUIET: usize = 3;

/// The points at which calls are made to fail.
#[derive(Debug, Default)]
pub struct Sweep {
    rows: Vec<Row>,
}

/// One call's.
#[derive(Debug)]
struct Row {
    call: String,
    what: String,
    place: Place,
    /// How often it was made by one thread when nothing failed.
    count: usize,
    /// Which of them are still to be tried, the next one last; then those behind the last, if all are.
    points: Vec<usize>,
    beyond: Option<usize>,
    quiet: usize,
    fired: usize,
}

/// What was swept.
#[derive(Debug)]
pub struct Swept {
    fired: BTreeMap<String, usize>,
    failed: Vec<String>,
}

impl Row {
    /// Chooses so many of its points, spread evenly.
    fn choose(&mut self, points: usize) {
        let middle = |number| (2 * number + 1) * self.count / (2 * points) + 1;
        self.points = (0..points).rev().map(middle).collect();
    }

    /// Chooses all of them, and more as long as something happens there.
    fn choose_all(&mut self) {
        (self.points, self.beyond) = ((1..=self.count).rev().collect(), Some(self.count));
    }

    fn next(&mut self) -> Option<usize> {
        if let Some(point) = self.points.pop() {
            return Some(point);
        }
        let beyond = self.beyond.as_mut().filter(|_| self.quiet < QUIET)?;
        *beyond += 1;
        Some(*beyond)
    }
}

impl Sweep {
    /// Adds a fault at calls of a place that are made so often by one thread.
    #[must_use]
    pub fn and(mut self, calls: &BTreeMap<String, usize>, what: &str, place: Place) -> Self {
        self.rows.extend(calls.iter().map(|(call, &count)| Row {
            call: call.clone(),
            what: what.to_owned(),
            place,
            count,
            points: Vec::new(),
            beyond: None,
            quiet: 0,
            fired: 0,
        }));
        self
    }

    /// Runs a test at so many points, several at once, spread over all calls. `PONDER_ROUNDS` multiplies
    /// them; once that is enough for all, they are tried until none comes to pass any more. The test
    /// says whether the fault came to pass.
    pub fn run(mut self, points: usize, test: impl Fn(&Injection) -> bool + Sync) -> Swept {
        self.choose(points * rounds(1));
        let sweep = Mutex::new(self);
        let failed = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    while let Some((row, injection)) = Self::next(&sweep) {
                        let fired = catch_unwind(AssertUnwindSafe(|| test(&injection)));
                        let fired = fired.unwrap_or_else(|panic| {
                            let why = panic.downcast_ref::<String>().map_or("", String::as_str);
                            failed.lock().unwrap().push(format!("{injection}: {why}"));
                            false
                        });
                        sweep.lock().unwrap().note(row, fired);
                    }
                });
            }
        });
        let mut fired = BTreeMap::new();
        for row in sweep.into_inner().unwrap().rows {
            *fired.entry(format!("{}:{} ({:?})", row.call, row.what, row.place)).or_default() += row.fired;
        }
        Swept { fired, failed: failed.into_inner().unwrap() }
    }

    fn choose(&mut self, points: usize) {
        let all: usize = self.rows.iter().map(|row| row.count).sum();
        if points >= all {
            return self.rows.iter_mut().for_each(Row::choose_all);
        }
        let rows = self.rows.len();
        for (number, row) in self.rows.iter_mut().enumerate() {
            let share = (number + 1) * points / rows - number * points / rows;
            row.choose(share.min(row.count));
        }
    }

    fn next(sweep: &Mutex<Self>) -> Option<(usize, Injection)> {
        let mut sweep = sweep.lock().unwrap();
        let next = |(at, row): (usize, &mut Row)| Some((at, row.next()?));
        let (at, when) = sweep.rows.iter_mut().enumerate().find_map(next)?;
        let Row { call, what, place, .. } = &sweep.rows[at];
        Some((
            at,
            Injection { call: call.clone(), what: what.clone(), when: when.to_string(), place: *place },
        ))
    }

    fn note(&mut self, at: usize, fired: bool) {
        let row = &mut self.rows[at];
        if fired {
            (row.fired, row.quiet) = (row.fired + 1, 0);
        } else {
            row.quiet += 1;
        }
    }
}

impl Swept {
    /// Prints how many points there were for each call, and fails if one of them did.
    pub fn report(self, what: &str) {
        let total: usize = self.fired.values().sum();
        println!("{what}: {total} points");
        let swept = self.fired.iter().filter(|(_, count)| **count > 0);
        swept.for_each(|(call, count)| println!("{count:6} {call}"));
        assert!(
            self.failed.is_empty(),
            "{} of {total} failed:\n{}",
            self.failed.len(),
            self.failed.join("\n")
        );
        assert!(total > 0, "nothing was ever made to fail");
    }
}
