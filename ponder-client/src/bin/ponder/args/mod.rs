//! The command line: what clap reads, resolved into what is to be done.

mod low;

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};
use ponder_client::StartOptions;
use ponder_proto::{EntryName, Mode, Wait, limits};

use crate::commands::Command;
use crate::commands::append::{Append, Source};
use crate::commands::doctor::Doctor;
use crate::commands::edit::Edit;
use crate::commands::lease::Lease;
use crate::commands::merge_file::MergeFile;
use crate::commands::recover::Recover;
use crate::commands::show::Show;
use crate::context::Context;
use crate::dates::Which;
use crate::exit::Exit;
use crate::report::{Colour, Loudness, Report};

use low::{
    AppendArgs, Cli, EditArgs, Global, LeaseArgs, LogFormat, MergeFileArgs, RecoverArgs, RecoverWhat, Sub,
    WaitArgs, WhichArgs,
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
    let resolved = Cli::try_parse().and_then(|cli| {
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
            start: StartOptions { log_format },
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
            Sub::Status => Command::Status,
            Sub::Lease(lease) => Command::Lease(lease.resolve()?),
            Sub::MergeFile(merge) => Command::MergeFile(merge.into()),
            Sub::Recover(recover) => Command::Recover(recover.into()),
            Sub::Daemon(daemon) => Command::Daemon(daemon),
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
            Some(wait) => Self::Millis(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
            None if args.no_wait => Self::None,
            None => Self::Forever,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, ErrorKind> {
        let words = std::iter::once("ponder").chain(line.split_whitespace());
        Cli::try_parse_from(words).and_then(Cli::resolve).map_err(|error| error.kind())
    }

    #[test]
    fn clap_finds_no_contradiction() {
        Cli::command().debug_assert();
    }

    #[test]
    fn edit_needs_no_name() {
        for line in ["-d 2026-01-01", "edit -d 20260101", "--date=2026-01-01", "--json edit -d 20260101"] {
            let Ok(Command::Edit(edit)) = parse(line) else { panic!("{line}") };
            assert_eq!(edit.which, Which::Day("20260101".parse().unwrap()), "{line}");
        }
        let Ok(Command::Edit(edit)) = parse("") else { panic!() };
        assert_eq!((edit.which, edit.wait, edit.in_place), (Which::Today, Wait::Forever, false));
        let Ok(Command::Edit(edit)) = parse("--in-place") else { panic!() };
        assert!(edit.in_place);
    }

    #[test]
    fn what_excludes_each_other_is_refused() {
        for line in [
            "-r -m",
            "-r -d 20260101",
            "-m -d 20260101",
            "show -r -m",
            "--wait 5s --no-wait",
            "-v -q",
            "-r status",
            "--in-place status",
        ] {
            assert_eq!(parse(line).err(), Some(ErrorKind::ArgumentConflict), "{line}");
        }
    }

    #[test]
    fn waits() {
        let wait = |line| match parse(line) {
            Ok(Command::Edit(edit)) => edit.wait,
            _ => panic!("{line}"),
        };
        assert_eq!(wait("--wait 1500ms"), Wait::Millis(1500));
        assert_eq!(wait("--no-wait"), Wait::None);
        assert_eq!(parse("--wait 5").err(), Some(ErrorKind::ValueValidation));
    }

    #[test]
    fn a_lease_needs_a_command_after_two_dashes() {
        let Ok(Command::Lease(lease)) = parse("lease -d 20260102 -d 20260101 -d 20260102 -E 9 -- sh -c x")
        else {
            panic!()
        };
        assert_eq!(lease.days, ["20260102", "20260101"].map(|day| day.parse().unwrap()));
        assert_eq!((lease.program, lease.arguments), ("sh".into(), vec!["-c".into(), "x".into()]));
        assert_eq!(lease.trouble_code, Some(9));
        assert!(
            parse("lease").is_err() && parse("lease true").is_err() && parse("lease -E 256 -- true").is_err()
        );
    }

    #[test]
    fn a_merge_takes_three_files() {
        let Ok(Command::MergeFile(merge)) = parse("merge-file -p base ours theirs") else { panic!() };
        let [base, ours, theirs] = ["base", "ours", "theirs"].map(Into::into);
        assert_eq!(merge, MergeFile { base, ours, theirs, print: true });
        assert_eq!(parse("merge-file base ours").err(), Some(ErrorKind::MissingRequiredArgument));
        assert_eq!(parse("merge-file base ours theirs more").err(), Some(ErrorKind::UnknownArgument));
    }

    #[test]
    fn recover_lists_unless_it_is_told_otherwise() {
        for line in ["recover", "recover list"] {
            assert!(matches!(parse(line), Ok(Command::Recover(Recover::List))), "{line}");
        }
        let Ok(Command::Recover(Recover::Apply { id, wait })) = parse("recover apply 20261123.0 --no-wait")
        else {
            panic!()
        };
        assert_eq!((id.as_str(), wait), ("20261123.0", Wait::None));
        let Ok(Command::Recover(Recover::Drop { yes, .. })) = parse("recover drop --yes 20261123.0") else {
            panic!()
        };
        assert!(yes);
        assert!(parse("recover show").is_err() && parse("recover 20261123.0").is_err());
    }

    #[test]
    fn text_is_joined_by_spaces() {
        let source = |line| match parse(line) {
            Ok(Command::Append(append)) => append.source,
            _ => panic!("{line}"),
        };
        assert_eq!(source("append a b"), Source::Words("a b".into()));
        assert_eq!(source("append -5 degrees"), Source::Words("-5 degrees".into()));
        assert_eq!(source("append -- -x"), Source::Words("-x".into()));
        assert_eq!(source("append -"), Source::StandardInput);
    }
}
