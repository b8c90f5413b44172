//! What works on drafts: scripts under `ponder lease`, and an editor. Each tells in a file of its own
//! what it did, a line in one write, which a kill does not tear.

mod marks;
mod save;

use std::env;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{self, ExitCode};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};

use self::marks::Marks;
pub(crate) use self::save::Way;
use crate::args::{Editor, Inside, Script};
use crate::clock::now;
use crate::days::Day;
use crate::history::{Deed, Work};

/// Where somebody tells what he does.
#[derive(Debug)]
struct Teller(File);

impl Teller {
    fn new(inside: &Inside) -> Result<Self> {
        let file = File::options().create(true).append(true).open(&inside.report)?;
        let teller = Self(file);
        teller.tell(Deed::Began { pid: process::id() })?;
        Ok(teller)
    }

    fn tell(&self, did: Deed) -> Result<()> {
        let line = serde_json::to_string(&Work { at: now(), did })? + "\n";
        (&self.0).write_all(line.as_bytes())?;
        Ok(())
    }
}

/// It takes a person, or a script's own work, some time: what happens meanwhile is tested, and nobody waits
/// for anything in it.
fn work_for(inside: &Inside) {
    thread::sleep(Duration::from_millis(inside.pause));
}

/// The drafts of a script's session.
fn drafts() -> Vec<PathBuf> {
    let listed = env::var("PONDER_ENTRIES").unwrap_or_default();
    listed.lines().map(PathBuf::from).collect()
}

fn day_of(draft: &Path) -> Result<Day> {
    let name = draft.file_stem().and_then(|name| name.to_str()).context("a draft has a name")?;
    name.parse().with_context(|| draft.display().to_string())
}

/// A command under `ponder lease`: it adds a line to each draft.
pub(crate) fn script(script: &Script) -> Result<ExitCode> {
    let inside = &script.inside;
    let teller = Teller::new(inside)?;
    let marks = if script.shared { None } else { Some(Marks::set(inside, &teller)?) };
    work_for(inside);
    let token = env::var("PONDER_TOKEN").unwrap_or_default();
    let mut failed = script.fail;
    for draft in drafts().iter().filter(|_| !script.shared) {
        let line = format!("s{}", inside.number);
        match save::append(draft, &format!("{line} {token}\n")) {
            Ok(()) => teller.tell(Deed::Saved { line, day: day_of(draft)? })?,
            Err(error) => {
                failed = true;
                teller.tell(Deed::Unsaved { why: error.to_string() })?;
            }
        }
        work_for(inside);
    }
    if let Some(marks) = marks {
        marks.remove()?;
    }
    teller.tell(Deed::Ended)?;
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// An editor: it reads its file once, and saves what it has from that and was added since, again and
/// again. What it cannot save it saves later.
pub(crate) fn editor(editor: &Editor) -> Result<ExitCode> {
    let inside = &editor.inside;
    let teller = Teller::new(inside)?;
    let marks = Marks::set(inside, &teller)?;
    let mut text = fs::read_to_string(&editor.draft)?;
    let day = day_of(&editor.draft)?;
    for save in 1..=editor.saves {
        work_for(inside);
        let line = format!("e{}.{save}", inside.number);
        insert(&mut text, &line, inside.number + u64::try_from(save)?);
        teller.tell(Deed::Saving)?;
        match editor.way.save_stubbornly(&editor.draft, &text) {
            Ok(()) => teller.tell(Deed::Saved { line, day })?,
            Err(error) => teller.tell(Deed::Unsaved { why: error.to_string() })?,
        }
    }
    work_for(inside);
    marks.remove()?;
    teller.tell(Deed::Ended)?;
    Ok(ExitCode::SUCCESS)
}

/// Adds a line, mostly at the end, sometimes behind the first line.
fn insert(text: &mut String, line: &str, chance: u64) {
    let behind_first = text.find('\n').map_or(text.len(), |at| at + 1);
    let at = if chance.is_multiple_of(4) { behind_first } else { text.len() };
    text.insert_str(at, &format!("{line}\n"));
}
