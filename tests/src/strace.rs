//! A daemon whose system calls are watched, and one of which is made to fail.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{Finished, Running, Script, World};

/// The system calls that change a file or a directory, or tell a client of it.
pub const WRITING: [&str; 32] = [
    "write",
    "writev",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "copy_file_range",
    "sendfile",
    "fsync",
    "fdatasync",
    "sync_file_range",
    "ftruncate",
    "truncate",
    "fallocate",
    "creat",
    "openat",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "unlink",
    "unlinkat",
    "symlink",
    "symlinkat",
    "mkdir",
    "mkdirat",
    "fchmod",
    "fchown",
    "fsetxattr",
    "utimensat",
    "sendto",
    "sendmsg",
];

/// What happens to one system call of a daemon.
#[derive(Clone, Debug)]
pub struct Injection {
    /// The system call's name.
    pub call: String,
    /// What happens, as `strace -e inject` has it: `signal=KILL` (before the call), `error=EIO`.
    pub what: String,
    /// At which call, counted from 1 in each thread; or as in `1+`.
    pub when: String,
    /// Which calls count.
    pub place: Place,
}

/// What system calls are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Anything.
    Anywhere,
    /// Slots: drafts, their directories and records.
    Drafts,
    /// The journal: entries, its directory, the one for temporary files.
    Journal,
}

/// A daemon under `strace`.
#[derive(Debug)]
pub struct Traced {
    running: Running,
    file: PathBuf,
}

/// The system calls that were seen, a line each, in the order in which they happened.
#[derive(Clone, Debug)]
pub struct Trace(Vec<String>);

impl World {
    /// Starts a daemon under `strace`, which watches these calls, and counts and touches only those
    /// on these paths, if any are given. The journal has to exist.
    pub fn traced_at(&self, calls: &str, injections: &[Injection], paths: &[PathBuf]) -> Traced {
        let file = self.path("trace");
        let _ = fs::remove_file(&file); // an earlier daemon's
        let mut strace = self.program("strace");
        for argument in ["-f", "-qq", "-y", "-s", "40", "-e", &format!("trace={calls}"), "-o"] {
            strace = strace.arg(argument);
        }
        strace = strace.arg(&file);
        for path in paths {
            strace = strace.arg("-P").arg(path);
        }
        for Injection { call, what, when, .. } in injections {
            strace = strace.arg("-e").arg(format!("inject={call}:{what}:when={when}"));
        }
        strace = strace.arg(self.programs().join("ponderd")).arg("--journal").arg(self.path("journal"));
        Traced { running: strace.start(), file }
    }

    /// The same, with calls on any paths.
    pub fn traced(&self, calls: &str, injections: &[Injection]) -> Traced {
        self.traced_at(calls, injections, &[])
    }

    /// The socket of this world's daemon, whether one runs or not. The journal has to exist.
    pub fn socket_path(&self) -> PathBuf {
        ponder_endpoint::socket_path(&self.path("run").join("ponder"), &self.journal()).unwrap()
    }
}

impl Injection {
    /// A call that always fails.
    pub fn always(call: &str, error: &str) -> Self {
        let (call, what) = (call.to_owned(), format!("error={error}"));
        Self { call, what, when: "1+".to_owned(), place: Place::Anywhere }
    }
}

impl fmt::Display for Injection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:when={} ({:?})", self.call, self.what, self.when, self.place)
    }
}

impl Traced {
    /// Waits until the daemon can be talked to. None if it ended before.
    pub fn script(&self, world: &World) -> Option<Script> {
        if !self.running.tells(" ready ") {
            return None;
        }
        Script::try_hello(&world.socket_path())
    }

    /// Waits for its end. Returns how it ended, and what was seen.
    pub fn end(self) -> (Finished, Trace) {
        let finished = self.running.wait();
        (finished, Trace::read(&self.file))
    }
}

impl Trace {
    fn read(file: &Path) -> Self {
        let text = fs::read(file).unwrap_or_default();
        Self(String::from_utf8_lossy(&text).lines().map(str::to_owned).collect())
    }

    /// Its lines.
    pub fn lines(&self) -> &[String] {
        &self.0
    }

    /// Whether a call was made to fail.
    pub fn has_fired(&self) -> bool {
        self.injected().next().is_some()
    }

    /// The calls that were made to fail, or at which the daemon was killed.
    pub fn injected(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str).filter(|line| line.contains("(INJECTED)"))
    }

    /// How often each call was made by the thread that made it most.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut by_thread: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for line in &self.0 {
            let Some((thread, rest)) = line.split_once(char::is_whitespace) else { continue };
            if let Some((call, _)) = rest.trim_start().split_once('(') {
                *by_thread.entry((call, thread)).or_default() += 1;
            }
        }
        let mut counts = BTreeMap::new();
        for ((call, _), count) in by_thread {
            let most: &mut usize = counts.entry(call.to_owned()).or_default();
            *most = count.max(*most);
        }
        counts
    }
}
