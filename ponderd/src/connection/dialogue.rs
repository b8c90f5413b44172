//! What one client says, from its first byte on: bytes in, steps out. No socket, no clock, no runtime.
//!
//! Everything that a stranger can send comes through here before anybody knows who it is. It is kept
//! apart from the socket so that the fuzz targets reach all of it.

use ponder_proto::{Body, Encoding, Message, Refusal, Request, limits};

use super::handshake::{Handshake, Verdict};
use super::incoming::{Incoming, Read};

/// One client's side of the conversation, as far as it has arrived.
#[derive(Debug, Default)]
pub struct Dialogue {
    incoming: Incoming,
    handshake: Handshake,
}

/// What follows from what a client said.
#[derive(Debug)]
pub enum Step {
    /// The owner answers this request.
    Pass(Request),
    /// This is the answer.
    Answer(Message),
    /// This is the answer, and the connection ends.
    End(Message),
}

impl Dialogue {
    /// Where bytes are added as they arrive.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        self.incoming.buffer()
    }

    /// Decides on the encoding, once enough arrived: nothing yet, the encoding, or why it is none.
    /// Asked before the first [`next`](Self::next), until it is decided.
    pub fn sniff(&mut self) -> Option<Result<Encoding, Refusal>> {
        self.incoming.sniff()
    }

    /// How the client is answered.
    pub fn encoding(&self) -> Encoding {
        self.incoming.encoding()
    }

    /// Whether the client may take its time from here on.
    pub fn is_introduced(&self) -> bool {
        self.handshake.is_done()
    }

    /// What follows from the next message, if it is complete. After [`Step::End`] there is no next one.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator that ends may not go on when more arrives"
    )]
    pub fn next(&mut self) -> Option<Step> {
        Some(match self.incoming.next()? {
            Read::Request(request) => match self.handshake.check(&request) {
                Verdict::Pass => {
                    self.expect_requests();
                    Step::Pass(request)
                }
                Verdict::Welcome(message) => {
                    self.expect_requests();
                    Step::Answer(message)
                }
                Verdict::Refused(message) => Step::End(message),
            },
            Read::Unreadable { error, lost } => {
                let message = Message { re: error.re, body: Body::Error(error.refusal) };
                if lost { Step::End(message) } else { Step::Answer(message) }
            }
        })
    }

    /// From here on, messages may be as long as any.
    fn expect_requests(&mut self) {
        self.incoming.set_limit(limits::MESSAGE);
    }
}
