//! One person's machine, in a directory of its own.

use std::env;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::{Hand, Script, Stage};

/// A profile, a journal that does not exist yet, and the environment to use them. When it goes, its daemon
/// goes; when a test fails, the daemon's log is printed.
#[derive(Debug)]
pub struct World {
    root: TempDir,
    variables: Vec<(&'static str, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code.
    pub code: i32,
    /// What it said on standard output.
    pub out: String,
    /// What it said on standard error.
    pub err: String,
}

impl World {
    /// A new world.
    #[expect(clippy::new_without_default, reason = "a directory on disk is no default")]
    pub fn new() -> Self {
        let root = tempfile::Builder::new().prefix("ponder-").tempdir().unwrap();
        fs::create_dir(root.path().join("profile")).unwrap();
        Self { root, variables: Vec::new() }
    }

    /// A new world whose daemons wait for so many seconds for holders who do not answer, and for those who
    /// are asked to release.
    pub fn with_windows(seconds: f64) -> Self {
        let mut world = Self::new();
        let seconds = seconds.to_string();
        world.variables = vec![("PONDER_WINDOW", seconds.clone()), ("PONDER_GRACE", seconds)];
        world
    }

    /// A path in this world.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// An entry's file.
    pub fn entry(&self, day: &str) -> PathBuf {
        self.path("journal").join(format!("{day}.md"))
    }

    /// An entry's text, or an empty one if there is no entry.
    pub fn text(&self, day: &str) -> String {
        fs::read_to_string(self.entry(day)).unwrap_or_default()
    }

    /// Writes an entry, as another program would.
    pub fn write(&self, day: &str, text: &str) {
        fs::create_dir_all(self.path("journal")).unwrap();
        fs::write(self.entry(day), text).unwrap();
    }

    /// `ponder.exe` with these words, not started yet.
    pub fn command(&self, words: &[&str]) -> Command {
        self.of("ponder.exe", words)
    }

    /// `hand.exe`, the same.
    pub fn helper(&self, words: &[&str]) -> Command {
        self.of("hand.exe", words)
    }

    fn of(&self, name: &str, words: &[&str]) -> Command {
        self.other(&program(name), words)
    }

