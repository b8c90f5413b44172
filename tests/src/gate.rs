//! A place where a script stops until the test lets it go on.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::DEADLINE;

/// Two FIFOs: through one a script says that it is there, through the other it is told to go on.
///
/// The test holds both open for reading and writing, so that nobody blocks on opening them, and a
/// script whose test has ended reads an end of file and goes on, too.
#[derive(Debug)]
pub struct Gate {
    arrivals: File,
    departures: File,
    paths: [PathBuf; 2],
}

impl Gate {
    pub(crate) fn new(dir: &Path, name: &str) -> Self {
        let paths = ["arrivals", "departures"].map(|way| dir.join(format!("{name}.{way}")));
        let open = |path: &PathBuf| {
            mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
            OpenOptions::new().read(true).write(true).open(path).unwrap()
        };
        Self { arrivals: open(&paths[0]), departures: open(&paths[1]), paths }
    }

    pub(crate) fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// The shell command that says something to [`Gate::arrival`]: a word or an expansion, such as
    /// `$$`.
    pub fn tell(&self, said: &str) -> String {
        format!("echo \"{said}\" > '{}'", self.paths[0].display())
    }

    /// The shell commands that say something and then stop until [`Gate::open`].
    pub fn pass(&self, said: &str) -> String {
        format!("{}; read -r _ < '{}'", self.tell(said), self.paths[1].display())
    }

    /// Waits until the next script is at the gate. Returns what it said.
    pub fn arrival(&self) -> String {
        self.try_arrival().unwrap_or_else(|| panic!("nobody came to the gate {}", self.paths[0].display()))
    }

    /// The same; none when the deadline is over.
    pub(crate) fn try_arrival(&self) -> Option<String> {
        let mut line = Vec::new();
        while line.last() != Some(&b'\n') {
            let limit = Timespec { tv_sec: DEADLINE.as_secs().cast_signed(), tv_nsec: 0 };
            let ready = poll(&mut [PollFd::new(&self.arrivals, PollFlags::IN)], Some(&limit)).unwrap();
            if ready == 0 {
                return None;
            }
            let mut byte = [0];
            (&self.arrivals).read_exact(&mut byte).unwrap();
            line.push(byte[0]);
        }
        Some(String::from_utf8(line).unwrap().trim_end().to_owned())
    }

    /// Whether nobody is at the gate who has not been noticed.
    pub fn is_quiet(&self) -> bool {
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        poll(&mut [PollFd::new(&self.arrivals, PollFlags::IN)], Some(&now)).unwrap() == 0
    }

    /// Lets one script go on.
    pub fn open(&self) {
        (&self.departures).write_all(b"go\n").unwrap();
    }
}
