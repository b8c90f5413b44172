//! Asking a daemon that runs, without starting one and without waiting for ever.

use std::time::{Duration, Instant};

use ponder_proto::{Body, ErrorCode, Op};

use crate::{Connection, ConnectionError, Endpoint, Error};

impl Endpoint {
    /// Asks the daemon that runs, and returns its answer. None if there is no daemon, or one that is
    /// just ending.
    ///
    /// # Errors
    /// [`Error::Silent`] when `patience` is over, [`Error::Refused`] where the daemon refused, as one
    /// that is too old for the question does.
    pub fn ask_running(&self, op: Op, patience: Duration) -> Result<Option<Body>, Error> {
        match self.connect()? {
            Some(mut connection) => match glance(&mut connection, op, patience)? {
                Glance::Answer(answer) => Ok(Some(answer)),
                Glance::Stopping | Glance::Ended => Ok(None),
            },
            None => Ok(None),
        }
    }
}

/// What a daemon did about a question.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one of it at a time, and it is taken apart at once")]
pub(crate) enum Glance {
    Answer(Body),
    /// It says that it ends.
    Stopping,
    /// It has ended.
    Ended,
}

/// Says hello, asks, and waits for the answer, but not for ever.
pub(crate) fn glance(connection: &mut Connection, op: Op, patience: Duration) -> Result<Glance, Error> {
    let deadline = Instant::now() + patience;
    connection.put_hello()?;
    let question = connection.send(op)?;
    loop {
        while let Some(message) = connection.next_message()? {
            match message.body {
                Body::Stopping { .. } => return Ok(Glance::Stopping),
                Body::Error(refusal) if refusal.code == ErrorCode::Stopping => return Ok(Glance::Stopping),
                Body::Error(refusal) => return Err(refusal.into()),
                answer if message.re == Some(question) => return Ok(Glance::Answer(answer)),
                _ => {}
            }
        }
        wait(connection, deadline, patience)?;
        match connection.fill() {
            Err(ConnectionError::Ended | ConnectionError::Unheard) => return Ok(Glance::Ended),
            filled => filled?,
        }
    }
}

/// Waits until there is something to read.
fn wait(connection: &mut Connection, deadline: Instant, patience: Duration) -> Result<(), Error> {
    match connection.wait(deadline.saturating_duration_since(Instant::now())) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::Silent { seconds: patience.as_secs() }),
        Err(error) => Err(ConnectionError::Failed(error).into()),
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

    /// What comes of a daemon that says this, and perhaps hangs up.
    fn ask_one_that_says(said: &[Message], hangs_up: bool) -> Result<Glance, Error> {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let mut frames = Vec::new();
        for message in said {
            frame::encode(message, &mut frames).unwrap();
        }
        theirs.write_all(&frames).unwrap();
        let keep =
            if hangs_up { theirs.shutdown(std::net::Shutdown::Write).map(|()| None) } else { Ok(Some(())) };
        let mut connection = Connection::new(Stream::UdSocket(uds_local_socket::Stream::from(ours)));
        let answer = glance(&mut connection, Op::Deferred, Duration::from_millis(50));
        keep.unwrap();
        drop(theirs);
        answer
    }

    fn answer(re: u64, body: Body) -> Message {
        Message { re: Some(re), body }
    }

    #[test]
    fn it_waits_for_the_answer_and_not_longer() {
        let deferred = || Body::Deferred { entries: Vec::new() };
        let asked = ask_one_that_says(&[answer(1, Body::Stopping { successor: Successor::No })], false);
        assert!(matches!(asked, Ok(Glance::Stopping)), "it ends");
        let asked = ask_one_that_says(&[answer(2, deferred())], false);
        assert!(matches!(asked, Ok(Glance::Answer(body)) if body == deferred()));
        assert!(matches!(ask_one_that_says(&[], false), Err(Error::Silent { .. })));
        assert!(matches!(ask_one_that_says(&[], true), Ok(Glance::Ended)), "it has ended");
    }

    #[test]
    fn an_older_daemon_refuses() {
        let refusal = Refusal::new(ErrorCode::UnknownOperation, "");
        let asked = ask_one_that_says(&[answer(2, Body::Error(refusal))], false);
        assert!(matches!(asked, Err(Error::Refused(_))));
    }
}
