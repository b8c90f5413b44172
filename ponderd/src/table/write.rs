//! Writing down what happens.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ponder_endpoint::replace;
use ponder_proto::{Acquire, SessionId, Token, shown};

use super::line::{Line, VERSION};
use super::{Remembered, TableError};
use ponder_endpoint::Process;

/// A table without sessions is cut back to its first line when it is longer than this, in bytes: what
/// clients said about themselves is not to stay.
const LONG: u64 = 4 * 1024;

/// A table is written anew when it has grown by this factor, and is at least this long, in bytes.
const GROWN: u64 = 8;
const LONGER: u64 = 4 * 1024 * 1024;

/// The table of the daemon that runs.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    boot: String,
    file: File,
    /// Lines that are to be written before anybody is told anything.
    pending: Vec<u8>,
    length: u64,
    /// What the first line takes, and what the table took when it was written anew.
    first: u64,
    fresh: u64,
    /// It could not be written, so the file lacks something, or ends in half of a line. Said once.
    failing: bool,
}

impl Table {
    /// Begins a table, with the sessions that go on.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(path: &Path, boot: &str, sessions: &[Remembered]) -> Result<Self, TableError> {
        let failed = |source| TableError::Disk { doing: "write", path: path.to_owned(), source };
        let mut lines = Vec::new();
        put(&mut lines, &Line::Table { version: VERSION, boot: boot.to_owned() });
        let first = lines.len() as u64;
        for (place, session) in (0..).zip(sessions) {
            put_session(&mut lines, place, session);
        }
        let file = replace(path, &lines).map_err(failed)?;
        let length = lines.len() as u64;
        let (path, boot) = (path.to_owned(), boot.to_owned());
        Ok(Self { path, boot, file, pending: Vec::new(), length, first, fresh: length, failing: false })
    }

    /// A session stands in line, or another process has taken it over.
    pub fn seated(
        &mut self,
        place: u64,
        request: &Acquire,
        process: Option<Process>,
        wait_until: Option<u64>,
        since: i64,
    ) {
        let request = request.clone();
        put(&mut self.pending, &Line::Seated { place, request, process, wait_until, since });
    }

    /// It has its lease.
    pub fn granted(&mut self, session: SessionId, token: Token, hold_until: Option<u64>, since: i64) {
        put(&mut self.pending, &Line::Granted { session, token, hold_until, since });
    }

    /// It is over.
    pub fn over(&mut self, session: SessionId) {
        put(&mut self.pending, &Line::Over { session });
    }

    /// Writes what happened; `none_left` says that there are no sessions now. A table that cannot be
    /// written keeps nobody from working: only a restart would find less than there was.
    pub fn write(&mut self, none_left: bool) {
        if self.failing {
            self.pending.clear(); // all of it is to be written anew
        }
        if self.pending.is_empty() {
            return;
        }
        let written = if none_left && self.length > LONG {
            self.length = self.first;
            self.file.set_len(self.first)
        } else {
            self.length += self.pending.len() as u64;
            (&self.file).write_all(&self.pending)
        };
        self.pending.clear();
        self.note(written);
    }

    /// The daemon ends. Where no session goes on, nothing of those that were is to stay.
    pub fn end(&mut self, none_left: bool) {
        if none_left {
            let cut = self.file.set_len(self.first);
            self.note(cut);
        }
    }

    /// Whether the table had better be written anew: it is long, or was not written as it should be.
    pub fn wants_to_be_anew(&self) -> bool {
        self.failing || self.length > LONGER.max(GROWN * self.fresh)
    }

    /// Writes the table anew, with these sessions and their places.
    pub fn shorten(&mut self, sessions: impl Iterator<Item = (u64, Remembered)>) {
        let mut lines = Vec::new();
        put(&mut lines, &Line::Table { version: VERSION, boot: self.boot.clone() });
        for (place, session) in sessions {
            put_session(&mut lines, place, &session);
        }
        match replace(&self.path, &lines) {
            Ok(file) => {
                (self.file, self.failing) = (file, false);
                (self.length, self.fresh) = (lines.len() as u64, lines.len() as u64);
            }
            Err(error) => self.note(Err(error)),
        }
    }

    fn note(&mut self, written: io::Result<()>) {
        match written {
            Ok(()) => self.failing = false,
            Err(error) if !self.failing => {
                self.failing = true;
                let path = shown(&self.path);
                tracing::warn!(%path, %error, "the lease table cannot be written: a restart would lose places");
            }
            Err(_) => {}
        }
    }
}

fn put(lines: &mut Vec<u8>, line: &Line) {
    if serde_json::to_writer(&mut *lines, line).is_ok() {
        lines.push(b'\n');
    }
}

