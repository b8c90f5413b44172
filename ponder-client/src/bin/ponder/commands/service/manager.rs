//! What a service manager is asked for, and what it says of a service.

use super::{Part, Place};
use crate::exit::Failure;

/// A service manager, and the service of one journal under it.
pub(super) trait Manager {
    /// Whether it runs, for this user.
    fn is_there(&self) -> Result<(), Failure>;
    /// Where the service's own parts are: those of [`parts`](Self::parts), and what the manager makes.
    fn places(&self) -> Vec<Place>;
    /// What makes the service.
    fn parts(&self) -> Result<Vec<Part>, Failure>;
    /// What other journals' services need as well.
    fn shared(&self) -> Vec<Part>;
    /// Whether no other journal has a service that needs them.
    fn is_alone(&self) -> bool;
    /// Whether a daemon that it starts takes over from one that a client has started.
    fn takes_over(&self) -> bool;
    /// Makes what has to be there before the service begins.
    fn prepare(&self) -> Result<(), Failure> {
        Ok(())
    }
    /// What is run once the parts are there.
    fn begin(&self) -> Vec<Vec<String>>;
    /// What is run before they are removed, as far as there is something to end.
    fn end(&self) -> Vec<Vec<String>>;
    /// What ends a service whose parts are gone.
    fn stop(&self) -> Vec<Vec<String>>;
    /// What is run after that.
    fn forget(&self) -> Vec<Vec<String>>;
    /// How the service is; nothing if it is not there.
    fn status(&self) -> Result<Option<State>, Failure>;
}

/// How a service is that is there.
#[derive(Debug)]
pub(crate) struct State {
    /// In a line or two.
    pub(crate) told: String,
    /// It does not do what it is for. One of which that cannot be told from here may.
    pub(crate) has_failed: bool,
    /// What mends it, or what there is to do.
    pub(crate) next: Option<String>,
}

impl State {
    pub(super) fn well(told: String) -> Self {
        Self { told, has_failed: false, next: None }
    }

    pub(super) fn failed(told: String, next: String) -> Self {
        Self { told, has_failed: true, next: Some(next) }
    }

    /// What is there, though its manager does not answer: a shell of `su`, or cron, does not know where it is.
    #[cfg(unix)]
    pub(super) fn out_of_reach(name: &str, there: &str, failure: &Failure) -> Self {
        let told = format!("{name}: {there}; how it is cannot be asked from here\n{}", failure.message);
        Self { told, has_failed: false, next: None }
    }
}
