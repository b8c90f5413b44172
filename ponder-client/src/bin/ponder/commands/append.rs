//! `ponder append`: text at the end of an entry, at once.

use std::ffi::OsString;
use std::io::{self, Read as _};

use ponder_client::{Endpoint, Error};
use ponder_endpoint::Journal;
use ponder_proto::{self as proto, Body, EntryName, Op, Text, limits, shown};
use serde::Serialize;

use crate::dates::Now;
use crate::exit::{Exit, Failure};
use crate::hints;

use super::{no_randomness, today};
use crate::context::Context;

/// What to append, and where.
#[derive(Debug)]
pub(crate) struct Append {
    /// None for today.
    pub(crate) day: Option<EntryName>,
    pub(crate) source: Source,
}

/// Where the text comes from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Words(OsString),
    StandardInput,
}

impl Append {
    pub(crate) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let text = self.source.read()?;
        let now = Now::read();
        let entry = match self.day {
            Some(day) => day,
            None => today(&now)?,
        };
        let operation = ponder_client::new_operation().map_err(|error| no_randomness(&error))?;
        let append = proto::Append { entry, text, operation: Some(operation), time: now.time };
        let endpoint = Endpoint::of(context.open_or_create()?)?;
        match endpoint.begin(&Op::Append(append), &context.newest()) {
            Ok((connection, answer)) => {
                context.tell_if_older(endpoint.journal(), &connection);
                match answer.body {
                    Body::Error(refusal) => return Err(refusal.into()),
                    answer => tell(context, endpoint.journal(), answer),
                }
                Ok(Exit::Done)
            }
            Err(error @ Error::OutcomeUnknown(_)) => {
                let show = hints::command(endpoint.journal(), &format!("show -d {entry}"));
                let message = format!("{error}; look with {show} whether {entry} has your text");
                Err(Failure::new(Exit::Disk, message))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// The daemon's answer, for programs.
#[derive(Serialize)]
struct Answered {
    #[serde(flatten)]
    answer: Body,
    /// Whether the text is in the entry's file.
    published: bool,
}

/// Text that is durable is no matter to bother people with, wherever it is.
fn tell(context: &Context, journal: &Journal, answer: Body) {
    let waits = if let Body::Logged { entry, .. } = answer { Some(entry) } else { None };
    let published = waits.is_none();
    context.report.event(&Answered { answer, published });
    if let Some(entry) = waits {
        let path = shown(&journal.entry_path(entry));
        context.report.detail(&format!(
            "the text is durable, and follows into {path} when another program gives up its lock on it"
        ));
    }
}

impl Source {
    fn read(self) -> Result<Text, Failure> {
        let text = match self {
            Self::Words(words) => words.into_encoded_bytes(),
            Self::StandardInput => {
                let mut text = Vec::new();
                let one_too_many = limits::TEXT as u64 + 1;
                io::stdin().lock().take(one_too_many).read_to_end(&mut text).map_err(|error| {
                    Failure::new(Exit::Failed, format!("cannot read standard input: {error}"))
                })?;
                text
            }
        };
        match text.len() {
            0 => Err(Failure::new(Exit::Usage, "the text is empty: there is nothing to append")),
            1..=limits::TEXT => Ok(Text(text)),
            _ => {
                let most = limits::TEXT / (1024 * 1024);
                let message =
                    format!("the text is longer than {most} MiB: append it in parts, or edit the entry");
                Err(Failure::new(Exit::Usage, message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt as _;

    use super::*;

    #[test]
    fn nothing_is_no_text() {
        assert_eq!(Source::Words(OsString::new()).read().unwrap_err().exit, Exit::Usage);
        let long = OsString::from_vec(vec![b'x'; limits::TEXT + 1]);
        assert_eq!(Source::Words(long).read().unwrap_err().exit, Exit::Usage);
        let bytes = vec![0xff, 0, b'x'];
        assert_eq!(Source::Words(OsString::from_vec(bytes.clone())).read().unwrap(), Text(bytes));
    }
}
