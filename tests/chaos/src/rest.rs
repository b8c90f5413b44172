//! How it ends: everybody has gone, the queue is empty, the daemon is at rest. And what there is then.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use ponder_tests::{DEADLINE, Process, Script};
use serde_json::{Value, json};

use crate::days::Day;
use crate::work::Stage;

/// What is there at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) entries: BTreeMap<Day, String>,
    /// Kept drafts.
    pub(crate) kept: Vec<(Day, String)>,
    /// Their slots.
    pub(crate) slots: BTreeSet<String>,
    /// Slots that are nobody's.
    pub(crate) leftovers: Vec<String>,
    /// What is not as it has to be at rest.
    pub(crate) restless: Vec<String>,
}

/// Waits until everything is at rest, and looks.
pub(crate) fn look(stage: &Stage<'_>) -> Result<Found> {
    let mut restless = Vec::new();
    let gone = || stage.world.processes().iter().all(|process| process.name() == "ponderd");
    if !comes_true(gone) {
        let names: Vec<String> = stage.world.processes().into_iter().map(Process::name).collect();
        restless.push(format!("processes that never end: {}", names.join(", ")));
    }
    let mut script = connect(stage)?;
    if !comes_true(|| is_drained(&mut script)) {
        restless
            .push(format!("the queue does not drain: {}", script.ask(json!({ "op": "status" }), "status")));
    }
    let kept = script.ask(json!({ "op": "status" }), "status")["kept"].clone();
    let kept: Vec<Value> = kept.as_array().cloned().unwrap_or_default();
    let entries = entries(&stage.world.path("journal"))?;
    let slots = kept.iter().filter_map(|kept| kept["id"].as_str().map(str::to_owned)).collect();
    Ok(Found {
        entries,
        kept: kept.iter().map(read_kept).collect::<Result<_>>()?,
        slots,
        restless,
        ..Found::default()
    })
}

/// The same under the next daemon, which has to find what this one left.
pub(crate) fn look_again(stage: &Stage<'_>) -> Result<Found> {
    let ran = stage.ponder(&["daemon", "restart"])?;
    ensure!(ran.exit == Some(0), "the daemon cannot be restarted: {}", ran.errors);
    let mut found = look(stage)?;
    // A daemon does not watch over what its predecessors ended by force; the next start tidies it up.
    let dir = stage.world.state_dir();
    let fifos = leftovers(&dir.join("alive")).into_iter();
    found.restless.extend(fifos.map(|name| format!("the FIFO {name} is left")));
    found.leftovers = unexplained_slots(&dir, &found.slots);
    Ok(found)
}

fn connect(stage: &Stage<'_>) -> Result<Script> {
    let ran = stage.ponder(&["daemon", "start"])?;
    ensure!(ran.exit == Some(0), "the daemon cannot be started: {}", ran.errors);
    Ok(Script::hello(&stage.socket().context("the daemon has written its endpoint file")?))
}

fn is_drained(script: &mut Script) -> bool {
    let is_empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
    is_empty(&script.ask(json!({ "op": "status" }), "status")["sessions"])
        && is_empty(&script.ask(json!({ "op": "deferred" }), "deferred")["entries"])
}

/// There is no event for it. Says whether it came true in time.
fn comes_true(mut look: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    loop {
        if look() {
            return true;
        }
        if start.elapsed() > DEADLINE {
            return false;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn leftovers(dir: &Path) -> BTreeSet<String> {
    let items = fs::read_dir(dir).into_iter().flatten().flatten();
    items.map(|item| item.file_name().to_string_lossy().into_owned()).collect()
}

/// Every slot is that of a kept draft, but for what a killed editor left for its own recovery.
fn unexplained_slots(state: &Path, known: &BTreeSet<String>) -> Vec<String> {
    let slots = state.join("slots");
    let is_known = |name: &str| {
        let id = name.trim_end_matches(".json").trim_end_matches(".base");
        known.contains(id) || has_only_an_editors_files(&slots.join(name))
    };
    let unknown = leftovers(&slots).into_iter().filter(|name| !is_known(name));
    unknown.map(|name| format!("the slot {name} is nobody's")).collect()
}

/// There is nothing, where the disk was too full for a draft, or a swap file: the next session has the slot.
fn has_only_an_editors_files(slot: &Path) -> bool {
    slot.is_dir()
        && leftovers(slot).iter().all(|name| name.rsplit_once('.').is_some_and(|(_, end)| end == "swp"))
}

fn path(kept: &Value) -> PathBuf {
    PathBuf::from(kept["path"].as_str().unwrap_or_default())
}

/// The text of a kept draft. Where it is a directory, of all that is in it.
fn read_kept(kept: &Value) -> Result<(Day, String)> {
    let path = path(kept);
    let name = kept["entry"].as_str().unwrap_or_default();
    let day = name.trim_end_matches(".md").parse().with_context(|| format!("{kept}"))?;
    let paths = if path.is_dir() {
        fs::read_dir(&path)?.flatten().map(|item| item.path()).filter(|path| path.is_file()).collect()
    } else {
        vec![path]
    };
    let texts = paths.iter().map(|path| fs::read(path).with_context(|| path.display().to_string()));
    let texts = texts.collect::<Result<Vec<_>>>()?;
    Ok((day, String::from_utf8_lossy(&texts.concat()).into_owned()))
}

fn entries(journal: &Path) -> Result<BTreeMap<Day, String>> {
    let mut entries = BTreeMap::new();
    for item in fs::read_dir(journal)? {
        let path = item?.path();
        let day = path.file_stem().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
        if let Some(day) = day.filter(|_| path.extension().is_some_and(|extension| extension == "md")) {
            entries.insert(day, fs::read_to_string(&path)?);
        }
    }
    Ok(entries)
}
