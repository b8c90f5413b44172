//! The way to the daemon, which may have to be found again.

use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use ponder_client::{Connection, Endpoint, Error, StartOptions};
use ponder_proto::{Message, Op, Successor};

use crate::platform::{End, Sign, sign};

/// A way to the daemon, or the want of one.
#[derive(Debug)]
pub(crate) enum Link {
    Up(Connection),
    /// It is being looked for.
    Coming(Attempt),
    Down,
}

impl Link {
    /// What is to be polled for reading, if anything may come of it.
    #[cfg(unix)]
    pub(crate) fn source(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        use std::os::fd::AsFd as _;
        match self {
            Self::Up(connection) => Some(connection.as_fd()),
            Self::Coming(attempt) => Some(attempt.over.as_fd()),
            Self::Down => None,
        }
    }

    /// What is to be waited for, if anything may come of it.
    #[cfg(windows)]
    pub(crate) fn source(&mut self) -> io::Result<Option<std::os::windows::io::BorrowedHandle<'_>>> {
        use std::os::windows::io::AsHandle as _;
        match self {
            Self::Up(connection) => connection.readable().map(Some),
            Self::Coming(attempt) => Ok(Some(attempt.over.as_handle())),
            Self::Down => Ok(None),
        }
    }
}

/// What came of looking for the daemon: its first answer; none where nobody was found.
pub(crate) type Found = Result<Option<(Connection, Message)>, Error>;

/// How the daemon is looked for.
#[derive(Clone, Debug)]
pub(crate) enum Means {
    /// One is started if there is none.
    Start(StartOptions),
    /// Somebody else may start one, for so long.
    Find(Duration),
    /// Somebody else may start one, at any time. One is started, as told, as soon as it is needed.
    Await(StartOptions),
}

/// How long a daemon is looked for that somebody else may start.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// How often one is looked for that somebody may start at any time: nothing tells when he does.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LAST_PAUSE: Duration = Duration::from_secs(5);

impl Means {
    /// What to do when a daemon is gone, by what it said about that; none to do nothing. One that said
    /// nothing has crashed, or was killed.
    pub(crate) fn after(said: Option<Successor>, start: &StartOptions) -> Option<Self> {
        match said {
            None | Some(Successor::Yes) => Some(Self::Start(start.clone())),
            Some(Successor::Perhaps) => Some(Self::Find(PATIENCE)),
            Some(Successor::No) => None,
        }
    }
}

/// Looking for the daemon, on a thread of its own: it may take a while, and meanwhile signals arrive
/// and the editor ends.
#[derive(Debug)]
pub(crate) struct Attempt {
    found: Receiver<Found>,
    /// Tells when there is a result.
    over: Sign,
    /// Says that the daemon is needed now.
    needed: SyncSender<()>,
}

impl Attempt {
    /// Looks for the daemon, and asks it.
    pub(crate) fn begin(endpoint: &Endpoint, op: Op, means: Means) -> io::Result<Self> {
        let (sender, found) = mpsc::sync_channel(1);
        let (needed, need) = mpsc::sync_channel(1);
        let (over, its_end): (Sign, End) = sign()?;
        let endpoint = endpoint.clone();
        thread::Builder::new().name("looking for the daemon".to_owned()).spawn(move || {
            let result = match means {
                Means::Start(options) => endpoint.begin(&op, &options).map(Some),
                Means::Find(patience) => endpoint.begin_running(&op, patience),
                Means::Await(options) => await_somebody(&endpoint, &op, &options, &need),
            };
            let _ = sender.send(result); // nobody wants to know any more
            drop(its_end);
        })?;
        Ok(Self { found, over, needed })
    }

    /// The daemon is needed now: one that was awaited is started. It stays one attempt: two would take
    /// the session away from each other.
    pub(crate) fn hurry(&self) {
        let _ = self.needed.try_send(()); // it was said before, or is found by now
    }

    /// What came of it. Waits if that is not known yet.
    pub(crate) fn found(self) -> Found {
        self.found.recv().unwrap_or(Ok(None)) // a thread that panicked found nobody
    }
}

