//! Coming back to a lease after the daemon has ended: the next one knows it, and its drafts.

use ponder_client::ConnectionError;
use ponder_proto::{Body, ErrorCode, Op, SessionId, Token};
use serde::Serialize;

use super::Session;
use super::loss::Loss;
use crate::exit::{Exit, Failure};
use crate::happenings;
use crate::link::{Attempt, Found, Link, Means};

/// For programs: the daemon is another one, and the lease still ours.
#[derive(Serialize)]
struct Reattached {
    event: &'static str,
    session: SessionId,
    token: Token,
}

/// So many connections may be lost while one lease is handed back.
const MOST_TRIES: u32 = 8;

impl Session<'_> {
    /// The daemon is gone while the child runs. Looks for the next one, unless ours was stopped: then
    /// there is nothing to do until the lease is handed back.
    pub(super) fn follow(&mut self, error: &ConnectionError) {
        self.note_end(error);
        let means = match Means::after(self.successor.take(), &self.start) {
            // As long as the child runs there is time.
            Some(Means::Find(_)) => Some(Means::Await(self.start.clone())),
            other => other,
        };
        if self.loss.is_none()
            && self.losses.down()
            && let Some(means) = means
        {
            self.look(means);
        }
    }

    /// There is no daemon, and the lease has to be handed back: one is started if need be, even after
    /// a stop.
    pub(super) fn look_for_the_last_time(&mut self) {
        self.handing.tries += 1;
        if self.handing.tries > MOST_TRIES {
            let message = "every daemon ended before it had taken the lease back: see its log";
            self.lose(Loss::Unreachable(Failure::new(Exit::NoDaemon, message)));
            return;
        }
        self.successor = None;
        self.look(Means::Start(self.start.clone()));
    }

    fn look(&mut self, means: Means) {
        let reattach = Op::Reattach { session: self.id, token: self.token };
        match Attempt::begin(self.endpoint, reattach, means) {
            Ok(attempt) => self.link = Link::Coming(attempt),
            Err(error) => self.found_nobody(happenings::trouble(&error)),
        }
    }

    /// Nobody was found. As long as the child runs there is time: whoever comes next is asked, as one
    /// that is started by somebody who wants the entry.
    fn found_nobody_yet(&mut self, failure: Failure) {
        self.found_nobody(failure);
        if self.loss.is_none() && self.notices.child_runs() {
            self.look(Means::Await(self.start.clone()));
        }
    }

    /// Nobody was found. Until the lease is handed back that is no trouble, and then it is tried again.
    fn found_nobody(&mut self, failure: Failure) {
        if self.handing.tries > 0 {
            self.lose(Loss::Unreachable(failure));
        } else {
            self.notices.detail(format!("the daemon has ended; {}", failure.message));
        }
    }

    /// Takes in what came of looking for the next daemon.
    pub(super) fn reattach(&mut self, found: Found) {
        let (connection, answer) = match found {
            Ok(Some(found)) => found,
            Ok(None) => {
                let message = "nobody has started another one";
                return self.found_nobody_yet(Failure::new(Exit::NoDaemon, message));
            }
            Err(error) => return self.found_nobody_yet(error.into()),
        };
        match answer.body {
            Body::Granted { session, token, .. } if (session, token) == (self.id, self.token) => {
                self.losses.up();
                self.link = Link::Up(connection);
                self.report.event(&Reattached { event: "reattached", session, token });
                self.notices.detail("the daemon is another one, and knows the lease".to_owned());
                self.say_opened_again();
            }
            Body::Revoked { session, .. } if session == self.id => {
                self.losses.up();
                self.link = Link::Up(connection);
                self.hear(answer);
            }
            Body::Error(refusal) => match refusal.code {
                // It was handed back before, or its drafts are kept.
                ErrorCode::StaleToken | ErrorCode::NoSuchSession if self.handing.begun => {
                    self.lose(Loss::Unanswered);
                }
                ErrorCode::StaleToken | ErrorCode::NoSuchSession => self.lose(Loss::Over(refusal)),
                ErrorCode::Superseded => self.lose(Loss::TakenAway(refusal)),
                _ => self.found_nobody(refusal.into()),
            },
            _ => {
                let what = self.what();
                let message = format!("the daemon did not answer whether {what} is still ours");
                self.found_nobody(Failure::new(Exit::Bug, message));
            }
        }
    }

    /// The daemon before may have ended before it had made the new entry.
    fn say_opened_again(&mut self) {
        if self.opened.wanted {
            self.opened();
        }
    }
}
