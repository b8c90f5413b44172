//! The table of `docs/design.md`, measured: each row against what a user would take instead, in
//! the same run, as a ratio. Never a test: a slow machine is not a defect.
//!
//! `cargo build --release && cargo bench -p ponder-bench`. `PONDER_BENCH_REST` is how many seconds
//! the daemon is watched at rest (60).

mod lease;
mod processes;
mod rest;
mod stats;
mod world;

use anyhow::Result;

use self::stats::Row;
use self::world::World;

fn main() -> Result<()> {
    // The same executable plays the parts that have to be processes of their own.
    let mut args = std::env::args().skip(1);
    match args.next().as_deref() {
        Some("play-echo-server") => return lease::echo_server(&args.next().unwrap_or_default()),
        Some("play-editor") => return processes::editor(),
        _ => {}
    }
    let world = World::new()?;
    println!("| what | ours | against | theirs | ratio | goal |");
    println!("|---|---:|---|---:|---:|---:|");
    println!("{}", lease::acquire_and_release(&world)?);
    println!("{}", processes::lease_command(&world)?);
    for row in processes::to_the_editor(&world)? {
        println!("{row}");
    }
    for row in rest::at_rest(&world)? {
        println!("{row}");
    }
    Ok(())
}

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
