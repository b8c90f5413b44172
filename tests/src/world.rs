//! One person's machine, in a directory of its own.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan as _};
use ponder_endpoint::{Journal, Record};
use serde_json::Value;
use tempfile::TempDir;

use crate::programs::programs;
use crate::{DEADLINE, Gate, Mount, Process, Program, Script, Tmux};

/// Worlds are here and not under `/tmp`, where vim by default saves in another way than elsewhere
/// (it writes into the file and does not rename). Short: a socket's path has at most 107 bytes.
const PLACE: &str = "/var/tmp";

/// The variable by which a world's processes are known.
const MARK: &str = "PONDER_TEST_WORLD";

/// A home, a journal that does not exist yet, and the environment to use them. When it goes, its
/// processes go; when a test fails, the daemon's log is printed.
#[derive(Debug)]
pub struct World {
    root: TempDir,
    /// Hours east of Greenwich: where it is about noon now, so that no test meets midnight.
    zone: i8,
    /// Whose world it is, if it is not ours.
    pub(crate) owner: Option<u32>,
    /// What is mounted in it.
    pub(crate) mounts: Mutex<Vec<Mount>>,
    /// What its daemons and clients have in their environment beyond the usual.
    variables: Vec<(&'static str, String)>,
}

impl World {
    /// A new world.
    #[expect(clippy::new_without_default, reason = "a directory on disk is no default")]
    pub fn new() -> Self {
        Self::made(PLACE, "ponder-")
    }

    /// A new world in a directory there.
    pub(crate) fn new_in(place: &str) -> Self {
        Self::made(place, "ponder-")
    }

    /// A new world whose every path begins like this, in the directory of all worlds.
    pub fn called(prefix: &str) -> Self {
        Self::made(PLACE, prefix)
    }

    fn made(place: &str, prefix: &str) -> Self {
        let root = tempfile::Builder::new().prefix(prefix).tempdir_in(place).unwrap();
        for dir in ["home", "run", "state", "bin"] {
            fs::DirBuilder::new().mode(0o700).create(root.path().join(dir)).unwrap();
        }
        let hour = Offset::UTC.to_datetime(Timestamp::now()).hour();
        Self { root, zone: 12 - hour, owner: None, mounts: Mutex::new(Vec::new()), variables: Vec::new() }
    }

    /// A new world whose daemons wait this long for holders: for those who do not answer, and for those
    /// who are asked to release.
    pub fn with_windows(window: Duration, grace: Duration) -> Self {
        let seconds = |duration: Duration| duration.as_secs_f64().to_string();
        let variables = vec![("PONDER_WINDOW", seconds(window)), ("PONDER_GRACE", seconds(grace))];
        let mut world = Self::new();
        world.variables = variables;
        world
    }

    /// A new world whose daemons wait for nobody who is gone for longer than a moment.
    pub fn impatient() -> Self {
        Self::with_windows(Duration::from_millis(200), Duration::from_secs(30))
    }

    /// A path in this world: `home`, `run`, `state`, `bin`, `journal`, or another.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Today, where this world is.
    pub fn today(&self) -> Date {
        TimeZone::fixed(Offset::constant(self.zone)).to_datetime(Timestamp::now()).date()
    }

    /// That many days ago.
    pub fn days_ago(&self, days: i64) -> Date {
        self.today().checked_sub(days.days()).unwrap()
    }

    /// An entry's file: `20261123`, or a [`Date`].
    pub fn entry(&self, day: impl ToString) -> PathBuf {
        self.path("journal").join(format!("{}.md", day.to_string().replace('-', "")))
    }

    /// An entry's text, or an empty one if there is no entry.
    pub fn text(&self, day: impl ToString) -> String {
        fs::read_to_string(self.entry(day)).unwrap_or_default()
    }

    /// Writes an entry before the test begins, as another program would.
    pub fn write(&self, day: impl ToString, text: &str) {
        let entry = self.entry(day);
        fs::create_dir_all(self.path("journal")).unwrap();
        fs::write(&entry, text).unwrap();
        self.own(&self.path("journal"));
        self.own(&entry);
    }

    /// A program in this world's environment and nothing else of ours.
    pub fn program(&self, path: impl AsRef<Path>) -> Program {
        Program::new(self.command(path.as_ref()))
    }

    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let path = |name| self.path(name).display().to_string();
        let system = std::env::var("PATH").unwrap_or_default();
        let usual = [
            ("PATH", format!("{}:{}:{system}", path("bin"), programs().display())),
            ("HOME", path("home")),
            ("XDG_RUNTIME_DIR", path("run")),
            ("XDG_STATE_HOME", path("state")),
            ("PONDER_DIR", path("journal")),
            ("TERM", "dumb".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("TZ", format!("NOON{}", -self.zone)), // POSIX counts to the west
            (MARK, self.mark()),
        ];
        usual.into_iter().chain(self.variables.iter().cloned()).collect()
    }

    /// Where this world's user finds the programs.
    pub fn programs(&self) -> PathBuf {
        if self.owner.is_some() { self.path("bin") } else { programs().to_owned() }
    }

