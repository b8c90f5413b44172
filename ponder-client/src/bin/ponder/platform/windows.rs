//! Windows.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::os::windows::fs::MetadataExt as _;
use std::os::windows::io::{AsHandle, BorrowedHandle};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::Arc;
use std::thread;

use ponder_client::{Console, Event, wait_for_any};

use super::{Listening, Owner};

pub(crate) use ponder_client::file_system_name;

/// Editors that are looked for where none is named.
pub(crate) const EDITORS: &[&str] = &["vim", "nano", "edit", "notepad"];

/// The terminal of a process whose standard streams are elsewhere.
pub(crate) const TERMINAL: &str = "CONOUT$";

/// What has to be done before anything else: what we were given as standard output is not for the
/// children of our children.
pub(crate) fn begin() {
    ponder_client::keep_standard_handles();
}

/// Consoles have no names.
pub(crate) fn terminal_name() -> Option<String> {
    None
}

/// Whether the console understands escape sequences; it is told to.
pub(crate) fn understands_escapes() -> bool {
    ponder_client::shows_colours()
}

/// Text as a path or argument. What is no Unicode is replaced: there is no other text here.
pub(crate) fn os_string(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// The words of a command line: between spaces, or in double quotes. A backslash is a letter of a path.
/// None if a quote is not closed.
pub(crate) fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for letter in text.chars() {
        match letter {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            space if space.is_whitespace() && !quoted => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    (!quoted).then_some(words)
}

/// The name by which a program is known: without its ending.
pub(crate) fn program_name(program: &Path) -> String {
    program.file_stem().unwrap_or(program.as_os_str()).to_string_lossy().into_owned()
}

/// A status as a shell shows it, as far as 8 bits do: a program that Ctrl-C has ended has 130, as on Unix.
pub(crate) fn shell_status(status: ExitStatus) -> u8 {
    const CONTROL_C_EXIT: i32 = 0xC000_013A_u32.cast_signed();
    match status.code() {
        Some(CONTROL_C_EXIT) => 130,
        code => code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1),
    }
}

/// One line that the console hands over whole. None at the end of the input. Interrupted at a Ctrl-C, which
/// the library that reads takes for nothing, and reads on: in a thread that nobody waits for any more, and
/// that ends with us. Another line is not to be asked for then.
pub(crate) fn read_line() -> io::Result<Option<Vec<u8>>> {
    let console = Console::listen()?;
    let (read, end) = sign()?;
    let reader = thread::spawn(move || {
        let _end = end;
        let mut line = String::new();
        io::stdin().read_line(&mut line).map(|_| line.into_bytes())
    });
    if wait_for_any(&[read.as_handle(), console.said()], None)? != Some(0) {
        return Err(io::ErrorKind::Interrupted.into());
    }
    let line = reader.join().map_err(|_| io::Error::other("the thread that reads has panicked"))??;
    Ok(Some(line).filter(|line| line.ends_with(b"\n")))
}

/// Whether files can be made in a directory: only one that is made tells.
pub(crate) fn try_writing_into(dir: &Path) -> io::Result<()> {
    let probe = dir.join(format!(".ponder-{}.tmp", std::process::id()));
    fs::File::create_new(&probe)?;
    fs::remove_file(probe)
}

/// Whose a directory is: the system lets nobody in but whom the directory around it lets in, and a user's
/// profile is his own.
pub(crate) fn owner(_found: &Metadata) -> Owner {
    Owner::Ours
}

/// What is at a daemon's pipe. Connecting says whose it is.
pub(crate) fn listening(pipe: &Path) -> Listening {
    if ponder_endpoint::is_listening(pipe) { Listening::Somebody(Owner::Ours) } else { Listening::Nobody }
}

/// Whether a file is the same, and unchanged, as far as the system tells.
pub(crate) fn is_same(now: &Metadata, before: &Metadata) -> bool {
    let what = |file: &Metadata| (file.creation_time(), file.last_write_time(), file.file_size());
    what(now) == what(before)
}

/// A directory is not flushed here: the file system keeps a journal of its names.
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
pub(crate) fn sync_names(_dir: &Path) -> io::Result<()> {
    Ok(())
}

/// Where a journal is that nobody has named, below the home directory.
pub(crate) fn usual_journal(home: &Path) -> PathBuf {
    home.join("Documents").join("rubberducks")
}

/// Is set when the other one is dropped.
#[derive(Debug)]
pub(crate) struct Sign(Arc<Event>);

/// What the sign is about.
#[derive(Debug)]
pub(crate) struct End(Arc<Event>);

/// A sign that tells when an end has come.
pub(crate) fn sign() -> io::Result<(Sign, End)> {
    let event = Arc::new(Event::new()?);
    Ok((Sign(Arc::clone(&event)), End(event)))
}

impl AsHandle for Sign {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.as_handle()
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.0.set();
    }
}
