//! The first request of a conversation, and what becomes of it.

use std::time::Duration;

use ponder_proto::{Body, ErrorCode, Message, Op, Welcome};

use crate::{Connection, ConnectionError, Error};

/// How long daemons that are ending, or do not listen yet, are waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// What became of a first request.
#[expect(clippy::large_enum_variant, reason = "there is one of it at a time, and it is taken apart at once")]
pub(crate) enum Attempt {
    /// It was answered.
    Begun(Connection, Message),
    /// The connection ended before the daemon had done anything.
    Ended,
    /// The daemon drains: it will end in a moment, and another one can be started.
    Draining(Connection),
}

/// Says hello and asks. An acquire or reattach goes along with hello, in one write: asked again it
/// means the same. An append may only be sent to a daemon that is known to listen, or nobody could
/// say later whether it was applied.
///
/// `makes_way` is told who answers; if it says that this daemon ends for another one, so do we.
pub(crate) fn ask(
    mut connection: Connection,
    op: Op,
    makes_way: &mut dyn FnMut(&Welcome) -> bool,
) -> Result<Attempt, Error> {
    let together = matches!(op, Op::Acquire(_) | Op::Reattach { .. });
    let changes = matches!(op, Op::Append(_));
    let mut first = Some(op);
    let mut question = None;
    connection.put_hello()?;
    if together && let Some(op) = first.take() {
        question = Some(connection.put(op)?);
    }
    connection.flush()?;
    loop {
        let message = match connection.receive() {
            Ok(message) => message,
            Err(ConnectionError::Unheard) => return Ok(Attempt::Ended),
            Err(ConnectionError::Ended) if !changes || question.is_none() => return Ok(Attempt::Ended),
            Err(error) if changes => return Err(Error::OutcomeUnknown(error)),
            Err(error) => return Err(error.into()),
        };
        match message.body {
            // An append that was sent may still be answered; anything else can be asked again.
            Body::Stopping { .. } if !changes || question.is_none() => {
                return Ok(Attempt::Draining(connection));
            }
            Body::Error(refusal) if refusal.code == ErrorCode::Stopping => {
                return Ok(Attempt::Draining(connection));
            }
            Body::Welcome(welcome) => {
                if makes_way(&welcome) {
                    return Ok(Attempt::Draining(connection));
                }
                if let Some(op) = first.take() {
                    question = Some(connection.send(op)?);
                }
            }
            _ if question.is_some() && message.re == question => {
                return Ok(Attempt::Begun(connection, message));
            }
            // To hello, or to no request at all, as when the daemon serves another user.
            Body::Error(refusal) => return Err(refusal.into()),
            _ => {}
        }
    }
}

