//! The command line: what clap reads, resolved into what is to be done.

mod low;
#[cfg(test)]
mod published;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::ffi::OsString;
use std::io::{self, IsTerminal as _};
use std::mem::ManuallyDrop;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _};
use ponder_client::StartOptions;
use ponder_proto::{EntryName, Mode, Wait, limits};

use crate::commands::Command;
use crate::commands::append::{Append, Source};
use crate::commands::break_lease::Break;
use crate::commands::doctor::Doctor;
use crate::commands::edit::Edit;
use crate::commands::lease::Lease;
use crate::commands::man::Man;
use crate::commands::merge_file::MergeFile;
use crate::commands::recover::Recover;
use crate::commands::show::Show;
use crate::commands::status::Status;
use crate::context::Context;
use crate::dates::Which;
use crate::exit::Exit;
use crate::report::{Colour, Loudness, Report};

use low::{
    AppendArgs, BreakArgs, Cli, EditArgs, Global, LeaseArgs, LogFormat, MergeFileArgs, RecoverArgs,
    RecoverWhat, StatusArgs, Sub, WaitArgs, WhichArgs,
};

/// What `--help`, `--version` or a usage error has told already.
pub(crate) struct Told(ExitCode);

impl From<Told> for ExitCode {
    fn from(told: Told) -> Self {
        told.0
    }
}

/// Reads the command line.
pub(crate) fn read() -> Result<(Context, Command), Told> {
    let resolved = parse(std::env::args_os()).and_then(|cli| {
        let context = cli.global.context();
        cli.resolve().map(|command| (context, command))
    });
    resolved.map_err(|error| {
        if !error.use_stderr() {
            let _ = error.print(); // help for a reader that has gone
            return Told(ExitCode::SUCCESS);
        }
        // A line that cannot be read may still say how it wants to be answered.
        let own = std::env::args_os().skip(1).take_while(|argument| argument != "--");
        if own.into_iter().any(|argument| argument == "--json") {
            let message = error.to_string();
            let message = message.trim_end().strip_prefix("error: ").unwrap_or(&message);
            Report::new(true, Loudness::Normal, Colour::Never).finish(Exit::Usage, Some(message));
        } else {
            let _ = error.print(); // nobody is left to be told
        }
        Told(ExitCode::from(Exit::Usage.code()))
    })
}

/// What clap makes of it. Its definition is left as it is: to take it apart would take as long as to make
/// it, and the end of the process does it at once.
fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let mut definition = ManuallyDrop::new(Cli::command());
    let mut matches = definition.try_get_matches_from_mut(words)?;
    Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut definition))
}

impl Global {
    fn context(&self) -> Context {
        let loudness = match (self.quiet, self.verbose) {
            (true, _) => Loudness::Quiet,
            (_, true) => Loudness::Verbose,
            _ => Loudness::Normal,
        };
        let log_format = self.log_format.map(|format| match format {
            LogFormat::Text => "text".to_owned(),
            LogFormat::Json => "json".to_owned(),
        });
        Context {
            report: Report::new(self.json, loudness, self.color),
            journal: self.journal.clone(),
            start: StartOptions { log_format, upgrade: false },
            looked_for_older: Cell::new(false),
        }
    }
}

impl Cli {
    fn resolve(self) -> Result<Command, clap::Error> {
        let Some(command) = self.command else { return Ok(Command::Edit(self.edit.into())) };
        if !self.edit.is_empty() {
            let message = "options of `ponder edit` stand after the command, not before it";
            return Err(usage(ErrorKind::ArgumentConflict, message));
        }
        Ok(match command {
            Sub::Edit(edit) => Command::Edit(edit.into()),
            Sub::Append(append) => Command::Append(append.resolve()?),
            Sub::Show(show) => Command::Show(Show { which: show.which.into() }),
            Sub::Status(status) => Command::Status(status.into()),
            Sub::Lease(lease) => Command::Lease(lease.resolve()?),
            Sub::Break(BreakArgs { token, now }) => Command::Break(Break { token, now }),
            Sub::MergeFile(merge) => Command::MergeFile(merge.into()),
            Sub::Recover(recover) => Command::Recover(recover.into()),
            Sub::Daemon(daemon) => Command::Daemon(daemon),
            Sub::Service(service) => Command::Service(service),
            Sub::Completions(completions) => Command::Completions(completions.shell),
            Sub::Man(man) => Command::Man(man.dir.map_or(Man::Print, Man::Write)),
            Sub::Doctor(doctor) => Command::Doctor(if doctor.log { Doctor::Log } else { Doctor::Everything }),
        })
    }
}

