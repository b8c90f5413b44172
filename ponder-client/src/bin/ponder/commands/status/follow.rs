//! `ponder status --follow`: what changes, as it does.

use std::time::Duration;

use ponder_client::{Connection, Endpoint};
use ponder_endpoint::Journal;
use ponder_proto::{Body, Change, ErrorCode, Message, Op, SessionState, Successor, Who, shown};
use serde::Serialize;

use super::{no_daemon, told};
use crate::clock::local_now;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::happenings::{self, Happening, Happenings};
use crate::link::{Attempt, Found, Link, Means, PATIENCE};
use crate::people;
use crate::report::{self, Report};

/// Tells the status, and then every change, until Ctrl-C, the daemon's end, or that of the reader.
struct Follower<'a> {
    report: Report,
    endpoint: &'a Endpoint,
    /// What the daemon said about its end.
    successor: Option<Successor>,
    /// Somebody has seen the whole status.
    begun: bool,
}

pub(super) fn run(context: &Context, endpoint: &Endpoint) -> Result<Exit, Failure> {
    let found = endpoint.begin_running(&Op::Subscribe, Duration::ZERO)?;
    let Some((connection, first)) = found else { return Err(no_daemon(endpoint)) };
    Follower { report: context.report, endpoint, successor: None, begun: false }.follow(connection, first)
}

impl Follower<'_> {
    fn follow(mut self, connection: Connection, first: Message) -> Result<Exit, Failure> {
        let mut happenings = Happenings::begin().map_err(|error| happenings::trouble(&error))?;
        let mut link = Link::Up(connection);
        let mut said = Some(first);
        loop {
            if let Some(message) = said.take()
                && !self.tell(message.body)?
            {
                return Ok(Exit::Done);
            }
            match happenings.next(&mut link, None) {
                Ok(Happening::Said(message)) => said = Some(message),
                Ok(Happening::Gone(_)) => link = self.look_for_the_next()?,
                Ok(Happening::Found(found)) => (link, said) = self.found(found)?,
                Ok(Happening::Signal(signal)) if signal.asks_to_leave() => return Ok(Exit::Done),
                Ok(Happening::Signal(_) | Happening::Exited(_) | Happening::Silence) => {}
                Err(error) => return Err(happenings::trouble(&error)),
            }
        }
    }

    /// Whether somebody still reads.
    fn tell(&mut self, body: Body) -> Result<bool, Failure> {
        let text = match body {
            Body::Stopping { successor } => {
                self.successor = Some(successor);
                return Ok(true);
            }
            // The connection ends, and another one begins with all that is.
            Body::Error(refusal) if refusal.code == ErrorCode::TooSlow => return Ok(true),
            Body::Error(refusal) => return Err(refusal.into()),
            Body::Status(_) | Body::Changed { .. } if self.report.is_json() => line(&body),
            Body::Status(status) if !self.begun => told(&status, self.journal(), self.report) + "\n",
            Body::Status(status) => format!("{}  {}", time(), super::daemon_line(&status.daemon)),
            Body::Changed { change, who } => format!("{}  {}\n", time(), sentence(change, &who)),
            _ => return Ok(true),
        };
        self.begun = true;
        Ok(report::try_print(text.as_bytes()).is_ok())
    }

    fn journal(&self) -> &Journal {
        self.endpoint.journal()
    }

    /// Only to look, no daemon is started; but one that somebody else starts is looked at.
    fn look_for_the_next(&mut self) -> Result<Link, Failure> {
        if self.successor.take() == Some(Successor::No) {
            let journal = shown(self.journal().path());
            return Err(Failure::new(Exit::NoDaemon, format!("the daemon of {journal} was stopped")));
        }
        self.report.detail("the daemon has ended; looking for the next one");
        let attempt = Attempt::begin(self.endpoint, Op::Subscribe, Means::Find(PATIENCE));
        attempt.map(Link::Coming).map_err(|error| happenings::trouble(&error))
    }

    fn found(&self, found: Found) -> Result<(Link, Option<Message>), Failure> {
        let (connection, answer) = found?.ok_or_else(|| no_daemon(self.endpoint))?;
        Ok((Link::Up(connection), Some(answer)))
    }
}

/// One object, for programs.
fn line<T: Serialize>(event: &T) -> String {
    serde_json::to_string(event).map(|line| line + "\n").unwrap_or_default()
}

fn time() -> String {
    local_now().strftime("%H:%M:%S").to_string()
}

/// Who, and what happened.
fn sentence(change: Change, who: &Who) -> String {
    let (name, entries) = (people::name(who), people::entries(&who.entries));
    match change {
        Change::Queued => format!("{name} waits for {entries}"),
        Change::Granted => {
            let token = who.token.map(|token| format!(", token {token}")).unwrap_or_default();
            format!("{name} has {entries}{token}")
        }
        Change::Releasing => format!("{name} hands {entries} back"),
        Change::Ended if who.state == SessionState::Queued => format!("{name} waits no longer for {entries}"),
        Change::Ended => format!("{name} has {entries} no longer"),
        Change::Suspect => format!("{name} does not answer; it has {entries}"),
        Change::Orphaned => format!("the client of {name} is gone; what it started may still have {entries}"),
        Change::CarriedOn => format!("{name} is back; it has {entries}"),
        Change::Asked => format!("{name} is asked to give {entries} back"),
    }
}

#[cfg(test)]
mod tests {
    use ponder_proto::Token;

    use super::*;
    use crate::people::tests::vim;

    #[test]
    fn a_change_is_one_sentence() {
        let who = Who { token: Some(Token { epoch: 17, counter: 3 }), ..vim() };
        assert_eq!(sentence(Change::Granted, &who), "vim (pid 4242, pts/3) has 2026-11-23, token 17.3");
        assert_eq!(sentence(Change::Ended, &who), "vim (pid 4242, pts/3) has 2026-11-23 no longer");
        let waiting = Who { state: SessionState::Queued, ..vim() };
        assert_eq!(sentence(Change::Ended, &waiting), "vim (pid 4242, pts/3) waits no longer for 2026-11-23");
    }

    #[test]
    fn an_object_is_one_line() {
        let text = line(&Body::Changed { change: Change::Asked, who: vim() });
        assert!(text.starts_with(r#"{"event":"changed","change":"asked","who":{"#), "{text}");
        assert_eq!(text.find('\n'), Some(text.len() - 1));
    }
}
