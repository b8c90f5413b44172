//! `ponder`: write today's entry. See `ponder --help`.

#![forbid(unsafe_code)]

mod args;
mod clock;
mod commands;
mod context;
mod dates;
mod deferred;
mod diff;
mod duration;
mod editor;
mod exit;
#[cfg(test)]
mod fake_daemon;
mod file_systems;
mod happenings;
mod hints;
mod journal_dir;
mod kept;
mod link;
mod lock_holders;
mod look_alikes;
mod outcomes;
mod people;
mod platform;
mod question;
mod queue;
mod report;
mod session;
mod waiting;

use std::process::ExitCode;

fn main() -> ExitCode {
    platform::begin();
    let (context, command) = match args::read() {
        Ok(invocation) => invocation,
        Err(refused) => return refused.into(),
    };
    let (exit, message) = match commands::run(&context, command) {
        Ok(exit) => (exit, None),
        Err(failure) => (failure.exit, Some(failure.message)),
    };
    context.report.finish(exit, message.as_deref());
    ExitCode::from(exit.code())
}
