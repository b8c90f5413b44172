//! The command line as clap reads it.

#![expect(clippy::doc_markdown, reason = "these comments are help texts")]

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use ponder_proto::{EntryName, Token};

use crate::commands::completions::Completions;
use crate::commands::daemon::Daemon;
use crate::commands::service::Service;
use crate::report::Colour;
use crate::{dates, duration, exit};

/// Writes a journal: one Markdown file a day, which two terminals, a cron job and a sync tool may
/// write at once. Without a command it opens today's entry in your editor.
#[derive(Debug, Parser)]
#[command(name = "ponder", version, after_help = exit::TABLE, subcommand_help_heading = "Commands")]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(flatten)]
    pub(super) edit: EditArgs,
    #[command(subcommand)]
    pub(super) command: Option<Sub>,
}

#[derive(Args, Debug)]
pub(super) struct Global {
    /// The journal's directory [default: $PONDER_DIR, else ~/Documents/rubberducks].
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Global options")]
    pub(super) journal: Option<PathBuf>,
    /// Print results and messages as JSON, one object a line; the last is the result.
    #[arg(long, global = true, help_heading = "Global options")]
    pub(super) json: bool,
    /// Say more.
    #[arg(short, long, global = true, conflicts_with = "quiet", help_heading = "Global options")]
    pub(super) verbose: bool,
    /// Say nothing but errors.
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(super) quiet: bool,
    /// The log format of a daemon that is started on the way.
    #[arg(long, global = true, value_name = "FORMAT", help_heading = "Global options")]
    pub(super) log_format: Option<LogFormat>,
    /// When to use colour.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = "Global options")]
    pub(super) color: Colour,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum LogFormat {
    Text,
    Json,
}

#[derive(Subcommand, Debug)]
pub(super) enum Sub {
    /// Open an entry in your editor; what you save is in the journal at once.
    Edit(EditArgs),
    /// Add text at the end of an entry, without waiting for anybody who edits it.
    Append(AppendArgs),
    /// Print an entry as it is.
    Show(ShowArgs),
    /// Show who has which entry, who waits, and which text was kept aside.
    Status(StatusArgs),
    /// Run a command while having entries to yourself.
    Lease(LeaseArgs),
    /// End somebody's lease: ask its holder, and take it away if he does not give it back.
    Break(BreakArgs),
    /// Merge what two sides made of a text: a merge driver for git.
    ///
    /// Where both only added lines, all of them are in the result, those of OURS first. If both changed
    /// the same lines, OURS stays as it is, without markers, and the exit code is 65.
    ///
    /// To use it for a journal in git, put `*.md merge=ponder` into .gitattributes, and configure
    /// `merge.ponder.driver` as `ponder merge-file %O %A %B`. The order is git's %O %A %B, not the one of
    /// `git merge-file`.
    MergeFile(MergeFileArgs),
    /// List, show, apply or drop what was kept aside because it could not become an entry's text.
    Recover(RecoverArgs),
    /// Start, stop, restart or look at the daemon. It starts by itself when it is needed.
    #[command(subcommand)]
    Daemon(Daemon),
    /// Have your system run the daemon: systemd, launchd, or Windows at a logon. Nobody needs that to write.
    #[command(subcommand)]
    Service(Service),
    /// Look whether everything is as it has to be, and say what to do where it is not.
    Doctor(DoctorArgs),
    /// Print what a shell needs to complete command lines of ponder.
    Completions(CompletionsArgs),
    /// Print the manual page of ponder, or write those of all commands into a directory.
    Man(ManArgs),
}

#[derive(Args, Debug, Default)]
pub(super) struct EditArgs {
    #[command(flatten)]
    pub(super) which: WhichArgs,
    #[command(flatten)]
    pub(super) wait: WaitArgs,
    /// Open the entry's own file and not a draft: for tools that need its real path. Nothing can be
    /// kept aside, and others may see half of a save.
    #[arg(long)]
    pub(super) in_place: bool,
}

#[derive(Args, Debug, Default)]
#[group(multiple = false)]
pub(super) struct WhichArgs {
    /// The entries of the last seven days, yesterday's first.
    #[arg(short, long)]
    pub(super) retro: bool,
    /// The entries of 1, 3 and 6 months ago, and of this day in every year before.
    #[arg(short = 'm', long)]
    pub(super) reminisce: bool,
    /// The entry of one day: YYYY-MM-DD or YYYYMMDD.
    #[arg(short, long, value_parser = dates::parse)]
    pub(super) date: Option<EntryName>,
}

#[derive(Args, Debug, Default)]
pub(super) struct WaitArgs {
    /// How long to wait if somebody has the entry: 90s, 5m, 2h30m [default: until it is free].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, conflicts_with = "no_wait")]
    pub(super) wait: Option<Duration>,
    /// Do not wait: fail at once if somebody has the entry.
    #[arg(long)]
    pub(super) no_wait: bool,
}

#[derive(Args, Debug)]
pub(super) struct AppendArgs {
    /// The entry of one day: YYYY-MM-DD or YYYYMMDD [default: today].
    #[arg(short, long, value_parser = dates::parse)]
    pub(super) date: Option<EntryName>,
    /// The text; several words are joined by spaces. `-`, or nothing, reads standard input.
    #[arg(allow_negative_numbers = true)]
    pub(super) text: Vec<OsString>,
}

#[derive(Args, Debug)]
#[command(after_help = STATUS)]
pub(super) struct StatusArgs {
    /// Stay, and tell every change until Ctrl-C.
    #[arg(short, long, conflicts_with = "history")]
    pub(super) follow: bool,
    /// List the leases that were ended by force: when, whose, why, and by whom.
    #[arg(long)]
    pub(super) history: bool,
}

#[derive(Args, Debug)]
#[command(after_help = BREAK)]
pub(super) struct BreakArgs {
    /// The lease's token, as `ponder status` shows it.
    pub(super) token: Token,
    /// Do not ask the holder first.
    #[arg(long)]
    pub(super) now: bool,
}

const BREAK: &str = "\
The holder is told who asks and has half a minute to give the lease back; then it is ended by force. \
Nothing that he saved is lost: it is in the entry, or kept aside. His editor or command is left alone. \
A token never fits the lease of whoever comes next.

It exits with 0 when the lease has ended, with 1 where none has that token, with 69 where no daemon runs, \
and with 130 on Ctrl-C; the lease ends all the same.

With --json it prints the daemon's events \"breaking\" (token, grace in milliseconds) and \
\"broken\" (token, released: whether the holder gave it back), and the \"result\".";

#[derive(Args, Debug)]
pub(super) struct ShowArgs {
    #[command(flatten)]
    pub(super) which: WhichArgs,
}

#[derive(Args, Debug)]
#[command(after_help = DOCTOR)]
pub(super) struct DoctorArgs {
    /// Print the records of the daemon's write-ahead log, without anybody's text.
    #[arg(long)]
    pub(super) log: bool,
}

const DOCTOR: &str = "\
It starts no daemon, though a service that listens starts its own when that is asked, and changes nothing. \
It exits with 0, or with the largest code that a finding has: 65 where kept drafts are waiting, 69 where the \
daemon does not answer or its service failed, 74 where the log cannot be read, 76 where programs are not of \
one version, 77 and 78 where directories or the log are not as they have to be.

With --json each finding is a line with the event \"finding\": about, exit, message, and, where there is \
more to say, detail and next. --log prints lines with the event \"log_line\": text.";

#[derive(Args, Debug)]
#[command(after_help = RECOVER)]
pub(super) struct RecoverArgs {
    #[command(subcommand)]
    pub(super) what: Option<RecoverWhat>,
}

const STATUS: &str = "\
With --json the first line is the daemon's own answer, the event \"status\". Behind it come lines with \
the events \"waits_for_lock\" (appends that are durable and wait for another program's lock: entry, \
appends, since, holders with pid and program) and \"left_alone\" (a file that only looks like an entry: \
path), and at last the \"result\".

--follow prints the event \"status\" and then \"changed\" for every change (change, and who), each at once; \
it exits with 0 on Ctrl-C and with 69 when the daemon is stopped. --history prints the event \"history\".";

const RECOVER: &str = "\
Text is kept aside when it cannot become its entry's: another program changed the same lines, a command \
failed, an editor was killed while it saved. It stays until you apply or drop it.

With --json, `list` prints one line for each, with the event \"kept\": id, entry, path, why, when, and \
lines (how many differ) or files (how many were created beside a draft). `show` prints the event \
\"difference\", with its text; `apply` the event \"applied\": id, entry, unchanged, dropped.";

#[derive(Debug, Subcommand)]
pub(super) enum RecoverWhat {
    /// List what is kept: when, why, for which entry, how much of it differs. This is the default.
    List,
    /// Show the difference from the entry to a kept draft, as `diff -u` does.
    Show {
        /// The kept draft, as `ponder recover` lists it.
        id: String,
    },
    /// Put a kept draft into its entry: merged, or both in your editor where they overlap.
    Apply {
        /// The kept draft, as `ponder recover` lists it.
        id: String,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Delete a kept draft for good, after asking.
    Drop {
        /// The kept draft, as `ponder recover` lists it.
        id: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

const LEASE: &str = "\
If the lease is ended by force (see `ponder break`, --hold), the command is not told and goes on; what it \
has written is kept aside, and the exit code is 65.

With --json the daemon's events \"queued\", \"granted\", \"please_release\" (somebody wants the lease: by, \
grace), \"warning\" (it may be held for so long: left), \"carry_on\", \"revoked\" (it was ended by force: why, \
by, entries) and \"released\" are printed as they come, and \"reattached\" when another daemon has taken \
over.";

#[derive(Args, Debug)]
#[command(after_help = format!("{LEASE}\n\n{}", exit::TABLE))]
pub(super) struct LeaseArgs {
    /// An entry to have: YYYY-MM-DD or YYYYMMDD; may be repeated [default: today].
    #[arg(short, long, value_parser = dates::parse)]
    pub(super) date: Vec<EntryName>,
    /// Share the entries with other readers: a stable view, and nothing is committed.
    #[arg(long)]
    pub(super) shared: bool,
    /// Make no drafts and touch no file: pure exclusion.
    #[arg(long)]
    pub(super) no_draft: bool,
    /// What others are told about why you have the entries.
    #[arg(long, value_name = "TEXT")]
    pub(super) purpose: Option<String>,
    #[command(flatten)]
    pub(super) wait: WaitArgs,
    /// How long to have the entries at most: 90s, 5m, 2h30m; then the lease is ended by force [default:
    /// until the command ends].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse_some)]
    pub(super) hold: Option<Duration>,
    /// Exit with CODE instead of 65 and 69 to 78, to tell them from the command's own status.
    #[arg(short = 'E', long, value_name = "CODE")]
    pub(super) conflict_exit_code: Option<u8>,
    /// The command and its arguments. It finds the drafts in $PONDER_ENTRY and, one a line, in
    /// $PONDER_ENTRIES; they are committed, all or none, if it exits with 0.
    #[arg(last = true, required = true)]
    pub(super) command: Vec<OsString>,
}

#[derive(Args, Debug)]
#[command(after_help = exit::TABLE)]
pub(super) struct MergeFileArgs {
    /// What both began with (git's %O).
    pub(super) base: PathBuf,
    /// What stands there by now; the result replaces it (git's %A).
    pub(super) ours: PathBuf,
    /// What comes to it (git's %B).
    pub(super) theirs: PathBuf,
    /// Print the result and leave OURS as it is.
    #[arg(short, long)]
    pub(super) print: bool,
}

#[derive(Args, Debug)]
#[command(after_help = COMPLETIONS)]
pub(super) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub(super) shell: Completions,
}

const COMPLETIONS: &str = "\
What is installed has them where bash, fish, nushell, elvish and zsh look. Without that, bash learns them by \
`source <(ponder completions bash)` in ~/.bashrc, zsh by `source <(ponder completions zsh)` in ~/.zshrc \
behind compinit, fish by `ponder completions fish | source` in config.fish, and PowerShell by \
`ponder completions powershell | Out-String | Invoke-Expression` in $PROFILE.

With --json it prints the event \"completions\", with its text.";

#[derive(Args, Debug)]
#[command(after_help = MAN)]
pub(super) struct ManArgs {
    /// A directory, made if it is not there, into which the pages of ponder, ponderd and every command
    /// are written.
    #[arg(value_hint = ValueHint::DirPath)]
    pub(super) dir: Option<PathBuf>,
}

const MAN: &str = "\
`ponder man | man -l -` shows the page.

With --json it prints the event \"page\", with its text, or the event \"written\" for every page: path.";
