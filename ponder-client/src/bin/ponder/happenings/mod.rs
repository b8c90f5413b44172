//! Everything a session waits for, in one place: the daemon speaks, or is found again, a signal
//! arrives, the child ends. One thread, one wait: nothing runs while nothing happens.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::io;
use std::mem;
use std::process::ExitStatus;

use ponder_client::ConnectionError;
use ponder_proto::Message;

use crate::exit::{Exit, Failure};
use crate::link::{Found, Link};

#[cfg(unix)]
pub(crate) use unix::{Arrived, Happenings};
#[cfg(windows)]
pub(crate) use windows::{Arrived, Happenings};

/// What happened.
#[derive(Debug)]
pub(crate) enum Happening {
    /// The daemon said something.
    Said(Message),
    /// The connection is gone; the link is down.
    Gone(ConnectionError),
    /// This came of looking for the daemon; the link is down until somebody says otherwise.
    Found(Found),
    /// A signal; on Windows what the console says.
    Signal(Arrived),
    /// The editor or command ended.
    Exited(ExitStatus),
    /// Nothing, for as long as was agreed with [`Happenings::notice_silence`]. It is told once.
    Silence,
}

/// What has arrived already from the daemon.
fn said(link: &mut Link) -> Option<Happening> {
    let Link::Up(connection) = link else { return None };
    match connection.next_message() {
        Ok(message) => message.map(Happening::Said),
        Err(error) => Some(gone(link, error)),
    }
}

/// Takes what comes of the link now: more of a message, or the end of looking for the daemon.
fn take(link: &mut Link) -> Option<Happening> {
    match mem::replace(link, Link::Down) {
        Link::Up(mut connection) => match connection.fill() {
            Ok(()) => {
                *link = Link::Up(connection);
                None
            }
            Err(error) => Some(Happening::Gone(error)),
        },
        Link::Coming(attempt) => Some(Happening::Found(attempt.found())),
        Link::Down => None,
    }
}

fn gone(link: &mut Link, error: ConnectionError) -> Happening {
    *link = Link::Down;
    Happening::Gone(error)
}

/// A bug of ours, or a system without the calls we stand on.
pub(crate) fn trouble(error: &io::Error) -> Failure {
    Failure::new(Exit::Bug, format!("cannot wait for signals and the daemon: {error}"))
}
