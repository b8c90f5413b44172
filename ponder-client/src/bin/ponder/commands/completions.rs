//! `ponder completions`: what a shell has to know to complete a command line.

use clap::ValueEnum;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::report;

/// A shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Completions {
    Bash,
    Elvish,
    Fish,
    Nushell,
    #[value(name = "powershell")]
    PowerShell,
    Zsh,
}

#[derive(Serialize)]
struct Printed {
    event: &'static str,
    text: &'static str,
}

/// A file of the repository's `share/`. Tests make them from the command line's definition and see to it
/// that they are current, so that this program, which starts once for every thought, has no generator.
macro_rules! published {
    ($($part:literal),+) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../share/", $($part),+))
    };
}
pub(super) use published;

impl Completions {
    pub(crate) fn run(self, context: &Context) -> Exit {
        if context.report.is_json() {
            context.report.event(&Printed { event: "completions", text: self.text() });
        } else {
            report::print(self.text().as_bytes());
        }
        Exit::Done
    }

    /// What the shell reads.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Bash => published!("bash-completion/completions/ponder"),
            Self::Elvish => published!("elvish/lib/ponder.elv"),
            Self::Fish => published!("fish/vendor_completions.d/ponder.fish"),
            Self::Nushell => published!("nushell/vendor/autoload/ponder.nu"),
            Self::PowerShell => published!("ponder/completions/ponder.ps1"),
            Self::Zsh => published!("zsh/site-functions/_ponder"),
        }
    }
}
