//! The service on Windows: a daemon that is started when the user logs on, by a value in the registry among
//! those that Windows runs then. Nobody needs it, as anywhere.
//!
//! Whatever is run so gets a window if it is a program of the console. So it is `ponderw`, which is none, and
//! which runs `ponder` without a window. A task of the scheduler would open the same window.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use ponder_client::daemon_program;
use ponder_endpoint::Journal;
use ponder_proto::{printable, shown};

use super::command_line::{CommandLine, PROGRAM};
use super::values::{Part, Place};
use super::{Manager, State, settings};
use crate::clock::local_now;
use crate::commands::daemon;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::hints;

/// What a command line of ours may set: the daemon's own settings, and which daemon it is.
pub(super) const SETTINGS: [&str; 3] = [super::SETTINGS[0], super::SETTINGS[1], DAEMON];

/// Names the program `ponderd`, where it is not beside our own.
const DAEMON: &str = "PONDERD";

/// The service of one journal.
pub(super) struct Logon {
    journal: Journal,
}

impl Logon {
    pub(super) fn of(journal: &Journal) -> Self {
        Self { journal: journal.clone() }
    }

    fn name(&self) -> String {
        format!("ponder-{}", self.journal.id())
    }

    /// What Windows runs.
    fn entry(&self) -> Place {
        Place::run(self.name(), self.journal.path())
    }

    /// Why there was no daemon after the last time, if there was none.
    fn failure(&self) -> Place {
        Place::remembered(self.name())
    }

    fn command_line(&self) -> Result<CommandLine, Failure> {
        let mut settings: Vec<(&str, OsString)> = settings();
        if env::var_os(DAEMON).is_some_and(|named| !named.is_empty()) {
            settings.push((DAEMON, daemon_program()?.into_os_string()));
        }
        CommandLine::new(&program()?, &settings, self.journal.path())
    }

    /// What keeps an entry of ours, which runs that program, from doing what it is for; and what mends that.
    fn trouble(&self, program: &Path) -> Result<Option<(String, String)>, Failure> {
        let anew = || hints::bare_command(&self.journal, "service install");
        let ponder = program.with_file_name("ponder.exe");
        if let Some(gone) = [program, &ponder].into_iter().find(|path| !path.is_file()) {
            let told = format!("it failed, or will: there is no {}; `{}` anew", shown(gone), anew());
            return Ok(Some((told, anew())));
        }
        if self.entry().is_turned_off() {
            let told = "but it is turned off in Windows' settings, under Apps, Startup";
            let removed = hints::command(&self.journal, "service uninstall");
            return Ok(Some((told.to_owned(), format!("turn it on there, or {removed}"))));
        }
        Ok(self.failure().read()?.map(|why| (format!("it failed: {why}"), anew())))
    }
}

impl Manager for Logon {
    fn is_there(&self) -> Result<(), Failure> {
        Ok(())
    }

    fn takes_over(&self) -> bool {
        false
    }

    fn places(&self) -> Vec<Place> {
        vec![self.entry(), self.failure()]
    }

    fn parts(&self) -> Result<Vec<Part>, Failure> {
        Ok(vec![Part::new(self.entry(), self.command_line()?.text())])
    }

    fn shared(&self) -> Vec<Part> {
        Vec::new()
    }

    fn is_alone(&self) -> bool {
        true
    }

    /// The same as at a logon.
    fn begin(&self) -> Vec<Vec<String>> {
        self.command_line().map(|line| line.words()).into_iter().collect()
    }

    fn end(&self) -> Vec<Vec<String>> {
        Vec::new()
    }

    fn stop(&self) -> Vec<Vec<String>> {
        Vec::new()
    }

    fn forget(&self) -> Vec<Vec<String>> {
        Vec::new()
    }

    fn status(&self) -> Result<Option<State>, Failure> {
        let entry = self.entry();
        let Some(found) = entry.read()? else { return Ok(None) };
        let told = entry.told();
        let Some(program) = CommandLine::program(&found, &SETTINGS, self.journal.path()) else {
            let told = format!("{told} is not ours, or was changed since: {}", printable(&found));
            let anew = hints::command(&self.journal, "service install");
            let next = format!("`{}`, then {anew}, if you do not need it", entry.removal());
            return Ok(Some(State { told, has_failed: false, next: Some(next) }));
        };
        let told = format!("{told}: starts the daemon at each logon");
        Ok(Some(match self.trouble(program)? {
            None => State::well(told),
            Some((trouble, next)) => State::failed(format!("{told}\n{trouble}"), next),
        }))
    }
}

/// What is run at a logon. Nobody sees there what is said: why it failed is remembered for `status`.
pub(super) fn log_on(context: &Context, journal: &Journal) -> Result<Exit, Failure> {
    let remembered = Logon::of(journal).failure();
    let started = context.open().and_then(|journal| daemon::start(context, journal));
    let noted = match &started {
        Ok(_) => remembered.remove(),
        Err(failure) => {
            let why = format!("{}: {}", local_now().strftime("%Y-%m-%d %H:%M"), failure.message);
            Part::new(remembered, why.replace('\n', "; ")).write()
        }
    };
    if let Err(failure) = noted {
        context.report.trouble(&failure.message); // nothing else changes by that
    }
    started
}

/// `ponderw`, beside our own program.
fn program() -> Result<PathBuf, Failure> {
    let own = env::current_exe().map_err(|error| {
        Failure::new(Exit::Bug, format!("the system does not tell where this program is: {error}"))
    })?;
    let program = own.with_file_name(PROGRAM);
    if !Path::is_file(&program) {
        let message = format!(
            "there is no {}, which starts the daemon without a window: put it beside {} \
             (`cargo install --path ponder-client/ponderw`)",
            shown(&program),
            shown(&own)
        );
        return Err(Failure::new(Exit::Config, message));
    }
    Ok(program)
}
