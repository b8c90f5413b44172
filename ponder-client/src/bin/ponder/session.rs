//! A session's life, as its client lives it: wait, hold the lease while a child runs, hand it back.

use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};

use ponder_client::{Connection, ConnectionError, Endpoint};
use ponder_endpoint::Journal;
use ponder_proto::{
    Acquire, Body, Draft, EntryName, EntryOutcome, ErrorCode, Message, Op, Outcome, Refusal, SessionId, Token,
};

use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::happenings::{self, Arrived, Happening, Happenings};
use crate::outcomes::{self, Outcomes};
use crate::people;
use crate::queue::Queue;
use crate::report::Report;

/// A session that has its lease.
pub(crate) struct Session<'a> {
    report: Report,
    journal: &'a Journal,
    /// None once it is lost.
    connection: Option<Connection>,
    happenings: Happenings,
    pub(crate) id: SessionId,
    pub(crate) token: Token,
    /// In the order in which the entries were asked for.
    pub(crate) drafts: Vec<Draft>,
    outcomes: Outcomes,
    /// The number of `opened`, and why it was refused.
    opened: (Option<u64>, Option<Refusal>),
    /// Why the lease is no longer ours.
    loss: Option<Loss>,
    /// The daemon has said what became of every draft.
    released: bool,
}

