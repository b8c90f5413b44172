//! Bytes from a client, cut into requests.

use ponder_proto::{Encoding, ErrorCode, MAGIC, Refusal, Request, Unreadable, frame, limits, line};

/// What a client sent.
#[derive(Debug)]
pub(super) enum Read {
    Request(Request),
    Unreadable {
        error: Unreadable,
        /// Where the next request starts is unknown, so the connection has to end.
        lost: bool,
    },
}

/// Bytes that arrived, up to the first request that is not complete.
#[derive(Debug)]
pub(super) struct Incoming {
    bytes: Vec<u8>,
    /// Bytes in front that were read as requests already.
    done: usize,
    /// Bytes behind those that hold no line feed.
    searched: usize,
    encoding: Encoding,
    /// The most bytes that a message may have.
    limit: usize,
}

impl Default for Incoming {
    fn default() -> Self {
        let limit = limits::FIRST_MESSAGE;
        Self { bytes: Vec::new(), done: 0, searched: 0, encoding: Encoding::Lines, limit }
    }
}

impl Incoming {
    /// Where bytes are added.
    pub(super) fn buffer(&mut self) -> &mut Vec<u8> {
        if self.done > 0 {
            self.bytes.drain(..self.done);
            self.done = 0;
        }
        &mut self.bytes
    }

    pub(super) fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    pub(super) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Decides on the encoding, once enough arrived: nothing yet, the encoding, or why it is none.
    pub(super) fn sniff(&mut self) -> Option<Result<Encoding, Refusal>> {
        let encoding = Encoding::sniff(*self.bytes.first()?);
        match encoding {
            Some(Encoding::Lines) => {}
            Some(Encoding::Frames) if MAGIC.starts_with(&self.bytes) && self.bytes.len() < MAGIC.len() => {
                return None;
            }
            Some(Encoding::Frames) if self.bytes.starts_with(&MAGIC) => self.done = MAGIC.len(),
            _ => {
                let message =
                    "this is neither JSON Lines ({) nor frames (NUL ponder LF): see docs/protocol.md";
                return Some(Err(Refusal::new(ErrorCode::BadRequest, message)));
            }
        }
        self.encoding = encoding?;
        Some(Ok(self.encoding))
    }

    /// The next request, if it is complete.
    pub(super) fn next(&mut self) -> Option<Read> {
        match self.encoding {
            Encoding::Frames => self.next_frame(),
            Encoding::Lines => self.next_line(),
        }
    }

    fn next_frame(&mut self) -> Option<Read> {
        let rest = &self.bytes[self.done..];
        let header = *rest.first_chunk::<{ frame::HEADER }>()?;
        let length = match frame::payload_length(header, self.limit) {
            Ok(length) => length,
            Err(error) => return Some(Read::Unreadable { error, lost: true }),
        };
        let payload = rest.get(frame::HEADER..frame::HEADER + length)?;
        let read = match frame::decode(payload) {
            Ok(request) => Read::Request(request),
            Err(error) => Read::Unreadable { error, lost: false },
        };
        self.done += frame::HEADER + length;
        Some(read)
    }

    fn next_line(&mut self) -> Option<Read> {
        let rest = &self.bytes[self.done..];
        let Some(end) = rest[self.searched..].iter().position(|byte| *byte == b'\n') else {
            self.searched = rest.len();
            return (rest.len() > self.limit).then(|| self.too_long());
        };
        let end = self.searched + end;
        if end > self.limit {
            return Some(self.too_long());
        }
        let read = match line::decode_request(&rest[..end]) {
            Ok(request) => Read::Request(request),
            Err(error) => Read::Unreadable { error, lost: false },
        };
        self.done += end + 1;
        self.searched = 0;
        Some(read)
    }

    fn too_long(&self) -> Read {
        let message = format!("a line over {} bytes", self.limit);
        let refusal = Refusal::new(ErrorCode::TooLarge, message);
        Read::Unreadable { error: Unreadable { re: None, refusal }, lost: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ponder_proto::{Hello, Op, PROTOCOL};

    fn hello() -> Request {
        Request { id: 1, op: Op::Hello(Hello { protocol: PROTOCOL, client: "test".to_owned() }) }
    }

    /// Feeds bytes one by one and collects what is read.
    fn feed(bytes: &[u8]) -> (Vec<Request>, Vec<Unreadable>) {
        let (mut requests, mut errors) = (Vec::new(), Vec::new());
        let mut incoming = Incoming::default();
        let mut sniffed = false;
        for byte in bytes {
            incoming.buffer().push(*byte);
            if !sniffed {
                sniffed = incoming.sniff().is_some();
            }
            while sniffed && let Some(read) = incoming.next() {
                match read {
                    Read::Request(request) => requests.push(request),
                    Read::Unreadable { error, lost } => {
                        errors.push(error);
                        if lost {
                            return (requests, errors);
                        }
                    }
                }
            }
        }
        (requests, errors)
    }

    #[test]
    fn requests_may_arrive_in_any_pieces() {
        let mut frames = MAGIC.to_vec();
        let mut lines = Vec::new();
        for _ in 0..3 {
            frame::encode(&hello(), &mut frames).unwrap();
            line::encode(&hello(), &mut lines).unwrap();
        }
        for bytes in [frames, lines] {
            let (requests, errors) = feed(&bytes);
            assert_eq!((requests, errors.len()), (vec![hello(), hello(), hello()], 0));
        }
    }

    #[test]
    fn a_bad_request_does_not_harm_the_next_one() {
        let mut lines = b"{\"op\":\"dance\"}\n{oops}\n".to_vec();
        line::encode(&hello(), &mut lines).unwrap();
        let (requests, errors) = feed(&lines);
        assert_eq!((requests, errors.len()), (vec![hello()], 2));

        let mut frames = MAGIC.to_vec();
        frames.extend_from_slice(&[3, 0, 0, 0, 1, 2, 3]);
        frame::encode(&hello(), &mut frames).unwrap();
        let (requests, errors) = feed(&frames);
        assert_eq!((requests, errors.len()), (vec![hello()], 1));
    }

    #[test]
    fn what_is_too_long_ends_the_connection_before_it_is_complete() {
        let (_, errors) = feed(&vec![b'{'; limits::FIRST_MESSAGE + 1]);
        assert_eq!(errors[0].refusal.code, ErrorCode::TooLarge);
        let (_, errors) = feed(&[&MAGIC[..], &u32::MAX.to_le_bytes()].concat());
        assert_eq!(errors[0].refusal.code, ErrorCode::TooLarge);
    }

    #[test]
    fn a_stranger_is_told_what_was_expected() {
        for bytes in [&b"GET / HTTP/1.1\r\n"[..], b"\0punder\n"] {
            let mut incoming = Incoming::default();
            incoming.buffer().extend_from_slice(bytes);
            assert!(matches!(incoming.sniff(), Some(Err(_))));
        }
    }
}
