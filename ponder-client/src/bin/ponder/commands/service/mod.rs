//! `ponder service`: the daemon as a service of the user's own service manager.
//!
//! Nobody needs it: the daemon starts by itself. A service has it watched, logged and sandboxed.

#[cfg(any(windows, test))]
mod command_line;
#[cfg(unix)]
mod files;
#[cfg(unix)]
mod launchd;
#[cfg(windows)]
mod logon;
mod manager;
#[cfg(unix)]
mod state_dir;
#[cfg(unix)]
mod systemd;
#[cfg(windows)]
mod values;

use std::env;
use std::ffi::OsString;
use std::fmt::Write as _;

use clap::Subcommand;
use ponder_client::Endpoint;
use ponder_endpoint::Journal;
use ponder_proto::shown;
use serde_json::json;

/// What a service is made of, and where: files, or values in the registry.
#[cfg(unix)]
use self::files::{Part, Place};
use self::manager::Manager;
pub(super) use self::manager::State;
#[cfg(windows)]
use self::values::{Part, Place};

use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::hints;
use crate::report;

/// What to do about the service.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum Service {
    /// Put the daemon of this journal under your service manager. Shows what it writes before it does.
    Install {
        /// Only show what would be written and run.
        #[arg(long)]
        dry_run: bool,
    },
    /// Take away what `install` has put there, and nothing else. Your journal is left alone.
    Uninstall {
        /// Only show what would be removed and run.
        #[arg(long)]
        dry_run: bool,
    },
    /// Print what `install` writes.
    Print,
    /// Show whether the service is there, and how it is.
    Status,
    /// What Windows runs at a logon.
    #[cfg(windows)]
    #[command(hide = true)]
    Logon,
}

/// What has to be done about a part.
#[derive(Debug)]
enum Change {
    /// It is there as it is to be.
    None(Part),
    /// There is none, or an older one of ours.
    Write(Part),
}

impl Service {
    pub(crate) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let journal = match self {
            Self::Install { dry_run: false } => {
                // What no service can hold is refused before there is a journal.
                find(&context.named()?)?.parts()?;
                context.open_or_create()?
            }
            // It may not be there yet, or no more.
            _ => context.named()?,
        };
        let manager = find(&journal)?;
        match self {
            Self::Install { dry_run } => install(context, &journal, manager.as_ref(), dry_run),
            Self::Uninstall { dry_run } => uninstall(context, &journal, manager.as_ref(), dry_run),
            Self::Print => print(context, manager.as_ref()),
            Self::Status => status(context, &journal, manager.as_ref()),
            #[cfg(windows)]
            Self::Logon => logon::log_on(context, &journal),
        }
    }
}

/// Settings of the daemon, ponderd(1). It has them from whoever starts it, and so does a service from whoever
/// installs it.
const SETTINGS: [&str; 2] = ["PONDER_WINDOW", "PONDER_GRACE"];

/// Those that are set here.
fn settings() -> Vec<(&'static str, OsString)> {
    SETTINGS.into_iter().filter_map(|name| Some((name, env::var_os(name)?))).collect()
}

/// What `ponder doctor` says of the service.
pub(super) fn state(journal: &Journal) -> Result<Option<State>, Failure> {
    find(journal)?.status()
}

/// The service manager of this platform.
#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
fn find(journal: &Journal) -> Result<Box<dyn Manager>, Failure> {
    Ok(Box::new(logon::Logon::of(journal)))
}

/// The service manager of this platform.
#[cfg(unix)]
fn find(journal: &Journal) -> Result<Box<dyn Manager>, Failure> {
    if cfg!(target_os = "macos") {
        return Ok(Box::new(launchd::Launchd::of(journal)?));
    }
    Ok(Box::new(systemd::Systemd::of(journal)?))
}

fn install(
    context: &Context,
    journal: &Journal,
    manager: &dyn Manager,
    dry_run: bool,
) -> Result<Exit, Failure> {
    let parts = manager.parts()?.into_iter().chain(manager.shared());
    let changes = parts.map(Part::change).collect::<Result<Vec<Change>, Failure>>()?;
    for change in &changes {
        match change {
            Change::None(part) => context.report.note(&format!("{} is there already", part.place.told())),
            Change::Write(part) => show(context, part),
        }
    }
    if dry_run {
        tell_commands(context, "would run", &manager.begin());
        return Ok(Exit::Done);
    }
    manager.is_there().map_err(no_manager)?;
    manager.prepare()?;
    for change in changes {
        if let Change::Write(part) = change {
            part.write()?;
        }
    }
    // Who has the journal makes way, and everybody keeps his place.
    if !manager.takes_over() {
        Endpoint::of(journal.clone())?.end_for_another()?;
    }
    run(context, &manager.begin())?;
    let status = hints::command(journal, "service status");
    context.report.note(&format!("the daemon is a service now; {status} shows it"));
    Ok(Exit::Done)
}

