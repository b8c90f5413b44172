//! `ponder break`: the end of somebody's lease, who is asked first.

use std::env;
use std::time::Duration;

use ponder_client::{Connection, Endpoint};
use ponder_proto::{Body, ErrorCode, Message, Op, StatusReport, Successor, Token};

use crate::context::Context;
use crate::editor::command_line;
use crate::exit::{Exit, Failure};
use crate::happenings::{self, Happening, Happenings};
use crate::link::{Attempt, Found, Link, Means, PATIENCE};
use crate::{hints, people};

use super::{holder, status};

/// The lease to end.
#[derive(Debug)]
pub(crate) struct Break {
    pub(crate) token: Token,
    /// Without asking its holder.
    pub(crate) now: bool,
}

/// A break that is under way.
struct Breaking<'a> {
    context: &'a Context,
    endpoint: &'a Endpoint,
    token: Token,
    ask: Op,
    /// Whose lease it is.
    whose: String,
    /// The daemon knows of it.
    under_way: bool,
    successor: Option<Successor>,
}

impl Break {
    pub(crate) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let endpoint = Endpoint::of(context.open()?)?;
        let StatusReport { sessions, .. } = status::ask(&endpoint)?;
        let whose = sessions.iter().find(|who| who.token == Some(self.token)).map(people::name);
        let words = env::args_os().collect::<Vec<_>>();
        let by = holder(
            "ponder".to_owned(),
            Some(command_line(words.iter().map(std::ffi::OsString::as_os_str))),
            None,
        );
        let ask = Op::Break { token: self.token, now: self.now, by };
        let found = endpoint.begin_running(&ask, Duration::ZERO)?;
        let Some((connection, first)) = found else { return Err(status::no_daemon(&endpoint)) };
        let breaking = Breaking {
            context,
            endpoint: &endpoint,
            token: self.token,
            ask,
            whose: whose.unwrap_or_else(|| "its holder".to_owned()),
            under_way: false,
            successor: None,
        };
        let happenings = Happenings::begin().map_err(|error| happenings::trouble(&error))?;
        breaking.wait(connection, first, happenings)
    }
}

impl Breaking<'_> {
    /// Waits until the lease has ended. Ctrl-C leaves; that stops nothing.
    fn wait(
        mut self,
        connection: Connection,
        first: Message,
        mut happenings: Happenings,
    ) -> Result<Exit, Failure> {
        let mut link = Link::Up(connection);
        let mut said = Some(first);
        loop {
            if let Some(message) = said.take()
                && self.hear(message.body)?
            {
                return Ok(Exit::Done);
            }
            match happenings.next(&mut link, None) {
                Ok(Happening::Said(message)) => said = Some(message),
                Ok(Happening::Gone(_)) => link = self.ask_the_next()?,
                Ok(Happening::Found(found)) => (link, said) = self.found(found)?,
                Ok(Happening::Signal(signal)) if signal.asks_to_leave() => return Err(self.left()),
                Ok(Happening::Signal(_) | Happening::Exited(_) | Happening::Silence) => {}
                Err(error) => return Err(happenings::trouble(&error)),
            }
        }
    }

    /// Whether the lease has ended.
    fn hear(&mut self, body: Body) -> Result<bool, Failure> {
        let report = self.context.report;
        match body {
            Body::Breaking { token, grace } if token == self.token => {
                report.event(&body);
                if !self.under_way && grace > 0 && !report.is_json() {
                    report.note(&asked(&self.whose, grace));
                }
                self.under_way = true;
            }
            Body::Broken { token, released } if token == self.token => {
                report.event(&body);
                if !report.is_json() {
                    report.note(&ended(&self.whose, released));
                }
                return Ok(true);
            }
            Body::Stopping { successor } => self.successor = Some(successor),
            // Asked a second time: it ended while one daemon followed the other.
            Body::Error(refusal) if refusal.code == ErrorCode::NoSuchLease && self.under_way => {
                report.note("the lease has ended");
                return Ok(true);
            }
            Body::Error(refusal) if refusal.code == ErrorCode::NoSuchLease => {
                let status = hints::command(self.endpoint.journal(), "status");
                let message =
                    format!("no lease has the token {}: {status} shows who has what now", self.token);
                return Err(Failure::new(Exit::Failed, message));
            }
            Body::Error(refusal) if refusal.code == ErrorCode::TooSlow => {}
            Body::Error(refusal) => return Err(refusal.into()),
            _ => {}
        }
        Ok(false)
    }

    /// The daemon has ended first. The next one, if there is one, is asked the same.
    fn ask_the_next(&mut self) -> Result<Link, Failure> {
        if self.successor.take() == Some(Successor::No) {
            return Err(self.nobody());
        }
        let attempt = Attempt::begin(self.endpoint, self.ask.clone(), Means::Find(PATIENCE));
        attempt.map(Link::Coming).map_err(|error| happenings::trouble(&error))
    }

    fn found(&self, found: Found) -> Result<(Link, Option<Message>), Failure> {
        let (connection, answer) = found?.ok_or_else(|| self.nobody())?;
        Ok((Link::Up(connection), Some(answer)))
    }

    fn nobody(&self) -> Failure {
        let status = hints::command(self.endpoint.journal(), "status");
        let message = format!("the daemon ended before the lease of {} did: {status} tells", self.whose);
        Failure::new(Exit::NoDaemon, message)
    }

    fn left(&self) -> Failure {
        let message = format!("you left; the lease of {} ends all the same", self.whose);
        Failure::new(Exit::Interrupted, message)
    }
}

