//! The owner's clock: awake time.
//!
//! A window must not run out because the machine slept, or the daemon was stopped for a while. So what
//! counts is the time that was planned: a wake-up credits at most the sleep that was planned and a
//! second. Where nothing is planned no window runs, and time may pass as it likes.

use std::time::Duration;

use tokio::time::Instant;

use crate::lease::Tick;

/// How much later than planned a busy machine may wake us.
const SPARE: Duration = Duration::from_secs(1);

/// The longest sleep that is planned while some holder is given up: so much of its window, and a second,
/// is all that a jump can take from it.
const STEP: Duration = Duration::from_secs(1);

/// The lease core's ticks as instants of the runtime.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    last: Instant,
    awake: Duration,
    planned: Option<Duration>,
}

impl Clock {
    pub(super) fn start(now: Instant) -> Self {
        Self { last: now, awake: Duration::ZERO, planned: None }
    }

    /// The time that counts, in milliseconds.
    pub(super) fn now(&self) -> Tick {
        Tick(u64::try_from(self.awake.as_millis()).unwrap_or(u64::MAX))
    }

    /// Plans to sleep until a tick at the most; `in_steps` while every second of a window counts. Returns
    /// the instant to wake up at: the first at which [`Clock::now`] is not before the tick.
    pub(super) fn plan(&mut self, due: Option<Tick>, in_steps: bool) -> Option<Instant> {
        // A tick beyond what an instant can tell is a century off: waking up then is early enough.
        const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
        let until = |tick: Tick| Duration::from_millis(tick.0).min(CENTURY).saturating_sub(self.awake);
        let sleep = due.map(until).map(|sleep| if in_steps { sleep.min(STEP) } else { sleep });
        self.planned = sleep;
        sleep.map(|sleep| self.last + sleep)
    }

    /// Whether more time has passed than was planned: what was said meanwhile counts as said before it.
    pub(super) fn has_jumped(&self, now: Instant) -> bool {
        self.planned.is_some_and(|planned| now - self.last > planned + SPARE)
    }

    /// Whether a tick is over at an instant, if time is let pass until then.
    pub(super) fn is_past(&self, tick: Tick, now: Instant) -> bool {
        let mut then = *self;
        then.pass(now);
        then.now() >= tick
    }

    /// Lets time pass.
    pub(super) fn pass(&mut self, now: Instant) {
        let elapsed = now - self.last;
        self.awake += self.planned.map_or(elapsed, |planned| elapsed.min(planned + SPARE));
        self.last = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn time_that_was_planned_passes() {
        let start = Instant::now();
        let mut clock = Clock::start(start);
        let due = clock.plan(Some(Tick(15_000)), false).unwrap();
        assert_eq!(due, start + Duration::from_secs(15));
        clock.pass(start + Duration::from_secs(4));
        assert_eq!(clock.now(), Tick(4_000), "woken early");
        let due = clock.plan(Some(Tick(15_000)), false).unwrap();
        assert!(!clock.has_jumped(due + Duration::from_millis(900)));
        clock.pass(due);
        assert_eq!(clock.now(), Tick(15_000));
    }

    #[test]
    fn a_jump_takes_a_second_at_the_most() {
        let start = Instant::now();
        let mut clock = Clock::start(start);
        clock.plan(Some(Tick(15_000)), true);
        assert!(clock.has_jumped(start + HOUR));
        clock.pass(start + HOUR);
        assert_eq!(clock.now(), Tick(2_000), "a step and a second");
        clock.plan(Some(Tick(5_000)), false);
        clock.pass(start + HOUR + HOUR);
        assert_eq!(clock.now(), Tick(6_000), "what was planned and a second");
    }

    #[test]
    fn where_nothing_is_planned_time_passes_as_it_likes() {
        let start = Instant::now();
        let mut clock = Clock::start(start);
        assert_eq!(clock.plan(None, true), None);
        assert!(!clock.has_jumped(start + HOUR));
        clock.pass(start + HOUR);
        assert_eq!(clock.now(), Tick(3_600_000));
    }
}
