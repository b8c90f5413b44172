//! What the service manager is told: how many sessions are what, and that the daemon works.

use std::time::Duration;

use tokio::time::Instant;

use super::Owner;
use crate::journal::Order;
use crate::lease::{Event, Phase};
use crate::manager::{Counts, Manager};

/// How soon a change is told: sessions are counted one by one, and a script may have many in a second.
const SOON: Duration = Duration::from_millis(100);

/// The service manager, and when it is to be told something.
#[derive(Debug)]
pub(super) struct Told {
    manager: Manager,
    due: Option<Instant>,
}

impl Told {
    pub(super) fn new(manager: Manager) -> Self {
        Self { manager, due: None }
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Requests are answered from here on.
    pub(super) fn ready(&mut self) {
        self.manager.ready();
        self.changed();
    }

    /// Sessions came, went or got their leases.
    pub(super) fn changed(&mut self) {
        if self.manager.listens() {
            self.due.get_or_insert_with(|| Instant::now() + SOON);
        }
    }

    /// The daemon ends.
    pub(super) fn stopping(&self) {
        self.manager.stopping();
    }

    /// Whether the next daemon would be of the same version as this one.
    pub(super) fn would_start_the_same(&self) -> bool {
        self.manager.starts_us() && program_is_there()
    }

    /// The writer has come to a probe.
    pub(super) fn works(&self) {
        self.manager.works();
    }
}

/// Whether our own program is still where it was when it was started. One in whose place another was put
/// has no name any more (`/proc/self/exe` in proc(5)).
fn program_is_there() -> bool {
    std::env::current_exe().is_ok_and(|program| program.exists())
}

impl Owner {
    /// Tells how many sessions are what, if it is time to.
    pub(super) fn tell_counts(&mut self) {
        if self.told.due.is_none_or(|due| due > Instant::now()) {
            return;
        }
        self.told.due = None;
        let mut counts = Counts::default();
        for session in self.core.sessions() {
            match session.phase {
                Phase::Queued => counts.waiters += 1,
                Phase::Granted(_) | Phase::Releasing(_) => counts.holders += 1,
            }
        }
        self.told.manager.count(counts);
    }

    /// Somebody wants proof that the daemon works: a question goes through the core and to the writer,
    /// and only its answer counts. A timer alone would run on beside an owner or a writer that hangs.
    pub(super) fn probe(&mut self) {
        self.handle(Event::Tick);
        self.desk.order(Order::Probe);
    }
}
