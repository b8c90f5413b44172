//! One fault after the other: at the first, the second, the third call, until there is no such call.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;

use crate::{Injection, rounds};

/// How many worlds are swept at once: most of their time is spent waiting.
const AT_ONCE: usize = 6;

/// After how many points in a row at which nothing happened a call's sweep is over. A thread may make
/// a call more or less from one run to the next.
const QUIET: usize = 3;

/// The points at which a call is made to fail.
#[derive(Debug, Default)]
pub struct Sweep {
    rows: Vec<Row>,
}

/// One call's.
#[derive(Debug)]
struct Row {
    call: String,
    what: String,
    next: usize,
    stride: usize,
    quiet: usize,
    fired: usize,
}

/// What was swept.
#[derive(Debug)]
pub struct Swept {
    fired: BTreeMap<String, usize>,
    failed: Vec<String>,
}

impl Sweep {
    /// Adds a fault at calls that are made about so often by one thread. At most `PONDER_ROUNDS` points
    /// are tried for each of them, spread evenly, or `default`.
    #[must_use]
    pub fn and(mut self, default: usize, calls: &BTreeMap<String, usize>, what: &str) -> Self {
        let points = rounds(default).max(1);
        self.rows.extend(calls.iter().map(|(call, count)| Row {
            call: call.clone(),
            what: what.to_owned(),
            next: 1,
            stride: count.div_ceil(points).max(1),
            quiet: 0,
            fired: 0,
        }));
        self
    }

    /// Runs a test at every point, several at once. It says whether the fault came to pass.
    pub fn run(self, test: impl Fn(&Injection) -> bool + Sync) -> Swept {
        let sweep = Mutex::new(self);
        let failed = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    while let Some((row, injection)) = Self::next(&sweep) {
                        let fired = catch_unwind(AssertUnwindSafe(|| test(&injection)));
                        let fired = fired.unwrap_or_else(|panic| {
                            let Injection { call, what, when } = &injection;
                            let why = panic.downcast_ref::<String>().map_or("", String::as_str);
                            failed.lock().unwrap().push(format!("{call}:{what}:when={when}: {why}"));
                            true
                        });
                        sweep.lock().unwrap().note(row, fired);
                    }
                });
            }
        });
        let mut fired = BTreeMap::new();
        for row in sweep.into_inner().unwrap().rows {
            *fired.entry(format!("{}:{}", row.call, row.what)).or_default() += row.fired;
        }
        Swept { fired, failed: failed.into_inner().unwrap() }
    }

    fn next(sweep: &Mutex<Self>) -> Option<(usize, Injection)> {
        let mut sweep = sweep.lock().unwrap();
        let at = sweep.rows.iter().position(|row| row.quiet < QUIET)?;
        let row = &mut sweep.rows[at];
        let injection =
            Injection { call: row.call.clone(), what: row.what.clone(), when: row.next.to_string() };
        row.next += row.stride;
        Some((at, injection))
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
        self.fired.iter().for_each(|(call, count)| println!("{count:6} {call}"));
        assert!(
            self.failed.is_empty(),
            "{} of {total} failed:\n{}",
            self.failed.len(),
            self.failed.join("\n")
        );
        assert!(self.fired.values().all(|count| *count > 0), "a call was never made to fail");
    }
}
