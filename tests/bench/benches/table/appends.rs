//! Durable appends: many writers and one, against what a script would do and what the disk can do.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use ponder_proto::{Append, Body, EntryName, Op, Text};

use crate::connection::Daemon;
use crate::group_commit::{self, LogServer};
use crate::processes::time;
use crate::stats::{Pairs, Row};
use crate::world::{World, run};

/// Writers at once, and what each writes in one round.
pub(crate) const WRITERS: u32 = 64;
pub(crate) const EACH: u32 = 60;
const ROUNDS: usize = 9;
/// A round of the script, which starts two processes for each line.
const SCRIPT_EACH: u32 = 4;

const LINE: &str = "a thought that came up on the way to the station, in one line\n";

pub(crate) fn rows(world: &World) -> Result<Vec<Row>> {
    world.start_daemon()?;
    let rows = vec![
        against_a_script(world)?,
        against_the_disk(world)?,
        against_a_bare_server(world)?,
        against_sqlite(world)?,
        whole_process(world)?,
        to_a_large_entry(world)?,
    ];
    world.stop_daemon()?;
    Ok(rows)
}

fn append(daemon: &mut Daemon, entry: &str) -> Result<()> {
    let entry: EntryName = entry.parse()?;
    let append = Append { entry, text: Text::from(LINE), operation: None, time: None };
    let answer = daemon.ask(Op::Append(append))?.0.body;
    ensure!(matches!(answer, Body::Appended { .. }), "not appended: {answer:?}");
    Ok(())
}

/// All writers append over connections that are open; the time for one append.
fn many_writers(world: &World) -> Result<Duration> {
    let socket = world.socket()?;
    let daemons: Vec<Daemon> = (0..WRITERS).map(|_| Daemon::connect(&socket)).collect::<Result<_>>()?;
    let start = Instant::now();
    thread::scope(|scope| {
        let writers: Vec<_> = daemons
            .into_iter()
            .map(|mut daemon| {
                scope.spawn(move || (0..EACH).try_for_each(|_| append(&mut daemon, "20260103")))
            })
            .collect();
        writers
            .into_iter()
            .try_for_each(|writer| writer.join().unwrap_or_else(|_| bail!("a writer ended by a bug")))
    })?;
    Ok(start.elapsed() / (WRITERS * EACH))
}

fn against_a_script(world: &World) -> Result<Row> {
    let file = world.path("script.md");
    let script = format!(
        "i=0; while [ $i -lt {SCRIPT_EACH} ]; do i=$((i+1)); flock 9; printf '%s' \"$1\" >> \"$0\"; sync \"$0\"; flock -u 9; done 9>>\"$0.lock\""
    );
    let mut pairs = Pairs::default();
    for round in 0..=ROUNDS {
        let ours = many_writers(world)?;
        let start = Instant::now();
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| world.command("sh").arg("-c").arg(&script).arg(&file).arg(LINE).spawn())
            .collect::<std::io::Result<_>>()?;
        for mut writer in writers {
            ensure!(writer.wait()?.success(), "the script failed");
        }
        let theirs = start.elapsed() / (WRITERS * SCRIPT_EACH);
        if round > 0 {
            pairs.add(ours, theirs);
        }
    }
    Ok(pairs.speed_row(
        "durable append, 64 writers on open connections",
        "`flock`, `echo >>`, `sync FILE`",
        "≥ 30 ×",
    ))
}

fn against_the_disk(world: &World) -> Result<Row> {
    let mut pairs = Pairs::default();
    for round in 0..=ROUNDS {
        let (ours, theirs) = (many_writers(world)?, group_commit::in_one_process(&world.path("group"))?);
        if round > 0 {
            pairs.add(ours, theirs);
        }
    }
    Ok(pairs.speed_row("the same", "a bare group-commit loop, records as long", "≥ 0.80 ×"))
}

fn against_a_bare_server(world: &World) -> Result<Row> {
    let server = LogServer::start(&world.path("log.sock"), &world.path("log-of-the-server"))?;
    let mut pairs = Pairs::default();
    for round in 0..=ROUNDS {
        let (ours, theirs) = (many_writers(world)?, server.many_writers()?);
        if round > 0 {
            pairs.add(ours, theirs);
        }
    }
    Ok(pairs.speed_row("the same", "that loop behind a bare tokio socket", ""))
}

fn against_sqlite(world: &World) -> Result<Row> {
    const INSERTS: u32 = 200;
    let mut daemon = Daemon::connect(&world.socket()?)?;
    let database = world.path("sqlite.db");
    let line = LINE.trim_end();
    let insert = format!("INSERT INTO entries VALUES ('{line}');\n").repeat(INSERTS as usize);
    let begin =
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE IF NOT EXISTS entries (text);\n";
    fs::write(world.path("insert.sql"), format!("{begin}{insert}"))?;
    fs::write(world.path("begin.sql"), begin)?;
    let mut pairs = Pairs::default();
    for round in 0..=ROUNDS {
        let start = Instant::now();
        (0..INSERTS).try_for_each(|_| append(&mut daemon, "20260104"))?;
        let ours = start.elapsed() / INSERTS;
        let sqlite = |script: &str| -> Result<Duration> {
            let input = File::open(world.path(script))?;
            time(world.command("sqlite3").arg(&database).stdin(input))
        };
        let (all, nothing) = (sqlite("insert.sql")?, sqlite("begin.sql")?);
        if round > 0 {
            pairs.add(ours, all.saturating_sub(nothing) / INSERTS);
        }
    }
    Ok(pairs.row("durable append, one writer", "`INSERT` into SQLite, WAL, synchronous=FULL", "< 1 ×"))
}

fn whole_process(world: &World) -> Result<Row> {
    let file = world.path("echo.md");
    let mut pairs = Pairs::default();
    for round in 0..105 {
        let ours = time(&mut world.ponder(&["append", "-d", "2026-01-05", "x"]))?;
        let theirs = time(world.command("sh").args(["-c", "echo x >> \"$0\"; sync \"$0\""]).arg(&file))?;
        if round >= 5 {
            pairs.add(ours, theirs);
        }
    }
    Ok(pairs.row("`ponder append`, whole process", "`sh -c 'echo x >> f; sync f'`", "≤ 1 ×"))
}

fn to_a_large_entry(world: &World) -> Result<Row> {
    const APPENDS: u32 = 50;
    let (large, empty) = ("20260106", "20260107");
    let mut file = OpenOptions::new().create(true).append(true).open(world.path("journal/20260106.md"))?;
    (0..100).try_for_each(|_| file.write_all(&vec![b'\n'; 1 << 20]))?;
    file.sync_all()?;
    run(world.command("touch").arg(world.path("journal/20260107.md")))?;
    let mut daemon = Daemon::connect(&world.socket()?)?;
    let mut some = |entry| -> Result<Duration> {
        let start = Instant::now();
        (0..APPENDS).try_for_each(|_| append(&mut daemon, entry))?;
        Ok(start.elapsed() / APPENDS)
    };
    let mut pairs = Pairs::default();
    for round in 0..=20 {
        let (ours, theirs) = (some(large)?, some(empty)?);
        if round > 0 {
            pairs.add(ours, theirs);
        }
    }
    Ok(pairs.row("append to an entry of 100 MB", "append to an empty one", "≤ 1.2 ×"))
}
