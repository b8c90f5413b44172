//! The editors that people have, as their keyboards see them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::process::Signal;

use crate::{Pane, Process, Tmux, World, kill, tree, wait_until};

/// Something that is typed.
#[derive(Clone, Copy, Debug)]
pub enum Key {
    /// Keys by their tmux names.
    Press(&'static [&'static str]),
    /// Text as it is.
    Type(&'static str),
    /// The line that is to be added.
    Line,
}
use Key::{Line, Press, Type};

/// An editor: how it is started without its user's configuration, and what is typed to use it.
#[derive(Debug)]
pub struct Editor {
    /// Its process's name.
    pub name: &'static str,
    /// How it is called; `{}` stands for an empty directory.
    command: &'static str,
    /// What it shows when it has read an entry with the one line `before`.
    ready: &'static str,
    /// Adds a line at the end.
    add: &'static [Key],
    save: &'static [Key],
    quit: &'static [Key],
    /// Whether its first save puts another file in the draft's place.
    pub renames: bool,
    /// Makes it write down what is not saved, in a file of its own beside the draft.
    write_down: &'static [Key],
    /// Takes that up again, right after it was started: what is shown, and then typed.
    take_up: &'static [(&'static str, &'static [Key])],
}

/// Renames on save: outside `/tmp`, its default.
pub const VIM: Editor = Editor {
    name: "vim",
    command: "vim -Nu NONE --cmd \"set nomore\"",
    ready: "before",
    add: &[Type("Go"), Line, Press(&["Escape"])],
    save: &[Type(":w"), Press(&["Enter"])],
    quit: &[Type(":q"), Press(&["Enter"])],
    renames: true,
    write_down: &[Type(":preserve"), Press(&["Enter"])],
    take_up: &[("(R)ecover", &[Type("r")]), ("Press ENTER", &[Press(&["Enter"])])],
};

/// Writes into the file.
pub const NANO: Editor = Editor {
    name: "nano",
    command: "nano --ignorercfiles",
    ready: "before",
    add: &[Press(&["M-/"]), Line],
    save: &[Press(&["C-s"])],
    quit: &[Press(&["C-x"])],
    renames: false,
    write_down: &[],
    take_up: &[],
};

/// Makes the file its backup at the first save, and writes another; into that from then on.
pub const EMACS: Editor = Editor {
    name: "emacs",
    command: "emacs -Q -nw",
    ready: "before",
    add: &[Press(&["M->"]), Line, Press(&["Enter"])],
    save: &[Press(&["C-x", "C-s"])],
    quit: &[Press(&["C-x", "C-c"])],
    renames: true,
    write_down: &[Press(&["M-x"]), Type("do-auto-save"), Press(&["Enter"])],
    take_up: &[
        ("before", &[Press(&["M-x"]), Type("recover-this-file"), Press(&["Enter"])]),
        ("(yes or no)", &[Type("yes"), Press(&["Enter"])]),
    ],
};

/// Writes into the file.
pub const MICRO: Editor = Editor {
    name: "micro",
    command: "micro -config-dir {}",
    ready: "before",
    add: &[Press(&["C-End"]), Line, Press(&["Enter"])],
    save: &[Press(&["C-s"])],
    quit: &[Press(&["C-q"])],
    renames: false,
    write_down: &[],
    take_up: &[],
};

/// Writes into the file; its screen is what was typed.
pub const ED: Editor = Editor {
    name: "ed",
    command: "ed",
    ready: "7",
    add: &[Type("$a\n"), Line, Type("\n.\n")],
    save: &[Type("w\n")],
    quit: &[Type("q\n")],
    renames: false,
    write_down: &[],
    take_up: &[],
};

/// An editor that `ponder` has opened in a terminal.
#[derive(Debug)]
pub struct Desk<'a> {
    /// The terminal.
    pub pane: Pane<'a>,
    editor: &'static Editor,
    draft: PathBuf,
    process: Process,
}