    /// Any program with these words, in this world.
    pub fn other(&self, program: &Path, words: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(words).env("PONDER_DIR", self.path("journal"));
        command.env("LOCALAPPDATA", self.path("profile")).env("APPDATA", self.path("profile"));
        for variable in ["PONDER_EDITOR", "VISUAL", "EDITOR", "PONDER_SESSION", "PONDERD"] {
            command.env_remove(variable);
        }
        for (name, value) in &self.variables {
            command.env(name, value);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs `ponder.exe` to its end. On a machine that is very busy Wine gives up to start a program now and
    /// then: that is no end of it, and it is started again.
    pub fn ponder(&self, words: &[&str]) -> Ended {
        let run = || Ended::of(self.command(words).output().unwrap());
        (0..10).map(|_| run()).find(Ended::was_begun).expect("Wine starts it")
    }

    /// The same, and it has to succeed. What it printed.
    pub fn done(&self, words: &[&str]) -> String {
        let ended = self.ponder(words);
        assert_eq!(ended.code, 0, "{words:?}: {}{}", ended.out, ended.err);
        ended.out
    }

    /// Runs it with a text on its standard input.
    pub fn pipe_into(&self, words: &[&str], text: &str) -> Ended {
        let run = || {
            let mut child = self.command(words).stdin(Stdio::piped()).spawn().unwrap();
            // One that does not start does not read, either.
            let _unread = child.stdin.take().unwrap().write_all(text.as_bytes());
            Ended::of(child.wait_with_output().unwrap())
        };
        (0..10).map(|_| run()).find(Ended::was_begun).expect("Wine starts it")
    }

    /// Opens an entry in an editor that does what it is told.
    pub fn edit(&self, day: &str) -> Hand {
        self.edit_with(&["-d", day])
    }

    /// The same, with other words.
    pub fn edit_with(&self, words: &[&str]) -> Hand {
        let hand = self.hand();
        let child = self.command(words).env("PONDER_EDITOR", hand.command_line()).spawn().unwrap();
        hand.started_by(child)
    }

    /// The same in a console. The editor, for who looks at it.
    pub fn edit_on_stage(&self, day: &str) -> (Stage, Hand) {
        let hand = self.hand();
        let mut command = self.command(&["-d", day]);
        command.env("PONDER_EDITOR", hand.command_line());
        (self.stage(&command), hand)
    }

    /// A command in a console.
    pub fn stage(&self, command: &Command) -> Stage {
        Stage::of(command, &self.path(&format!("stage-{}", unique())))
    }

    fn hand(&self) -> Hand {
        Hand::new(&self.path(&format!("hand-{}", unique())))
    }

    /// A conversation with the daemon, in JSON Lines, after hello. The daemon is started if there is none.
    pub fn script(&self) -> Script {
        self.done(&["daemon", "start"]);
        Script::hello(&self.socket())
    }

    /// The daemon's pipe, as it has written it down.
    pub fn socket(&self) -> PathBuf {
        let side = fs::read_dir(self.side()).unwrap().flatten();
        let record =
            side.map(|item| item.path()).find(|path| path.extension().is_some_and(|end| end == "json"));
        let record: Value = serde_json::from_slice(&fs::read(record.expect("a record")).unwrap()).unwrap();
        PathBuf::from(record["socket"]["path"].as_str().unwrap())
    }

    /// `status`, as a program is told it.
    pub fn status(&self) -> Value {
        let out = self.done(&["status", "--json"]);
        let line = out.lines().find(|line| line.contains(r#""event":"status""#)).expect("a status");
        serde_json::from_str(line).unwrap()
    }

    /// The daemon's process.
    pub fn daemon(&self) -> u64 {
        self.status()["daemon"]["pid"].as_u64().unwrap()
    }

    /// Kills a process as `kill -9` would.
    pub fn kill(&self, pid: u64) {
        let killed = Command::new("taskkill").args(["/F", "/PID", &pid.to_string()]).output().unwrap();
        assert!(killed.status.success(), "{}", String::from_utf8_lossy(&killed.stderr));
    }

    /// The drafts that lie in slots.
    pub fn drafts(&self) -> Vec<PathBuf> {
        let slots = fs::read_dir(self.state().unwrap().join("slots")).unwrap().flatten();
        let dirs = slots.map(|item| item.path()).filter(|path| path.is_dir());
        dirs.flat_map(|dir| fs::read_dir(dir).unwrap().flatten()).map(|item| item.path()).collect()
    }

    /// The directory beside the entries.
    pub fn side(&self) -> PathBuf {
        self.path("journal").join(".ponder")
    }

    /// The versions of entries that lie beside them.
    pub fn versions(&self) -> Vec<PathBuf> {
        let items = fs::read_dir(self.side()).unwrap().flatten().map(|item| item.path());
        items.filter(|path| path.extension().is_some_and(|end| end == "tmp" || end == "kept")).collect()
    }

    /// The directory of the journal's drafts and logs.
    pub fn state(&self) -> Option<PathBuf> {
        let dirs = fs::read_dir(self.path("profile").join("ponder")).ok()?.flatten();
        dirs.map(|item| item.path()).find(|path| path.is_dir())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.ponder(&["daemon", "stop"]); // there may be none
        if std::thread::panicking()
            && let Some(state) = self.state()
        {
            let log = fs::read_to_string(state.join("ponderd.log")).unwrap_or_default();
            eprintln!("the daemon's log:\n{log}");
        }
    }
}

impl Ended {
    /// How a program has ended.
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// How a child that was started ends.
    pub fn wait_for(child: Child) -> Self {
        Self::of(child.wait_with_output().unwrap())
    }

    /// Whether Wine has started it at all, and the daemon that it starts (`ERROR_INTERNAL_ERROR` is Wine's own).
    fn was_begun(&self) -> bool {
        const DLL_INIT_FAILED: i32 = 0xC000_0142_u32.cast_signed();
        self.code != DLL_INIT_FAILED && !self.err.contains("(os error 1359)")
    }
}

/// A program of ours. It has to be built before: it lies where the tests' directory does.
pub fn program(name: &str) -> PathBuf {
    let own = env::current_exe().unwrap();
    let place = own.ancestors().skip(1).map(|dir| dir.join(name)).find(|path| path.is_file());
    place.unwrap_or_else(|| panic!("there is no {name} near {}: build it first", Path::display(&own)))
}

/// A number that no other of this process's things has.
fn unique() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static LAST: AtomicUsize = AtomicUsize::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}
