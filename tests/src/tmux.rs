//! Real terminals.

use std::cell::Cell;
use std::path::PathBuf;
use std::process::Command;

use crate::wait::try_until;
use crate::{Gate, World};

/// A tmux server of its own, whose panes are windows of a fixed size.
#[derive(Debug)]
pub struct Tmux {
    dir: PathBuf,
    environment: Vec<(&'static str, String)>,
    panes: Cell<u32>,
}

/// One terminal.
#[derive(Debug)]
pub struct Pane<'a> {
    tmux: &'a Tmux,
    id: String,
    exit: Gate,
}

impl Tmux {
    pub(crate) fn new(world: &World) -> Self {
        let tmux = Self { dir: world.path(""), environment: world.environment(), panes: Cell::default() };
        tmux.run(&["-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "20", "exec cat"]);
        tmux
    }

    /// A new terminal that runs this shell command.
    ///
    /// When it has ended, its exit code goes through a FIFO: what tmux tells of dead panes is now
    /// and then lost. The screen stays as it was, and signals from its keyboard spare the shell. It
    /// does not read from the terminal: an editor that is killed may not have given that back.
    pub fn pane(&self, command: &str) -> Pane<'_> {
        self.panes.update(|number| number + 1);
        let exit = Gate::new(&self.dir, &format!("pane{}", self.panes.get()));
        let command = format!("trap : INT QUIT; ( {command} ); {}; exec sleep infinity", exit.tell("$?"));
        let id = self.run(&["new-window", "-d", "-P", "-F", "#{pane_id}", "--", &command]);
        Pane { tmux: self, id: id.trim_end().to_owned(), exit }
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new("tmux")
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (*name, value)))
            .env("TERM", "xterm")
            .arg("-S")
            .arg(self.dir.join("tmux"))
            .args(arguments)
            .output()
            .expect("tmux is installed");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "tmux {arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = Command::new("tmux").arg("-S").arg(self.dir.join("tmux")).arg("kill-server").output(); // best effort
    }
}

impl Pane<'_> {
    /// Presses keys by their tmux names: `Escape`, `Enter`, `C-c`.
    pub fn press(&self, keys: &[&str]) -> &Self {
        self.tmux.run(&[&["send-keys", "-t", &self.id], keys].concat());
        self
    }

    /// Types text as it is.
    pub fn type_text(&self, text: &str) -> &Self {
        self.tmux.run(&["send-keys", "-t", &self.id, "-l", "--", text]);
        self
    }

    /// A command of vim, and Enter.
    pub fn vim(&self, command: &str) -> &Self {
        self.press(&["Escape"]).type_text(command).press(&["Enter"])
    }

    /// What is on the screen and was above it; wrapped lines are joined.
    pub fn screen(&self) -> String {
        self.tmux.run(&["capture-pane", "-p", "-J", "-S", "-100", "-t", &self.id])
    }

    /// The terminal, such as `/dev/pts/3`.
    pub fn terminal(&self) -> String {
        self.ask("#{pane_tty}")
    }

    /// Its title.
    pub fn title(&self) -> String {
        self.ask("#{pane_title}")
    }

    /// Waits until the screen shows this. Returns the screen.
    pub fn shows(&self, text: &str) -> String {
        self.shows_that(text, |screen| screen.contains(text))
    }

    /// Waits until the screen is as `right` wants it.
    pub fn shows_that(&self, what: &str, right: impl Fn(&str) -> bool) -> String {
        let found = try_until(|| Some(self.screen()).filter(|screen| right(screen)));
        found.unwrap_or_else(|| panic!("the terminal never shows {what:?}, but\n{}", self.screen()))
    }

    /// Waits for the end of its program. Returns the exit code.
    pub fn exit(&self) -> i32 {
        let code = self.exit.try_arrival();
        let code =
            code.unwrap_or_else(|| panic!("the program does not end; the terminal shows\n{}", self.screen()));
        code.parse().unwrap()
    }

    fn ask(&self, format: &str) -> String {
        self.tmux.run(&["display-message", "-p", "-t", &self.id, format]).trim_end().to_owned()
    }
}
