//! Medians and rows.

use std::fmt;
use std::time::Duration;

/// One row of the table.
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) ours: String,
    pub(crate) against: String,
    pub(crate) theirs: String,
    pub(crate) ratio: String,
    pub(crate) goal: String,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, ours, against, theirs, ratio, goal } = self;
        write!(f, "| {what} | {ours} | {against} | {theirs} | {ratio} | {goal} |")
    }
}

/// Pairs of measurements, taken in turn so that a drifting machine slows both.
#[derive(Default)]
pub(crate) struct Pairs {
    ours: Vec<Duration>,
    theirs: Vec<Duration>,
}

impl Pairs {
    pub(crate) fn add(&mut self, ours: Duration, theirs: Duration) {
        self.ours.push(ours);
        self.theirs.push(theirs);
    }

    /// The medians, and the median of the ratios pair by pair: ours to theirs.
    pub(crate) fn row(&self, what: &str, against: &str, goal: &str) -> Row {
        let ratios = self.ours.iter().zip(&self.theirs).map(|(ours, theirs)| ours.div_duration_f64(*theirs));
        self.row_of(what, against, goal, ratios.collect())
    }

    /// The same where more is better: how many times as fast as theirs.
    pub(crate) fn speed_row(&self, what: &str, against: &str, goal: &str) -> Row {
        let ratios = self.ours.iter().zip(&self.theirs).map(|(ours, theirs)| theirs.div_duration_f64(*ours));
        self.row_of(what, against, goal, ratios.collect())
    }

    fn row_of(&self, what: &str, against: &str, goal: &str, ratios: Vec<f64>) -> Row {
        Row {
            what: what.to_owned(),
            ours: show(median(&self.ours)),
            against: against.to_owned(),
            theirs: show(median(&self.theirs)),
            ratio: format!("{:.2} ×", middle(ratios)),
            goal: goal.to_owned(),
        }
    }
}

/// The middle of some durations; zero of none.
pub(crate) fn median(durations: &[Duration]) -> Duration {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

fn middle(mut ratios: Vec<f64>) -> f64 {
    ratios.sort_unstable_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A duration in the unit that fits it.
pub(crate) fn show(duration: Duration) -> String {
    let micros = duration.as_secs_f64() * 1e6;
    if micros < 1000.0 { format!("{micros:.1} µs") } else { format!("{:.2} ms", micros / 1000.0) }
}
