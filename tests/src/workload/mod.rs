//! One scripted day of a journal: everything that a daemon does to its files, in a few seconds of
//! somebody's life, and what must be true of them afterwards however it ended.
//!
//! [`Day::run`] goes through it with a daemon that may die or be refused something at any moment,
//! and notes what it was told of each text. [`Day::check`] compares that with what is left.

mod check;
mod steps;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{Injection, Place, Script, Traced, World};

/// An entry that is appended to, edited and leased.
const BUSY: &str = "20261101";
/// One whose last line has no newline.
const OPEN_ENDED: &str = "20261102";
/// One that does not exist; an append makes it.
const APPENDED: &str = "20261103";
/// One that does not exist; an editor makes it.
const EDITED: &str = "20261104";
/// Two that are leased together with [`BUSY`]; the second does not exist.
const TOGETHER: [&str; 2] = ["20261105", "20261106"];
/// One that another program writes to as well, elsewhere.
const MERGED: &str = "20261107";
/// One where another program writes to the same line.
const CONTESTED: &str = "20261108";
/// One with two names, which can only be written in place.
const TWO_NAMES: &str = "20261109";
/// One whose new text is too long for the log.
const LARGE: &str = "20261110";

/// What the entries hold in the morning.
const MORNING: [(&str, &str); 7] = [
    (BUSY, "busy one\nbusy two\nbusy three\n"),
    (OPEN_ENDED, "no newline"),
    (TOGETHER[0], "together\n"),
    (MERGED, "merged one\nmerged two\nmerged three\nmerged four\nmerged five\n"),
    (CONTESTED, "contested\n"),
    (TWO_NAMES, "two names\nto be taken out of the entry with two names\n"),
    (LARGE, "large\n"),
];

/// What is known of a text that was given to the daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It was asked for, and no answer came: it is there once, or not at all.
    Asked,
    /// It is in a draft: it will be in the entry or in a kept draft.
    Saved,
    /// It is in the entry, once.
    Done,
    /// It is in a kept draft.
    Kept,
    /// It was refused, and nothing was changed.
    Refused,
    /// Nothing was said of it but that it may or may not survive.
    Unknown,
}

/// A text: some lines that nobody else writes.
#[derive(Clone, Debug)]
struct Text {
    name: String,
    day: &'static str,
    lines: usize,
    padding: usize,
    fate: Fate,
    /// The append's operation.
    operation: Option<String>,
    /// The line that goes when it comes.
    instead_of: Option<&'static str>,
    /// Those of one number come to their entries all, or none.
    together: bool,
}

/// A journal's day, and what was told about it.
#[derive(Debug)]
pub struct Day<'a> {
    world: &'a World,
    texts: Vec<Text>,
    /// What other programs wrote.
    foreign: Vec<(&'static str, &'static str)>,
    /// Everything that was refused.
    refusals: Vec<Value>,
    /// The daemon is killed in the evening, with all of the day in its log, and not stopped.
    ends_by_force: bool,
    /// A flush may fail: an entry that cannot be flushed is given up for another file, and with it its
    /// other names.
    flushes_fail: bool,
    /// The last append of the day was acknowledged.
    served_to_the_end: bool,
    transcript: String,
}

/// The daemon is dead.
#[derive(Debug)]
struct Dead;

type Step = Result<(), Dead>;

impl Text {
    fn block(&self) -> String {
        let padding = "x".repeat(self.padding);
        let line = |number| format!("{} line {number} of {}{padding}\n", self.name, self.lines);
        (1..=self.lines).map(line).collect()
    }
}

impl<'a> Day<'a> {
    /// The morning: the entries are there, no daemon runs.
    pub fn begin(world: &'a World) -> Self {
        for (day, text) in MORNING {
            world.write(day, text);
        }
        std::fs::hard_link(world.entry(TWO_NAMES), world.path("journal/second name")).unwrap();
        crate::chmod(&world.entry(MERGED), 0o640);
        let (texts, foreign, refusals) = (Vec::new(), Vec::new(), Vec::new());
        let transcript = String::new();
        let (ends_by_force, flushes_fail, served_to_the_end) = (false, false, false);
        Self { world, texts, foreign, refusals, ends_by_force, flushes_fail, served_to_the_end, transcript }
    }

