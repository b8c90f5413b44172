//! A session's life, as its client lives it: wait, hold the lease while a child runs, hand it back.
//! The daemon may end on the way, and another one take its place.

mod alive;
mod hear;
mod loss;
mod notices;
mod reattach;
#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use ponder_client::{ConnectionError, Endpoint, StartOptions};
use ponder_endpoint::Journal;
use ponder_proto::{Acquire, Draft, Op, Refusal, SessionId, Successor, Token};

use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::happenings::{self, Happening, Happenings};
use crate::hints;
use crate::link::{Link, Losses};
use crate::outcomes::Outcomes;
use crate::queue::{Grant, Queue, ended_before_it_began};
use crate::report::Report;

use alive::Alive;
use loss::{Loss, Revoked};
pub(crate) use notices::Manner;
use notices::Notices;

/// A session that has its lease.
pub(crate) struct Session<'a> {
    report: Report,
    endpoint: &'a Endpoint,
    start: StartOptions,
    acquire: Acquire,
    link: Link,
    losses: Losses,
    /// What the daemon said about its end.
    successor: Option<Successor>,
    happenings: Happenings,
    pub(crate) id: SessionId,
    pub(crate) token: Token,
    /// In the order in which the entries were asked for.
    pub(crate) drafts: Vec<Draft>,
    /// Open as long as we live.
    alive: Option<Alive>,
    notices: Notices,
    outcomes: Outcomes,
    opened: Opened,
    /// The lease was ended by force.
    revoked: Option<Revoked>,
    /// Why the lease cannot be handed back.
    loss: Option<Loss>,
    handing: Handing,
    /// The daemon has said what became of every draft.
    released: bool,
}

/// What became of telling the daemon that the editor runs.
#[derive(Debug, Default)]
struct Opened {
    wanted: bool,
    /// The number of the request.
    asked: Option<u64>,
    refused: Option<Refusal>,
}

/// How far handing back the lease is.
#[derive(Debug, Default)]
struct Handing {
    /// Whether the work under the lease did what it was to.
    succeeded: bool,
    /// How often a daemon was looked for to hand it back to. After that nothing is tried again.
    tries: u32,
    /// The number of the request.
    asked: Option<u64>,
    /// A daemon was asked, at least once.
    begun: bool,
    /// What was saved late waits until it is its turn, and the person knows.
    waits: bool,
}

/// What is answered later than this waits for somebody.
const SOON: Duration = Duration::from_secs(1);

/// How a session ended.
pub(crate) struct Ending {
    /// The largest trouble with texts.
    pub(crate) exit: Exit,
    /// Whether anything was committed or kept.
    pub(crate) changed: bool,
    /// Whether the lease was current to the end.
    pub(crate) held: bool,
    /// Whether the daemon has answered that every draft's text is its entry's, durably.
    pub(crate) settled: bool,
}

impl<'a> Session<'a> {
    /// Asks for a lease and waits for it.
    pub(crate) fn acquire(
        context: &Context,
        endpoint: &'a Endpoint,
        acquire: Acquire,
    ) -> Result<Self, Failure> {
        let (connection, first) = endpoint.begin(&Op::Acquire(acquire.clone()), &context.newest())?;
        context.tell_if_older(endpoint.journal(), &connection);
        let happenings = Happenings::begin().map_err(|error| happenings::trouble(&error))?;
        let report = context.report;
        let mut queue = Queue::new(report, endpoint, &context.start, &acquire, connection, happenings);
        let grant = queue.wait(first)?;
        let (link, happenings) = (queue.link, queue.happenings);
        Self::granted(report, endpoint, context.start.clone(), acquire, grant, link, happenings)
    }

    /// # Errors
    /// When the lease is over before anything was done under it: we slept for too long since the grant.
    fn granted(
        report: Report,
        endpoint: &'a Endpoint,
        start: StartOptions,
        acquire: Acquire,
        grant: Grant,
        link: Link,
        happenings: Happenings,
    ) -> Result<Self, Failure> {
        let Grant { token, mut drafts, alive } = grant;
        drafts.sort_by_key(|draft| acquire.entries.iter().position(|&entry| entry == draft.entry));
        let alive = alive.map(|path| Alive::open(&path)).transpose();
        let is_over = alive.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
        if let Err(error) = &alive {
            report.detail(&format!("the daemon cannot see whether the editor lives: {error}"));
        }
        let session = Self {
            report,
            endpoint,
            start,
            id: acquire.session,
            acquire,
            link,
            losses: Losses::new(),
            successor: None,
            happenings,
            token,
            drafts,
            alive: alive.ok().flatten(),
            notices: Notices::new(report),
            outcomes: Outcomes::default(),
            opened: Opened::default(),
            revoked: None,
            loss: None,
            handing: Handing::default(),
            released: false,
        };
        if is_over {
            return Err(session.end_before_it_began());
        }
        Ok(session)
    }

