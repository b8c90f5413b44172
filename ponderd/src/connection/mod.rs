//! One client: its requests in, its answers and events out. It translates and decides nothing.

#[doc(hidden)] // for the fuzz targets
pub mod dialogue;
mod handshake;
mod incoming;
mod peer;
mod wire;

use std::io;
use std::time::Duration;

use interprocess::local_socket::tokio::Stream;
use ponder_proto::{Body, Encoding, ErrorCode, Message, Refusal, limits};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use self::dialogue::Step;
use self::wire::Wire;
use crate::lease::ClientId;
use crate::owner::{FromClient, Outgoing, refusal};

pub use peer::{Creds, Peer};

/// How long a client may take to introduce itself, and to read what it is told.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves one client until either side has enough.
pub async fn serve(stream: Stream, client: ClientId, peer: Peer, owner: mpsc::Sender<FromClient>) {
    let mut wire = Wire::new(stream);
    // A client that went away needs no answer, and no log line.
    let _ = converse(&mut wire, client, peer, &owner).await;
}

async fn converse(
    wire: &mut Wire,
    client: ClientId,
    peer: Peer,
    owner: &mpsc::Sender<FromClient>,
) -> io::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    match timeout(PATIENCE, wire.sniff()).await {
        Ok(sniffed) => {
            if let Err(refusal) = sniffed? {
                return wire.say(Message { re: None, body: Body::Error(refusal) }).await;
            }
        }
        Err(_) => return wire.say(silent()).await,
    }
    if let Some(refusal) = peer.turned_away() {
        return wire.say(Message { re: None, body: Body::Error(refusal) }).await;
    }
    let (outbox, inbox) = mpsc::channel(limits::OUTBOX);
    let (encoding, pid, uid) = (wire.encoding(), peer.pid, peer.uid);
    if tell(owner, FromClient::Connected { client, outbox, encoding, pid, uid }).await.is_err() {
        return wire.say(stopping(None)).await;
    }
    let ended = relay(wire, client, inbox, owner, deadline).await;
    tell(owner, FromClient::Gone { client }).await?;
    ended
}

/// Passes requests to the owner, and what the owner says to the client.
async fn relay(
    wire: &mut Wire,
    client: ClientId,
    mut inbox: mpsc::Receiver<Box<Outgoing>>,
    owner: &mpsc::Sender<FromClient>,
    deadline: Instant,
) -> io::Result<()> {
    loop {
        let introduced = wire.is_introduced();
        tokio::select! {
            // What is due to the client comes first: it may be waiting for it.
            biased;
            message = inbox.recv() => match message {
                Some(message) => wire.say_all(*message, &mut inbox).await?,
                None if owner.is_closed() => return turn_away(wire).await,
                None => return Ok(()), // cut off
            },
            step = wire.next() => match step? {
                Step::Pass(request) => {
                    let re = Some(request.id);
                    if tell(owner, FromClient::Request { client, request }).await.is_err() {
                        wire.say(stopping(re)).await?;
                    }
                }
                Step::Answer(message) => wire.say(message).await?,
                Step::End(message) => return wire.say(message).await,
            },
            () = sleep_until(deadline), if !introduced => return wire.say(silent()).await,
        }
    }
}

/// The daemon ends: what was asked by now is answered.
async fn turn_away(wire: &mut Wire) -> io::Result<()> {
    loop {
        tokio::select! {
            biased;
            step = wire.next() => match step? {
                Step::Pass(request) => wire.say(stopping(Some(request.id))).await?,
                Step::Answer(message) => wire.say(message).await?,
                Step::End(message) => return wire.say(message).await,
            },
            // What has arrived is known once the system was asked.
            () = tokio::task::yield_now() => return Ok(()),
        }
    }
}

fn silent() -> Message {
    let seconds = PATIENCE.as_secs();
    let message = format!("nothing was asked within {seconds} seconds: say hello first");
    Message { re: None, body: Body::Error(Refusal::new(ErrorCode::HelloFirst, message)) }
}

/// The daemon ends, and has not looked at what was asked.
fn stopping(re: Option<u64>) -> Message {
    Message { re, body: Body::Error(refusal(ErrorCode::Stopping)) }
}

async fn tell(owner: &mpsc::Sender<FromClient>, what: FromClient) -> io::Result<()> {
    owner.send(what).await.map_err(|_| io::Error::other("the daemon ends"))
}

/// Appends a message in a connection's encoding.
pub(crate) fn encode(
    encoding: Encoding,
    message: &Message,
    out: &mut Vec<u8>,
) -> Result<(), ponder_proto::frame::TooLong> {
    match encoding {
        Encoding::Frames => ponder_proto::frame::encode(message, out),
        Encoding::Lines => ponder_proto::line::encode(message, out),
    }
}
