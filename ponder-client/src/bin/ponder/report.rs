//! What a command tells: messages for people on standard error, results on standard output, and
//! with `--json` one object a line on standard output.

use std::io::{self, IsTerminal as _, Write};

use ponder_proto::printable;
use serde::Serialize;
use serde_json::json;

use crate::exit::Exit;
use crate::platform::understands_escapes;

/// How much is said, and to whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report {
    json: bool,
    loudness: Loudness,
    /// On standard error.
    colour: bool,
    /// On standard output.
    colour_out: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Loudness {
    Quiet,
    Normal,
    Verbose,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Colour {
    // On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    Always,
    Never,
}

const BOLD_RED: &str = "\x1b[1;31m";
const BOLD: &str = "\x1b[1m";
const PLAIN: &str = "\x1b[0m";

impl Report {
    pub(crate) fn new(json: bool, loudness: Loudness, colour: Colour) -> Self {
        let refused = || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let (colour, colour_out) = match colour {
            Colour::Always => (true, true),
            Colour::Never => (false, false),
            Colour::Auto if refused() => (false, false),
            Colour::Auto if !understands_escapes() => (false, false),
            Colour::Auto => (io::stderr().is_terminal(), io::stdout().is_terminal()),
        };
        Self { json, loudness, colour, colour_out }
    }

    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    pub(crate) fn is_quiet(self) -> bool {
        self.loudness == Loudness::Quiet
    }

    /// What only the curious want to know (`-v`).
    pub(crate) fn detail(self, text: &str) {
        if self.loudness == Loudness::Verbose {
            self.say("detail", "", text);
        }
    }

    /// What is good to know (not with `-q`).
    pub(crate) fn note(self, text: &str) {
        if !self.is_quiet() {
            self.say("note", "", text);
        }
    }

    /// What went wrong, and did not end the command.
    pub(crate) fn trouble(self, text: &str) {
        self.say("trouble", BOLD_RED, text);
    }

    fn say(self, event: &str, style: &str, text: &str) {
        if self.json {
            self.event(&json!({ "event": event, "message": text }));
            return;
        }
        let (on, off) = if self.colour && !style.is_empty() { (style, PLAIN) } else { ("", "") };
        // Whatever it tells of is named safely already; a daemon of another version may not know that.
        let text: Vec<String> = text.split('\n').map(printable).collect();
        let _ = writeln!(io::stderr(), "{on}ponder:{off} {}", text.join("\n")); // nobody is left to be told
    }

    /// One object for programs. Nothing without `--json`.
    pub(crate) fn event<T: Serialize>(self, event: &T) {
        if self.json
            && let Ok(mut line) = serde_json::to_vec(event)
        {
            line.push(b'\n');
            print(&line);
        }
    }

    /// Whether a result is coloured.
    pub(crate) fn colours_results(self) -> bool {
        self.colour_out
    }

    /// A heading of a result, bold on a terminal.
    pub(crate) fn heading(self, text: &str) -> String {
        if self.colour_out { format!("{BOLD}{text}{PLAIN}") } else { text.to_owned() }
    }

    /// The end: the sentence for the person, or the result for the program.
    pub(crate) fn finish(self, exit: Exit, message: Option<&str>) {
        if !self.json {
            if let Some(message) = message {
                self.trouble(message);
            }
            return;
        }
        let mut result = json!({ "event": "result", "exit": exit.code() });
        if let (Some(message), Some(result)) = (message, result.as_object_mut()) {
            result.insert("message".to_owned(), message.into());
        }
        self.event(&result);
    }
}

/// A result. A reader that has seen enough (`| head`) is no error.
pub(crate) fn print(bytes: &[u8]) {
    let _ = try_print(bytes);
}

/// A result that has no end of its own: it ends when nobody reads it.
pub(crate) fn try_print(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush())
}
