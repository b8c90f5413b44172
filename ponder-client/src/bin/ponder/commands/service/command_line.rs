//! What Windows is told to run at a logon: one line, which the program takes apart by the rules of
//! `CommandLineToArgvW`, and by whose form it is known to be ours.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use ponder_proto::printable;

use crate::exit::{Exit, Failure};

/// The program that is run: `ponder` without a console.
pub(super) const PROGRAM: &str = "ponderw.exe";

/// What it hands on to `ponder`, behind the journal.
const COMMAND: [&str; 2] = ["service", "logon"];

/// "A command line no longer than 260 characters": Microsoft on the keys `Run` and `RunOnce`.
const LONGEST: usize = 260;

/// The command line that starts a journal's daemon.
#[derive(Debug)]
pub(super) struct CommandLine {
    program: String,
    /// Words before all others, as for env(1): `NAME=VALUE`.
    settings: Vec<String>,
    journal: String,
}

impl CommandLine {
    pub(super) fn new(
        program: &Path,
        settings: &[(&str, OsString)],
        journal: &Path,
    ) -> Result<Self, Failure> {
        let setting = |(name, value): &(&str, OsString)| Ok(format!("{name}={}", plain(name, value)?));
        let line = Self {
            program: plain("the path of the program", program.as_os_str())?,
            settings: settings.iter().map(setting).collect::<Result<_, Failure>>()?,
            journal: plain("the path of the journal", journal.as_os_str())?,
        };
        let (text, length) = (line.text(), line.text().encode_utf16().count());
        if length > LONGEST {
            let message = format!(
                "Windows runs no more than {LONGEST} characters at a logon, and this has {length}: {}\n\
                 put ponder's programs or the journal where their paths are shorter",
                printable(&text)
            );
            return Err(Failure::new(Exit::Config, message));
        }
        Ok(line)
    }

    /// The words, the program first.
    pub(super) fn words(&self) -> Vec<String> {
        let journal = ["--journal".to_owned(), self.journal.clone()];
        let words = [self.program.clone()].into_iter().chain(self.settings.iter().cloned()).chain(journal);
        words.chain(COMMAND.map(str::to_owned)).collect()
    }

    /// The line.
    pub(super) fn text(&self) -> String {
        let mut text = quoted(&self.program);
        for setting in &self.settings {
            text.push(' ');
            text.push_str(&quoted(setting));
        }
        text + &end(&self.journal)
    }

    /// The program of a line that is ours, for this journal: with any of these settings, and wherever the
    /// program was when it was written. Nothing else has this form, nor what somebody has changed for himself.
    pub(super) fn program<'a>(text: &'a str, settings: &[&str], journal: &Path) -> Option<&'a Path> {
        let text = text.strip_suffix(&end(journal.to_str()?))?;
        let (program, mut rest) = text.strip_prefix('"')?.split_once('"')?;
        while !rest.is_empty() {
            let (word, more) = rest.strip_prefix(" \"")?.split_once('"')?;
            let (name, _) = word.split_once('=')?;
            settings.contains(&name).then_some(())?;
            rest = more;
        }
        let (_, name) = program.rsplit_once('\\')?;
        name.eq_ignore_ascii_case(PROGRAM).then_some(Path::new(program))
    }
}

/// The end of a line, from the journal on.
fn end(journal: &str) -> String {
    format!(" --journal {} {}", quoted(journal), COMMAND.join(" "))
}

/// A word in quotes. Backslashes before the last of these have to be two each; elsewhere they are letters.
fn quoted(word: &str) -> String {
    let backslashes = word.len() - word.trim_end_matches('\\').len();
    format!("\"{word}{}\"", "\\".repeat(backslashes))
}

/// A text that can stand in quotes.
fn plain(what: &str, text: &OsStr) -> Result<String, Failure> {
    let is_plain = |text: &&str| !text.chars().any(|letter| letter == '"' || letter.is_control());
    let plain = text.to_str().filter(is_plain).ok_or_else(|| {
        let message = format!(
            "{what}, {}, has letters that cannot stand in a command line of the registry: give it none but \
             Unicode without quotation marks and control characters",
            printable(&text.to_string_lossy())
        );
        Failure::new(Exit::Config, message)
    });
    plain.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: [&str; 2] = ["PONDER_WINDOW", "PONDER_GRACE"];
    const OWN: &str = r"C:\Program Files\ponder\ponderw.exe";

    fn line(settings: &[(&str, OsString)], journal: &str) -> Result<CommandLine, Failure> {
        CommandLine::new(Path::new(OWN), settings, Path::new(journal))
    }

    fn is_ours(text: &str) -> bool {
        CommandLine::program(text, &SETTINGS, Path::new(r"C:\log")) == Some(Path::new(OWN))
    }

    #[test]
    fn a_line_is_quoted_as_windows_takes_it_apart() {
        let line = line(&[("PONDER_WINDOW", "3".into())], r"D:\").unwrap();
        let text =
            r#""C:\Program Files\ponder\ponderw.exe" "PONDER_WINDOW=3" --journal "D:\\" service logon"#;
        assert_eq!(line.text(), text);
        let words = [OWN, "PONDER_WINDOW=3", "--journal", r"D:\", "service", "logon"];
        assert_eq!(line.words(), words);
    }

    #[test]
    fn ours_is_known_with_other_settings_and_nothing_else_is() {
        let whole = line(&[("PONDER_WINDOW", "3".into())], r"C:\log").unwrap().text();
        let bare = line(&[], r"C:\log").unwrap().text();
        assert!(is_ours(&whole) && is_ours(&bare));
        for foreign in [
            "",
            "notepad.exe",
            &line(&[], r"C:\other").unwrap().text(),
            &format!("{bare} --verbose"),
            &bare.replace("ponderw.exe", "ponder.exe"),
            &bare.replace("service logon", "daemon start"),
            &whole.replace("PONDER_WINDOW", "PATH"),
            &whole.replace("\" --", "\" --quiet --"),
        ] {
            assert!(!is_ours(foreign), "{foreign}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let room = LONGEST - line(&[], r"C:\").unwrap().text().chars().count();
        let journal = |length: usize| format!(r"C:\{}", "日".repeat(length));
        assert!(line(&[], &journal(room)).is_ok_and(|line| line.text().encode_utf16().count() < LONGEST));
        let failure = line(&[], &journal(room + 2)).unwrap_err();
        assert!(failure.message.contains("no more than 260 characters"), "{}", failure.message);
        for odd in ["a\"b", "a\nb"] {
            assert_eq!(line(&[("PONDER_GRACE", odd.into())], r"C:\log").unwrap_err().exit, Exit::Config);
        }
    }
}
