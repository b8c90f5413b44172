//! What an answer means, and what a reader sees.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ponder_tests::{Script, World, wait_until};
use serde_json::{Value, json};

const DAY: &str = "20261123";

/// A session over the entry, and the text it writes into its draft before each commit.
fn session(script: &mut Script) -> (String, Value) {
    let session = script.acquire(&[DAY], &json!({}));
    (session, script.expect("granted"))
}

fn commit(script: &mut Script, session: &str, granted: &Value, text: &str) {
    fs::write(granted["drafts"][0]["path"].as_str().expect("a draft"), text).unwrap();
    let commit = json!({ "op": "commit", "session": session, "token": granted["token"] });
    script.ask(commit, "committed");
}

/// The lines of a daemon's system calls, in the order in which they happened.
struct Trace(Vec<String>);

impl Trace {
    /// The first line from `start` on that `wanted` is said of.
    fn find(&self, what: &str, start: usize, wanted: impl Fn(&str) -> bool) -> usize {
        let found = self.0[start..].iter().position(|line| wanted(line));
        start + found.unwrap_or_else(|| panic!("{what} is not there\n{}", self.0.join("\n")))
    }

    fn answer(&self, event: &str, start: usize) -> usize {
        let said = format!(r#"\"event\":\"{event}\""#);
        self.find(event, start, |line| line.contains("sendto(") && line.contains(&said))
    }

    fn flushes(&self, start: usize, end: usize) -> usize {
        self.0[start..end].iter().filter(|line| line.contains("sync") && line.ends_with("= 0")).count()
    }
}

#[test]
fn nothing_is_answered_before_it_is_flushed() {
    let world = World::new();
    world.write(DAY, "before\n");
    let file = world.path("trace");
    let calls = "trace=fsync,fdatasync,rename,renameat,renameat2,sendto";
    let traced = format!("exec strace -f -qq -s 300 -e {calls} -o {} ponderd \"$@\"", file.display());
    let traced = world.path("bin").join(world.editor("traced", &traced));
    world.ponder(&["daemon", "start"]).env("PONDERD", &traced).run().ok();

    let mut script = world.script();
    script.ask(json!({ "op": "append", "entry": DAY, "text": "more" }), "appended");
    let (id, granted) = session(&mut script);
    commit(&mut script, &id, &granted, "after\n");
    script.ask(json!({ "op": "release", "session": id, "succeeded": true }), "released");
    world.ponder(&["daemon", "stop"]).run().ok();
    let text = wait_until("strace has written what it saw", || {
        fs::read_to_string(&file).ok().filter(|text| text.contains("stopping") && world.daemons().is_empty())
    });

    let trace = Trace(text.lines().map(str::to_owned).collect());
    let welcome = trace.answer("welcome", 0);
    let appended = trace.answer("appended", welcome);
    assert_eq!(trace.flushes(welcome, appended), 1, "an append is flushed before it is answered\n{text}");
    let granted = trace.answer("granted", appended);
    let renamed = trace.find("the rename", granted, |line| line.contains("rename") && line.contains(".tmp"));
    let committed = trace.answer("committed", granted);
    assert!(renamed < committed, "it has its name when it is answered\n{text}");
    assert_eq!(
        trace.flushes(granted, renamed),
        2,
        "the new file is flushed, and the log, before the file gets its name\n{text}"
    );
}

/// Ends the reader, however the writing ends.
struct Writing<'a>(&'a AtomicBool);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Every version has as many lines as it says, all alike; appends follow it.
#[test]
fn who_reads_sees_one_whole_version() {
    const LINES: usize = 20_000;
    let version = |number: usize| format!("version {number}\n").repeat(LINES);
    let world = World::new();
    world.write(DAY, &version(0));
    let mut script = world.script();
    let (id, granted) = session(&mut script);
    let done = AtomicBool::new(false);
    let seen = thread::scope(|scope| {
        let writing = Writing(&done);
        let reader = scope.spawn(|| {
            let mut seen = BTreeSet::new();
            while !done.load(Ordering::Relaxed) {
                let text = fs::read_to_string(world.entry(DAY)).unwrap();
                let first = text.lines().next().expect("an entry is never empty").to_owned();
                let body = format!("{first}\n").repeat(LINES);
                let rest = text.strip_prefix(&body).unwrap_or_else(|| panic!("{first} is torn"));
                let whole = rest.split_inclusive('\n').all(|line| "appended\n".starts_with(line));
                assert!(first.starts_with("version ") && whole, "{first} is followed by {rest:?}");
                seen.insert(first);
            }
            seen
        });
        for number in 1..=40 {
            commit(&mut script, &id, &granted, &version(number));
            script.ask(json!({ "op": "append", "entry": DAY, "text": "appended" }), "appended");
        }
        drop(writing);
        reader.join().unwrap()
    });
    assert!(seen.len() > 2, "the reader has read while something was written: {seen:?}");
}
