//! The table of `docs/design.md`, measured: each row against what a user would take instead, in
//! the same run, as a ratio. Never a test: a slow machine is not a defect.
//!
//! `cargo build --release && cargo bench -p ponder-bench`; `-- appends commit` measures these groups
//! only. `PONDER_BENCH_REST` is how many seconds the daemon is watched at rest (60).

mod appends;
mod commit;
mod connection;
mod group_commit;
mod handover;
mod lease;
mod processes;
mod rest;
mod start;
mod stats;
mod waiters;
mod world;

use anyhow::Result;

use self::stats::Row;
use self::world::World;

fn main() -> Result<()> {
    // The same executable plays the parts that have to be processes of their own.
    let mut args = std::env::args().skip(1);
    match args.next().as_deref() {
        Some("play-echo-server") => return lease::echo_server(&args.next().unwrap_or_default()),
        Some("play-log-server") => {
            let (socket, log) = (args.next().unwrap_or_default(), args.next().unwrap_or_default());
            return group_commit::log_server(&socket, &log);
        }
        Some("play-turns") => {
            let [kind, place] = [(); 2].map(|()| args.next().unwrap_or_default());
            return handover::play_turns(&kind, &place);
        }
        Some("play-command") => {
            let [turn, stamps] = [(); 2].map(|()| args.next().unwrap_or_default());
            return handover::play_command(&turn, &stamps);
        }
        Some("play-editor") => return processes::editor(),
        _ => {}
    }
    let world = World::new()?;
    // `cargo bench` says --bench; any other word names a group.
    let only: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    println!("| what | ours | against | theirs | ratio | goal |");
    println!("|---|---:|---|---:|---:|---:|");
    for (name, measure) in GROUPS {
        if only.is_empty() || only.iter().any(|wanted| wanted == name) {
            measure(&world)?.iter().for_each(|row| println!("{row}"));
        }
    }
    Ok(())
}

type Measure = fn(&World) -> Result<Vec<Row>>;

const GROUPS: [(&str, Measure); 9] = [
    ("lease", |world| Ok(vec![lease::acquire_and_release(world)?, processes::lease_command(world)?])),
    ("handover", handover::rows),
    ("waiters", waiters::rows),
    ("editor", |world| Ok(processes::to_the_editor(world)?.into())),
    ("appends", appends::rows),
    ("commit", |world| Ok(vec![commit::whole_file(world)?])),
    ("start", |world| Ok(vec![start::many_entries(world)?])),
    ("rest", |world| Ok(rest::at_rest(world)?.into())),
    ("open", |world| Ok(rest::with_open_sessions(world)?.into())),
];

/// A row without a peer.
fn alone(what: &str, ours: String, goal: &str) -> Row {
    Row {
        what: what.to_owned(),
        ours,
        against: String::new(),
        theirs: String::new(),
        ratio: String::new(),
        goal: goal.to_owned(),
    }
}
