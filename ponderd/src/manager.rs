//! The service manager, where one started the daemon: what it is told, as in
//! `sd_notify(3)`.
//!
//! Without one `NOTIFY_SOCKET` is not set, and everything here does nothing.

use std::time::Duration;

/// How many sessions are what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Sessions that have a lease.
    pub holders: usize,
    /// Sessions that wait for one.
    pub waiters: usize,
}

/// What is known of the service manager.
#[derive(Debug)]
pub struct Manager {
    /// It has started us, and starts the next one.
    starts_us: bool,
    /// Somebody listens.
    listens: bool,
    /// What it was told last.
    told: Option<Counts>,
    watchdog: Option<Duration>,
}

impl Manager {
    /// The one that is named in the environment, or none; whether it has passed us a socket.
    pub fn of_environment(starts_us: bool) -> Self {
        Self { starts_us, listens: notify::is_wanted(), told: None, watchdog: notify::watchdog() }
    }

    /// How often it wants to hear that the daemon works: twice as often as it gives it up.
    pub fn watchdog(&self) -> Option<Duration> {
        self.watchdog.map(|limit| limit / 2)
    }

    /// The daemon answers requests from here on.
    pub fn ready(&self) {
        if self.listens {
            notify::ready();
        }
    }

    /// So many sessions are what. It is told if that is news.
    pub fn count(&mut self, counts: Counts) {
        if self.listens && self.told != Some(counts) {
            self.told = Some(counts);
            notify::status(&counts.sentence());
        }
    }

    /// The daemon has proved that it works.
    pub fn works(&self) {
        if self.listens {
            notify::works();
        }
    }

    /// The daemon ends.
    pub fn stopping(&self) {
        if self.listens {
            notify::stopping();
        }
    }

    /// Whether it starts the next daemon, too.
    pub fn starts_us(&self) -> bool {
        self.starts_us
    }

    /// Whether anybody wants to know.
    pub fn listens(&self) -> bool {
        self.listens
    }
}

impl Counts {
    /// As `systemctl status` shows it.
    fn sentence(self) -> String {
        let held = match self.holders {
            0 => "nobody has a lease".to_owned(),
            1 => "1 session has a lease".to_owned(),
            several => format!("{several} sessions have leases"),
        };
        match self.waiters {
            0 => held,
            1 => format!("{held}, 1 waits"),
            several => format!("{held}, {several} wait"),
        }
    }
}

#[cfg(target_os = "linux")]
mod notify {
    use std::time::Duration;

    use sd_notify::NotifyState;

    pub(super) fn is_wanted() -> bool {
        std::env::var_os("NOTIFY_SOCKET").is_some()
    }

    pub(super) fn watchdog() -> Option<Duration> {
        sd_notify::watchdog_enabled()
    }

    pub(super) fn ready() {
        tell(&NotifyState::Ready);
    }

    pub(super) fn status(sentence: &str) {
        tell(&NotifyState::Status(sentence));
    }

    pub(super) fn works() {
        tell(&NotifyState::Watchdog);
    }

    pub(super) fn stopping() {
        tell(&NotifyState::Stopping);
    }

    fn tell(state: &NotifyState<'_>) {
        if let Err(error) = sd_notify::notify(std::slice::from_ref(state)) {
            tracing::warn!(%error, "the service manager cannot be told how it goes");
        }
    }
}

/// launchd and Windows ask for nothing.
#[cfg(not(target_os = "linux"))]
mod notify {
    use std::time::Duration;

    pub(super) fn is_wanted() -> bool {
        false
    }
    pub(super) fn watchdog() -> Option<Duration> {
        None
    }
    pub(super) fn ready() {}
    pub(super) fn status(_sentence: &str) {}
    pub(super) fn works() {}
    pub(super) fn stopping() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_sentences() {
        let sentence = |holders, waiters| Counts { holders, waiters }.sentence();
        assert_eq!(sentence(0, 0), "nobody has a lease");
        assert_eq!(sentence(1, 0), "1 session has a lease");
        assert_eq!(sentence(1, 1), "1 session has a lease, 1 waits");
        assert_eq!(sentence(2, 10), "2 sessions have leases, 10 wait");
    }
}
