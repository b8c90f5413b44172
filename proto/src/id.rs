//! Identities: sessions, operations, and fencing tokens.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::frame::{Decode, Encode};

/// A text that is no id or token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {what}")]
pub struct BadId {
    what: &'static str,
    text: String,
}

macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize, Deserialize)]
        #[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(pub [u8; 16]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                let error = || BadId { what: concat!($what, ": write 32 hexadecimal digits"), text: text.to_owned() };
                if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
                    return Err(error());
                }
                u128::from_str_radix(text, 16).map(|number| Self(number.to_be_bytes())).map_err(|_| error())
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;

            fn try_from(text: String) -> Result<Self, BadId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    };
}

hex_id!(
    /// A session's id, chosen at random by the client that asks for it.
    ///
    /// Asking again with the same id is asking for the same place or the same grant, never for a
    /// second one. In JSON: 32 hexadecimal digits.
    SessionId, "a session id"
);

hex_id!(
    /// An operation's id, chosen at random by the client: repeated, it is applied once.
    /// In JSON: 32 hexadecimal digits.
    OperationId, "an operation id"
);

/// The fencing token of a grant. Strictly increasing over all grants of a journal, never reused,
/// across restarts and restored backups.
///
/// The idea is Chubby's *sequencer* (Burrows, OSDI 2006): whoever stores something checks that the
/// writer's token has not been overtaken. Written `epoch.counter`; in JSON a string, because
/// 64-bit numbers do not survive jq and JavaScript.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
#[serde(try_from = "String", into = "String")]
pub struct Token {
    /// Rises with every start of a daemon.
    pub epoch: u64,
    /// Rises with every grant within an epoch; the first grant has 1.
    pub counter: u64,
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch, self.counter)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Token {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let number = |part: &str| {
            let plain = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            if plain { part.parse().ok() } else { None }
        };
        text.split_once('.')
            .and_then(|(epoch, counter)| Some(Self { epoch: number(epoch)?, counter: number(counter)? }))
            .ok_or_else(|| BadId { what: "a token: write it as shown, epoch.counter", text: text.to_owned() })
    }
}

impl TryFrom<String> for Token {
    type Error = BadId;

    fn try_from(text: String) -> Result<Self, BadId> {
        text.parse()
    }
}

impl From<Token> for String {
    fn from(token: Token) -> Self {
        token.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_tokens_are_read_as_they_are_written() {
        let id = SessionId(*b"0123456789abcdef");
        assert_eq!(id.to_string().parse(), Ok(id));
        let token = Token { epoch: u64::MAX, counter: 7 };
        assert_eq!(token.to_string().parse(), Ok(token));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for bad in ["", "0", &"g".repeat(32), &"0".repeat(33), "+0000000000000000000000000000000"] {
            assert!(bad.parse::<SessionId>().is_err(), "{bad}");
        }
        for bad in ["", "1", "1.", ".1", "1.2.3", "-1.2", "+1.2", "1.99999999999999999999"] {
            assert!(bad.parse::<Token>().is_err(), "{bad}");
        }
    }

    #[test]
    fn tokens_are_ordered_by_epoch_first() {
        let token = |epoch, counter| Token { epoch, counter };
        assert!(token(1, 99) < token(2, 1));
        assert!(token(2, 1) < token(2, 2));
    }
}
