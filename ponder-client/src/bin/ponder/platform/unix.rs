//! Unix.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::Access;

use super::{Listening, Owner};

/// Editors that are looked for where none is named.
pub(crate) const EDITORS: &[&str] = &["sensible-editor", "vim", "nano", "vi"];

/// The terminal of a process whose standard streams are elsewhere.
pub(crate) const TERMINAL: &str = "/dev/tty";

/// What has to be done before anything else: nothing.
pub(crate) fn begin() {}

/// The name of the terminal that we run on, if we do.
pub(crate) fn terminal_name() -> Option<String> {
    let name = rustix::termios::ttyname(io::stdin(), Vec::new());
    let name = name.or_else(|_| rustix::termios::ttyname(io::stderr(), Vec::new()));
    name.ok()?.into_string().ok()
}

/// Whether a terminal understands escape sequences: every one does.
pub(crate) fn understands_escapes() -> bool {
    true
}

/// Text as a path or argument.
pub(crate) fn os_string(bytes: &[u8]) -> OsString {
    OsStr::from_bytes(bytes).to_owned()
}

/// The words of a command line, as a shell would take them apart, without a shell. None if a quote is not
/// closed.
pub(crate) fn words(text: &str) -> Option<Vec<String>> {
    shell_words::split(text).ok()
}

/// The name by which a program is known.
pub(crate) fn program_name(program: &Path) -> String {
    program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned()
}

/// A status as `$?` shows it: 128 and the number for a signal.
pub(crate) fn shell_status(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// One line that the terminal hands over whole. None at the end of the input. Interrupted when a signal
/// arrives: after a session ours still have handlers, and reading would go on behind them.
pub(crate) fn read_line() -> io::Result<Option<Vec<u8>>> {
    let stdin = io::stdin();
    poll(&mut [PollFd::new(&stdin, PollFlags::IN)], None)?;
    let mut line = [0; 4096]; // longer ones cannot be typed
    let length = rustix::io::read(&stdin, &mut line)?;
    Ok(Some(line[..length].to_vec()).filter(|line| line.ends_with(b"\n")))
}

/// What kind of file system a path is on, by the name that the system has for it; nothing if there is nothing.
#[cfg(target_os = "macos")]
pub(crate) fn file_system_name(path: &Path) -> Option<String> {
    let found = rustix::fs::statfs(path).ok()?;
    let name = found.f_fstypename.iter().take_while(|letter| **letter != 0);
    Some(name.map(|letter| char::from(letter.cast_unsigned())).collect())
}

/// Whether files can be made in a directory.
pub(crate) fn try_writing_into(dir: &Path) -> io::Result<()> {
    Ok(rustix::fs::access(dir, Access::WRITE_OK | Access::EXEC_OK)?)
}

/// Whose a directory is.
pub(crate) fn owner(found: &Metadata) -> Owner {
    let you = rustix::process::geteuid().as_raw();
    let mode = found.mode() & 0o777;
    if found.uid() != you {
        Owner::Foreign { owner: found.uid(), you }
    } else if found.is_dir() && mode & 0o077 != 0 {
        Owner::Open { mode }
    } else {
        Owner::Ours
    }
}

/// What is at a daemon's socket.
pub(crate) fn listening(socket: &Path) -> Listening {
    match fs::symlink_metadata(socket) {
        Ok(found) if found.file_type().is_socket() => Listening::Somebody(owner(&found)),
        Ok(_) => Listening::NoSocket,
        Err(_) => Listening::Nobody,
    }
}

/// Whether a file is the same, and unchanged, as far as the system tells.
pub(crate) fn is_same(now: &Metadata, before: &Metadata) -> bool {
    let what = |file: &Metadata| {
        (
            file.dev(),
            file.ino(),
            file.size(),
            file.mtime(),
            file.mtime_nsec(),
            file.ctime(),
            file.ctime_nsec(),
        )
    };
    what(now) == what(before)
}

/// Makes what happened to the names in a directory durable.
pub(crate) fn sync_names(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Where a journal is that nobody has named, below the home directory.
pub(crate) fn usual_journal(home: &Path) -> PathBuf {
    home.join("Documents/rubberducks")
}

/// Can be read, to its end, when the other one is dropped.
pub(crate) type Sign = UnixStream;

/// What the sign is about.
pub(crate) type End = UnixStream;

/// A sign that tells when an end has come.
pub(crate) fn sign() -> io::Result<(Sign, End)> {
    UnixStream::pair()
}
