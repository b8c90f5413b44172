//! Waiting for a lease: the line that says why, the grant, and leaving without a trace. The place is
//! kept over the daemon's end: the next one is asked for it.

use ponder_client::{Connection, ConnectionError, Endpoint, StartOptions};
use ponder_proto::{Acquire, Body, Draft, ErrorCode, Message, Op, RawPath, SessionId, Successor, Token};

use crate::exit::{Exit, Failure};
use crate::happenings::{self, Happening, Happenings};
use crate::link::{Attempt, Found, Link, Losses, Means};
use crate::report::Report;
use crate::waiting::WaitingLine;

/// A session that waits.
pub(crate) struct Queue<'a> {
    report: Report,
    endpoint: &'a Endpoint,
    start: &'a StartOptions,
    acquire: &'a Acquire,
    pub(crate) link: Link,
    pub(crate) happenings: Happenings,
    leaving: Leaving,
    /// What the daemon said about its end.
    successor: Option<Successor>,
    losses: Losses,
}

/// The lease.
pub(crate) struct Grant {
    pub(crate) token: Token,
    pub(crate) drafts: Vec<Draft>,
    /// Who has it open works on the drafts.
    pub(crate) alive: Option<RawPath>,
}

/// Whether the person wants to leave the queue.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaving {
    No,
    /// The daemon was told.
    Asked,
    /// The lease came first, and was handed back at once.
    HandedBack,
}

impl<'a> Queue<'a> {
    /// A place that was asked for on this connection.
    pub(crate) fn new(
        report: Report,
        endpoint: &'a Endpoint,
        start: &'a StartOptions,
        acquire: &'a Acquire,
        connection: Connection,
        happenings: Happenings,
    ) -> Self {
        let (link, leaving, losses) = (Link::Up(connection), Leaving::No, Losses::new());
        Self { report, endpoint, start, acquire, link, happenings, leaving, successor: None, losses }
    }

    fn id(&self) -> SessionId {
        self.acquire.session
    }

    /// Waits until the lease is granted, starting with the first answer.
    pub(crate) fn wait(&mut self, first: Message) -> Result<Grant, Failure> {
        let (report, id) = (self.report, self.id());
        let mut line = WaitingLine::new(report, &self.acquire.entries);
        let mut said = first;
        loop {
            match said.body {
                Body::Granted { ref token, ref drafts, ref alive, session } if session == id => {
                    if self.leaving == Leaving::No {
                        report.event(&said.body);
                        let (drafts, alive) = (drafts.clone(), alive.clone());
                        return Ok(Grant { token: *token, drafts, alive });
                    }
                    self.hand_back()?;
                }
                Body::Queued { ahead, ref blockers, session } if session == id => {
                    report.event(&said.body);
                    line.show(ahead, blockers);
                }
                Body::Cancelled { .. } | Body::Released { .. } => return Err(interrupted()),
                Body::Revoked { session, .. } if session == id => return Err(ended_before_it_began(None)),
                Body::Stopping { successor: Successor::No } => return Err(stopped()),
                // It says the same to everybody, hangs up when it has ended, and is asked after then.
                Body::Stopping { successor } => self.successor = Some(successor),
                // The lease is on its way, or here; or the connection ends, and another one will do.
                Body::Error(refusal)
                    if matches!(refusal.code, ErrorCode::AlreadyGranted | ErrorCode::TooSlow) => {}
                Body::Error(_) if self.leaving != Leaving::No => return Err(interrupted()),
                Body::Error(refusal) => return Err(refusal.into()),
                _ => {}
            }
            said = self.next(&mut line)?;
        }
    }

    /// The next message; signals make us leave.
    fn next(&mut self, line: &mut WaitingLine<'_>) -> Result<Message, Failure> {
        loop {
            match self.happenings.next(&mut self.link, None) {
                Ok(Happening::Said(message)) => return Ok(message),
                Ok(Happening::Signal(signal)) if signal.asks_to_leave() => {
                    line.erase();
                    self.leave()?;
                }
                Ok(Happening::Gone(_)) if self.leaving != Leaving::No => return Err(interrupted()),
                Ok(Happening::Gone(error)) => self.ask_the_next(error, line)?,
                Ok(Happening::Found(found)) => return self.found(found),
                Ok(Happening::Signal(_) | Happening::Exited(_) | Happening::Silence) => {}
                Err(error) => return Err(happenings::trouble(&error)),
            }
        }
    }

