//! Real terminals.

use std::process::Command;

use crate::World;
use crate::wait::try_until;

/// A tmux server of its own, whose panes are windows of a fixed size.
#[derive(Debug)]
pub struct Tmux {
    socket: String,
    environment: Vec<(&'static str, String)>,
}

/// One terminal.
#[derive(Debug)]
pub struct Pane<'a> {
    tmux: &'a Tmux,
    id: String,
}

impl Tmux {
    pub(crate) fn new(world: &World) -> Self {
        let socket = world.path("tmux").display().to_string();
        let tmux = Self { socket, environment: world.environment() };
        // Panes stay when their program has ended, so that the last screen and the code are seen.
        tmux.run(&[
            "-f",
            "/dev/null",
            "start-server",
            ";",
            "set-option",
            "-g",
            "exit-empty",
            "off",
            ";",
            "set-option",
            "-g",
            "remain-on-exit",
            "on",
            ";",
            "set-option",
            "-g",
            "escape-time",
            "0",
            ";",
            "new-session",
            "-d",
            "-x",
            "120",
            "-y",
            "20",
            "cat",
        ]);
        tmux
    }

    /// A new terminal that runs this shell command.
    pub fn pane(&self, command: &str) -> Pane<'_> {
        let id = self.run(&["new-window", "-d", "-P", "-F", "#{pane_id}", "--", command]);
        Pane { tmux: self, id: id.trim_end().to_owned() }
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new("tmux")
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (*name, value)))
            .env("TERM", "xterm")
            .args(["-S", &self.socket])
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
        let _ = Command::new("tmux").args(["-S", &self.socket, "kill-server"]).output(); // best effort
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

    /// Waits until the screen shows this. Returns the screen.
    pub fn shows(&self, text: &str) -> String {
        self.shows_that(text, |screen| screen.contains(text))
    }

    /// Waits until the screen is as `right` wants it.
    pub fn shows_that(&self, what: &str, right: impl Fn(&str) -> bool) -> String {
        self.until(what, || Some(self.screen()).filter(|screen| right(screen)))
    }

    /// Waits for the end of its program. Returns the exit code.
    pub fn exit(&self) -> i32 {
        self.until("the program's end", || self.ask("#{pane_dead_status}").parse().ok())
    }

    fn until<T>(&self, what: &str, look: impl FnMut() -> Option<T>) -> T {
        let found = try_until(look);
        found.unwrap_or_else(|| panic!("waited in vain for {what}; the terminal shows\n{}", self.screen()))
    }

    fn ask(&self, format: &str) -> String {
        self.tmux.run(&["display-message", "-p", "-t", &self.id, format]).trim_end().to_owned()
    }
}