fn asked(whose: &str, grace: u64) -> String {
    let grace = people::span(grace);
    format!(
        "asked {whose} to close; it ends by itself or in {grace}; Ctrl-C leaves, the lease ends all the same; \
         --now does not wait"
    )
}

fn ended(whose: &str, released: bool) -> String {
    if released {
        format!("{whose} has handed the lease back")
    } else {
        format!("the lease of {whose} was ended by force; what was saved is in the entry or kept aside")
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use ponder_client::StartOptions;
    use ponder_proto::Refusal;

    use super::*;
    use crate::fake_daemon::{Peer, Place, TOKEN, silent};

    fn breaking() -> Body {
        Body::Breaking { token: TOKEN, grace: 30_000 }
    }

    fn refusal(code: ErrorCode) -> Body {
        Body::Error(Refusal::new(code, "no"))
    }

    /// What comes of a break to which each daemon in turn says these, and hangs up.
    fn broken_by(daemons: Vec<Vec<Body>>) -> Result<Exit, Failure> {
        let place = Place::new();
        let ask = Op::Break { token: TOKEN, now: false, by: holder("ponder".to_owned(), None, None) };
        let asked = ask.clone();
        let daemon = place.daemon(move |listener| {
            for said in daemons {
                let mut peer = Peer::accept(&listener);
                let request = peer.hear();
                assert_eq!(request.op, asked);
                for body in said {
                    peer.say(Some(request.id), body);
                }
            }
        });
        let context = Context {
            report: silent(),
            journal: None,
            start: StartOptions::default(),
            looked_for_older: Cell::new(true),
        };
        let (connection, first) = place.endpoint.begin_running(&ask, Duration::ZERO).unwrap().unwrap();
        let breaking = Breaking {
            context: &context,
            endpoint: &place.endpoint,
            token: TOKEN,
            ask,
            whose: "vim".to_owned(),
            under_way: false,
            successor: None,
        };
        let ended = breaking.wait(connection, first, Happenings::of_children().unwrap());
        daemon.join().unwrap();
        ended
    }

    #[test]
    fn it_lasts_until_the_lease_has_ended() {
        let broken = || Body::Broken { token: TOKEN, released: true };
        assert_eq!(broken_by(vec![vec![breaking(), broken()]]).unwrap(), Exit::Done);
        assert_eq!(broken_by(vec![vec![broken()]]).unwrap(), Exit::Done, "--now");
        let restarted = vec![vec![breaking()], vec![breaking(), broken()]];
        assert_eq!(broken_by(restarted).unwrap(), Exit::Done, "the next daemon is asked again");
        let between = vec![vec![breaking()], vec![refusal(ErrorCode::NoSuchLease)]];
        assert_eq!(broken_by(between).unwrap(), Exit::Done, "it ended between the two");
    }

    #[test]
    fn a_token_that_is_not_current_breaks_nothing() {
        let failure = broken_by(vec![vec![refusal(ErrorCode::NoSuchLease)]]).unwrap_err();
        assert_eq!(failure.exit, Exit::Failed);
        assert!(failure.message.starts_with("no lease has the token 17.3: "), "{}", failure.message);
        let stopped = vec![breaking(), Body::Stopping { successor: Successor::No }];
        assert_eq!(broken_by(vec![stopped]).unwrap_err().exit, Exit::NoDaemon);
    }

    #[test]
    fn it_says_how_it_goes_on_and_how_it_ended() {
        let text = asked("vim (pid 4242, pts/3)", 30_000);
        assert!(
            text.starts_with("asked vim (pid 4242, pts/3) to close; it ends by itself or in 30 s"),
            "{text}"
        );
        assert!(ended("vim", true).contains("handed the lease back"));
        assert!(ended("vim", false).contains("by force"));
    }
}
