//! Other programs that write an entry, each in its own way.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;

use crate::{Finished, Program, World, wait_until};

/// The entry that they write.
pub const DAY: &str = "20261123";

/// What is in it before anybody writes.
pub const BEFORE: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n";

/// A program that replaces one of those lines by `theirs`.
#[derive(Debug)]
pub struct Outsider {
    prepare: fn(&World, &str),
    change: fn(&World, &str),
}

/// A text with another line in the place of one of its own.
pub fn with(text: &str, line: &str, other: &str) -> String {
    let wanted = |found: &&str| *found == line;
    assert_eq!(text.lines().filter(wanted).count(), 1, "{line:?} in {text:?}");
    text.lines()
        .map(|found| if found == line { other } else { found })
        .flat_map(|line| [line, "\n"])
        .collect()
}

fn nothing(_: &World, _: &str) {}

/// vim on the entry itself. It renames: not under `/tmp`, but worlds are elsewhere.
pub const VIM: Outsider = Outsider {
    prepare: nothing,
    change: |world, line| {
        let tmux = world.tmux();
        let inode = || fs::metadata(world.entry(DAY)).unwrap().ino();
        let before = inode();
        let pane = tmux.pane(&format!("exec vim -Nu NONE '{}'", world.entry(DAY).display()));
        pane.shows(line);
        pane.vim(&format!(":%s/^{line}$/theirs/")).vim(":wq");
        assert_eq!(pane.exit(), 0, "{}", pane.screen());
        assert_ne!(inode(), before, "this vim writes in place: the test no longer shows a save by rename");
    },
};

/// `sed -i`, which renames.
pub const SED: Outsider = Outsider {
    prepare: nothing,
    change: |world, line| {
        let sed = world.program("sed").arg("-i").arg(format!("s/^{line}$/theirs/"));
        sed.arg(world.entry(DAY)).run().ok();
    },
};

/// A shell that writes into the file.
pub const SHELL: Outsider = Outsider {
    prepare: nothing,
    change: |world, line| {
        let text = with(&world.text(DAY), line, "theirs");
        let shell = world.program("sh").arg("-c").arg("cat > \"$0\"").arg(world.entry(DAY));
        shell.input(text).run().ok();
    },
};

/// `git checkout` of another version: the file is removed and made anew, often under its old
/// inode number.
pub const GIT: Outsider = Outsider {
    prepare: |world, line| {
        world.git(&["init", "-q"]);
        world.write(DAY, &with(BEFORE, line, "theirs"));
        world.git(&["add", "20261123.md"]);
        world.git(&["commit", "-qm", "theirs"]);
        world.git(&["branch", "theirs"]);
        world.write(DAY, BEFORE);
        world.git(&["commit", "-qam", "before"]);
    },
    change: |world, _| {
        let status = world.git(&["status", "--porcelain"]);
        assert_eq!(status, "", "ponder's own files are nothing to git");
        world.git(&["checkout", "-q", "theirs"]);
    },
};

/// Syncthing: a temporary file beside the entry, flushed, with the time of the other machine, and
/// renamed over it.
pub const SYNCTHING: Outsider = Outsider {
    prepare: nothing,
    change: |world, line| {
        let entry = world.entry(DAY);
        let fresh = entry.with_file_name(".syncthing.20261123.md.tmp");
        let mut file = File::create(&fresh).unwrap();
        file.write_all(with(&world.text(DAY), line, "theirs").as_bytes()).unwrap();
        file.set_modified(fs::metadata(&entry).unwrap().modified().unwrap()).unwrap();
        file.sync_all().unwrap();
        fs::rename(fresh, entry).unwrap();
    },
};

impl Outsider {
    /// A world with the entry, in which this program can go to work on that line.
    pub fn world(&self, line: &str) -> World {
        let world = World::new();
        world.write(DAY, BEFORE);
        (self.prepare)(&world, line);
        world
    }

    /// Replaces the line by `theirs`.
    pub fn change(&self, world: &World, line: &str) {
        (self.change)(world, line);
    }
}

impl World {
    /// Runs git in the journal. Returns its output.
    pub fn git(&self, arguments: &[&str]) -> String {
        let git = self.program("git").env("GIT_CONFIG_GLOBAL", "/dev/null");
        let who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-C"];
        let git = who.iter().fold(git, Program::arg).arg(self.path("journal"));
        arguments.iter().fold(git, Program::arg).run().ok().stdout
    }

    /// Runs an editor on the entry, which does something to its draft, `"$1"`, after something
    /// else was done meanwhile. Returns how ponder ended.
    pub fn edit_while(&self, ours: &str, meanwhile: impl FnOnce()) -> Finished {
        self.edit_twice_while([ours, "true"], meanwhile, || {})
    }

    /// The same, and then once more: something else between its first save and its second.
    pub fn edit_twice_while(
        &self,
        ours: [&str; 2],
        meanwhile: impl FnOnce(),
        between: impl FnOnce(),
    ) -> Finished {
        let gates = ["first", "second"].map(|name| self.gate(name));
        let steps = [0, 1].map(|step| format!("{}\n{}", gates[step].pass("$1"), ours[step]));
        self.editor("slow", &steps.join("\n"));
        let client = self.ponder(&["-d", DAY]).env("EDITOR", "slow").start();
        gates[0].arrival();
        meanwhile();
        gates[0].open();
        gates[1].arrival();
        between();
        gates[1].open();
        client.wait()
    }

    /// Waits until the entry is this.
    pub fn becomes(&self, text: &str) {
        wait_until(&format!("the entry is {text:?}"), || (self.text(DAY) == text).then_some(()));
    }

    /// The texts of all kept drafts.
    pub fn kept_texts(&self) -> Vec<String> {
        let path = |kept: &serde_json::Value| kept["path"].as_str().unwrap().to_owned();
        self.kept().iter().map(path).map(|path| fs::read_to_string(path).unwrap()).collect()
    }

    /// Asserts that every line of these texts is in the entry or in a kept draft.
    #[track_caller]
    pub fn has_all_of(&self, texts: &[&str]) {
        let found = self.kept_texts().concat() + &self.text(DAY);
        for line in texts.iter().flat_map(|text| text.lines()) {
            assert!(found.lines().any(|found| found == line), "{line:?} is lost: {found:?}");
        }
    }
}