fn uninstall(
    context: &Context,
    journal: &Journal,
    manager: &dyn Manager,
    dry_run: bool,
) -> Result<Exit, Failure> {
    let mut own = left(manager);
    if !own.is_empty() && manager.is_alone() {
        let shared = manager.shared().into_iter().map(|part| part.place);
        own.extend(shared.filter(Place::is_there));
    }
    if own.is_empty() {
        context.report.note(&format!("there is no service for {}", shown(journal.path())));
        return Ok(Exit::Done);
    }
    let (ours, others): (Vec<_>, Vec<_>) = own.into_iter().partition(Place::is_ours);
    for place in &others {
        let told = place.told();
        context.report.trouble(&format!("{told} was changed since it was written: it is left where it is; remove it if you need it no more"));
    }
    // One that does not run has nothing of ours under way, and reads its files anew when it does. It may be
    // out of reach, though: a shell of `su`, or cron, does not know where it is.
    let reached = manager.is_there();
    let run_there = |commands: &[Vec<String>]| match (&reached, dry_run) {
        (Err(_), _) => Ok(()),
        (Ok(()), false) => run(context, commands),
        (Ok(()), true) => {
            tell_commands(context, "would run", commands);
            Ok(())
        }
    };
    run_there(&manager.end())?;
    for place in &ours {
        if !dry_run {
            place.remove()?;
        }
        context.report.note(&format!(
            "{} {}",
            if dry_run { "would remove" } else { "removed" },
            place.told()
        ));
    }
    run_there(&manager.forget())?;
    if let Err(failure) = &reached {
        tell_what_may_run(context, manager, failure);
    }
    // Who asks whether it is gone is not told so of one that may still run.
    Ok(if others.is_empty() && reached.is_ok() { Exit::Done } else { Exit::Failed })
}

/// What there is of a service, whole or not.
fn left(manager: &dyn Manager) -> Vec<Place> {
    manager.places().into_iter().filter(Place::is_there).collect()
}

fn print(context: &Context, manager: &dyn Manager) -> Result<Exit, Failure> {
    for part in manager.parts()?.into_iter().chain(manager.shared()) {
        show(context, &part);
    }
    Ok(Exit::Done)
}

fn status(context: &Context, journal: &Journal, manager: &dyn Manager) -> Result<Exit, Failure> {
    let Some(State { told, .. }) = manager.status()? else {
        let mut message = format!(
            "there is no service for {}; the daemon starts by itself when it is needed",
            shown(journal.path())
        );
        for place in left(manager) {
            let _ = write!(message, "\n{} is left of one", place.told()); // writing to a String cannot fail
        }
        return Err(Failure::new(Exit::Failed, message));
    };
    if context.report.is_json() {
        context.report.event(&json!({ "event": "service", "status": told }));
    } else {
        report::print(format!("{told}\n").as_bytes());
    }
    Ok(Exit::Done)
}

fn show(context: &Context, part: &Part) {
    if context.report.is_json() {
        context.report.event(&part.event());
    } else if !context.report.is_quiet() {
        report::print(part.text().as_bytes());
    }
}

fn no_manager(failure: Failure) -> Failure {
    let Failure { exit, message } = failure;
    let message = format!(
        "no service manager runs for you here, and nothing was written: {message}\n\
         ponder needs none: the daemon starts by itself"
    );
    Failure { exit, message }
}

fn tell_what_may_run(context: &Context, manager: &dyn Manager, failure: &Failure) {
    let commands = manager.stop().into_iter().chain(manager.forget());
    let commands: Vec<String> = commands.map(|command| format!("`{}`", command.join(" "))).collect();
    context.report.trouble(&format!(
        "the service manager cannot be reached from here: {}\n\
         if it runs the service, end that in a shell of your own login: {}",
        failure.message,
        commands.join(", then ")
    ));
}

fn tell_commands(context: &Context, how: &str, commands: &[Vec<String>]) {
    for command in commands {
        context.report.note(&format!("{how} `{}`", command.join(" ")));
    }
}

fn run(context: &Context, commands: &[Vec<String>]) -> Result<(), Failure> {
    for command in commands {
        context.report.detail(&format!("runs `{}`", command.join(" ")));
        output(command)?;
    }
    Ok(())
}

/// What a command of the service manager prints.
fn output(command: &[String]) -> Result<String, Failure> {
    let told = command.join(" ");
    let (program, arguments) = command.split_first().unwrap_or((&told, &[]));
    let ran = std::process::Command::new(program).args(arguments).stdin(std::process::Stdio::null()).output();
    let ran = ran.map_err(|error| Failure::new(Exit::Failed, format!("cannot run `{told}`: {error}")))?;
    if !ran.status.success() {
        let said = String::from_utf8_lossy(&ran.stderr);
        let message = format!("`{told}` failed ({}): {}", ran.status, said.trim_end());
        return Err(Failure::new(Exit::Failed, ponder_proto::printable(&message)));
    }
    Ok(String::from_utf8_lossy(&ran.stdout).into_owned())
}
