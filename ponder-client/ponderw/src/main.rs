//! `ponderw [NAME=VALUE]... [ARGUMENT]...`: runs the `ponder` beside it with these arguments and without a
//! console, waits for it, and ends as it does. Words before the first argument go into its environment, as
//! with env(1).
//!
//! Windows opens a console window for every program of the console that is not started from one. Only a
//! program that is none can start one without: so this is a program of its own, as `pythonw` is. What it is
//! given for standard output and standard error, `ponder` has; at a logon that is nothing, and `ponder service
//! logon` remembers what it would have said there.

#![windows_subsystem = "windows"]

use std::process::ExitCode;

#[cfg(windows)]
fn main() -> ExitCode {
    match run() {
        Ok(code) => std::process::exit(code), // all 32 bits of it
        Err(message) => {
            eprintln!("ponderw: {message}");
            ExitCode::from(69) // no daemon, and none could be started
        }
    }
}

#[cfg(not(windows))]
fn main() -> ExitCode {
    eprintln!("ponderw is for Windows: elsewhere no window opens for ponder, which takes the same arguments");
    ExitCode::from(2)
}

/// Runs `ponder`; its exit code.
#[cfg(windows)]
fn run() -> Result<i32, String> {
    use std::os::windows::process::CommandExt as _;
    use std::process::Command;

    use windows_sys::Win32::System::Threading::CREATE_NO_WINDOW;

    let own = std::env::current_exe()
        .map_err(|error| format!("the system does not tell where this program is: {error}"))?;
    let ponder = own.with_file_name("ponder.exe");
    let mut words = std::env::args_os().skip(1).peekable();
    let mut command = Command::new(&ponder);
    while let Some((name, value)) = words.peek().and_then(|word| setting(word.to_str()?)) {
        command.env(name, value);
        words.next();
    }
    command.args(words).creation_flags(CREATE_NO_WINDOW);
    let status = command.status().map_err(|error| {
        format!("cannot run {}: {error}; it has to be beside {}", ponder.display(), own.display())
    })?;
    Ok(status.code().unwrap_or(1)) // there always is one here
}

/// The name and the value of a word that is to go into the environment.
#[cfg(any(windows, test))]
fn setting(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let is_name =
        !name.is_empty() && name.chars().all(|letter| letter == '_' || letter.is_ascii_alphanumeric());
    is_name.then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::setting;

    #[test]
    fn only_what_looks_like_a_setting_is_one() {
        assert_eq!(setting("PONDER_WINDOW=3=4"), Some(("PONDER_WINDOW", "3=4")));
        for argument in ["--journal", "--date=20261123", "service", "=x", "a b=c", ""] {
            assert_eq!(setting(argument), None, "{argument}");
        }
    }
}
