//! The manual and the completions in `share/` are those of this command line.

use clap::{Command, CommandFactory as _};
use clap_complete::{Generator, Shell, generate};
use clap_complete_nushell::Nushell;
use ponder_pages::{Body, Section, blesses, is_published, page, share};

use super::low::Cli;
use crate::commands::completions::Completions;
use crate::commands::man::PAGES;
use crate::exit;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the programs read in their environment, and what they put into that of others.
const ENVIRONMENT: [(&str, &str); 9] = [
    (
        "PONDER_DIR",
        "The journal's directory, where --journal does not name it. A leading ~, $NAME and ${NAME} are \
         expanded.",
    ),
    (
        "PONDER_EDITOR, VISUAL, EDITOR",
        "The editor and its arguments: the first of them that is set. They are split as a shell would, and \
         no shell is started. Without any it is sensible-editor, vim, nano or vi, the first that is there.",
    ),
    ("PONDERD", "The daemon's program [default: ponderd beside ponder, else in PATH]."),
    (
        "PONDER_WINDOW, PONDER_GRACE",
        "Read by a daemon that is started on the way, and by ponder service install: see ponderd(1).",
    ),
    ("NO_COLOR", "Where it is set and not empty, nothing is coloured but with --color always."),
    ("XDG_STATE_HOME", "Where the state directories of journals are [default: ~/.local/state]."),
    (
        "XDG_RUNTIME_DIR",
        "Where the daemons' sockets are [default: /run/user/UID, else the temporary directory].",
    ),
    (
        "PONDER_SESSION",
        "Set for editors and for commands under a lease. A ponder that they start knows by it that it is \
         inside of that session, and is refused where it would have to wait for it.",
    ),
    (
        "PONDER_ENTRY, PONDER_ENTRIES, PONDER_TOKEN",
        "Set for commands under a lease: its first draft, all its drafts, one a line, and its token.",
    ),
];

/// Where everything is.
const FILES: [(&str, &str); 4] = [
    ("~/Documents/rubberducks", "The journal, where nothing else is named."),
    ("YYYYMMDD.md", "An entry, in the journal. Everything else there is left alone."),
    (
        ".ponder",
        "In the journal: new versions on their way, and where the daemon listens. May be deleted at any time.",
    ),
    (
        "~/.local/state/ponder/ID",
        "The journal's state directory: the daemon's write-ahead log, its log for people (ponderd.log), \
         drafts and kept drafts (slots). `ponder doctor` names it.",
    ),
];

const EXAMPLES: &str = "\
ponder                                   # today's entry
ponder -d 2026-11-01                     # another day's
echo an idea | ponder append             # waits for nobody
ponder lease -- sh -c 'sed -i s/teh/the/ \"$PONDER_ENTRY\"'
ponder status                            # who has what, who waits";

#[test]
fn the_manual_is_that_of_this_command_line() {
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    let mut names = vec!["ponderd.1".to_owned()]; // its own tests see to that one
    let mut open = vec![&root];
    while let Some(command) = open.pop() {
        let name = format!("{}.1", command.get_display_name().unwrap_or("ponder"));
        is_published(&format!("man/man1/{name}"), &page_of(command));
        names.push(name);
        open.extend(command.get_subcommands());
    }
    names.sort();
    let mut carried: Vec<_> = PAGES.iter().map(|(name, _)| (*name).to_owned()).collect();
    carried.sort();
    assert_eq!(carried, names, "`ponder man` has a page for every command");
    let mut there: Vec<_> = share().join("man/man1").read_dir().unwrap().collect();
    there.retain(|item| !names.contains(&item.as_ref().unwrap().file_name().into_string().unwrap()));
    assert!(there.is_empty(), "pages of commands that are gone: {there:?}");
    if !blesses() {
        for (name, text) in PAGES {
            let file = share().join("man/man1").join(name);
            assert!(std::fs::read_to_string(&file).is_ok_and(|there| there == *text), "{}", file.display());
        }
    }
}

#[test]
fn the_completions_are_those_of_this_command_line() {
    let completions = [
        (Completions::Bash, "bash-completion/completions/ponder", made(Shell::Bash)),
        (Completions::Elvish, "elvish/lib/ponder.elv", made(Shell::Elvish)),
        (Completions::Fish, "fish/vendor_completions.d/ponder.fish", made(Shell::Fish)),
        (Completions::Nushell, "nushell/vendor/autoload/ponder.nu", made(Nushell)),
        (Completions::PowerShell, "ponder/completions/ponder.ps1", made(Shell::PowerShell)),
        (Completions::Zsh, "zsh/site-functions/_ponder", made(Shell::Zsh)),
    ];
    for (shell, name, text) in completions {
        is_published(name, &text);
        assert!(blesses() || shell.text() == text, "{shell:?}: `ponder completions` has that file's text");
    }
}

fn made(shell: impl Generator) -> String {
    let mut text = Vec::new();
    generate(shell, &mut Cli::command(), "ponder", &mut text);
    String::from_utf8(text).unwrap()
}

/// The page of `ponder` has what is true of all commands; those of the others refer to it.
fn page_of(command: &Command) -> String {
    let root = command.get_display_name().is_none_or(|name| name == "ponder");
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let mut sections = Vec::new();
    let notes = after.replace(exit::TABLE, "");
    if !notes.trim().is_empty() {
        sections.push(Section { heading: "NOTES", body: Body::Text(notes.trim().to_owned()) });
    }
    let codes = if after.contains(exit::TABLE) {
        Body::Terms(exit_codes())
    } else {
        Body::Text("That of ponder(1).".to_owned())
    };
    sections.push(Section { heading: "EXIT STATUS", body: codes });
    if root {
        sections.push(Section { heading: "ENVIRONMENT", body: terms(&ENVIRONMENT) });
        sections.push(Section { heading: "FILES", body: terms(&FILES) });
        sections.push(Section { heading: "EXAMPLES", body: Body::Lines(EXAMPLES) });
    }
    let also = if root { ["ponder-lease", "ponderd"] } else { ["ponder", "ponderd"] };
    sections.push(Section { heading: "SEE ALSO", body: Body::Pages(also.map(str::to_owned).into()) });
    if root {
        return page(command, VERSION, &sections);
    }
    let own = command.clone().mut_args(|arg| {
        let global = arg.is_global_set();
        arg.hide(global)
    });
    let global = Body::Text("Those of ponder(1) are understood, too.".to_owned());
    sections.insert(0, Section { heading: "GLOBAL OPTIONS", body: global });
    page(&own, VERSION, &sections)
}

/// The table of exit codes, from the text that `--help` shows.
fn exit_codes() -> Vec<(String, String)> {
    let rows = exit::TABLE.lines().skip(1).map(|row| row.trim().split_once("  ").unwrap());
    rows.map(|(code, meaning)| (code.to_owned(), meaning.to_owned())).collect()
}

fn terms(of: &[(&str, &str)]) -> Body {
    Body::Terms(of.iter().map(|(term, meaning)| ((*term).to_owned(), (*meaning).to_owned())).collect())
}
