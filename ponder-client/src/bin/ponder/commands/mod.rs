//! One file for each command.

pub(crate) mod append;
pub(crate) mod break_lease;
pub(crate) mod completions;
pub(crate) mod daemon;
pub(crate) mod doctor;
pub(crate) mod edit;
pub(crate) mod lease;
pub(crate) mod man;
pub(crate) mod merge_file;
pub(crate) mod recover;
pub(crate) mod service;
pub(crate) mod show;
pub(crate) mod status;

use std::env;
use std::fs;
use std::io;

use ponder_endpoint::Journal;
use ponder_proto::{EntryName, Holder, SessionId, limits};

use crate::context::Context;
use crate::dates::{Now, Which};
use crate::exit::{Exit, Failure};
use crate::platform::terminal_name;

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Command {
    Edit(edit::Edit),
    Append(append::Append),
    Show(show::Show),
    Status(status::Status),
    Lease(lease::Lease),
    Break(break_lease::Break),
    MergeFile(merge_file::MergeFile),
    Recover(recover::Recover),
    Daemon(daemon::Daemon),
    Doctor(doctor::Doctor),
    Service(service::Service),
    Completions(completions::Completions),
    Man(man::Man),
}

/// Does it.
pub(crate) fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Edit(edit) => edit.run(context),
        Command::Append(append) => append.run(context),
        Command::Show(show) => show.run(context),
        Command::Status(status) => status.run(context),
        Command::Lease(lease) => lease.run(context),
        Command::Break(lease) => lease.run(context),
        Command::MergeFile(merge) => merge.run(context),
        Command::Recover(recover) => recover.run(context),
        Command::Daemon(daemon) => daemon.run(context),
        Command::Doctor(doctor) => doctor.run(context),
        Command::Service(service) => service.run(context),
        Command::Completions(completions) => Ok(completions.run(context)),
        Command::Man(man) => man.run(context),
    }
}

/// The entries of several days that exist in the journal.
fn existing(journal: &Journal, days: Vec<EntryName>) -> Vec<EntryName> {
    let mut days = days;
    days.retain(|&day| fs::symlink_metadata(journal.file_of(day)).is_ok_and(|found| found.is_file()));
    days.truncate(limits::ENTRIES);
    days
}

/// What to say where none of several entries exists.
fn none_exist(which: Which) -> &'static str {
    match which {
        Which::Retro => "there are no entries from the last seven days",
        _ => "there are no entries to reminisce about yet",
    }
}

/// Today's entry.
fn today(now: &Now) -> Result<EntryName, Failure> {
    now.today()
        .ok_or_else(|| Failure::new(Exit::Config, "the clock shows a year that is not between 1 and 9999"))
}

/// The session inside which we run. An id that cannot be read is nobody's.
fn inside() -> Option<SessionId> {
    env::var("PONDER_SESSION").ok()?.parse().ok()
}

/// What those who wait are told about us.
fn holder(program: String, command: Option<String>, purpose: Option<String>) -> Holder {
    Holder { program, command, terminal: terminal_name(), purpose }
}

/// A number that nobody else has could not be made.
fn no_randomness(error: &io::Error) -> Failure {
    Failure::new(Exit::Bug, format!("the system gives no random numbers: {error}"))
}
