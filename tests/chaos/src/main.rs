//! Chaos: many real clients, editors, appenders and other programs on one journal, while processes are
//! killed and stopped and disks are full, by a schedule that a seed decides.
//!
//! Whatever a client asked, was told and did is written down with its times ([`history`]). In the end
//! everything has to come to rest ([`rest`]), and the history, the entries and the kept drafts are put
//! to the promises ([`judge`]). What works on drafts, an editor or a script, is this program as well
//! ([`inside`]), so that it can tell when a save was complete.

mod args;
mod clock;
mod days;
mod disturb;
mod history;
mod inside;
mod judge;
mod report;
mod rest;
mod room;
mod run;
mod running;
mod work;

use std::process::ExitCode;

use anyhow::Result;

use self::args::{Args, Part};

fn main() -> ExitCode {
    let args = Args::read();
    let result = match &args.part {
        Some(Part::Script(script)) => inside::script(script),
        Some(Part::Editor(editor)) => inside::editor(editor),
        None => drive(&args),
    };
    result.unwrap_or_else(|error| {
        eprintln!("ponder-chaos: {error:#}");
        ExitCode::FAILURE
    })
}

fn drive(args: &Args) -> Result<ExitCode> {
    if !room::is_inside() {
        return Err(room::go_inside());
    }
    let size = args.size()?;
    let seed = args.seed()?;
    println!("seed {seed}; {size}");
    let (summary, violations) = run::run(args, seed, size)?;
    println!("{summary}");
    Ok(if violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