    /// A day whose log does not begin anew, and whose daemon is killed in the evening: the next one reads
    /// of everything that happened.
    #[must_use]
    pub fn that_ends_by_force(mut self) -> Self {
        self.ends_by_force = true;
        self
    }

    /// A day in which one of these calls fails.
    #[must_use]
    pub fn in_which_fails(mut self, injection: &Injection) -> Self {
        self.flushes_fail = ["fsync", "fdatasync"].contains(&injection.call.as_str());
        self
    }

    fn all() -> impl Iterator<Item = &'static str> {
        MORNING.map(|(day, _)| day).into_iter().chain([APPENDED, EDITED, TOGETHER[1]])
    }

    /// The paths of a place. None for all.
    pub fn paths(world: &World, place: Place) -> Vec<PathBuf> {
        match place {
            Place::Anywhere => Vec::new(),
            Place::Journal => {
                let journal = world.path("journal");
                let dirs = [journal.join(".ponder"), journal];
                dirs.into_iter().chain(Self::all().map(|day| world.entry(day))).collect()
            }
            Place::Drafts => {
                let slots = world.state_dir().join("slots");
                let slot = |day: &str| {
                    let (dir, name) = (slots.join(format!("{day}.0")), format!("{day}.md"));
                    let beside = ["json.new", "base.new"].map(|what| slots.join(format!("{day}.0.{what}")));
                    [dir.join(name), dir].into_iter().chain(beside)
                };
                Self::all().flat_map(slot).chain([slots.clone()]).collect()
            }
        }
    }

    /// Starts a daemon for a day under `strace`, as [`World::traced_at`].
    pub fn traced(world: &World, calls: &str, injection: &Injection) -> Traced {
        let paths = Self::paths(world, injection.place);
        world.traced_at(calls, std::slice::from_ref(injection), &paths)
    }

    /// How often each call is made in a day by the thread that makes it most, at a place.
    pub fn calls(calls: &[&str], place: Place) -> BTreeMap<String, usize> {
        let world = World::impatient();
        let mut day = Day::begin(&world);
        let traced = world.traced_at(&calls.join(","), &[], &Self::paths(&world, place));
        day.run(traced.script(&world).expect("it starts"));
        let (finished, trace) = traced.end();
        finished.ok();
        assert!(day.refusals.is_empty(), "{:?}", day.refusals);
        let is_answered = |text: &Text| matches!(text.fate, Fate::Done | Fate::Kept);
        assert!(day.texts.iter().all(is_answered), "{}", day.transcript);
        day.check();
        trace.counts()
    }

    /// What was refused, in the daemon's words.
    pub fn refusals(&self) -> &[Value] {
        &self.refusals
    }

    /// Whether the daemon lived to the end of the day, and served then.
    pub fn was_served_to_the_end(&self) -> bool {
        self.served_to_the_end
    }

    /// What was said.
    pub fn transcript(&self) -> &str {
        &self.transcript
    }

    fn add(&mut self, day: &'static str, fate: Fate) -> usize {
        let name = format!("<text {} for {day}>", self.texts.len());
        let (operation, instead_of) = (None, None);
        let text = Text { name, day, lines: 2, padding: 0, fate, operation, instead_of, together: false };
        self.texts.push(text);
        self.texts.len() - 1
    }

    fn path_of(draft: &Value) -> &Path {
        Path::new(draft["path"].as_str().expect("a draft has a path"))
    }
}

/// A conversation in which the daemon may die.
struct Talk {
    script: Script,
    heard: Vec<Value>,
}

impl Talk {
    fn send(&mut self, request: Value) -> Result<u64, Dead> {
        self.script.try_send(request).ok_or(Dead)
    }

    /// The answer to a request: a result or an error.
    fn answer(&mut self, number: u64) -> Result<Value, Dead> {
        self.find(|message| message["re"] == number && message["event"] != "queued")
    }

    /// What nobody asked for: the news of an editor's save.
    fn news(&mut self, session: &str) -> Result<Value, Dead> {
        self.find(|message| message["re"].is_null() && message["session"] == session)
    }

    fn find(&mut self, wanted: impl Fn(&Value) -> bool) -> Result<Value, Dead> {
        loop {
            if let Some(at) = self.heard.iter().position(&wanted) {
                return Ok(self.heard.remove(at));
            }
            let message = self.script.hear().ok_or(Dead)?;
            self.heard.push(message);
        }
    }
}