/// How a lease was lost while the child ran.
enum Loss {
    /// The daemon said that it stops.
    Stopped,
    /// The connection is gone, without a word.
    Gone(ConnectionError),
    /// The daemon gave it to somebody else, as to a newer connection of the same session.
    TakenAway(Refusal),
}

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
        let (id, wanted) = (acquire.session, acquire.entries.clone());
        let (connection, first) = endpoint.begin(&Op::Acquire(acquire), &context.start)?;
        let happenings = Happenings::begin().map_err(|error| happenings::trouble(&error))?;
        let report = context.report;
        let mut queue = Queue::new(report, connection, happenings, id);
        let (token, mut drafts) = queue.wait(&wanted, first)?;
        drafts.sort_by_key(|draft| wanted.iter().position(|&entry| entry == draft.entry));
        Ok(Self {
            report,
            journal: endpoint.journal(),
            connection: Some(queue.connection),
            happenings: queue.happenings,
            id,
            token,
            drafts,
            outcomes: Outcomes::default(),
            opened: (None, None),
            loss: None,
            released: false,
        })
    }

    /// The files to open.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        self.drafts.iter().map(|draft| PathBuf::from(&draft.path)).collect()
    }

    /// Tells the daemon that the editor runs, so that a new entry may be created.
    pub(crate) fn opened(&mut self) {
        let session = self.id;
        self.opened.0 = self.send(Op::Opened { session });
    }

    /// Waits for the child's end. What the daemon says meanwhile is remembered: the screen is not
    /// ours. Signals go where `forward` sends them.
    pub(crate) fn attend(
        &mut self,
        child: &mut Child,
        forward: fn(Arrived, &Child),
    ) -> Result<ExitStatus, Failure> {
        loop {
            match self.happenings.next(self.connection.as_mut(), Some(child)) {
                Ok(Happening::Exited(status)) => return Ok(status),
                Ok(Happening::Signal(signal)) => forward(signal, child),
                Ok(Happening::Said(message)) => self.hear(message),
                Ok(Happening::Gone(error)) => self.lose(Loss::Gone(error)),
                Err(error) => return Err(happenings::trouble(&error)),
            }
        }
    }

    /// Hands the lease back and waits until everything is durable. Tells what became of the texts.
    pub(crate) fn release(mut self, succeeded: bool) -> Ending {
        let session = self.id;
        let release = self.send(Op::Release { session, succeeded });
        let mut impatience = 0;
        let mut unknown = Exit::Done;
        while self.connection.is_some() {
            match self.happenings.next(self.connection.as_mut(), None) {
                Ok(Happening::Said(Message { body: Body::Released { entries, session }, .. })) => {
                    if session == self.id {
                        self.report.event(&Body::Released { session, entries: entries.clone() });
                        self.outcomes.record(entries);
                        self.released = true;
                        break;
                    }
                }
                Ok(Happening::Said(Message { re, body: Body::Error(refusal) })) if re == release => {
                    self.release_refused(refusal);
                    break;
                }
                Ok(Happening::Said(message)) => self.hear(message),
                Ok(Happening::Gone(error)) => self.lose(Loss::Gone(error)),
                Ok(Happening::Signal(signal)) if signal.asks_to_leave() => {
                    impatience += 1;
                    if impatience > 1 {
                        unknown = self.leave_early();
                    } else {
                        self.report.note("still saving; once more to leave without waiting for it");
                    }
                }
                Ok(Happening::Signal(_) | Happening::Exited(_)) => {}
                Err(error) => self.lose(Loss::Gone(ConnectionError::Failed(error))),
            }
        }
        self.tell(unknown)
    }

    /// Sends a request and returns its number, as long as there is a connection.
    fn send(&mut self, op: Op) -> Option<u64> {
        match self.connection.as_mut()?.send(op) {
            Ok(number) => Some(number),
            Err(error) => {
                self.lose(Loss::Gone(error));
                None
            }
        }
    }

    /// Takes in what the daemon says while the child runs.
    fn hear(&mut self, message: Message) {
        match message.body {
            Body::Committed { session, entries } if session == self.id => self.outcomes.record(entries),
            Body::Stopping => self.loss = self.loss.take().or(Some(Loss::Stopped)),
            Body::Error(refusal) if refusal.code == ErrorCode::Superseded => {
                self.lose(Loss::TakenAway(refusal));
            }
            Body::Error(refusal) if message.re.is_some() && message.re == self.opened.0 => {
                self.opened.1 = Some(refusal);
            }
            _ => {}
        }
    }

    /// The end of the session was refused: by the disk, for all drafts, or because the lease is
    /// not ours any more.
    fn release_refused(&mut self, refusal: Refusal) {
        match refusal.code {
            ErrorCode::Disk | ErrorCode::OutcomeUnknown | ErrorCode::Journal => {
                let failed = |draft: &Draft| EntryOutcome {
                    entry: draft.entry,
                    outcome: Outcome::Failed(refusal.clone()),
                };
                self.outcomes.record(self.drafts.iter().map(failed).collect());
            }
            _ => self.lose(Loss::TakenAway(refusal)),
        }
    }

    fn lose(&mut self, loss: Loss) {
        self.connection = None;
        // What was said before the connection went explains it.
        self.loss = self.loss.take().or(Some(loss));
    }

    fn leave_early(&mut self) -> Exit {
        self.connection = None;
        let entries: Vec<EntryName> = self.drafts.iter().map(|draft| draft.entry).collect();
        let which = people::entries(&entries);
        self.report.trouble(&format!(
            "left before the daemon had confirmed; look with `ponder show` whether {which} has your text"
        ));
        Exit::Disk
    }

    fn tell(self, unknown: Exit) -> Ending {
        let mut exit = self.outcomes.tell(self.report, self.journal, &self.drafts).or_worse(unknown);
        let held =
            self.loss.is_none() || matches!((&self.loss, &self.connection), (Some(Loss::Stopped), Some(_)));
        // A save that succeeded later has made the entry after all.
        if let Some(refusal) = self.opened.1.clone().filter(|_| !self.outcomes.changed) {
            let failure = Failure::from(refusal);
            self.report.trouble(&failure.message);
            exit = exit.or_worse(failure.exit);
        }
        if !held && let Some(loss) = &self.loss {
            exit = exit.or_worse(self.tell_loss(loss));
        }
        let settled = self.released && self.outcomes.all_well();
        Ending { exit, changed: self.outcomes.changed, held, settled }
    }

    /// The lease was lost: says so, and where each text is that is not in its entry.
    fn tell_loss(&self, loss: &Loss) -> Exit {
        let mut exit = Exit::Done;
        let why = match loss {
            Loss::Stopped => "the daemon was stopped meanwhile".to_owned(),
            Loss::Gone(ConnectionError::Ended | ConnectionError::Unheard) => {
                "the daemon ended meanwhile".to_owned()
            }
            Loss::Gone(error) => error.to_string(),
            Loss::TakenAway(refusal) => {
                exit = refusal.code.into();
                people::printable(&refusal.message)
            }
        };
        let missing = outcomes::not_in_their_entries(self.journal, &self.drafts);
        if missing.is_empty() && !self.drafts.is_empty() {
            self.report.note(&format!("{why}; everything you saved is in the journal"));
            return exit;
        }
        self.report.trouble(&why);
        for draft in missing {
            let (entry, path) = (draft.entry, PathBuf::from(&draft.path));
            // A kept draft is called as its slot's directory is.
            let id = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
            self.report.trouble(&format!(
                "your text for {entry} is not in its entry; it is kept in\n  {}\n{}",
                outcomes::shown(&path),
                outcomes::next_steps(self.journal, entry, &id, &path),
            ));
            exit = Exit::Conflict;
        }
        exit
    }
}
