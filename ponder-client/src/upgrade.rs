//! Making way: a daemon that ends for another one, and everybody keeps his place.

use std::time::Duration;

use ponder_proto::{Body, ErrorCode, Op};

use crate::glance::{Glance, glance};
use crate::{Connection, ConnectionError, Endpoint, Error};

/// Our own version.
pub(crate) const OWN_VERSION: &str = env!("CARGO_PKG_VERSION");

/// How long an older daemon may think about making way: somebody wants to write.
const PATIENCE: Duration = Duration::from_secs(2);

/// A daemon that is older than we are, and was asked in vain to make way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OlderDaemon {
    /// Its version.
    pub version: String,
    /// Why it stays and what helps, in its own words. None where it has not said: one that does not know
    /// the question, or is slow to answer.
    pub reason: Option<String>,
}

impl Endpoint {
    /// Has the daemon that runs end for another one, and waits until it has. Whether one ran.
    ///
    /// # Errors
    /// [`Error::Refused`] where the daemon refused, as one that is too old to know how does.
    pub fn end_for_another(&self) -> Result<bool, Error> {
        match self.connect()? {
            Some(connection) => end(connection).map(|()| true),
            None => Ok(false),
        }
    }

    /// Asks an older daemon to make way for one of our version, on a connection of its own.
    ///
    /// # Errors
    /// When it stays: why, if it has said so. One that does not know the question stays, too.
    pub(crate) fn ask_to_make_way(&self) -> Result<(), Option<String>> {
        let for_version = Some(OWN_VERSION.to_owned());
        let Ok(Some(mut connection)) = self.connect() else { return Err(None) };
        match glance(&mut connection, Op::Restart { for_version }, PATIENCE) {
            Ok(Glance::Stopping) => Ok(()),
            Err(Error::Refused(refusal)) if refusal.code != ErrorCode::UnknownOperation => {
                Err(Some(refusal.message))
            }
            _ => Err(None),
        }
    }
}

/// The daemon hangs up only when its lock and socket are gone: then it has ended.
fn end(mut connection: Connection) -> Result<(), Error> {
    connection.put_hello()?;
    connection.send(Op::Restart { for_version: None })?;
    loop {
        match connection.receive() {
            Ok(message) => match message.body {
                Body::Error(refusal) if refusal.code != ErrorCode::Stopping => return Err(refusal.into()),
                _ => {}
            },
            Err(ConnectionError::Ended | ConnectionError::Unheard) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::unix::net::UnixStream;

    use interprocess::local_socket::Stream;
    use interprocess::os::unix::uds_local_socket;
    use ponder_proto::{Message, Refusal, Successor, frame};

    use super::*;

    /// What comes of a daemon that says this to `restart` and hangs up.
    fn end_one_that_says(body: Body) -> Result<(), Error> {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let mut frames = Vec::new();
        frame::encode(&Message { re: Some(2), body }, &mut frames).unwrap();
        theirs.write_all(&frames).unwrap();
        theirs.shutdown(std::net::Shutdown::Write).unwrap();
        end(Connection::new(Stream::UdSocket(uds_local_socket::Stream::from(ours))))
    }

    #[test]
    fn a_daemon_has_ended_when_it_hangs_up() {
        assert!(end_one_that_says(Body::Stopping { successor: Successor::Yes }).is_ok());
        let stopping = Refusal::new(ErrorCode::Stopping, "");
        assert!(end_one_that_says(Body::Error(stopping)).is_ok(), "it was ending already");
        let unknown = Refusal::new(ErrorCode::UnknownOperation, "");
        assert!(matches!(end_one_that_says(Body::Error(unknown)), Err(Error::Refused(_))));
    }
}
