//! `ponder daemon`: start, stop, restart or look at the daemon by hand.

use clap::Subcommand;
use ponder_client::{Endpoint, Error};
use ponder_endpoint::Journal;
use ponder_proto::{Body, ErrorCode, Op, shown};

use crate::exit::{Exit, Failure};
use crate::{hints, report};

use super::status;
use crate::context::Context;

/// What to do with the daemon.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum Daemon {
    /// Start the daemon, if there is none.
    Start,
    /// Stop the daemon. What was saved is committed first; who waits is told.
    Stop,
    /// End the daemon and start another one. Who has an entry or waits for one keeps his place.
    Restart,
    /// Show whether a daemon runs.
    Status,
}

impl Daemon {
    pub(crate) fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Start => start(context, context.open_or_create()?),
            Self::Stop => stop(context),
            Self::Restart => restart(context),
            Self::Status => show(context, &Endpoint::of(context.open()?)?),
        }
    }
}

/// Starts a journal's daemon, if there is none.
pub(super) fn start(context: &Context, journal: Journal) -> Result<Exit, Failure> {
    let endpoint = Endpoint::of(journal)?;
    let (_connection, answer) = endpoint.begin(&Op::Status, &context.start)?;
    tell(context, answer.body)
}

fn restart(context: &Context) -> Result<Exit, Failure> {
    let endpoint = Endpoint::of(context.open_or_create()?)?;
    let journal = endpoint.journal();
    match endpoint.end_for_another() {
        Ok(true) => context.report.note("the daemon has ended, and another one takes over"),
        Ok(false) => context.report.note(&format!("no daemon ran for {}", shown(journal.path()))),
        Err(Error::Refused(refusal)) if refusal.code == ErrorCode::UnknownOperation => {
            let stop = hints::command(journal, "daemon stop");
            let message = format!(
                "the daemon is too old to be restarted with everybody in his place: {stop}, when nobody has \
                 an entry open, and the next command starts the new one"
            );
            return Err(Failure::new(Exit::Versions, message));
        }
        Err(error) => return Err(error.into()),
    }
    start(context, endpoint.journal().clone())
}

fn show(context: &Context, endpoint: &Endpoint) -> Result<Exit, Failure> {
    tell(context, Body::Status(status::ask(endpoint)?))
}

fn tell(context: &Context, answer: Body) -> Result<Exit, Failure> {
    match answer {
        Body::Error(refusal) => return Err(refusal.into()),
        Body::Status(status) if !context.report.is_json() => {
            report::print(status::daemon_line(&status.daemon).as_bytes());
        }
        answer => context.report.event(&answer),
    }
    Ok(Exit::Done)
}

/// The daemon hangs up only when its lock and socket are gone: then it has stopped.
fn stop(context: &Context) -> Result<Exit, Failure> {
    let endpoint = Endpoint::of(context.open()?)?;
    let Some(mut connection) = endpoint.connect()? else {
        context.report.note(&format!("no daemon runs for {}", shown(endpoint.journal().path())));
        return Ok(Exit::Done);
    };
    connection.send(Op::Stop)?;
    while let Ok(message) = connection.receive() {
        if let Body::Error(refusal) = message.body {
            return Err(refusal.into());
        }
    }
    context.report.note("the daemon has stopped");
    Ok(Exit::Done)
}
