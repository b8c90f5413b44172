//! Those who have come to a daemon that cannot start.

use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

use ponder_proto::{Body, Encoding, Message, Refusal};

use crate::connection::encode;

/// How long one of them may take to say how he speaks: he has connected to say something.
const PATIENCE: Duration = Duration::from_secs(1);

/// Answers everybody who waits at a socket with this, and hangs up.
pub(super) fn all(socket: OwnedFd, why: &Refusal) {
    let listener = UnixListener::from(socket);
    if listener.set_nonblocking(true).is_err() {
        return; // one could wait for ever here
    }
    let message = Message { re: None, body: Body::Error(why.clone()) };
    while let Ok((stream, _)) = listener.accept() {
        answer(stream, &message); // he may have gone
    }
}

fn answer(mut stream: UnixStream, message: &Message) {
    let mut first = [0];
    let is_ready = stream.set_nonblocking(false).is_ok()
        && stream.set_read_timeout(Some(PATIENCE)).is_ok()
        && stream.set_write_timeout(Some(PATIENCE)).is_ok();
    if !is_ready || stream.read_exact(&mut first).is_err() {
        return;
    }
    let encoding = if first == *b"{" { Encoding::Lines } else { Encoding::Frames };
    let mut bytes = Vec::new();
    if encode(encoding, message, &mut bytes).is_ok() {
        let _ = stream.write_all(&bytes); // as above
    }
}