    /// `ponder` with these arguments.
    pub fn ponder(&self, arguments: &[&str]) -> Program {
        let program = self.program(self.programs().join("ponder"));
        arguments.iter().fold(program, Program::arg)
    }

    /// `ponderd` with these arguments.
    pub fn ponderd(&self, arguments: &[&str]) -> Program {
        let program = self.program(self.programs().join("ponderd"));
        arguments.iter().fold(program, Program::arg)
    }

    /// `ponder lease` on a day, running a shell script.
    pub fn lease(&self, day: &str, script: &str) -> Program {
        self.ponder(&["lease", "-d", day, "--", "sh", "-c", script])
    }

    /// An editor: a shell script in `PATH` that finds the drafts in `"$@"`. Returns its name.
    pub fn editor(&self, name: &str, script: &str) -> String {
        let path = self.path("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        name.to_owned()
    }

    /// A gate for scripts.
    pub fn gate(&self, name: &str) -> Gate {
        let gate = Gate::new(self.root.path(), name);
        gate.paths().iter().for_each(|path| self.own(path));
        gate
    }

    /// A terminal multiplexer in this world.
    pub fn tmux(&self) -> Tmux {
        Tmux::new(self)
    }

    /// A connected client for scripts; the daemon is started if there is none.
    pub fn script(&self) -> Script {
        self.ponder(&["daemon", "start"]).run().ok();
        Script::hello(&self.socket())
    }

    /// The journal's identity. It has to exist.
    pub fn journal(&self) -> Journal {
        Journal::open(&self.path("journal")).unwrap()
    }

    /// The socket of the daemon that runs, as the endpoint file tells it.
    pub fn socket(&self) -> PathBuf {
        Record::read(&self.journal()).expect("a daemon runs, and has written its endpoint file").socket()
    }

    /// Where the daemon keeps drafts and its log.
    pub fn state_dir(&self) -> PathBuf {
        self.path("state").join("ponder").join(self.journal().id())
    }

    /// What the daemons of this world have logged to their file.
    pub fn log(&self) -> String {
        fs::read_to_string(self.state_dir().join("ponderd.log")).unwrap_or_default()
    }

    /// What `ponder status` reports. A daemon has to run.
    pub fn status(&self) -> Value {
        let events = self.ponder(&["--json", "status"]).run().ok().events();
        events.into_iter().find(|event| event["event"] == "status").expect("status reports")
    }

    /// The daemon that runs. There has to be one.
    pub fn daemon(&self) -> Process {
        let daemons = self.daemons();
        assert_eq!(daemons.len(), 1, "one daemon: {daemons:?}");
        daemons[0]
    }

    /// The sessions that `ponder status` reports, in the order in which they asked.
    pub fn sessions(&self) -> Vec<Value> {
        self.status()["sessions"].as_array().unwrap().clone()
    }

    /// The kept drafts that `ponder status` reports.
    pub fn kept(&self) -> Vec<Value> {
        self.status()["kept"].as_array().unwrap().clone()
    }

    /// All processes of this world.
    pub fn processes(&self) -> Vec<Process> {
        Process::with(&format!("{MARK}={}", self.mark()))
    }

    /// All daemons of this world.
    pub fn daemons(&self) -> Vec<Process> {
        self.processes().into_iter().filter(|process| process.name() == "ponderd").collect()
    }

    fn mark(&self) -> String {
        self.root.path().display().to_string()
    }

    /// Asks the daemon to stop, if one listens, and waits until it has hung up.
    fn stop(&self) -> Option<()> {
        let socket = Record::read(&Journal::open(&self.path("journal")).ok()?)?.socket();
        let mut stream = UnixStream::connect(socket).ok()?;
        stream.set_read_timeout(Some(DEADLINE)).ok()?;
        stream.write_all(b"{\"op\":\"stop\"}\n").ok()?;
        stream.read_to_end(&mut Vec::new()).ok().map(drop)
    }

    fn describe(&self) {
        let logs = fs::read_dir(self.path("state").join("ponder")).into_iter().flatten().flatten();
        for state in logs {
            let log = fs::read_to_string(state.path().join("ponderd.log")).unwrap_or_default();
            let skip = log.lines().count().saturating_sub(60);
            eprintln!("--- the daemon's log");
            log.lines().skip(skip).for_each(|line| eprintln!("{line}"));
        }
        eprintln!("--- the journal");
        let journal = fs::read_dir(self.path("journal")).into_iter().flatten().flatten();
        // What is no file may be a FIFO that a test put there: reading it would never end.
        for item in journal.filter(|item| item.file_type().is_ok_and(|kind| kind.is_file())) {
            eprintln!("{}: {:?}", item.path().display(), fs::read_to_string(item.path()).unwrap_or_default());
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if thread::panicking() {
            self.describe();
        } else {
            // A stop that is refused or comes too late is no failure of the test.
            let _ = self.stop();
        }
        self.processes().into_iter().for_each(Process::kill);
        self.unmount_all();
    }
}
