//! What has to be told while a child runs. A command shares the terminal with us; an editor has the
//! screen to itself, and whatever is written there stands in its text.

use std::env;
use std::fs::File;
use std::io::{self, IsTerminal as _, Write as _};

use crate::platform::TERMINAL;
use crate::report::Report;

/// What runs under the lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It has the screen.
    Editor,
    /// What we say goes between its lines.
    Command,
}

/// Tells at once, or when the screen is free again.
#[derive(Debug)]
pub(super) struct Notices {
    report: Report,
    /// What runs.
    running: Option<Manner>,
    later: Vec<Later>,
}

#[derive(Debug)]
enum Later {
    /// Of a call.
    Note(String),
    Detail(String),
}

impl Notices {
    pub(super) fn new(report: Report) -> Self {
        Self { report, running: None, later: Vec::new() }
    }

    /// From now on this runs.
    pub(super) fn begin(&mut self, manner: Manner) {
        self.running = Some(manner);
    }

    /// It has ended: tells what had to wait.
    pub(super) fn end(&mut self) {
        self.running = None;
        for later in self.later.drain(..) {
            match later {
                Later::Note(text) => self.report.note(&text),
                Later::Detail(text) => self.report.detail(&text),
            }
        }
    }

    /// Whether something runs under the lease.
    pub(super) fn child_runs(&self) -> bool {
        self.running.is_some()
    }

    fn screen_taken(&self) -> bool {
        self.running == Some(Manner::Editor)
    }

    /// The lease is gone: a trouble, if a command runs that knows nothing of it; an editor's terminal rings.
    /// Whether all of it was told.
    pub(super) fn warn(&self, sentence: &str) -> bool {
        match self.running {
            Some(Manner::Command) => {
                self.report.trouble(&format!("{sentence}; the command goes on without it"));
                true
            }
            Some(Manner::Editor) => {
                self.ring(sentence);
                false
            }
            None => false,
        }
    }

    pub(super) fn detail(&mut self, text: String) {
        if self.screen_taken() {
            self.later.push(Later::Detail(text));
        } else {
            self.report.detail(&text);
        }
    }

    /// The lease has ended: who asked for it before that no longer matters.
    pub(super) fn forget_calls(&mut self) {
        self.later.retain(|later| matches!(later, Later::Detail(_)));
    }

    /// What cannot wait: a note; under an editor the terminal's title and its bell, which leave the
    /// screen as it is. `afterwards` is told once the editor has closed.
    pub(super) fn call(&mut self, text: &str, afterwards: String) {
        if !self.screen_taken() {
            self.report.note(text);
            return;
        }
        self.later.push(Later::Note(afterwards));
        self.ring(text);
    }

    fn ring(&self, text: &str) {
        let silent = self.report.is_json() || self.report.is_quiet();
        if !silent && !on_the_terminal(text) {
            self.report.note(text); // an editor in a window; standard error is a file or a pipe
        }
    }
}

/// Rings, and puts the text into the title. False where there is no terminal.
fn on_the_terminal(text: &str) -> bool {
    let bytes = call(text, env::var("TERM").as_deref().unwrap_or_default());
    // One write, so that it does not get into the middle of what the editor writes.
    if io::stderr().is_terminal() {
        return io::stderr().write_all(bytes.as_bytes()).is_ok();
    }
    let terminal = File::options().write(true).open(TERMINAL);
    terminal.and_then(|mut terminal| terminal.write_all(bytes.as_bytes())).is_ok()
}

/// A terminal that has no title would print it.
fn call(text: &str, terminal: &str) -> String {
    if matches!(terminal, "" | "dumb" | "linux") {
        return "\x07".to_owned();
    }
    let title: String = text.chars().filter(|c| !c.is_control()).collect();
    format!("\x1b]2;ponder: {title}\x07\x07")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Colour, Loudness};

    #[test]
    fn a_title_cannot_be_left_early() {
        assert_eq!(call("a\x07b\x1b\\", "xterm"), "\x1b]2;ponder: ab\\\x07\x07");
        assert_eq!(call("a", "dumb"), "\x07");
    }

    #[test]
    fn under_an_editor_everything_waits() {
        let mut notices = Notices::new(Report::new(false, Loudness::Quiet, Colour::Never));
        notices.begin(Manner::Editor);
        notices.detail("one".to_owned());
        notices.call("two", "two".to_owned());
        assert_eq!((notices.later.len(), notices.warn("three")), (2, false));
        notices.end();
        assert!(notices.later.is_empty());
        notices.begin(Manner::Command);
        notices.detail("four".to_owned());
        assert!(notices.later.is_empty());
    }
}
