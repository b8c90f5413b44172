//! Finding a protocol that both sides speak.

use serde::{Deserialize, Serialize};

use crate::frame::{Decode, Encode};
use crate::{ErrorCode, Refusal};

/// The protocols this build speaks.
pub const PROTOCOL: ProtocolRange = ProtocolRange { oldest: 1, newest: 1 };

/// What this build can do beyond the first version of its protocol, by name. None yet; a client
/// looks here before it uses an operation that was added later.
pub const CAPABILITIES: &[&str] = &[];

/// The protocols a program speaks, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
pub struct ProtocolRange {
    /// The oldest it still speaks.
    pub oldest: u32,
    /// The newest it knows.
    pub newest: u32,
}

/// How a client introduces itself.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
pub struct Hello {
    /// The protocols the client speaks.
    pub protocol: ProtocolRange,
    /// The client and its version, as in `ponder 0.1.0`.
    #[serde(default)]
    pub client: String,
}

/// How the daemon answers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(test, derive(wincode::SchemaWrite, wincode::SchemaRead))]
pub struct Welcome {
    /// The protocol of this connection: the newest that both speak.
    pub protocol: u32,
    /// The daemon's version.
    pub version: String,
    /// Another number for every start of a daemon, hexadecimal.
    pub instance: String,
    /// What this daemon can do beyond the protocol's first version.
    pub capabilities: Vec<String>,
}

/// The newest protocol that both sides speak, or a sentence that says which side is older.
pub fn negotiate(client: ProtocolRange, daemon: ProtocolRange) -> Result<u32, Refusal> {
    let newest = client.newest.min(daemon.newest);
    if newest >= client.oldest.max(daemon.oldest) && client.oldest <= client.newest {
        return Ok(newest);
    }
    let advice = if client.oldest > client.newest {
        "the client's range has its ends the wrong way round"
    } else if client.oldest > daemon.newest {
        "the daemon is older: `ponder daemon stop`, and the next command starts the new one"
    } else {
        "the client is older: update it"
    };
    Err(Refusal::new(
        ErrorCode::ProtocolMismatch,
        format!(
            "the client speaks protocols {} to {}, the daemon {} to {}; {advice}",
            client.oldest, client.newest, daemon.oldest, daemon.newest
        ),
    )
    .field("protocol"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(oldest: u32, newest: u32) -> ProtocolRange {
        ProtocolRange { oldest, newest }
    }

    #[test]
    fn the_newest_common_protocol_wins() {
        assert_eq!(negotiate(range(1, 3), range(2, 5)), Ok(3));
        assert_eq!(negotiate(range(1, 9), range(2, 5)), Ok(5));
        assert_eq!(negotiate(range(1, 1), range(1, 1)), Ok(1));
    }

    #[test]
    fn a_mismatch_says_who_is_older() {
        let message = |client, daemon| negotiate(client, daemon).unwrap_err().message;
        assert!(message(range(2, 2), range(1, 1)).contains("the daemon is older"));
        assert!(message(range(1, 1), range(2, 3)).contains("the client is older"));
        assert!(message(range(3, 1), range(1, 3)).contains("wrong way round"));
        assert!(message(range(9, 1), range(1, 3)).contains("wrong way round"));
    }
}
