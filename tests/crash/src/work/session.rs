//! A client that edits: sessions that commit again and again, at their end, by an editor's saves, or
//! not at all.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use ponder_tests::{Rng, new_id};
use serde_json::{Value, json};

use super::{Stage, day_of, name};
use crate::client::Client;
use crate::found::path;
use crate::history::Fact;
use crate::text::{Block, Day, Kind, Number};

/// How a session's drafts become entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// It asks for each commit.
    Commit,
    /// The daemon sees that a draft was saved.
    Save,
    /// All together, at its end.
    Exit,
    /// Its command fails: the drafts are kept.
    Fail,
}

pub(super) fn work(stage: &Stage<'_>, mut rng: Rng, amount: usize) -> Result<()> {
    let mut client = Client::connect(&stage.socket)?;
    for _ in 0..amount {
        let way = *rng.pick(&[Way::Commit, Way::Commit, Way::Exit, Way::Exit, Way::Save, Way::Fail]);
        let count = if way == Way::Exit { 1 + rng.below(3) } else { 1 };
        let mut days: Vec<Day> = (0..count).map(|_| stage.pick_day(&mut rng)).collect();
        days.sort_unstable();
        days.dedup();
        Session::acquire(stage, &mut client, way, &days)?.play(&mut rng)?;
    }
    Ok(())
}

/// A granted session.
struct Session<'a> {
    stage: &'a Stage<'a>,
    client: &'a mut Client,
    way: Way,
    id: String,
    token: Value,
    drafts: BTreeMap<Day, PathBuf>,
    /// The version that was written into each draft last, and the session's first one.
    versions: BTreeMap<Day, (Number, Number)>,
}

impl<'a> Session<'a> {
    fn acquire(stage: &'a Stage<'a>, client: &'a mut Client, way: Way, days: &[Day]) -> Result<Self> {
        let id = new_id();
        let commit = if matches!(way, Way::Commit | Way::Save) { "on_save" } else { "on_exit" };
        let entries: Vec<String> = days.iter().map(|day| name(*day)).collect();
        let holder = json!({ "program": "crash" });
        let request = json!({
            "op": "acquire", "session": id, "entries": entries, "commit": commit, "holder": holder,
        });
        let granted = client.ask(request)?;
        let drafts = granted["drafts"].as_array().context("a grant has drafts")?;
        let draft = |draft: &Value| Some((day_of(&draft["entry"])?, path(&draft["path"])?));
        let drafts: Option<BTreeMap<Day, PathBuf>> = drafts.iter().map(draft).collect();
        let drafts = drafts.context("a draft has an entry and a path")?;
        let token = granted["token"].clone();
        Ok(Self { stage, client, way, id, token, drafts, versions: BTreeMap::new() })
    }

    fn play(mut self, rng: &mut Rng) -> Result<()> {
        match self.way {
            Way::Commit => {
                for _ in 0..=rng.below(4) {
                    self.commit(rng)?;
                }
            }
            Way::Save => {
                for _ in 0..2 {
                    self.save(rng)?;
                }
            }
            Way::Exit | Way::Fail => self.write_all(rng)?,
        }
        self.release()
    }

    /// Gives every draft a new version.
    fn write_all(&mut self, rng: &mut Rng) -> Result<()> {
        for (day, draft) in self.drafts.clone() {
            let size = *rng.pick(&[10, 10, 1_000, 1_000, 1_000, 5_000, 40_000, 40_000, 1_000_000]);
            self.write(day, &draft, size, rng)?;
        }
        Ok(())
    }

    fn write(&mut self, day: Day, draft: &Path, size: usize, rng: &mut Rng) -> Result<()> {
        let first = self.versions.get(&day).map_or(0, |(_, first)| *first);
        let block: Block = self.stage.recorder.block(Kind::Version, day, size, first);
        let text = self.stage.recorder.with_version(&fs::read(draft)?, &block);
        if rng.chance(1, 2) {
            fs::write(draft, text)?; // as nano does
        } else {
            let other = draft.with_extension("vim"); // as vim does
            fs::write(&other, text)?;
            fs::rename(&other, draft)?;
        }
        self.versions.insert(day, (block.number, block.session));
        Ok(())
    }

    fn commit(&mut self, rng: &mut Rng) -> Result<()> {
        self.write_all(rng)?;
        let stage = self.stage;
        let with_others: Vec<_> = self.drafts.keys().map(|day| stage.with_others(*day)).collect();
        let answer = self.client.ask(json!({ "op": "commit", "session": self.id, "token": self.token }))?;
        self.note(&answer)?;
        drop(with_others);
        Ok(())
    }

    /// A save that makes the text longer is believed at once.
    fn save(&mut self, rng: &mut Rng) -> Result<()> {
        let stage = self.stage;
        for (day, draft) in self.drafts.clone() {
            let with_others = stage.with_others(day);
            let size = stage.recorder.version_size(&fs::read(&draft)?) + 100 + rng.below(2_000);
            self.write(day, &draft, size, rng)?;
            let told = self.client.unasked("committed")?;
            self.note(&told)?;
            drop(with_others);
        }
        Ok(())
    }

    fn release(mut self) -> Result<()> {
        let stage = self.stage;
        let with_others: Vec<_> = self.drafts.keys().map(|day| stage.with_others(*day)).collect();
        if self.way == Way::Exit && self.versions.len() > 1 {
            let together = self.versions.values().map(|(number, _)| *number).collect();
            stage.recorder.note(Fact::Together(together))?;
        }
        let succeeded = self.way != Way::Fail;
        let request = json!({ "op": "release", "session": self.id, "succeeded": succeeded });
        let answer = self.client.ask(request)?;
        self.note(&answer)?;
        drop(with_others);
        Ok(())
    }

    /// What was acknowledged.
    fn note(&mut self, answer: &Value) -> Result<()> {
        let outcomes = answer["entries"].as_array().context("an answer has outcomes")?;
        for (day, (number, _)) in &self.versions {
            let mine = outcomes.iter().filter(|outcome| day_of(&outcome["entry"]) == Some(*day));
            let mine: Vec<&Value> = mine.map(|outcome| &outcome["outcome"]).collect();
            if let Some(failed) = mine.iter().find(|outcome| !outcome["failed"].is_null()) {
                bail!("a commit failed: {failed}");
            }
            if mine.iter().any(|outcome| !outcome["kept"].is_null()) {
                self.stage.recorder.note(Fact::Kept(*number))?;
            } else if mine.iter().any(|outcome| *outcome == "committed" || *outcome == "unchanged") {
                self.stage.recorder.note(Fact::There(*number))?;
            }
        }
        Ok(())
    }
}
