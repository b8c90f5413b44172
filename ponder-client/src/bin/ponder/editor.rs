//! Which editor opens the drafts, and how it is called so that it stays until it is closed.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use ponder_client::find_program;
use ponder_proto::{limits, shown};

use crate::exit::{Exit, Failure};
use crate::platform::{EDITORS, program_name, words};

/// An editor that was found and can be started.
#[derive(Debug)]
pub(crate) struct Editor {
    path: PathBuf,
    arguments: Vec<String>,
}

/// Where an editor may be named, first come first served.
const VARIABLES: [&str; 3] = ["PONDER_EDITOR", "VISUAL", "EDITOR"];

/// Editors that hand the file to a window and return at once, and the flags that make them wait:
/// the one that is added first.
const RETURN_AT_ONCE: [(&[&str], &[&str]); 7] = [
    (&["code", "codium", "code-insiders", "cursor"], &["--wait", "-w"]),
    (&["zed", "zeditor"], &["--wait", "-w"]),
    (&["subl"], &["--wait", "-w"]),
    (&["mate"], &["-w", "--wait"]),
    (&["gvim", "mvim"], &["-f", "--nofork"]),
    (&["gedit"], &["--wait", "-w"]),
    (&["kate"], &["--block", "-b"]),
];

impl Editor {
    /// Looks for the editor before anything is asked for or made.
    pub(crate) fn find() -> Result<Self, Failure> {
        for variable in VARIABLES {
            if let Some(value) = env::var_os(variable)
                && let Some(words) = split(variable, &value)?
            {
                return Self::named(variable, words);
            }
        }
        let found = EDITORS.iter().find_map(|name| find_program(name.as_ref()));
        found.map(|path| Self { path, arguments: Vec::new() }).ok_or_else(|| {
            let looked = EDITORS.join(", ");
            let message = format!("there is no editor: set PONDER_EDITOR, or install one of {looked}");
            Failure::new(Exit::Failed, message)
        })
    }

    fn named(variable: &str, mut words: Vec<String>) -> Result<Self, Failure> {
        let program = words.remove(0);
        let path = find_program(program.as_ref()).ok_or_else(|| {
            let why = if Path::new(&program).components().count() > 1 {
                "there is no executable file at that path"
            } else {
                "there is no such program in PATH"
            };
            Failure::new(Exit::Failed, format!("cannot start the editor {program:?} ({variable}): {why}"))
        })?;
        add_wait_flag(&path, &mut words);
        Ok(Self { path, arguments: words })
    }

    /// Its name, for those who wait.
    pub(crate) fn name(&self) -> String {
        program_name(&self.path)
    }

    /// How it is called, for those who wait.
    pub(crate) fn command_line(&self) -> String {
        let name = self.name();
        command_line(std::iter::once(OsStr::new(&name)).chain(self.arguments.iter().map(OsStr::new)))
    }

    /// Why it could not be started, though it was found.
    pub(crate) fn not_started(&self, error: &io::Error) -> String {
        let path = shown(&self.path);
        let hint = if error.kind() == io::ErrorKind::NotFound {
            "; the program that its first line names (#!) is missing"
        } else {
            ""
        };
        format!("cannot start the editor {path}: {error}{hint}")
    }

    /// The command that opens the drafts.
    pub(crate) fn command(&self, drafts: &[PathBuf]) -> Command {
        let mut command = Command::new(&self.path);
        command.args(&self.arguments).args(drafts);
        command
    }
}

/// A command line as it would be typed, as much of it as others are told.
pub(crate) fn command_line<'a>(words: impl Iterator<Item = &'a OsStr>) -> String {
    let words: Vec<_> = words.map(OsStr::to_string_lossy).collect();
    let mut line = shell_words::join(&words);
    let end = (0..=limits::HOLDER_TEXT.min(line.len())).rev().find(|&end| line.is_char_boundary(end));
    line.truncate(end.unwrap_or(0));
    line
}

/// Splits a variable as a shell would, without a shell. None if there is nothing in it.
fn split(variable: &str, value: &OsStr) -> Result<Option<Vec<String>>, Failure> {
    let failure = |why: &str| Failure::new(Exit::Config, format!("{variable} cannot be used: {why}"));
    let text = value.to_str().ok_or_else(|| failure("it is not UTF-8"))?;
    let words = words(text).ok_or_else(|| failure("a quote in it is not closed"))?;
    Ok(if words.first().is_none_or(String::is_empty) { None } else { Some(words) })
}

fn add_wait_flag(program: &Path, arguments: &mut Vec<String>) {
    let name = program_name(program);
    let known = RETURN_AT_ONCE.iter().find(|(names, _)| names.contains(&name.as_str()));
    if let Some((_, flags)) = known
        && !arguments.iter().any(|argument| flags.contains(&argument.as_str()))
    {
        arguments.push(flags[0].to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Option<Vec<String>> {
        split("EDITOR", text.as_ref()).unwrap()
    }

    #[test]
    fn arguments_are_split_as_a_shell_would() {
        assert_eq!(words("vim -c 'set tw=72'").unwrap(), ["vim", "-c", "set tw=72"]);
        assert_eq!(words(r#""/opt/my editor/ed" -x"#).unwrap(), ["/opt/my editor/ed", "-x"]);
        assert_eq!(words("vim $HOME; rm x").unwrap(), ["vim", "$HOME;", "rm", "x"]);
        for nothing in ["", "   ", "''"] {
            assert_eq!(words(nothing), None, "{nothing}");
        }
        assert_eq!(split("EDITOR", "vim 'x".as_ref()).unwrap_err().exit, Exit::Config);
    }

    #[test]
    fn editors_that_return_at_once_get_their_wait_flag() {
        for (program, given, expected) in [
            ("code", vec![], vec!["--wait"]),
            ("/usr/bin/code", vec!["-n"], vec!["-n", "--wait"]),
            ("code", vec!["-w"], vec!["-w"]),
            ("mate", vec![], vec!["-w"]),
            ("gvim", vec!["-f"], vec!["-f"]),
            ("kate", vec![], vec!["--block"]),
            ("vim", vec![], vec![]),
        ] {
            let mut arguments: Vec<String> = given.iter().map(|&word: &&str| word.to_owned()).collect();
            add_wait_flag(Path::new(program), &mut arguments);
            assert_eq!(arguments, expected, "{program} {given:?}");
        }
    }

    #[test]
    fn a_command_line_can_be_typed_and_is_cut() {
        let line = |words: &[&str]| command_line(words.iter().map(OsStr::new));
        assert_eq!(line(&["vim", "-c", "set tw=72"]), "vim -c 'set tw=72'");
        let long = line(&["x", &"é".repeat(200)]);
        assert!(long.len() <= limits::HOLDER_TEXT && long.len() > limits::HOLDER_TEXT - 2, "{}", long.len());
    }

    #[test]
    fn an_editor_that_is_missing_is_named_with_its_variable() {
        let failure = Editor::named("VISUAL", vec!["no-such-editor".to_owned()]).unwrap_err();
        assert_eq!(failure.exit, Exit::Failed);
        assert!(failure.message.contains("no-such-editor") && failure.message.contains("VISUAL"));
    }
}
