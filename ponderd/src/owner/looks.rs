//! Status: who holds what, and who lives.

use std::time::Duration;

use tokio::time::Instant;

use super::Owner;
use crate::journal::{Order, Ticket};
use crate::lease::Event;

/// How long an answer waits for the holders that were asked whether they live.
const PATIENCE: Duration = Duration::from_millis(300);

/// Those who asked, and are answered as soon as it is known who lives.
#[derive(Debug, Default)]
pub(super) struct Looks {
    waiting: Vec<Ticket>,
    due: Option<Instant>,
}

impl Looks {
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Whether somebody waits for his answer.
    pub(super) fn are_owed(&self) -> bool {
        !self.waiting.is_empty()
    }
}

impl Owner {
    /// Somebody looks: holders are asked whether they live.
    pub(super) fn look(&mut self, ticket: Ticket) {
        self.handle(Event::Look);
        self.looks.waiting.push(ticket);
        self.looks.due.get_or_insert_with(|| Instant::now() + PATIENCE);
    }

    /// Answers those who looked, once nobody is being asked any more, or has answered for too long.
    pub(super) fn answer_looks(&mut self) {
        let Some(due) = self.looks.due else { return };
        if !self.core.is_asking() || due <= Instant::now() {
            self.looks.due = None;
            for ticket in std::mem::take(&mut self.looks.waiting) {
                self.desk.order(Order::ListKept { ticket });
            }
        }
    }
}