    fn leave(&mut self) -> Result<(), Failure> {
        let session = self.id();
        match &mut self.link {
            Link::Up(connection) if self.leaving == Leaving::No => {
                self.leaving = Leaving::Asked;
                connection.send(Op::Cancel { session })?;
                Ok(())
            }
            // The daemon is slow, and our end tells it as well; or there is none, and the next one
            // gives up a place that nobody comes back to.
            _ => Err(interrupted()),
        }
    }

    /// The daemon is gone: the next one knows our place.
    fn ask_the_next(&mut self, error: ConnectionError, line: &mut WaitingLine<'_>) -> Result<(), Failure> {
        if !matches!(error, ConnectionError::Ended | ConnectionError::Unheard | ConnectionError::Failed(_)) {
            return Err(error.into());
        }
        let means = Means::after(self.successor.take(), self.start);
        let Some(means) = means.filter(|_| self.losses.down()) else { return Err(stopped()) };
        line.erase();
        self.report.detail("the daemon has ended; asking the next one for the same place");
        let again = Attempt::begin(self.endpoint, Op::Acquire(self.acquire.clone()), means);
        self.link = Link::Coming(again.map_err(|error| happenings::trouble(&error))?);
        Ok(())
    }

    fn found(&mut self, found: Found) -> Result<Message, Failure> {
        let (connection, answer) = found?.ok_or_else(stopped)?;
        self.losses.up();
        self.link = Link::Up(connection);
        Ok(answer)
    }

    /// Leaves no trace of a lease that came too late to be wanted.
    fn hand_back(&mut self) -> Result<(), Failure> {
        self.leaving = Leaving::HandedBack;
        if let Link::Up(connection) = &mut self.link {
            connection.send(Op::Release { session: self.acquire.session, succeeded: false })?;
        }
        Ok(())
    }
}

/// `why` is a sentence, where somebody has said it.
pub(crate) fn ended_before_it_began(why: Option<String>) -> Failure {
    let why = why.unwrap_or_else(|| "the lease was ended by force".to_owned());
    let message = format!("{why}; nothing could be done with it before that, and nothing was changed");
    Failure::new(Exit::Conflict, message)
}

fn interrupted() -> Failure {
    Failure::new(Exit::Interrupted, "you left the queue; nothing was changed")
}

fn stopped() -> Failure {
    Failure::new(Exit::NoDaemon, "the daemon was stopped while you waited; nothing was changed, ask again")
}

#[cfg(test)]
mod tests {
    use ponder_proto::CommitPolicy;

    use super::*;
    use crate::fake_daemon::{self, Peer, Place, SESSION, granted, silent};
    use crate::people::tests::vim;

    fn queued() -> Body {
        Body::Queued { session: SESSION, ahead: 1, blockers: vec![vim()] }
    }

    /// What comes of waiting where the first daemon says these, and the next one grants the lease.
    fn wait(said: Vec<Body>, comes_back: bool) -> Result<Token, Failure> {
        let place = Place::new();
        let acquire = fake_daemon::acquire(CommitPolicy::OnSave);
        let asked = Op::Acquire(acquire.clone());
        let daemon = place.daemon(move |listener| {
            let mut before = Peer::accept(&listener);
            before.answer(&asked, queued());
            for body in said {
                before.say(None, body);
            }
            drop(before);
            if comes_back {
                let mut after = Peer::accept(&listener);
                after.answer(&asked, granted(Vec::new()));
            }
        });
        let start = StartOptions::default();
        let (connection, first) = place.endpoint.begin(&Op::Acquire(acquire.clone()), &start).unwrap();
        let happenings = Happenings::of_children().unwrap();
        let mut queue = Queue::new(silent(), &place.endpoint, &start, &acquire, connection, happenings);
        let waited = queue.wait(first).map(|grant| grant.token);
        daemon.join().unwrap();
        waited
    }

    #[test]
    fn a_place_is_kept_over_the_end_of_the_daemon() {
        let stopping = |successor| vec![Body::Stopping { successor }];
        assert!(wait(vec![], true).is_ok(), "it was killed");
        assert!(wait(stopping(Successor::Yes), true).is_ok());
        assert!(wait(stopping(Successor::Perhaps), true).is_ok());
        let stopped = wait(stopping(Successor::No), false).unwrap_err();
        assert_eq!(stopped.exit, Exit::NoDaemon);
    }
}