    /// Tells the daemon that nothing was begun. The place of a draft may be another session's by now,
    /// whose text is not to be told of as if it were ours.
    fn end_before_it_began(mut self) -> Failure {
        self.drafts.clear();
        self.hand_back(false);
        ended_before_it_began(self.revoked.as_ref().map(Revoked::sentence))
    }

    fn journal(&self) -> &'a Journal {
        self.endpoint.journal()
    }

    /// The files to open.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        self.drafts.iter().map(|draft| PathBuf::from(&draft.path)).collect()
    }

    /// Starts what works on the drafts.
    pub(crate) fn spawn(&self, command: &mut Command) -> io::Result<Child> {
        alive::spawn(self.alive.as_ref(), command)
    }

    /// Tells the daemon that the editor runs, so that a new entry may be created.
    pub(crate) fn opened(&mut self) {
        self.opened.wanted = true;
        self.opened.asked = self.send(Op::Opened { session: self.id });
    }

    /// Waits for the child's end, and passes signals on to it. What the daemon says meanwhile is told
    /// at once or remembered, as the child leaves us the screen or not.
    pub(crate) fn attend(&mut self, child: &mut Child, manner: Manner) -> Result<ExitStatus, Failure> {
        self.notices.begin(manner);
        let status = loop {
            match self.happenings.next(&mut self.link, Some(child)) {
                Ok(Happening::Exited(status)) => break status,
                Ok(Happening::Signal(signal)) if manner == Manner::Editor => signal.forward_to_editor(child),
                Ok(Happening::Signal(signal)) => signal.forward(child),
                Ok(Happening::Said(message)) => self.hear(message),
                Ok(Happening::Gone(error)) => self.follow(&error),
                Ok(Happening::Found(found)) => self.reattach(found),
                Ok(Happening::Silence) => {}
                Err(error) => return Err(happenings::trouble(&error)),
            }
        };
        self.notices.end();
        Ok(status)
    }

    /// Hands the lease back and waits until everything is durable. Tells what became of the texts.
    pub(crate) fn release(mut self, succeeded: bool) -> Ending {
        let unknown = self.hand_back(succeeded);
        self.tell(unknown)
    }

    /// Hands the lease back. Returns the trouble there is if nobody waited for the answer.
    fn hand_back(&mut self, succeeded: bool) -> Exit {
        self.handing.succeeded = succeeded;
        if let Link::Coming(attempt) = &self.link {
            attempt.hurry();
        }
        let mut impatience = 0;
        while !self.released && self.loss.is_none() {
            match &self.link {
                Link::Up(_) if self.handing.asked.is_none() => {
                    // A daemon that could not write down that the lease was ended leaves one that gives it
                    // back to us: who was told that nothing is committed commits nothing.
                    let succeeded = succeeded && (self.revoked.is_none() || self.commits_saves());
                    self.handing.asked = self.send(Op::Release { session: self.id, succeeded });
                    self.handing.begun |= self.handing.asked.is_some();
                    if self.revoked.is_some() && !self.handing.waits {
                        self.happenings.notice_silence(SOON);
                    }
                    continue;
                }
                Link::Down => {
                    self.look_for_the_last_time();
                    continue;
                }
                _ => {}
            }
            match self.happenings.next(&mut self.link, None) {
                Ok(Happening::Said(message)) => self.hear(message),
                Ok(Happening::Gone(error)) => self.note_end(&error),
                Ok(Happening::Found(found)) => self.reattach(found),
                Ok(Happening::Signal(signal)) if signal.asks_to_leave() => {
                    impatience += 1;
                    if impatience > 1 || self.handing.waits {
                        return self.leave_early();
                    }
                    self.report.note("still saving; once more to leave without waiting for it");
                }
                Ok(Happening::Silence) => self.tell_what_waits(),
                Ok(Happening::Signal(_) | Happening::Exited(_)) => {}
                Err(error) => self.loss = Some(Loss::Unreachable(happenings::trouble(&error))),
            }
        }
        Exit::Done
    }

    /// Sends a request and returns its number, as long as there is a connection.
    fn send(&mut self, op: Op) -> Option<u64> {
        let Link::Up(connection) = &mut self.link else { return None };
        match connection.send(op) {
            Ok(number) => Some(number),
            Err(error) => {
                self.link = Link::Down;
                self.note_end(&error);
                None
            }
        }
    }

    fn lose(&mut self, loss: Loss) {
        self.link = Link::Down;
        self.loss = self.loss.take().or(Some(loss));
    }

    /// The connection is gone: what was asked on it is not answered any more.
    fn note_end(&mut self, error: &ConnectionError) {
        self.notices.detail(error.to_string());
        (self.handing.asked, self.opened.asked) = (None, None);
    }

    fn leave_early(&mut self) -> Exit {
        self.link = Link::Down;
        let which = self.what();
        if self.handing.waits {
            self.report.trouble(&format!(
                "you left; what you saved late goes into {which} when it is its turn, or is kept aside"
            ));
            return Exit::Conflict;
        }
        self.report.trouble(&format!(
            "left before the daemon had confirmed; look with {} whether {which} has your text",
            hints::command(self.endpoint.journal(), "show")
        ));
        Exit::Disk
    }
}
