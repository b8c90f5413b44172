//! Those who use the journal, each in a thread that does one thing after the other.

mod appends;
mod others;
mod outsider;
mod sessions;

use std::env;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::Result;
use ponder_endpoint::Record as Endpoint;
use ponder_tests::{Rng, World};

use self::appends::Connection;
pub(crate) use self::sessions::works;
use crate::args::Size;
use crate::days::{self, Day};
use crate::history::{Record, Recorder};
use crate::running::{self, Ran};

/// What everybody shares.
#[derive(Debug)]
pub(crate) struct Stage<'a> {
    pub(crate) world: &'a World,
    pub(crate) recorder: &'a Recorder,
    pub(crate) over: &'a AtomicBool,
    pub(crate) size: Size,
    pub(crate) start: Instant,
    /// This program.
    pub(crate) own: PathBuf,
}

/// Something that a worker may do.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Append,
    Appends,
    Script,
    Failing,
    Shared,
    NoDraft,
    Editor,
    Vim,
    Outsider,
    Status,
    Break,
}

/// What each worker does, and how often.
type Trade = &'static [(Deed, usize)];
const APPENDER: Trade = &[(Deed::Append, 3), (Deed::Appends, 5), (Deed::Status, 1)];
const SCRIPTER: Trade =
    &[(Deed::Script, 5), (Deed::NoDraft, 4), (Deed::Failing, 1), (Deed::Shared, 2), (Deed::Append, 1)];
const WRITER: Trade = &[(Deed::Editor, 6), (Deed::Vim, 2)];
const PASSER: Trade = &[(Deed::Outsider, 12), (Deed::Status, 6), (Deed::Break, 2), (Deed::Appends, 4)];

/// All workers.
const WORKERS: [Trade; 12] = [
    APPENDER, APPENDER, SCRIPTER, SCRIPTER, SCRIPTER, SCRIPTER, SCRIPTER, WRITER, WRITER, WRITER, WRITER,
    PASSER,
];

/// How many workers there are.
pub(crate) const COUNT: usize = WORKERS.len();

impl Stage<'_> {
    /// Whether it is enough.
    pub(crate) fn is_over(&self) -> bool {
        let over = self.size.time.is_some_and(|time| self.start.elapsed() >= time)
            || self.size.operations.is_some_and(|most| self.recorder.operations() >= most);
        if over {
            self.over.store(true, Ordering::Relaxed);
        }
        self.over.load(Ordering::Relaxed)
    }

    /// Runs `ponder` to its end.
    pub(crate) fn ponder(&self, arguments: &[&str]) -> Result<Ran> {
        self.ponder_with(arguments, None)
    }

    /// The same, with an editor.
    fn ponder_with(&self, arguments: &[&str], editor: Option<&str>) -> Result<Ran> {
        let program = PathBuf::from(env::var_os("PONDER_TEST_PROGRAMS").unwrap_or_default()).join("ponder");
        let mut command = self.world.command(&program);
        command.args(arguments);
        if let Some(editor) = editor {
            command.env("PONDER_EDITOR", editor);
        }
        let ran = running::run(command)?;
        if ran.hung {
            self.recorder.note(Record::Hung { what: arguments.join(" ") })?;
        }
        Ok(ran)
    }

    /// The socket of the daemon that runs or ran last.
    pub(crate) fn socket(&self) -> Option<PathBuf> {
        Some(Endpoint::read(&self.world.journal())?.socket())
    }

    /// One of the days in use.
    fn day(&self, rng: &mut Rng) -> Day {
        *rng.pick(&days::in_use(self.recorder.operations()))
    }
}

/// Works until it is enough.
pub(crate) fn work(stage: &Stage<'_>, worker: usize, mut rng: Rng) -> Result<()> {
    let trade = WORKERS[worker];
    let total = trade.iter().map(|(_, weight)| weight).sum();
    let mut connection = Connection::default();
    while !stage.is_over() {
        let mut left = rng.below(total);
        let chosen = trade.iter().find(|(_, weight)| {
            let found = left < *weight;
            left = left.saturating_sub(*weight);
            found
        });
        let Some((deed, _)) = chosen else { continue };
        let rng = &mut rng;
        match deed {
            Deed::Append => appends::append(stage, rng)?,
            Deed::Appends => appends::several(stage, rng, &mut connection)?,
            Deed::Script => sessions::script(stage, rng, crate::history::Kind::Script)?,
            Deed::Failing => sessions::script(stage, rng, crate::history::Kind::Failing)?,
            Deed::Shared => sessions::script(stage, rng, crate::history::Kind::Shared)?,
            Deed::NoDraft => sessions::script(stage, rng, crate::history::Kind::NoDraft)?,
            Deed::Editor => sessions::editor(stage, rng)?,
            Deed::Vim => sessions::vim(stage, rng)?,
            Deed::Outsider => outsider::write(stage, rng)?,
            Deed::Status => others::status(stage)?,
            Deed::Break => others::end_a_lease(stage, rng)?,
        }
    }
    Ok(())
}
