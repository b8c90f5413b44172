//! What a client has to say before it may ask.

use ponder_proto::{
    Body, CAPABILITIES, ErrorCode, Hello, Message, Op, PROTOCOL, Refusal, Request, Welcome, negotiate,
};

/// Hello comes first. `status` and `stop` need none: every version can say and read them, so that
/// a client can always find out about a daemon that it does not understand, and end it.
#[derive(Debug, Default)]
pub(super) struct Handshake {
    introduced: bool,
    asked: bool,
}

/// What to do with a request.
pub(super) enum Verdict {
    /// The owner answers it.
    Pass,
    /// This answers it.
    Welcome(Message),
    /// This answers it, and the connection ends.
    Refused(Message),
}

impl Handshake {
    /// Whether the client may take its time from here on.
    pub(super) fn is_done(&self) -> bool {
        self.introduced || self.asked
    }

    pub(super) fn check(&mut self, request: &Request) -> Verdict {
        let re = Some(request.id);
        match &request.op {
            Op::Hello(hello) => match welcome(hello) {
                Ok(welcome) => {
                    self.introduced = true;
                    Verdict::Welcome(Message { re, body: Body::Welcome(welcome) })
                }
                Err(refusal) => Verdict::Refused(Message { re, body: Body::Error(refusal) }),
            },
            Op::Status | Op::Stop => {
                self.asked = true;
                Verdict::Pass
            }
            _ if self.introduced => Verdict::Pass,
            _ => {
                let message = r#"say hello first: {"op":"hello","protocol":{"oldest":1,"newest":1}}"#;
                let refusal = Refusal::new(ErrorCode::HelloFirst, message).field("op");
                Verdict::Refused(Message { re, body: Body::Error(refusal) })
            }
        }
    }
}

fn welcome(hello: &Hello) -> Result<Welcome, Refusal> {
    let protocol = negotiate(hello.protocol, PROTOCOL)?;
    tracing::debug!(client = hello.client.escape_default().to_string(), protocol, "hello");
    Ok(Welcome {
        protocol,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        instance: crate::instance().to_owned(),
        capabilities: CAPABILITIES.iter().map(|name| (*name).to_owned()).collect(),
    })
}