fn put_session(lines: &mut Vec<u8>, place: u64, session: &Remembered) {
    let Remembered { request, process, token, wait_until, hold_until, since } = session.clone();
    let id = request.session;
    put(lines, &Line::Seated { place, request, process, wait_until, since });
    if let Some(token) = token {
        put(lines, &Line::Granted { session: id, token, hold_until, since });
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use ponder_proto::{EntryName, Op, line};

    use super::super::read;
    use super::*;

    fn request(number: u8, day: u32) -> Acquire {
        let entry = EntryName::new(2026, 1, day).unwrap();
        let json = format!(
            r#"{{"op":"acquire","session":"{}","entries":["{}"]}}"#,
            SessionId([number; 16]),
            entry.file_name()
        );
        let Op::Acquire(acquire) = line::decode_request(json.as_bytes()).unwrap().op else { panic!() };
        acquire
    }

    fn token(counter: u64) -> Token {
        Token { epoch: 7, counter }
    }

    struct Written {
        dir: tempfile::TempDir,
        table: Table,
    }

    impl Written {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let table = Table::begin(&dir.path().join("leases"), "boot", &[]).unwrap();
            Self { dir, table }
        }

        fn path(&self) -> PathBuf {
            self.dir.path().join("leases")
        }

        fn read(&self) -> Vec<(u8, Option<Token>)> {
            let sessions = read(&self.path(), "boot").unwrap();
            sessions.iter().map(|session| (session.request.session.0[0], session.token)).collect()
        }
    }

    #[test]
    fn what_was_written_is_read_in_the_order_of_the_places() {
        let mut written = Written::new();
        let table = &mut written.table;
        table.seated(5, &request(1, 1), None, None, 0);
        table.granted(SessionId([1; 16]), token(1), Some(99), 1);
        table.seated(6, &request(2, 1), Some(Process::of(1)), Some(42), 0);
        table.seated(7, &request(3, 2), None, None, 0);
        table.over(SessionId([3; 16]));
        table.write(false);
        assert_eq!(written.read(), [(1, Some(token(1))), (2, None)]);
        // Taken over by another process: the same place, the same grant.
        written.table.seated(5, &request(1, 1), Some(Process::of(1)), None, 0);
        written.table.write(false);
        assert_eq!(written.read(), [(1, Some(token(1))), (2, None)]);
        let sessions = read(&written.path(), "boot").unwrap();
        let again = Table::begin(&written.path(), "boot", &sessions).unwrap();
        assert_eq!(read(&written.path(), "boot").unwrap(), sessions);
        drop(again);
    }

    #[test]
    fn a_table_of_another_boot_is_nobodys() {
        let mut written = Written::new();
        written.table.seated(0, &request(1, 1), None, None, 0);
        written.table.write(false);
        assert_eq!(read(&written.path(), "another boot").unwrap(), []);
        drop(Table::begin(&written.path(), "", &[]).unwrap());
        assert_eq!(read(&written.path(), "").unwrap(), [], "a boot that nobody knows");
    }

    #[test]
    fn a_torn_end_was_never_told() {
        let mut written = Written::new();
        written.table.seated(0, &request(1, 1), None, None, 0);
        written.table.seated(1, &request(2, 1), None, None, 0);
        written.table.write(false);
        let whole = fs::read(written.path()).unwrap();
        fs::write(written.path(), &whole[..whole.len() - 1]).unwrap();
        assert_eq!(written.read(), [(1, None)]);
        for length in 0..whole.len() {
            fs::write(written.path(), &whole[..length]).unwrap();
            assert!(written.read().len() <= 1);
        }
    }

    #[test]
    fn a_damaged_table_does_not_give_a_lease_twice() {
        let mut written = Written::new();
        for number in [1, 2] {
            written.table.seated(number.into(), &request(number, 1), None, None, 0);
            written.table.granted(SessionId([number; 16]), token(number.into()), None, 0);
        }
        written.table.write(false);
        assert_eq!(written.read(), [(1, Some(token(1)))]);
    }

    #[test]
    fn what_a_damaged_table_says_of_one_session_is_not_said_of_another_in_its_place() {
        let mut written = Written::new();
        written.table.seated(0, &request(1, 1), None, None, 0);
        written.table.seated(0, &request(2, 2), None, None, 0);
        written.table.granted(SessionId([1; 16]), token(1), None, 0);
        written.table.write(false);
        assert_eq!(written.read(), [(2, None)]);
        written.table.over(SessionId([1; 16]));
        written.table.write(false);
        assert_eq!(written.read(), [(2, None)]);
    }

    #[test]
    fn it_does_not_grow_for_ever() {
        let mut written = Written::new();
        for _ in 0..2_000 {
            written.table.seated(0, &request(1, 1), None, None, 0);
            written.table.write(false);
            written.table.over(SessionId([1; 16]));
            written.table.write(true);
        }
        assert!(fs::metadata(written.path()).unwrap().len() < LONG + 1_000);
        assert_eq!(written.read(), []);
        while !written.table.wants_to_be_anew() {
            written.table.seated(3, &request(1, 1), None, None, 0);
            written.table.write(false);
        }
        let sessions = read(&written.path(), "boot").unwrap();
        written.table.shorten([(3, sessions[0].clone())].into_iter());
        assert!(fs::metadata(written.path()).unwrap().len() < 1_000);
        written.table.granted(SessionId([1; 16]), token(9), None, 0);
        written.table.write(false);
        assert_eq!(written.read(), [(1, Some(token(9)))]);
    }
    #[test]
    fn what_a_full_disk_refused_is_there_as_soon_as_it_takes_it() {
        let mut written = Written::new();
        written.table.seated(0, &request(1, 1), None, None, 0);
        written.table.write(false);
        let sessions = read(&written.path(), "boot").unwrap();
        let full = File::options().write(true).open("/dev/full").unwrap();
        let file = std::mem::replace(&mut written.table.file, full);
        written.table.over(SessionId([1; 16]));
        written.table.seated(1, &request(2, 1), None, None, 0);
        written.table.write(false);
        assert!(written.table.wants_to_be_anew());
        // There is room again. Only what comes from now on would give the place to who has left.
        written.table.file = file;
        written.table.granted(SessionId([2; 16]), token(2), None, 0);
        written.table.write(false);
        assert_eq!(written.read(), [(1, None)], "not behind what is missing");
        let request = request(2, 1);
        let second = Remembered { request, token: Some(token(2)), ..sessions[0].clone() };
        written.table.shorten([(1, second)].into_iter());
        assert!(!written.table.wants_to_be_anew());
        written.table.seated(2, &self::request(3, 1), None, None, 0);
        written.table.write(false);
        assert_eq!(written.read(), [(2, Some(token(2))), (3, None)]);
    }
}