/// Looks for a daemon until there is one that answers, or until it is needed: what is wrong before that
/// may be mended by whoever starts the next one.
fn await_somebody(endpoint: &Endpoint, op: &Op, options: &StartOptions, need: &Receiver<()>) -> Found {
    let mut pause = FIRST_PAUSE;
    loop {
        if let Ok(Some(found)) = endpoint.begin_running(op, Duration::ZERO) {
            return Ok(Some(found));
        }
        match need.recv_timeout(pause) {
            Ok(()) => return endpoint.begin(op, options).map(Some),
            Err(RecvTimeoutError::Timeout) => pause = (pause * 2).min(LAST_PAUSE),
            Err(RecvTimeoutError::Disconnected) => return Ok(None), // nobody wants to know any more
        }
    }
}

/// Notices daemons that end as soon as they have answered: those are not followed for ever.
#[derive(Debug)]
pub(crate) struct Losses {
    since: Instant,
    quick: u32,
}

/// A connection that has lasted as long was worth something.
const WORTH: Duration = Duration::from_secs(1);

/// So many in a row that were not, and no other daemon is looked for.
const MOST_QUICK: u32 = 16;

impl Losses {
    pub(crate) fn new() -> Self {
        Self { since: Instant::now(), quick: 0 }
    }

    /// There is a connection.
    pub(crate) fn up(&mut self) {
        self.since = Instant::now();
    }

    /// It is gone. Whether to look for another daemon.
    pub(crate) fn down(&mut self) -> bool {
        self.quick = if self.since.elapsed() < WORTH { self.quick + 1 } else { 0 };
        self.quick < MOST_QUICK
    }
}

#[cfg(test)]
mod tests {
    use ponder_endpoint::JournalLock;
    use ponder_proto::{Body, ErrorCode, Refusal};
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    use super::*;
    use crate::fake_daemon::{Peer, Place, granted, reattach};

    #[test]
    fn what_a_daemon_said_at_its_end_decides() {
        let start = StartOptions::default();
        let after = |said| Means::after(said, &start);
        assert!(matches!(after(None), Some(Means::Start(_))), "it crashed");
        assert!(matches!(after(Some(Successor::Yes)), Some(Means::Start(_))));
        assert!(matches!(after(Some(Successor::Perhaps)), Some(Means::Find(_))));
        assert!(after(Some(Successor::No)).is_none());
    }

    fn is_over(attempt: &Attempt, within: i64) -> bool {
        let limit = Timespec { tv_sec: within, tv_nsec: 0 };
        poll(&mut [PollFd::new(&attempt.over, PollFlags::IN)], Some(&limit)).unwrap() > 0
    }

    fn awaiting(place: &Place) -> Attempt {
        Attempt::begin(&place.endpoint, reattach(), Means::Await(StartOptions::default())).unwrap()
    }

    #[test]
    fn who_may_come_at_any_time_is_awaited() {
        let place = Place::new();
        let attempt = awaiting(&place);
        assert!(!is_over(&attempt, 0));
        let daemon = place.daemon(|listener| {
            Peer::accept(&listener).answer(&reattach(), granted(Vec::new()));
        });
        let Ok(Some((_, answer))) = attempt.found() else { panic!("nobody was found") };
        assert_eq!(answer.body, granted(Vec::new()));
        daemon.join().unwrap();
    }

    #[test]
    fn one_that_cannot_be_spoken_to_is_not_the_last() {
        let place = Place::new();
        let daemon = place.daemon(|listener| {
            let mut newer = Peer::accept(&listener);
            newer.hear();
            newer.say(None, Body::Error(Refusal::new(ErrorCode::ProtocolMismatch, "no")));
            Peer::accept(&listener).answer(&reattach(), granted(Vec::new()));
        });
        assert!(matches!(awaiting(&place).found(), Ok(Some(_))));
        daemon.join().unwrap();
    }

    #[test]
    fn as_soon_as_he_is_needed_he_is_not_awaited_any_more() {
        let place = Place::new();
        let owner = JournalLock::try_take(place.endpoint.journal()).unwrap();
        let attempt = awaiting(&place);
        attempt.hurry();
        attempt.hurry();
        assert!(!is_over(&attempt, 0), "the journal has an owner, who is waited for");
        let daemon = place.daemon(|listener| {
            Peer::accept(&listener).answer(&reattach(), granted(Vec::new()));
        });
        assert!(matches!(attempt.found(), Ok(Some(_))));
        daemon.join().unwrap();
        drop(owner);
    }

    #[test]
    fn daemons_that_end_at_once_are_not_followed_for_ever() {
        let mut losses = Losses::new();
        let followed = (0..100).take_while(|_| losses.down()).count();
        assert_eq!(followed, 15);
    }
}
