//! Programs: prepared, running, finished.

use std::ffi::OsStr;
use std::io::Write as _;
use std::process::{Child, Command, Stdio};

use rustix::process::Signal;
use serde_json::Value;

use crate::processes::{kill, pidfd_wait};
use crate::stream::Stream;

/// A program that is about to run.
#[derive(Debug)]
pub struct Program {
    command: Command,
    input: Option<Vec<u8>>,
}

impl Program {
    pub(crate) fn new(command: Command) -> Self {
        Self { command, input: None }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(self, arguments: &[&str]) -> Self {
        arguments.iter().fold(self, Self::arg)
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Unsets a variable.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// What it reads. Without, there is nothing to read.
    #[must_use]
    pub fn input(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.input = Some(text.into());
        self
    }

    /// Starts it.
    pub fn start(mut self) -> Running {
        let what = format!("{:?}", self.command.get_args().collect::<Vec<_>>());
        let stdin = if self.input.is_some() { Stdio::piped() } else { Stdio::null() };
        self.command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap_or_else(|error| panic!("cannot start {what}: {error}"));
        if let (Some(text), Some(mut stdin)) = (self.input, child.stdin.take()) {
            stdin.write_all(&text).unwrap();
        }
        let stdout = Stream::collect(child.stdout.take().unwrap());
        let stderr = Stream::collect(child.stderr.take().unwrap());
        Running { child, what, stdout, stderr }
    }

    /// Runs it to its end.
    pub fn run(self) -> Finished {
        self.start().wait()
    }
}

/// A program that runs. Dropped, it is killed.
#[derive(Debug)]
pub struct Running {
    child: Child,
    what: String,
    stdout: Stream,
    stderr: Stream,
}

impl Running {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill(self.pid(), signal);
    }

    /// Waits until it has written this to standard error.
    pub fn says(&self, part: &str) -> &Self {
        let found = self.stderr.wait(|text| text.contains(part).then_some(()));
        assert!(found.is_some(), "{} never said {part:?}{}", self.what, self.told());
        self
    }

    /// Waits until it has written this to standard error. Says whether it came before the end.
    pub fn tells(&self, part: &str) -> bool {
        self.stderr.wait(|text| text.contains(part).then_some(())).is_some()
    }

    /// Waits for an event that `--json` prints on standard output.
    pub fn event(&self, name: &str) -> Value {
        self.event_that(name, |_| true)
    }

    /// Waits for an event with that name that is as `right` wants it.
    pub fn event_that(&self, name: &str, right: impl Fn(&Value) -> bool) -> Value {
        let found = self.stdout.wait(|text| {
            let whole = text.rsplit_once('\n')?.0;
            whole
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok())
                .find(|event: &Value| event["event"] == name && right(event))
        });
        found.unwrap_or_else(|| panic!("{} never printed the event {name:?}{}", self.what, self.told()))
    }

    /// Whether it has ended by now.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for its end.
    pub fn wait(mut self) -> Finished {
        assert!(pidfd_wait(self.pid()), "{} does not end{}", self.what, self.told());
        let status = self.child.wait().unwrap();
        let all = |stream: &Stream, name| {
            let bytes = stream.all();
            bytes.unwrap_or_else(|| panic!("{} has ended, but somebody holds its {name}", self.what))
        };
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let stdout = text(all(&self.stdout, "standard output"));
        let stderr = text(all(&self.stderr, "standard error"));
        Finished { what: self.what.clone(), status: status.to_string(), code: status.code(), stdout, stderr }
    }

    /// `kill -9`, and its end.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn told(&self) -> String {
        format!("\n--- stdout\n{}\n--- stderr\n{}", self.stdout.so_far(), self.stderr.so_far())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended
        let _ = self.child.wait();
    }
}

/// A program that has ended.
#[derive(Clone, Debug)]
pub struct Finished {
    what: String,
    status: String,
    pub(crate) code: Option<i32>,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Finished {
    /// It exited with 0.
    #[track_caller]
    pub fn ok(self) -> Self {
        self.code(0)
    }

    /// It exited with this code.
    #[track_caller]
    pub fn code(self, code: i32) -> Self {
        assert!(
            self.code == Some(code),
            "{} ended with {} and not {code}{}",
            self.what,
            self.status,
            self.told()
        );
        self
    }

    /// Its exit code; none if it died by a signal.
    pub fn exit(&self) -> Option<i32> {
        self.code
    }

    /// It wrote this to standard error.
    #[track_caller]
    pub fn says(self, part: &str) -> Self {
        assert!(self.stderr.contains(part), "{} did not say {part:?}{}", self.what, self.told());
        self
    }

    /// It wrote nothing at all.
    #[track_caller]
    pub fn silent(self) -> Self {
        assert!(
            self.stdout.is_empty() && self.stderr.is_empty(),
            "{} was not silent{}",
            self.what,
            self.told()
        );
        self
    }

    /// The objects that `--json` printed.
    #[track_caller]
    pub fn events(&self) -> Vec<Value> {
        let read = |line| {
            serde_json::from_str(line).unwrap_or_else(|_| panic!("{line:?} is no JSON{}", self.told()))
        };
        self.stdout.lines().map(read).collect()
    }

    fn told(&self) -> String {
        format!("\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr)
    }
}
