//! An editor that does what a test tells it: `hand.exe DIR DRAFT`.
//!
//! Orders are files in its directory, one after the other: `1` says what to do, and `1.done` that it was
//! done. Nobody sleeps for a time that may be too short.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;

use crate::world::program;
use crate::{Ended, wait_until};

/// The editor, and the `ponder.exe` that has started it.
#[derive(Debug)]
pub struct Hand {
    dir: PathBuf,
    client: Option<Child>,
    orders: usize,
}

impl Hand {
    /// One that will take its orders from there.
    pub(crate) fn new(dir: &Path) -> Self {
        fs::create_dir(dir).unwrap();
        Self { dir: dir.to_owned(), client: None, orders: 0 }
    }

    /// For `PONDER_EDITOR`.
    pub fn command_line(&self) -> String {
        format!("\"{}\" \"{}\"", program("hand.exe").display(), self.dir.display())
    }

    /// Its client was started; it does not run yet.
    pub(crate) fn started_by(mut self, client: Child) -> Self {
        self.client = Some(client);
        self
    }

    /// Waits until it runs. Its draft.
    pub fn draft(&self) -> PathBuf {
        wait_until("the editor runs", || fs::read_to_string(self.dir.join("draft")).ok()).into()
    }

    /// Its process.
    pub fn pid(&self) -> u64 {
        self.draft();
        fs::read_to_string(self.dir.join("pid")).unwrap().parse().unwrap()
    }

    /// Whether it runs already.
    pub fn runs(&self) -> bool {
        self.dir.join("draft").exists()
    }

    /// Its client's process.
    pub fn client(&mut self) -> &mut Child {
        self.client.as_mut().unwrap()
    }

    /// Saves: adds a text at the end of the draft, in its place.
    pub fn adds(&mut self, text: &str) {
        self.order(&format!("add {text}"));
    }

    /// Saves: puts a new file in the draft's place.
    pub fn replaces(&mut self, text: &str) {
        self.order(&format!("replace {text}"));
    }

    /// Closes, with an exit code. How the client ended.
    pub fn closes(mut self, code: u8) -> Ended {
        self.draft();
        self.give(&format!("close {code}"));
        Ended::wait_for(self.client.take().unwrap())
    }

    /// How the client ended, which has not come to its editor.
    pub fn ends(mut self) -> Ended {
        Ended::wait_for(self.client.take().unwrap())
    }

    /// Closes, though the client is gone, or nobody's child here.
    pub fn closes_alone(mut self) {
        self.order("close 0");
    }

    /// Gives an order and waits until it was done.
    fn order(&mut self, what: &str) {
        self.draft();
        let done = self.give(what).with_extension("done");
        wait_until(what, || done.exists().then_some(()));
    }

    fn give(&mut self, what: &str) -> PathBuf {
        self.orders += 1;
        let order = self.dir.join(self.orders.to_string());
        fs::write(order.with_extension("new"), what).unwrap();
        fs::rename(order.with_extension("new"), &order).unwrap();
        order
    }
}
