//! Exit codes: which there are, and which trouble has which.

use ponder_client::{ConnectionError, Error};
use ponder_endpoint::{JournalError, SocketError};
use ponder_proto::{ErrorCode, Refusal, printable};
use serde::{Serialize, Serializer};

use crate::people;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done,
    Failed,
    Usage,
    Conflict,
    NoDaemon,
    Bug,
    Disk,
    Busy,
    Versions,
    NotYours,
    Config,
    Interrupted,
    /// The status of the command that ran under a lease, or what a shell would make of it.
    Passed(u8),
}

/// The table, as `--help` shows it.
pub(crate) const TABLE: &str = "\
Exit codes:
    0  done
    1  the editor or command failed, or there is no such entry or lease
    2  usage
   65  conflict, or the lease was lost: your text is a kept draft
   69  no daemon, and none could be started
   70  a bug
   74  disk error, or the outcome is unknown
   75  busy: --no-wait, the wait ran out, or a bound was reached
   76  versions do not match
   77  not yours
   78  the journal directory or the configuration is wrong
  130  interrupted while waiting, or at a question";

impl Exit {
    /// What the process returns.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Conflict => 65,
            Self::NoDaemon => 69,
            Self::Bug => 70,
            Self::Disk => 74,
            Self::Busy => 75,
            Self::Versions => 76,
            Self::NotYours => 77,
            Self::Config => 78,
            Self::Interrupted => 130,
            Self::Passed(code) => code,
        }
    }

    /// The larger trouble wins; what is ours wins over what a command returned.
    pub(crate) fn or_worse(self, other: Self) -> Self {
        let weight = |exit: Self| match exit {
            Self::Passed(0) => 0,
            Self::Passed(_) => 1,
            own => own.code(),
        };
        if weight(other) > weight(self) { other } else { self }
    }

    /// The same trouble for a script that must tell it from its command's own status: every code
    /// that means trouble of ours becomes `code`.
    pub(crate) fn replaced_by(self, code: Option<u8>) -> Self {
        match (self, code) {
            (Self::Done | Self::Failed | Self::Usage | Self::Interrupted | Self::Passed(_), _)
            | (_, None) => self,
            (_, Some(code)) => Self::Passed(code),
        }
    }
}

impl Serialize for Exit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.code())
    }
}

/// Why a command cannot go on: what it exits with, and the sentence for the person.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }
}

impl From<ErrorCode> for Exit {
    fn from(code: ErrorCode) -> Self {
        match code {
            ErrorCode::Busy | ErrorCode::WouldDeadlock => Self::Busy,
            // An older daemon does not know what this client asks.
            ErrorCode::ProtocolMismatch | ErrorCode::UnknownOperation => Self::Versions,
            ErrorCode::NoSuchLease => Self::Failed,
            ErrorCode::NotYours => Self::NotYours,
            ErrorCode::Disk | ErrorCode::OutcomeUnknown => Self::Disk,
            ErrorCode::Journal => Self::Config,
            ErrorCode::Stopping | ErrorCode::TooSlow => Self::NoDaemon,
            ErrorCode::Superseded | ErrorCode::StaleToken => Self::Conflict,
            _ => Self::Bug,
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let mut message = printable(&refusal.message);
        if let Some(first) = refusal.blockers.first() {
            message.push_str("\n  ");
            message.push_str(&people::clause(first, &people::entries(&first.entries)));
        }
        Self::new(refusal.code.into(), message)
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        Self::new(Exit::Config, error.to_string())
    }
}

impl From<SocketError> for Failure {
    fn from(error: SocketError) -> Self {
        let exit = match &error {
            SocketError::TooLong { .. } => Exit::Config,
            SocketError::NotYours { .. } => Exit::NotYours,
            SocketError::Directory(error) if error.is_not_ours_alone() => Exit::NotYours,
            _ => Exit::NoDaemon,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<ConnectionError> for Failure {
    fn from(error: ConnectionError) -> Self {
        let exit = match &error {
            ConnectionError::Ended | ConnectionError::Unheard | ConnectionError::Failed(_) => Exit::NoDaemon,
            ConnectionError::Unreadable(_) | ConnectionError::TooLong(_) => Exit::Bug,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = match error {
            Error::Socket(error) => return error.into(),
            Error::Connection(error) => return error.into(),
            Error::Refused(refusal) => return refusal.into(),
            Error::CouldNotStart { reason, code } => {
                let exit = match code {
                    Some(77) => Exit::NotYours,
                    Some(78) => Exit::Config,
                    _ => Exit::NoDaemon,
                };
                // The daemon's own words, which name the program that says them already.
                let reason = reason.strip_prefix("ponderd: ").unwrap_or(&reason);
                return Self::new(exit, format!("the daemon could not start: {reason}"));
            }
            Error::OutcomeUnknown(_) => Exit::Disk,
            _ => Exit::NoDaemon,
        };
        Self::new(exit, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_in_the_table() {
        for exit in [
            Exit::Done,
            Exit::Failed,
            Exit::Usage,
            Exit::Conflict,
            Exit::NoDaemon,
            Exit::Bug,
            Exit::Disk,
            Exit::Busy,
            Exit::Versions,
            Exit::NotYours,
            Exit::Config,
            Exit::Interrupted,
        ] {
            let found =
                TABLE.lines().any(|line| line.split_whitespace().next() == Some(&exit.code().to_string()));
            assert!(found, "{exit:?}");
        }
    }

    #[test]
    fn the_larger_trouble_wins() {
        assert_eq!(Exit::Failed.or_worse(Exit::Conflict), Exit::Conflict);
        assert_eq!(Exit::Conflict.or_worse(Exit::Failed), Exit::Conflict);
        assert_eq!(Exit::Passed(0).or_worse(Exit::Done), Exit::Passed(0));
        assert_eq!(Exit::Passed(200).or_worse(Exit::Conflict), Exit::Conflict);
        assert_eq!(Exit::Passed(3).or_worse(Exit::Done), Exit::Passed(3));
    }

    #[test]
    fn only_our_own_trouble_is_replaced() {
        for own in [Exit::Conflict, Exit::NoDaemon, Exit::Disk, Exit::Busy, Exit::Config] {
            assert_eq!(own.replaced_by(Some(9)), Exit::Passed(9));
            assert_eq!(own.replaced_by(None), own);
        }
        for kept in [Exit::Done, Exit::Interrupted, Exit::Passed(75), Exit::Passed(127)] {
            assert_eq!(kept.replaced_by(Some(9)), kept);
        }
    }

    #[test]
    fn refusals_have_their_code() {
        let exit = |code| Failure::from(Refusal::new(code, "")).exit;
        assert_eq!(exit(ErrorCode::WouldDeadlock), Exit::Busy);
        assert_eq!(exit(ErrorCode::OutcomeUnknown), Exit::Disk);
        assert_eq!(exit(ErrorCode::Superseded), Exit::Conflict);
        assert_eq!(exit(ErrorCode::Internal), Exit::Bug);
        let reason = Error::CouldNotStart { reason: "ponderd: no room".to_owned(), code: Some(78) };
        let failure = Failure::from(reason);
        assert_eq!(
            (failure.exit, failure.message.as_str()),
            (Exit::Config, "the daemon could not start: no room")
        );
    }
}