impl EditArgs {
    fn is_empty(&self) -> bool {
        let WhichArgs { retro, reminisce, date } = self.which;
        let WaitArgs { wait, no_wait } = self.wait;
        !(retro || reminisce || no_wait || self.in_place || date.is_some() || wait.is_some())
    }
}

impl From<EditArgs> for Edit {
    fn from(args: EditArgs) -> Self {
        Self { which: args.which.into(), wait: args.wait.into(), in_place: args.in_place }
    }
}

impl From<WhichArgs> for Which {
    fn from(args: WhichArgs) -> Self {
        match args {
            WhichArgs { retro: true, .. } => Self::Retro,
            WhichArgs { reminisce: true, .. } => Self::Reminisce,
            WhichArgs { date: Some(day), .. } => Self::Day(day),
            _ => Self::Today,
        }
    }
}

impl From<WaitArgs> for Wait {
    fn from(args: WaitArgs) -> Self {
        match args.wait {
            Some(wait) => Self::Millis(millis(wait)),
            None if args.no_wait => Self::None,
            None => Self::Forever,
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl From<StatusArgs> for Status {
    fn from(args: StatusArgs) -> Self {
        match args {
            StatusArgs { follow: true, .. } => Self::Follow,
            StatusArgs { history: true, .. } => Self::History,
            _ => Self::Once,
        }
    }
}

impl From<MergeFileArgs> for MergeFile {
    fn from(args: MergeFileArgs) -> Self {
        let MergeFileArgs { base, ours, theirs, print } = args;
        Self { base, ours, theirs, print }
    }
}

impl From<RecoverArgs> for Recover {
    fn from(args: RecoverArgs) -> Self {
        match args.what {
            None | Some(RecoverWhat::List) => Self::List,
            Some(RecoverWhat::Show { id }) => Self::Show { id },
            Some(RecoverWhat::Apply { id, wait }) => Self::Apply { id, wait: wait.into() },
            Some(RecoverWhat::Drop { id, yes }) => Self::Drop { id, yes },
        }
    }
}

impl AppendArgs {
    fn resolve(self) -> Result<Append, clap::Error> {
        let source = match &self.text[..] {
            [dash] if dash == "-" => Source::StandardInput,
            [] if !io::stdin().is_terminal() => Source::StandardInput,
            [] => {
                let message = "there is no text: give it as arguments, or pipe it into `ponder append`";
                return Err(usage(ErrorKind::MissingRequiredArgument, message));
            }
            words => Source::Words(words.join(" ".as_ref())),
        };
        Ok(Append { day: self.date, source })
    }
}

impl LeaseArgs {
    fn resolve(mut self) -> Result<Lease, clap::Error> {
        let mut days: Vec<EntryName> = Vec::with_capacity(self.date.len());
        for day in self.date {
            if !days.contains(&day) {
                days.push(day);
            }
        }
        if days.len() > limits::ENTRIES {
            let message = format!("one lease has at most {} entries", limits::ENTRIES);
            return Err(usage(ErrorKind::TooManyValues, &message));
        }
        let program = self.command.remove(0);
        Ok(Lease {
            days,
            mode: if self.shared { Mode::Shared } else { Mode::Exclusive },
            drafts: !self.no_draft,
            purpose: self.purpose,
            wait: self.wait.into(),
            hold: self.hold.map(millis),
            trouble_code: self.conflict_exit_code,
            program,
            arguments: self.command,
        })
    }
}

/// A usage error that only shows once the whole line was read.
fn usage(kind: ErrorKind, message: &str) -> clap::Error {
    Cli::command().error(kind, message)
}
