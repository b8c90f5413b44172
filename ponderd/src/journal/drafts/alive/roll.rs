//! A roll: the client writes into it which processes work on the drafts, one a line, by id and start time:
//! first itself, then what it started. An end of a process can be waited for by any other one of its user.
//! Children of an editor are not in it.

use std::fs::File;
use std::io;
use std::os::windows::fs::FileExt as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

use ponder_endpoint::Process;
use tokio::sync::oneshot;

/// Longer than a roll ever gets.
const MOST: usize = 4096;

/// How long it takes until a process is looked at again whose end cannot be waited for.
const PAUSE: Duration = Duration::from_secs(1);

/// Makes an empty roll.
pub(super) fn make(path: &Path) -> io::Result<()> {
    File::create_new(path).map(drop)
}

/// A session's roll.
#[derive(Debug)]
pub struct Witness(File);

impl Witness {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        File::open(path).map(Self)
    }

    /// Whether none of its processes runs any more.
    pub(super) fn sees_nobody(&mut self) -> bool {
        self.running().is_ok_and(|running| running.is_none())
    }

    /// The first that still runs, or may: what cannot be looked at may. A line without its end is
    /// being written by one that runs.
    fn running(&self) -> io::Result<Option<Process>> {
        let mut bytes = [0; MOST];
        let length = self.0.seek_read(&mut bytes, 0)?;
        let text = String::from_utf8_lossy(&bytes[..length]);
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        Ok(whole.lines().filter_map(process).find(|process| process.runs()))
    }

    /// Waits until none of them runs any more.
    ///
    /// # Errors
    /// When there can be no thread that waits.
    pub fn until_the_end(self) -> io::Result<impl Future<Output = io::Result<()>> + Send + 'static> {
        let (sender, ended) = oneshot::channel();
        // It may wait for longer than anybody wants to know: then it tells nobody.
        thread::Builder::new().name("waiting for an editor".to_owned()).spawn(move || {
            let ended = loop {
                match self.running() {
                    Ok(Some(process)) => {
                        if process.wait().is_err() {
                            thread::sleep(PAUSE); // it cannot be waited for: then it is looked at
                        }
                    }
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(error),
                }
            };
            let _ = sender.send(ended);
        })?;
        Ok(async move { ended.await.map_err(io::Error::other)? })
    }
}

/// A line of the roll. One that cannot be read names nobody.
fn process(line: &str) -> Option<Process> {
    let (pid, start) = line.split_once(' ')?;
    Some(Process { pid: pid.parse().ok()?, start: Some(start.parse().ok()?) })
}
