//! Waiting for a lease: the line that says why, the grant, and leaving without a trace.

use ponder_client::{Connection, ConnectionError};
use ponder_proto::{Body, Draft, EntryName, ErrorCode, Message, Op, SessionId, Token};

use crate::exit::{Exit, Failure};
use crate::happenings::{self, Happening, Happenings};
use crate::report::Report;
use crate::waiting::WaitingLine;

/// A session that waits.
pub(crate) struct Queue {
    report: Report,
    pub(crate) connection: Connection,
    pub(crate) happenings: Happenings,
    id: SessionId,
    leaving: Leaving,
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

impl Queue {
    pub(crate) fn new(report: Report, connection: Connection, happenings: Happenings, id: SessionId) -> Self {
        Self { report, connection, happenings, id, leaving: Leaving::No }
    }

    /// Waits until the lease is granted, starting with the first answer.
    pub(crate) fn wait(
        &mut self,
        wanted: &[EntryName],
        first: Message,
    ) -> Result<(Token, Vec<Draft>), Failure> {
        let report = self.report;
        let mut line = WaitingLine::new(report, wanted);
        let mut said = first;
        loop {
            match said.body {
                Body::Granted { token, drafts, session } if session == self.id => {
                    if self.leaving == Leaving::No {
                        report.event(&Body::Granted { session, token, drafts: drafts.clone() });
                        return Ok((token, drafts));
                    }
                    self.hand_back()?;
                }
                Body::Queued { ahead, ref blockers, session } if session == self.id => {
                    report.event(&said.body);
                    line.show(ahead, blockers);
                }
                Body::Cancelled { .. } | Body::Released { .. } => return Err(interrupted()),
                Body::Stopping => return Err(stopped()),
                // The lease is on its way, or here.
                Body::Error(refusal) if refusal.code == ErrorCode::AlreadyGranted => {}
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
            match self.happenings.next(Some(&mut self.connection), None) {
                Ok(Happening::Said(message)) => return Ok(message),
                Ok(Happening::Signal(signal)) if signal.asks_to_leave() => {
                    line.erase();
                    if self.leaving != Leaving::No {
                        return Err(interrupted()); // the daemon is slow; our end tells it as well
                    }
                    self.leaving = Leaving::Asked;
                    self.connection.send(Op::Cancel { session: self.id })?;
                }
                Ok(Happening::Gone(_)) if self.leaving != Leaving::No => return Err(interrupted()),
                Ok(Happening::Gone(ConnectionError::Ended | ConnectionError::Unheard)) => {
                    return Err(stopped());
                }
                Ok(Happening::Gone(error)) => return Err(error.into()),
                Ok(Happening::Signal(_) | Happening::Exited(_)) => {}
                Err(error) => return Err(happenings::trouble(&error)),
            }
        }
    }

    /// Leaves no trace of a lease that came too late to be wanted.
    fn hand_back(&mut self) -> Result<(), Failure> {
        self.leaving = Leaving::HandedBack;
        self.connection.send(Op::Release { session: self.id, succeeded: false })?;
        Ok(())
    }
}

fn interrupted() -> Failure {
    Failure::new(Exit::Interrupted, "you left the queue; nothing was changed")
}

fn stopped() -> Failure {
    Failure::new(Exit::NoDaemon, "the daemon was stopped while you waited; nothing was changed, ask again")
}
