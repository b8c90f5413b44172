//! The editor of the tests: see `ponder_windows::Hand`; and who is in a console with a program:
//! `ponder_windows::Stage`.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

#[cfg(windows)]
fn main() -> std::process::ExitCode {
    use std::fs::{self, File};
    use std::io::Write as _;
    use std::path::PathBuf;
    use std::process::ExitCode;

    let mut words = std::env::args_os().skip(1).map(PathBuf::from).peekable();
    if words.next_if(|word| word.as_os_str() == "run").is_some() {
        return run(words);
    }
    let (Some(dir), Some(draft)) = (words.next(), words.next()) else { return ExitCode::from(2) };
    if dir.as_os_str() == "stage" {
        ponder_windows::stage(&draft);
        return ExitCode::SUCCESS;
    }
    ponder_windows::outlive_ctrl_c(); // to an editor it is a key
    let put = |name: &str, text: &str| {
        fs::write(dir.join("fresh"), text).expect("a file");
        fs::rename(dir.join("fresh"), dir.join(name)).expect("a name");
    };
    put("pid", &std::process::id().to_string());
    put("draft", &draft.to_string_lossy());
    for number in 1.. {
        let order = dir.join(format!("{number}"));
        let told = ponder_windows::wait_until("an order", || fs::read_to_string(&order).ok());
        let (what, text) = told.split_once(' ').expect("an order and its text");
        let code: Option<u8> = match what {
            "add" => {
                let mut file = File::options().append(true).open(&draft).expect("a draft");
                writeln!(file, "{text}").expect("room");
                None
            }
            "replace" => {
                let fresh = draft.with_extension("fresh");
                fs::write(&fresh, format!("{text}\n")).expect("room");
                fs::rename(&fresh, &draft).expect("a name");
                None
            }
            _ => Some(text.parse().expect("an exit code")),
        };
        put(&format!("{number}.done"), "");
        if let Some(code) = code {
            return ExitCode::from(code);
        }
    }
    ExitCode::SUCCESS
}

/// Runs a program with other standard handles than its own, as many a program does: its own are inherited
/// all the same.
#[cfg(windows)]
fn run(mut words: impl Iterator<Item = std::path::PathBuf>) -> std::process::ExitCode {
    use std::process::{Command, Stdio};
    let mut command = Command::new(words.next().expect("a program"));
    command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let ended = command.status().expect("it runs");
    if ended.success() { std::process::ExitCode::SUCCESS } else { std::process::ExitCode::FAILURE }
}

#[cfg(not(windows))]
fn main() {}