impl Editor {
    /// Opens an entry in it that has the one line `before`.
    pub fn open<'a>(&'static self, world: &World, tmux: &'a Tmux, day: &str) -> Desk<'a> {
        let desk = self.start(world, tmux, day);
        desk.pane.shows_that(self.ready, |screen| screen.contains(self.ready));
        desk
    }

    /// The same, and does not wait until it shows its text: it may ask something first.
    pub fn start<'a>(&'static self, world: &World, tmux: &'a Tmux, day: &str) -> Desk<'a> {
        let empty = world.path("config");
        fs::create_dir_all(&empty).unwrap();
        let command = self.command.replace("{}", &empty.display().to_string());
        let pane = tmux.pane(&format!("PONDER_EDITOR='{command}' exec ponder -d {day}"));
        let process = wait_until(self.name, || {
            world.processes().into_iter().find(|process| process.name() == self.name && process.runs())
        });
        let draft = world.state_dir().join(format!("slots/{day}.0/{day}.md"));
        Desk { pane, editor: self, draft, process }
    }

    /// Whether it writes down what is not saved.
    pub fn writes_down(&self) -> bool {
        !self.write_down.is_empty()
    }
}

impl Desk<'_> {
    /// Types.
    pub fn keys(&self, keys: &[Key], line: &str) -> &Self {
        for key in keys {
            match key {
                Press(names) => self.pane.press(names),
                Type(text) => self.pane.type_text(text),
                Line => self.pane.type_text(line),
            };
        }
        self
    }

    /// Adds a line at the end, without saving it.
    pub fn add(&self, line: &str) -> &Self {
        self.keys(self.editor.add, line);
        self.pane.shows(line);
        self
    }

    /// Saves.
    pub fn save(&self) -> &Self {
        self.keys(self.editor.save, "")
    }

    /// Quits. Returns ponder's exit code.
    pub fn quit(&self) -> i32 {
        self.keys(self.editor.quit, "");
        self.pane.exit()
    }

    /// Lets it write down a line that is not saved, if it can, and waits for that.
    pub fn write_down(&self, line: &str) {
        if self.editor.writes_down() {
            self.keys(self.editor.write_down, "");
            let written = || self.beside().values().any(|found| found.contains(line)).then_some(());
            wait_until(&format!("{} writes down {line:?}", self.editor.name), written);
        }
    }

    /// Takes up again what an editor before it had written down.
    pub fn take_up(&self) {
        for (shown, keys) in self.editor.take_up {
            self.pane.shows(shown);
            self.keys(keys, "");
        }
    }

    /// The editor's process.
    pub fn process(&self) -> Process {
        self.process
    }

    /// The draft, as it is.
    pub fn draft(&self) -> String {
        fs::read_to_string(&self.draft).unwrap_or_default() // it may be between two names
    }

    /// The number of the draft's file.
    pub fn inode(&self) -> u64 {
        fs::metadata(&self.draft).unwrap().ino()
    }

    /// What is beside the draft: swap, backup, lock and other files of the editor.
    pub fn beside(&self) -> BTreeMap<PathBuf, String> {
        let dir = self.draft.parent().unwrap();
        let mut found = tree(dir);
        found.retain(|path, _| path != &self.draft && path.as_path() != dir);
        found
    }

    /// Kills the editor. Returns what was beside the draft, and ponder's exit code.
    pub fn kill(&self) -> (BTreeMap<PathBuf, String>, i32) {
        // Stopped first, so that it does not change its files once they were looked at.
        kill(self.process.0, Signal::STOP);
        wait_until("it has stopped", || (self.process.stat()[0] == "T").then_some(()));
        let beside = self.beside();
        self.process.kill();
        (beside, self.pane.exit())
    }
}

/// The names of files that were found.
pub fn names(found: &BTreeMap<PathBuf, String>) -> Vec<&str> {
    found.keys().filter_map(|path: &PathBuf| Path::file_name(path)?.to_str()).collect()
}
