//! A program in a console, where it can be typed to and hears Ctrl-C.
//!
//! `hand.exe stage DIR` is in that console, too: it starts the program with standard handles of the console,
//! says Ctrl-C when it is ordered to, and writes down how the program ended.

use std::fs::{self, File};
use std::io::{self, PipeWriter, Read as _, Write as _};
use std::os::windows::io::OwnedHandle;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use crate::platform::{PseudoConsole, outlive_ctrl_c, say_ctrl_c};
use crate::wait_until;
use crate::world::program;

/// A console and the program in it.
#[derive(Debug)]
pub struct Stage {
    dir: PathBuf,
    typed: PipeWriter,
    shown: Arc<Mutex<Vec<u8>>>,
    orders: usize,
    /// They end with the console.
    _hand: OwnedHandle,
    _console: PseudoConsole,
}

impl Drop for Stage {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the console showed: {:?}", self.screen());
        }
    }
}

impl Stage {
    /// Starts a command in a console of its own; what it was to have for standard handles does not count.
    pub fn of(command: &Command, dir: &Path) -> Self {
        fs::create_dir(dir).unwrap();
        let text = |text: &std::ffi::OsStr| text.to_str().unwrap().to_owned();
        let variables = command.get_envs().map(|(name, value)| json!([text(name), value.map(text)]));
        let told = json!({
            "program": text(command.get_program()),
            "words": command.get_args().map(text).collect::<Vec<_>>(),
            "variables": variables.collect::<Vec<_>>(),
        });
        fs::write(dir.join("command"), told.to_string()).unwrap();
        let (keyboard, typed) = io::pipe().unwrap();
        let (mut screen_read, screen_written) = io::pipe().unwrap();
        let console = PseudoConsole::new(&keyboard, &screen_written);
        let shown = Arc::new(Mutex::new(Vec::new()));
        let screen = Arc::clone(&shown);
        thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(length @ 1..) = screen_read.read(&mut chunk) {
                screen.lock().unwrap().extend_from_slice(&chunk[..length]);
            }
        });
        let line = format!("\"{}\" stage \"{}\"", program("hand.exe").display(), dir.display());
        let hand = console.start(line.as_ref());
        Self { dir: dir.to_owned(), typed, shown, orders: 0, _hand: hand, _console: console }
    }

    /// Ctrl-C, as it comes to every program of the console.
    pub fn hears_ctrl_c(&mut self) {
        self.orders += 1;
        let order = self.dir.join(self.orders.to_string());
        fs::write(&order, "").unwrap();
        wait_until("it was said", || order.with_extension("done").exists().then_some(()));
    }

    /// Types a line.
    pub fn types(&mut self, line: &str) {
        write!(self.typed, "{line}\r").unwrap();
    }

    /// Waits until the console shows that.
    pub fn shows(&self, text: &str) {
        let wanted = letters(text);
        wait_until(text, || letters(&self.screen()).contains(&wanted).then_some(()));
    }

    /// All that was written to the screen, with what moves the cursor.
    fn screen(&self) -> String {
        String::from_utf8_lossy(&self.shown.lock().unwrap()).into_owned()
    }

    /// Waits until the program has ended. Its exit code.
    pub fn ends(self) -> i32 {
        let ended = self.dir.join("ended");
        let code = wait_until("the end", || fs::read_to_string(&ended).ok());
        code.parse().unwrap()
    }
}

/// A text without blanks, and without what moves the cursor: a console may write either for the other.
fn letters(text: &str) -> String {
    let mut rest = text.chars();
    let mut letters = String::new();
    while let Some(letter) = rest.next() {
        if letter == '\u{1b}' {
            rest.find(char::is_ascii_alphabetic); // the last of a sequence
        } else if !letter.is_whitespace() {
            letters.push(letter);
        }
    }
    letters
}

/// What `hand.exe stage DIR` does, in the console.
pub fn stage(dir: &Path) {
    outlive_ctrl_c();
    let mut child = start(&fs::read(dir.join("command")).unwrap());
    let mut orders = 1;
    let status = wait_until("the end", || {
        let order = dir.join(orders.to_string());
        if order.exists() {
            say_ctrl_c();
            fs::write(order.with_extension("done"), "").unwrap();
            orders += 1;
        }
        child.try_wait().unwrap()
    });
    fs::write(dir.join("fresh"), status.code().unwrap().to_string()).unwrap();
    fs::rename(dir.join("fresh"), dir.join("ended")).unwrap();
}

/// Starts what is told, with standard handles that are the console's.
fn start(told: &[u8]) -> Child {
    let told: Value = serde_json::from_slice(told).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut command = Command::new(text(&told["program"]));
    command.args(told["words"].as_array().unwrap().iter().map(text));
    for variable in told["variables"].as_array().unwrap() {
        match variable[1].as_str() {
            Some(value) => command.env(text(&variable[0]), value),
            None => command.env_remove(text(&variable[0])),
        };
    }
    let console = |name: &str| Stdio::from(File::options().read(true).write(true).open(name).unwrap());
    command.stdin(console("CONIN$")).stdout(console("CONOUT$")).stderr(console("CONOUT$"));
    command.spawn().unwrap()
}