/// Waits until a draining daemon hangs up. By then it has given up the lock and the socket.
pub(crate) fn wait_for_end(mut connection: Connection) -> Result<(), Error> {
    loop {
        match connection.wait(PATIENCE) {
            Ok(false) => return Ok(()), // the next attempt says what is wrong
            Ok(true) => {}
            Err(error) => return Err(ConnectionError::Failed(error).into()),
        }
        if connection.fill().is_err() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixStream;
    use std::thread::{self, JoinHandle};

    use interprocess::local_socket::Stream;
    use interprocess::os::unix::uds_local_socket;
    use ponder_proto::{Append, MAGIC, Refusal, Request, SessionId, Text, Token, Welcome, frame};
    use rustix::event::{PollFd, PollFlags, poll};

    use super::*;

    /// What the daemon does about a request.
    #[expect(clippy::large_enum_variant, reason = "there are three of them")]
    enum Does {
        Says(Body),
        Nothing,
        /// It leaves it unread.
        Ends,
    }
    use Does::{Ends, Nothing, Says};

    fn ask_a_daemon(op: Op, script: Vec<Does>) -> (Result<Attempt, Error>, Vec<Op>) {
        ask_one_that_may_make_way(op, script, false)
    }

    /// A daemon that does about each request what `script` says, then hangs up. Returns what it
    /// was asked.
    fn ask_one_that_may_make_way(
        op: Op,
        script: Vec<Does>,
        makes_way: bool,
    ) -> (Result<Attempt, Error>, Vec<Op>) {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let daemon: JoinHandle<Vec<Op>> = thread::spawn(move || {
            theirs.read_exact(&mut [0; MAGIC.len()]).unwrap();
            let mut asked = Vec::new();
            for does in script {
                poll(&mut [PollFd::new(&theirs, PollFlags::IN)], None).unwrap();
                if matches!(does, Ends) {
                    break;
                }
                let mut header = [0; frame::HEADER];
                theirs.read_exact(&mut header).unwrap();
                let mut payload = vec![0; frame::payload_length(header, 4096).unwrap()];
                theirs.read_exact(&mut payload).unwrap();
                let request: Request = frame::decode(&payload).unwrap();
                asked.push(request.op);
                if let Says(body) = does {
                    let mut answer = Vec::new();
                    frame::encode(&Message { re: Some(request.id), body }, &mut answer).unwrap();
                    theirs.write_all(&answer).unwrap();
                }
            }
            asked
        });
        let stream = Stream::UdSocket(uds_local_socket::Stream::from(ours));
        let attempt = ask(Connection::new(stream), op, &mut |_| makes_way);
        (attempt, daemon.join().unwrap())
    }

    fn append() -> Op {
        let entry = "20261123".parse().unwrap();
        Op::Append(Append { entry, text: Text::from("x"), operation: None, time: None })
    }

    fn welcome() -> Does {
        Says(Body::Welcome(Welcome {
            protocol: 1,
            version: String::new(),
            instance: String::new(),
            capabilities: Vec::new(),
        }))
    }

    fn refusal(code: ErrorCode) -> Does {
        Says(Body::Error(Refusal::new(code, "")))
    }

    #[test]
    fn the_first_answer_comes_back_even_if_it_is_a_refusal() {
        let (attempt, asked) = ask_a_daemon(append(), vec![welcome(), refusal(ErrorCode::Disk)]);
        let Ok(Attempt::Begun(_, answer)) = attempt else { panic!("not begun") };
        assert_eq!(answer.body, Body::Error(Refusal::new(ErrorCode::Disk, "")));
        assert_eq!(asked[1], append());
    }

    #[test]
    fn a_daemon_that_drains_is_asked_again_later() {
        let (attempt, _) = ask_a_daemon(append(), vec![refusal(ErrorCode::Stopping)]);
        assert!(matches!(attempt, Ok(Attempt::Draining(_))), "to hello");
        let (attempt, _) = ask_a_daemon(append(), vec![welcome(), refusal(ErrorCode::Stopping)]);
        assert!(matches!(attempt, Ok(Attempt::Draining(_))), "to the append");
    }

    #[test]
    fn an_append_is_unknown_only_once_it_was_read() {
        let (attempt, _) = ask_a_daemon(append(), vec![Nothing]);
        assert!(matches!(attempt, Ok(Attempt::Ended)), "before the welcome");
        let (attempt, _) = ask_a_daemon(append(), vec![welcome(), Ends]);
        assert!(matches!(attempt, Ok(Attempt::Ended)), "unread");
        let (attempt, asked) = ask_a_daemon(append(), vec![welcome(), Nothing]);
        assert!(matches!(attempt, Err(Error::OutcomeUnknown(_))), "read");
        assert_eq!(asked[1], append());
    }

    #[test]
    fn a_daemon_of_another_protocol_refuses_for_good() {
        let (attempt, _) = ask_a_daemon(append(), vec![refusal(ErrorCode::ProtocolMismatch)]);
        let Err(Error::Refused(refusal)) = attempt else { panic!("not refused") };
        assert_eq!(refusal.code, ErrorCode::ProtocolMismatch);
    }

    #[test]
    fn an_append_is_kept_back_from_a_daemon_that_makes_way() {
        let (attempt, asked) = ask_one_that_may_make_way(append(), vec![welcome()], true);
        assert!(matches!(attempt, Ok(Attempt::Draining(_))));
        assert_eq!(asked.len(), 1, "only hello");
    }

    #[test]
    fn a_ping_on_the_way_is_answered() {
        let reattach = Op::Reattach { session: SessionId([7; 16]), token: Token { epoch: 1, counter: 1 } };
        let granted = Says(Body::Cancelled { session: SessionId([7; 16]) });
        let script = vec![Says(Body::Ping), Nothing, granted];
        let (attempt, asked) = ask_a_daemon(reattach.clone(), script);
        assert!(matches!(attempt, Ok(Attempt::Ended)), "the pong is no question");
        assert_eq!(asked[1..], [reattach, Op::Pong]);
    }
}
