//! A daemon's start, in a journal of many entries and in one of few.

use std::fs;
use std::time::Duration;

use anyhow::Result;

use crate::processes::time;
use crate::stats::{Pairs, Row};
use crate::world::World;

const MANY: u32 = 100_000;
const FEW: u32 = 10;

pub(crate) fn many_entries(world: &World) -> Result<Row> {
    for (name, count) in [("many", MANY), ("few", FEW)] {
        let dir = world.path(name);
        fs::create_dir(&dir)?;
        // Days of the years 1 to 9999: more than enough.
        let days = (1..=9999).flat_map(|year| (1..=12).map(move |month| (year, month)));
        let names =
            days.flat_map(|(year, month)| (1..=28).map(move |day| format!("{year:04}{month:02}{day:02}.md")));
        for name in names.take(count as usize) {
            fs::write(dir.join(name), "# A day\n")?;
        }
    }
    let start = |name: &str| -> Result<Duration> {
        let dir = world.path(name);
        let started = time(world.ponder(&["-q", "daemon", "start"]).env("PONDER_DIR", &dir))?;
        time(world.ponder(&["-q", "daemon", "stop"]).env("PONDER_DIR", &dir))?;
        Ok(started)
    };
    let mut pairs = Pairs::default();
    for round in 0..=20 {
        let (ours, theirs) = (start("many")?, start("few")?);
        if round > 0 {
            pairs.add(ours, theirs);
        }
    }
    Ok(pairs.row("start of a daemon, 100,000 entries", "the same, 10 entries", "≤ 2 ×"))
}
